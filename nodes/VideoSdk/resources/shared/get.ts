import { updateDisplayOptions } from 'n8n-workflow';
import { getOne } from '../../api/live';
import type { Operation } from '../../execution/operation';
import { outputFields, readOutput } from '../../fields/output';
import { optionsField } from '../../fields/requestOptions';
import type { EndableResource } from './endableResource';

/** Makes the operation that gets the thing that each item names. */
export function get({
	name,
	kind,
	idField,
	readId,
	output,
	descriptions,
}: EndableResource): Operation {
	return {
		thing: kind,
		done: 'read',
		description: updateDisplayOptions({ show: { resource: [name], operation: ['get'] } }, [
			{ ...idField, description: descriptions.get },
			...outputFields(output, kind.idField),
			optionsField(),
		]),
		run: async (batch) =>
			await batch.forEachItem((item) => {
				const id = readId(item);
				const toOutput = readOutput(item, kind, output);
				return {
					about: { [kind.idField]: id },
					run: async () =>
						toOutput(await item.once(id, async () => await getOne(item.client, kind, id))),
				};
			}),
	};
}
