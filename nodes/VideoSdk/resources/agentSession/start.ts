import {
	agentSessions,
	type SessionStart,
	startSession,
	waitUntilRunning,
} from '../../api/sessions';
import { InvalidInput } from '../../errors/invalidInput';
import type { Operation } from '../../execution/operation';
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

/** @throws InvalidInput if VideoSDK cannot send events to the webhook */
function refuseIfOutOfReach(webhook: SessionStart['webhook'], baseUrl: string): void {
	if (!webhook || !isOutOfReach(webhook.endPoint, baseUrl)) return;
	throw new InvalidInput(
		`The session was not started: VideoSDK cannot reach the address in 'Webhook URL', ${new URL(webhook.endPoint).origin}`,
		'Enter an address that VideoSDK can reach from the internet. If you copied the URL of a VideoSDK Trigger, ask the administrator of n8n to set the environment variable WEBHOOK_URL to the public address of n8n and to restart n8n. Then copy the URL again.',
	);
}

/** Starts one session for each item. */
export const start: Operation = {
	option: {
		name: 'Start Session',
		value: 'start',
		action: 'Start session',
		description: 'Start a session of a deployment. The session costs money until it ends.',
	},
	fields: [
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
					'Whether to wait until the session is running. If off, the status in the output is usually queued.',
			},
			waitTimeoutOption('session', 'waitUntilRunning'),
		]),
	],
	thing: agentSessions,
	done: 'started',
	async execute(run) {
		const started = await run.forEachItem((item) => {
			refuseRetryOnFail(run);
			const start = readSessionStart(item, run.options);
			refuseIfOutOfReach(start.webhook, item.client.baseUrl);
			return { run: async () => await startSession(item.client, start) };
		});
		if (run.options.waitUntilRunning !== true) return started;
		const timeout = waitTimeoutIn(run.options);
		return await run.continueWith(
			started,
			async (session, client) =>
				await waitUntilRunning(client, String(session.sessionId), session, timeout),
		);
	},
};
