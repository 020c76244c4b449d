import { quotable } from '../../../shared/quotable';
import { webhookTypeOf } from '../../../api/sessionEvents';
import { agentSessions, startSession } from '../../../api/sessions';
import { InvalidInput } from '../../../errors/invalidInput';
import type { Run } from '../../../execution/run';
import type { Operation } from '../../../execution/operation';
import { optionsField } from '../../../fields/requestOptions';
import { refuseRetryOnFail } from '../../../fields/retryOnFail';
import {
	additionalStartFields,
	readSessionStart,
	startFields,
	startWithoutDeployment,
} from '../../../fields/sessionStart';
import { readWaitLimit, waitLimitFields } from '../../../fields/waitLimit';
import { awaitedBy, readResumeOn, resumeAddress, resumeOnField } from './resume';
import { isOutOfReach } from '../../../shared/thisMachine';
import { resendEarlyEvent } from './earlyEvent';

/**
 * An execution of n8n has one wait for all its items, and that of a tool has none. When it is resumed, n8n
 * reads the credential without an item.
 *
 * @throws InvalidInput
 */
function refuseWhatCannotWait({ size, isTool }: Run, credentialVaries?: boolean): void {
	if (isTool) {
		throw new InvalidInput(
			'An AI agent cannot wait for a session',
			"Choose the operation 'Start Session' for the tool. Nothing was sent.",
			'node',
		);
	}
	if (size > 1) {
		throw new InvalidInput(
			`'Start Session and Wait' accepts one input item, but received ${size}`,
			"An execution of n8n can wait for one session at a time. To start the sessions one after another, put 'Loop Over Items' before this node. To start them concurrently, put this node into a sub-workflow, and call that with 'Execute Sub-workflow' inside 'Loop Over Items', with 'Wait For Sub-Workflow Completion' off. Nothing was sent.",
			'node',
		);
	}
	if (credentialVaries) {
		throw new InvalidInput(
			"'Start Session and Wait' cannot use a credential with an expression that reads an input item",
			"When VideoSDK sends the event, there is no input item. Choose a credential with fixed values, or one whose expressions read only $secrets or $vars. Or use 'Start Session', and a VideoSDK Trigger that runs when the session ends. Nothing was sent.",
			'node',
		);
	}
}

/** @throws InvalidInput if VideoSDK cannot reach the URL that resumes the execution */
function refuseIfOutOfReach(url: string, baseUrl: string): void {
	if (!isOutOfReach(url, baseUrl)) return;
	throw new InvalidInput(
		`No session was started: VideoSDK cannot reach n8n at ${new URL(url).origin}, so the workflow would not continue when the session starts or ends`,
		'Ask the administrator of n8n to set the environment variable WEBHOOK_URL to the public address of n8n and to restart n8n.',
		'node',
	);
}

/** What to know before the wait, if `resendEarlyEvent` will not be able to send anything. */
async function blockedHints({ execution }: Run, url: string): Promise<string[]> {
	if (!(await execution.isBlocked(url))) return [];
	const { origin, hostname } = new URL(url);
	return [
		`n8n's SSRF protection blocks requests from n8n to itself (${origin}). If VideoSDK sends the event within a second of the start of the session, n8n may therefore miss it. The workflow then continues only when the time limit is reached, or never if there is none. Ask the administrator of n8n to add ${hostname} to N8N_SSRF_ALLOWED_HOSTNAMES, or its IP range to N8N_SSRF_ALLOWED_IP_RANGES`,
	];
}

/** Starts a session, and makes n8n store the execution until VideoSDK sends the event. */
export const startAndWait: Operation = {
	option: {
		name: 'Start Session and Wait',
		value: 'startAndWait',
		action: 'Start session and wait',
		description:
			'Start a session, and continue the workflow when the session is running or has ended',
		displayOptions: { hide: { '@tool': [true] } },
	},
	fields: [
		...startFields,
		resumeOnField,
		...waitLimitFields,
		additionalStartFields(),
		optionsField([startWithoutDeployment]),
	],
	thing: agentSessions,
	done: 'started',
	async execute(run) {
		const credentialVaries = await run.credentialVaries();
		return await run.forEachItem((item) => {
			refuseRetryOnFail(run);
			refuseWhatCannotWait(run, credentialVaries);
			const endOfWait = readWaitLimit(item);
			const start = readSessionStart(item, run.options);
			const resumeOn = readResumeOn(item, item.parameter(resumeOnField.name));
			const url = resumeAddress(run.execution.resumeUrl);
			refuseIfOutOfReach(url, item.client.baseUrl);
			const webhook = { endPoint: url, events: awaitedBy(resumeOn).map(webhookTypeOf) };
			return {
				run: async () => {
					const started = await startSession(item.client, { ...start, webhook });
					const sessionId = String(started.sessionId);
					const session = { ...started, sessionId };
					// The output is not shown while an execution waits, but hints are.
					run.hints.push(
						`Session "${quotable(sessionId)}" was started. If you stop this execution, the session stays live: end it with 'End Session'`,
					);
					run.hints.push(...(await blockedHints(run, url)));
					const waitingSince = new Date().toISOString();
					await run.execution.wait(endOfWait(), { timedOut: true, waitingSince, ...session });
					void resendEarlyEvent(run.execution, item.client, sessionId, { url, resumeOn }).catch(
						() => {},
					);
					return session;
				},
			};
		});
	},
};
