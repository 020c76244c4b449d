import { updateDisplayOptions } from 'n8n-workflow';
import { getOne } from '../api/live';
import type { Operation } from '../execution/operation';
import { optionsField } from '../fields/requestOptions';
import type { LiveResource } from './liveResource';

/** Gives the operation that looks up the thing that each item names. */
export function get({ name, kind, idField, readId, descriptions }: LiveResource): Operation {
	return {
		thing: kind,
		done: 'read',
		description: updateDisplayOptions({ show: { resource: [name], operation: ['get'] } }, [
			{ ...idField, description: descriptions.get },
			optionsField(),
		]),
		run: async (batch) =>
			await batch.forEachItem((item) => {
				const id = readId(item);
				return {
					about: { [kind.idField]: id },
					run: async () => await item.once(id, async () => await getOne(item.client, kind, id)),
				};
			}),
	};
}
