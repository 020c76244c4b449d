import type { Operation } from '../../execution/operation';
import { endOptions } from '../../fields/endOptions';
import { optionsField } from '../../fields/requestOptions';
import { endWork, finish } from './endWork';
import type { EndableResource } from './endableResource';

/**
 * Makes the operation that ends the thing that each item names.
 *
 * @param option its entry in 'Operation'
 */
export function end(resource: EndableResource, option: Operation['option']): Operation {
	const { kind, idField, readId, ending, descriptions } = resource;
	return {
		option,
		fields: [
			{ ...idField, description: descriptions.end },
			optionsField([...endOptions(kind.noun), ...(ending?.options ?? [])]),
		],
		thing: kind,
		done: 'ended',
		async execute(run) {
			const ended = await run.forEachItem((item) =>
				endWork(run, item.client, resource, readId(item)),
			);
			return await finish(run, resource, ended);
		},
	};
}
