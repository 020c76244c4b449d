import type { IDataObject } from 'n8n-workflow';
import type { Call, VideoSdkClient } from './client';
import type { List } from './pages';
import { type Purpose, quotable, VideoSdkFailure } from './failure';

const SESSIONS = '/ai/v1/ai-deployment-sessions';

/** The REST samples say `completed` where the webhooks say `stopped`. */
const TERMINAL_STATUSES = new Set(['completed', 'stopped', 'failed']);

/** What to do about a session that turns out to have ended before. */
export type IfAlreadyEnded = 'return' | 'fail';

/** Whether a session has ended. Case is ignored, and an unknown status counts as not ended. */
export function hasEnded({ status }: IDataObject): boolean {
	return TERMINAL_STATUSES.has(String(status).toLowerCase());
}

/** VideoSDK wraps a session in `data`, beside a `message`; the output has both on one level. */
function unwrap(body: IDataObject, purpose: Purpose): IDataObject {
	const { data, message } = body;
	if (typeof data !== 'object' || data === null || Array.isArray(data)) {
		throw new VideoSdkFailure(
			{ kind: 'unreadable', problem: 'has no session in it (the field "data" is missing)' },
			purpose,
		);
	}
	return { ...(data as IDataObject), ...(message === undefined ? {} : { message }) };
}

const nameOf = (sessionId: string) => `Session "${quotable(sessionId)}"`;

function sessionCall(sessionId: string, consequence: string): Call {
	return {
		method: 'GET',
		path: `${SESSIONS}/${encodeURIComponent(sessionId)}`,
		consequence,
		subject: 'session',
		repeatable: true,
	};
}

/**
 * Asks for one session (Fetch a Session).
 *
 * @returns the session, every field as it came
 * @throws VideoSdkFailure
 */
export async function getSession(client: VideoSdkClient, sessionId: string): Promise<IDataObject> {
	return await client.request(sessionCall(sessionId, `${nameOf(sessionId)} could not be read`));
}

function isRefusalOfAnEndedSession({ cause }: VideoSdkFailure): boolean {
	if (cause.kind !== 'status' || cause.status < 400 || cause.status > 499) return false;
	return ![401, 402, 403, 429].includes(cause.status);
}

/**
 * Ends a session (End Session). What ending an ended session answers is not documented: when it is
 * refused, or the answer got lost, the session itself is asked, and if it has ended that is success.
 *
 * @param ifAlreadyEnded `fail` makes it an error, unless a lost request of ours may have ended it
 * @returns the session, every field as it came, with VideoSDK's `message` or `alreadyEnded: true`
 * @throws VideoSdkFailure
 */
export async function endSession(
	client: VideoSdkClient,
	sessionId: string,
	ifAlreadyEnded: IfAlreadyEnded = 'return',
): Promise<IDataObject> {
	const call: Call = {
		method: 'POST',
		path: `${SESSIONS}/end`,
		body: { sessionId },
		consequence: `${nameOf(sessionId)} was not ended`,
		subject: 'session',
		repeatable: true,
	};
	const answer = await client.attempt(call);
	if (!(answer instanceof VideoSdkFailure)) return unwrap(answer, call);
	if (!answer.mayHaveWorked && !isRefusalOfAnEndedSession(answer)) throw answer;

	const session = await client.attempt({
		...sessionCall(sessionId, call.consequence),
		// An outage has been waited for once already.
		...(answer.mayHaveWorked ? { maxRetries: 0 } : {}),
	});
	if (session instanceof VideoSdkFailure || !hasEnded(session)) throw answer;
	if (ifAlreadyEnded === 'fail' && !answer.mayHaveWorked) {
		const { status, end } = session;
		throw new VideoSdkFailure(
			{ kind: 'ended', status: String(status), end: typeof end === 'string' ? end : undefined },
			call,
		);
	}
	return { ...session, alreadyEnded: true };
}

const FIRST_LOOK = 1_000;
const LONGEST_PAUSE = 5_000;

/**
 * Asks for a session after 1, 2, 4, then every 5 seconds, until its status is the awaited one.
 *
 * @param session what is known of it; fields that later answers lack are kept
 * @param isReached tells whether a session is in the awaited state
 * @param options.timeout seconds to wait at most
 * @param options.consequence what did not come about in time, as the head of a sentence
 * @returns the session with its newest fields
 * @throws VideoSdkFailure if the time is over or the session cannot be read
 */
export async function waitForSession(
	client: VideoSdkClient,
	sessionId: string,
	session: IDataObject,
	isReached: (session: IDataObject) => boolean,
	{ timeout, consequence }: { timeout: number; consequence: string },
): Promise<IDataObject> {
	const deadline = Date.now() + timeout * 1000;
	let latest = session;
	if (!isReached(latest)) client.tally.waitedFor++;
	for (let pause = FIRST_LOOK; !isReached(latest); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
		const left = deadline - Date.now();
		if (left <= 0) {
			const status = String(latest.status ?? 'unknown');
			throw new VideoSdkFailure({ kind: 'unchanged', status, after: timeout }, { consequence });
		}
		await client.wait(Math.min(pause, left));
		latest = { ...latest, ...(await client.request(sessionCall(sessionId, consequence))) };
	}
	return latest;
}

/** The list of all sessions (Fetch Sessions). Filters are not documented, so there are none. */
export function listOfSessions(perPage: number): List {
	return { path: SESSIONS, key: 'sessionId', perPage, consequence: 'Sessions could not be listed' };
}
