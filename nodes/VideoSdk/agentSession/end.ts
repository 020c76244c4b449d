import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { endSession } from '../api/sessions';
import type { Item, Task } from '../items';
import { requestOptionFields } from '../options';
import { readSessionId, sessionIdField } from './sessionId';

const showOnlyForEnd = { show: { resource: ['agentSession'], operation: ['end'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForEnd, [
	{
		...sessionIdField,
		description:
			'The agent session to end. Ending it hangs up: the voice agent leaves, and the session costs no more.',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: requestOptionFields,
	},
]);

export const done = 'ended';

/** Ends the session that the item names. */
export function* run(item: Item): Generator<Task> {
	const sessionId = readSessionId(item);
	yield {
		about: { sessionId },
		run: async () =>
			await item.once(sessionId, async () => await endSession(item.client, sessionId)),
	};
}
