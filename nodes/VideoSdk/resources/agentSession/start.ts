import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import {
	agentSessions,
	type SessionStart,
	startSession,
	waitUntilRunning,
} from '../../api/sessions';
import type { Batch } from '../../execution/batch';
import { InvalidInput } from '../../errors/invalidInput';
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
import { isOutOfReach } from '../../shared/thisMachine';

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

/** @throws InvalidInput if VideoSDK cannot send events to the webhook */
function refuseIfOutOfReach(webhook: SessionStart['webhook'], baseUrl: string): void {
	if (!webhook || !isOutOfReach(webhook.endPoint, baseUrl)) return;
	throw new InvalidInput(
		`No session was started: VideoSDK cannot reach 'Webhook URL' at ${new URL(webhook.endPoint).origin}`,
		'Enter an address that is on the internet. If you copied the URL of a VideoSDK Trigger, set the environment variable WEBHOOK_URL to the public address of n8n, restart n8n, and copy the URL again.',
	);
}

/** Starts one session for each item. */
export async function run(batch: Batch): Promise<Outcome[]> {
	const started = await batch.forEachItem((item) => {
		refuseRetryOnFail(item);
		const start = readSessionStart(item);
		refuseIfOutOfReach(start.webhook, item.client.baseUrl);
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
