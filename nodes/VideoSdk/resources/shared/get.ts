import { getOne } from '../../api/live';
import type { Operation } from '../../execution/operation';
import { outputFields, readOutput } from '../../fields/output';
import { optionsField } from '../../fields/requestOptions';
import type { EndableResource } from './endableResource';

/**
 * Makes the operation that gets the thing that each item names.
 *
 * @param option its entry in 'Operation'
 */
export function get(
	{ kind, idField, readId, output, descriptions }: EndableResource,
	option: Operation['option'],
): Operation {
	return {
		option,
		fields: [
			{ ...idField, description: descriptions.get },
			...outputFields(output, kind.idField),
			optionsField(),
		],
		thing: kind,
		done: 'retrieved',
		execute: async (run) =>
			await run.forEachItem((item) => {
				const id = readId(item);
				const toOutput = readOutput(item, kind, output);
				return {
					about: { [kind.idField]: id },
					run: async () =>
						toOutput(
							await run.once(item.client, id, async () => await getOne(item.client, kind, id)),
						),
				};
			}),
	};
}
