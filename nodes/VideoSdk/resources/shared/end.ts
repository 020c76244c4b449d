import { updateDisplayOptions } from 'n8n-workflow';
import type { Operation } from '../../execution/operation';
import { endOptions } from '../../fields/endOptions';
import { optionsField } from '../../fields/requestOptions';
import { endWork, finish } from './endWork';
import type { EndableResource } from './endableResource';

/**
 * Makes the operation that ends the thing that each item names.
 *
 * @param operation its value in the selector
 */
export function end(resource: EndableResource, operation = 'end'): Operation {
	const { name, kind, idField, readId, ending, descriptions } = resource;
	return {
		thing: kind,
		done: 'ended',
		description: updateDisplayOptions({ show: { resource: [name], operation: [operation] } }, [
			{ ...idField, description: descriptions.end },
			optionsField([...endOptions(kind.noun), ...(ending?.options ?? [])]),
		]),
		run: async (batch) => {
			const ended = await batch.forEachItem((item) => endWork(item, resource, readId(item)));
			return await finish(batch, resource, ended);
		},
	};
}
