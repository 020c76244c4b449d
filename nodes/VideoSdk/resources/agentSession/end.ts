import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import type { Outcome } from '../../execution/operation';
import type { Batch } from '../../execution/runOverItems';
import { endOptions } from '../../fields/endOptions';
import { optionsField } from '../../fields/requestOptions';
import { readSessionId, sessionIdField } from '../../fields/sessionId';
import { endWork, waitIfWanted } from './endTask';

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

/** Ends the session that each item names. */
export async function run(batch: Batch): Promise<Outcome[]> {
	const ended = await batch.forEachItem((item) => endWork(item, readSessionId(item)));
	return await waitIfWanted(batch, ended);
}
