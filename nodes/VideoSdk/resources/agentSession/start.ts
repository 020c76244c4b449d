import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { agentSessions, startSession, waitUntilRunning } from '../../api/sessions';
import type { Batch } from '../../execution/batch';
import type { Outcome } from '../../execution/operation';
import { optionsField, waitTimeoutIn, waitTimeoutOption } from '../../fields/requestOptions';
import { refuseRetryOnFail } from '../../fields/retryOnFail';
import {
	additionalStartFields,
	readSessionStart,
	startFields,
	startWithoutDeployment,
	webhookFields,
} from '../../fields/sessionStart';

const showOnlyForStart = { show: { resource: ['agentSession'], operation: ['start'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForStart, [
	...startFields,
	additionalStartFields(webhookFields),
	optionsField([
		startWithoutDeployment,
		{
			displayName: 'Wait Until Running',
			name: 'waitUntilRunning',
			type: 'boolean',
			noDataExpression: true,
			default: false,
			description:
				'Whether to wait until the session is running. If off, its status is usually queued.',
		},
		waitTimeoutOption('session', 'waitUntilRunning'),
	]),
]);

export const thing = agentSessions;

export const done = 'started';

/** Starts one session for each item. */
export async function run(batch: Batch): Promise<Outcome[]> {
	const started = await batch.forEachItem((item) => {
		refuseRetryOnFail(item);
		const start = readSessionStart(item);
		return { run: async () => await startSession(item.client, start) };
	});
	if (batch.options.waitUntilRunning !== true) return started;
	const timeout = waitTimeoutIn(batch.options);
	return await batch.continueWith(
		started,
		async (session, client) =>
			await waitUntilRunning(client, String(session.sessionId), session, timeout),
	);
}
