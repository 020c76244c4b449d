import { updateDisplayOptions } from 'n8n-workflow';
import type { Operation } from '../execution/operation';
import { endOptions } from '../fields/endOptions';
import { optionsField } from '../fields/requestOptions';
import { endWork, waitIfWanted } from './endWork';
import type { LiveResource } from './liveResource';

/**
 * Makes the operation that ends the thing that each item names.
 *
 * @param operation its value in the selector
 */
export function end(
	{ name, kind, idField, readId, descriptions }: LiveResource,
	operation = 'end',
): Operation {
	return {
		thing: kind,
		done: 'ended',
		description: updateDisplayOptions({ show: { resource: [name], operation: [operation] } }, [
			{ ...idField, description: descriptions.end },
			optionsField(endOptions(kind.noun)),
		]),
		run: async (batch) => {
			const ended = await batch.forEachItem((item) => endWork(item, kind, readId(item)));
			return await waitIfWanted(batch, kind, ended);
		},
	};
}
