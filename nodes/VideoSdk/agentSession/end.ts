import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import type { Item, Task } from '../items';
import { optionsField } from '../options';
import { endOptions, endTask } from './endTask';
import { readSessionId, sessionIdField } from './sessionId';

const showOnlyForEnd = { show: { resource: ['agentSession'], operation: ['end'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForEnd, [
	{
		...sessionIdField,
		description:
			'The agent session to end, by its ID. The voice agent hangs up, and the session costs no more.',
	},
	optionsField(endOptions),
]);

export const done = 'ended';

/** Ends the session that the item names. */
export function* run(item: Item): Generator<Task> {
	yield endTask(item, readSessionId(item));
}
