import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { getSession } from '../../api/sessions';
import type { Outcome } from '../../execution/operation';
import type { Batch } from '../../execution/runOverItems';
import { optionsField } from '../../fields/requestOptions';
import { readSessionId, sessionIdField } from '../../fields/sessionId';

const showOnlyForGet = { show: { resource: ['agentSession'], operation: ['get'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForGet, [
	{ ...sessionIdField, description: 'The agent session to look up, by its ID' },
	optionsField(),
]);

export const done = 'read';

/** Looks up the session that each item names. */
export async function run(batch: Batch): Promise<Outcome[]> {
	return await batch.forEachItem((item) => {
		const sessionId = readSessionId(item);
		return {
			about: { sessionId },
			run: async () =>
				await item.once(sessionId, async () => await getSession(item.client, sessionId)),
		};
	});
}
