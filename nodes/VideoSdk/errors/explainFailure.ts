import { type Cause, isNotFound, type Purpose, type VideoSdkFailure } from '../http/failure';
import { quotable } from '../shared/quotable';
import type { ErrorResponse } from '../http/errorResponse';
import { isTemporaryStatus } from '../http/retry';
import { capitalized } from '../shared/capitalized';
import { counted } from '../shared/counted';

interface Explanation {
	/** Completes the sentence that the consequence begins. */
	reason: string;
	/** Asks to try again. It is left out if the request may have worked: doing that twice can cost money. */
	again?: string;
	/** What to do otherwise, in whole sentences. */
	nextStep?: string;
}

const CREDENTIAL_STEP =
	"Check 'API Key' and 'Secret Key' in the VideoSDK credential: you can find both in the VideoSDK dashboard (app.videosdk.live) under API keys. If both are right, check the clock of the server that runs n8n, because an access token is valid for only ten minutes.";

const LATER_STEP = 'Try again in a minute.';

const BASE_URL =
	"'Base URL' in the VideoSDK credential: it should be https://api.videosdk.live unless you use a proxy, a regional address, or a test server.";

const BASE_URL_STEP = `Check ${BASE_URL}`;

const FIELDS_STEP = 'Check the fields of this node.';

const PLAN_STEP = 'Check the plan and the balance of the account in the VideoSDK dashboard.';

/** The resources whose IDs people take for each other's, by the names that the panel has for them. */
const OTHER_IDS: Partial<Record<NonNullable<Purpose['subject']>, string>> = {
	session: "If this is the ID of a room or a call, choose 'Room' or 'Call' as the resource.",
	room: "If this is the ID of a call or an agent session, choose 'Call' or 'Agent Session' as the resource.",
	call: "If this is the ID of a room or an agent session, choose 'Room' or 'Agent Session' as the resource.",
};

/** A wrong path in Base URL gives the same answer as an unknown ID. */
function basePathStep(basePath: string | undefined): string[] {
	if (basePath === undefined) return [];
	return [
		`Also check 'Base URL' in the VideoSDK credential: it ends with "${quotable(basePath, 60)}", but the address of VideoSDK is https://api.videosdk.live with nothing after it.`,
	];
}

function notFoundStep(subject: NonNullable<Purpose['subject']>, basePath?: string): string {
	const tag = subject === 'deployment' ? ' and its tag' : '';
	return [
		...(OTHER_IDS[subject] ? [OTHER_IDS[subject]] : []),
		`Check the ID of the ${subject}${tag}. Also check that the API key in the credential belongs to the same VideoSDK project as the ${subject}.`,
		...basePathStep(basePath),
	].join(' ');
}

/** What VideoSDK says about an answer whose status can mean several things. */
const says = (message?: string) => (message === undefined ? '' : ` ("${message}")`);

function explainStatus(
	status: number,
	{ subject }: Purpose,
	{ basePath, said }: { basePath?: string; said?: string } = {},
): Explanation {
	switch (status) {
		case 401:
			return {
				reason: 'VideoSDK did not accept the API key or the secret key',
				nextStep: CREDENTIAL_STEP,
			};
		case 402:
			return subject
				? {
						reason: `there is no such ${subject} in this VideoSDK project, or the plan of the project does not include this feature${says(said)}`,
						nextStep: `${notFoundStep(subject)} ${PLAN_STEP}`,
					}
				: { reason: `VideoSDK requires a payment${says(said)}`, nextStep: PLAN_STEP };
		case 403:
			return {
				reason: `VideoSDK does not allow this API key to do this${says(said)}`,
				nextStep:
					'Check the API key and its permissions in the VideoSDK dashboard. If n8n uses a proxy, check that the proxy allows connections to VideoSDK: this response may have come from the proxy.',
			};
		case 404:
		case 410:
			return subject
				? {
						reason: `there is no such ${subject} in this VideoSDK project`,
						nextStep: notFoundStep(subject, basePath),
					}
				: said === undefined
					? { reason: "there is no VideoSDK API at 'Base URL'", nextStep: BASE_URL_STEP }
					: {
							reason: 'VideoSDK could not find something that this node refers to',
							nextStep: `Check the IDs in this node. Also check ${BASE_URL}`,
						};
		case 407:
			return {
				reason:
					'the proxy between n8n and VideoSDK requires a valid user name and password (HTTP 407)',
				nextStep:
					'Ask the administrator of n8n to check the proxy settings of the server that runs n8n, for example the environment variable HTTPS_PROXY.',
			};
		case 409:
			return subject
				? {
						reason: `the current status of the ${subject} does not allow it`,
						nextStep: `Check the status of the ${subject} in the VideoSDK dashboard, then try again.`,
					}
				: {
						reason: 'it conflicts with something that already exists in VideoSDK',
						nextStep: FIELDS_STEP,
					};
		case 429:
			return { reason: 'VideoSDK received too many requests (HTTP 429)', again: LATER_STEP };
	}
	if (status >= 500) {
		return isTemporaryStatus(status)
			? { reason: `VideoSDK returned a server error (HTTP ${status})`, again: LATER_STEP }
			: {
					reason: `VideoSDK, or a server in front of it, does not support this request (HTTP ${status})`,
					nextStep: BASE_URL_STEP,
				};
	}
	if (status >= 300 && status <= 399) {
		return {
			reason:
				"the server at 'Base URL' redirects to another address, and the node does not follow redirects",
			nextStep: BASE_URL_STEP,
		};
	}
	return {
		reason: `VideoSDK rejected the request (HTTP ${status})`,
		nextStep: FIELDS_STEP,
	};
}

function inWords(duration: number): string {
	return duration < 59_500
		? counted(Math.round(duration / 1_000), 'second')
		: counted(Math.round(duration / 60_000), 'minute');
}

function explainGivingUp({ after, successes, status }: Cause & { kind: 'gaveUp' }): string {
	if (status === undefined)
		return "the request was not sent, because no request to VideoSDK had succeeded for longer than 'Give Up After (Minutes)' allows";
	const meanwhile =
		successes === 0 ? '' : `, while ${counted(successes, 'other request')} succeeded`;
	const unavailable = successes === 0 ? 'was unavailable' : 'did not accept this request';
	const what = status === 429 ? 'received too many requests' : unavailable;
	const time = after < 1_000 ? '' : ` for ${inWords(after)}`;
	return `VideoSDK ${what}${time} (HTTP ${status})${meanwhile}`;
}

const IN_WORDS = new Intl.DateTimeFormat('en-US', {
	dateStyle: 'medium',
	timeStyle: 'short',
	hourCycle: 'h23',
	timeZone: 'UTC',
});

/** Writes a time of VideoSDK's as a person does: `on Jan 2, 2026, 03:04 UTC`. */
function whenOf(time: string): string {
	const date = new Date(time);
	return Number.isNaN(date.getTime()) ? `at ${quotable(time)}` : `on ${IN_WORDS.format(date)} UTC`;
}

function explainCause(cause: Cause, purpose: Purpose): Explanation {
	const { subject, wasStarted } = purpose;
	switch (cause.kind) {
		case 'status':
			// VideoSDK also says with 400 and 402 that there is no such thing.
			return explainStatus(isNotFound({ cause }) ? 404 : cause.status, purpose, {
				basePath: cause.basePath,
				said: cause.errorResponse?.message,
			});
		case 'missing':
			return explainStatus(404, purpose);
		case 'rejected': {
			const { message } = cause.errorResponse;
			return {
				reason:
					message === undefined ? 'VideoSDK reported a failure' : `VideoSDK said "${message}"`,
				nextStep: subject && isNotFound({ cause }) ? notFoundStep(subject) : FIELDS_STEP,
			};
		}
		case 'unreachable':
			return {
				reason: 'n8n could not connect to VideoSDK',
				nextStep: `Check that the server that runs n8n can reach the internet. Also check ${BASE_URL}`,
			};
		case 'broken':
			return { reason: 'the connection to VideoSDK was lost', again: LATER_STEP };
		case 'timeout':
			return {
				reason: `VideoSDK did not respond within ${counted(cause.after / 1_000, 'second')}`,
				again: LATER_STEP,
				nextStep: "To wait longer for a response, increase the option 'Timeout (Milliseconds)'.",
			};
		case 'certificate':
			return {
				reason: "the server at 'Base URL' has no valid TLS certificate",
				nextStep: `Nothing was sent to it. ${BASE_URL_STEP} If a proxy inspects TLS connections, n8n must trust the certificate of the proxy: ask the administrator of n8n to set the environment variable NODE_EXTRA_CA_CERTS.`,
			};
		case 'unreadable':
			return {
				reason: `the response from VideoSDK ${cause.problem}`,
				nextStep: `A proxy or gateway may have responded instead of VideoSDK. ${BASE_URL_STEP}`,
			};
		case 'withoutId':
			return {
				reason: 'VideoSDK listed it without an ID',
				nextStep: `Without an ID, the node cannot end the ${cause.noun}. Look for live ${cause.noun}s in the VideoSDK dashboard.`,
			};
		case 'notSent':
			return { reason: 'the request was not sent', nextStep: quotable(cause.why) };
		case 'blocked':
			return {
				reason: "n8n's SSRF protection blocked the request",
				nextStep: `${quotable(cause.why)}. If 'Base URL' in the VideoSDK credential is right, ask the administrator of n8n to add its host name to N8N_SSRF_ALLOWED_HOSTNAMES, or the IP range of that host to N8N_SSRF_ALLOWED_IP_RANGES.`,
			};
		case 'gaveUp':
			return {
				reason: explainGivingUp(cause),
				again: 'Try again later.',
				nextStep: `Check whether ${sentences(
					cause.status !== 429 && 'VideoSDK has an outage',
					cause.status !== 503 &&
						'other workflows or programs are sending many requests to VideoSDK',
				).join(', or whether ')}. To wait longer, increase the option 'Give Up After (Minutes)'.`,
			};
		case 'alreadyEnded': {
			const since = cause.at === undefined ? '' : ` ${whenOf(cause.at)}`;
			return {
				reason: `it had already ended${since} (status ${quotable(cause.lastStatus)})`,
				nextStep: `If that is fine, set the option 'If Already Ended' to 'Return ${capitalized(cause.noun)} Data'.`,
			};
		}
		case 'waitOver':
			return {
				reason: `after ${counted(cause.after / 1_000, 'second')}, its status is still ${quotable(cause.lastStatus)}`,
				nextStep: wasStarted
					? "Check its status with 'Get Session'. Next time, increase the option 'Wait Timeout (Seconds)'."
					: "It can cost money until it has ended. Later, use 'Get Many' to see whether it is still live. Next time, increase the option 'Wait Timeout (Seconds)'.",
			};
		case 'neverRan':
			return {
				reason: `its status is ${quotable(cause.lastStatus)}`,
				nextStep: 'Check the logs of the deployment in the VideoSDK dashboard.',
			};
		case 'noWorkers':
			return {
				reason: 'no worker is available to run the agent',
				nextStep:
					'Check that the agent is running. If you entered an agent ID, check that it matches the ID in the code of the agent. If all workers are busy, try again in a minute, or start more workers. A session that has just ended can still occupy a worker for a while.',
			};
		case 'notEnabled':
			return {
				reason: 'this VideoSDK project does not have AI Worker Services',
				nextStep:
					'They are part of the pay-as-you-go plan: choose that plan and turn them on in the VideoSDK dashboard (app.videosdk.live).',
			};
		case 'cancelled':
			return { reason: 'the execution was stopped', again: 'Run the workflow again.' };
	}
}

/** How to find out whether a request has worked although it failed, in words about the thing: `The call`. */
const IF_IT_WORKED = {
	ended: (thing) => `${thing} may have ended anyway. If it is still live, try to end it again.`,
	canceled: (thing) =>
		`${thing} may have been canceled anyway. If it is still live, try to cancel it again.`,
	callsEnded: () =>
		'The calls may have ended anyway. If they are still live, try to end them again.',
	started: () =>
		"A session may have started anyway, and a session costs money. Before you start another one, use 'Get Many' with the filter 'Started After' to look for it.",
	called: () =>
		"The phone may have rung anyway, and a call costs money. Before you call again, use 'Get Many' with the filter 'To' to look for a call that was made just now.",
	dispatched: () =>
		'The agent may have joined the room anyway. Check the room in the VideoSDK dashboard before you send the agent again.',
	created: () =>
		"It may have been created anyway. Look for it with 'Get Many' before you create it again.",
} satisfies Record<NonNullable<Purpose['ifItWorked']>, (thing: string) => string>;

/** Those that there are. */
const sentences = (...texts: Array<string | false | undefined>) =>
	texts.filter((text): text is string => Boolean(text));

function quote({ message, code, requestId }: ErrorResponse): string[] {
	return sentences(
		message !== undefined && `VideoSDK said: "${message}"${/[.!?]$/.test(message) ? '' : '.'}`,
		code !== undefined && `Error code: ${code}.`,
		requestId !== undefined && `Request ID: ${requestId}.`,
	);
}

/**
 * Writes the texts of the error for a failure.
 *
 * @param isForModel whether the model of an AI agent reads the error, which is its message and nothing else
 * @returns the message says what happened, to what and why, or that this is not certain; the description
 * what to do next, and what VideoSDK said. What has happened or may have happened stands in the
 * message if a model reads it, since it could do the same thing again. The reason is for a list of several
 * failures, which names what each is about
 */
export function explainFailure(
	{ cause, purpose, mayHaveTakenEffect, errorResponse }: VideoSdkFailure,
	isForModel: boolean,
): { message: string; description: string; reason: string } {
	const { about, consequence, doubt = consequence, doneAnyway, wasStarted } = purpose;
	const ifItWorked = mayHaveTakenEffect ? purpose.ifItWorked : undefined;
	const { reason: why, again, nextStep } = explainCause(cause, purpose);
	const message = `${mayHaveTakenEffect ? doubt : consequence}: ${why}`;
	const inList = wasStarted
		? `it was started, but ${why}`
		: ifItWorked
			? `${why}, but the request may have worked`
			: why;
	// The message also says what was done all the same, such as which calls were hung up.
	const reason = doneAnyway || !about ? message : inList;
	const facts = sentences(
		doneAnyway?.sentence,
		ifItWorked && IF_IT_WORKED[ifItWorked](purpose.subject ? `The ${purpose.subject}` : 'It'),
		wasStarted &&
			'The session was started and can cost money until it ends: do not start it again.',
	);
	// The reason has the message already.
	const isSaid = errorResponse?.message !== undefined && why.includes(`"${errorResponse.message}"`);
	const said = {
		...('code' in cause && { code: cause.code }),
		...errorResponse,
		...(isSaid && { message: undefined }),
	};
	const toDo = sentences(!ifItWorked && !wasStarted && again, nextStep, ...quote(said));
	return isForModel
		? {
				reason,
				message: sentences(message, facts.join(' ')).join('. '),
				description: toDo.join(' '),
			}
		: { reason, message, description: [...facts, ...toDo].join(' ') };
}
