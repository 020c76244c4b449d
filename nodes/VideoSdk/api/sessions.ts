import type { IDataObject } from 'n8n-workflow';
import type { Call, VideoSdkClient } from './client';
import { quotable, VideoSdkFailure } from './failure';
import { idOf, type List } from './pages';
import { hasEnded, isRunning, isStopping } from './statuses';

const SESSIONS = '/ai/v1/ai-deployment-sessions';

/** What to do about a session that turns out to have ended before. */
export type IfAlreadyEnded = 'return' | 'fail';

/** VideoSDK wraps a session in `data`, beside a `message`; the output has both on one level. */
function unwrap(body: IDataObject, call: Call): IDataObject | VideoSdkFailure {
	const { data, message } = body;
	if (typeof data !== 'object' || data === null || Array.isArray(data)) {
		const problem = 'has no session in it (the field "data" is missing)';
		return new VideoSdkFailure({ kind: 'unreadable', problem }, call, true);
	}
	return { ...(data as IDataObject), ...(message === undefined ? {} : { message }) };
}

const nameOf = (sessionId: string) => `Session "${quotable(sessionId)}"`;

function sessionCall(sessionId: string, consequence: string): Call {
	return {
		kind: 'Fetch a Session',
		method: 'GET',
		path: `${SESSIONS}/${encodeURIComponent(sessionId)}`,
		consequence,
		about: { sessionId },
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

const isUnknown = ({ cause }: VideoSdkFailure) => cause.kind === 'status' && cause.status === 404;

/**
 * Ends a session (End Session). What ending an ended session answers is not documented: when it is
 * refused, or the answer got lost, the session itself is asked, and if it has ended, or is about to,
 * that is success.
 *
 * @param ifAlreadyEnded `fail` makes it an error, unless a lost request of ours may have ended it
 * @param listed the session as VideoSDK has just listed it: if it knows nothing of it any more, the
 * session has ended
 * @returns the session, every field as it came, with VideoSDK's `message` or `alreadyEnded: true`
 * @throws VideoSdkFailure
 */
export async function endSession(
	client: VideoSdkClient,
	sessionId: string,
	ifAlreadyEnded: IfAlreadyEnded = 'return',
	listed?: IDataObject,
): Promise<IDataObject> {
	const call: Call = {
		kind: 'End Session',
		method: 'POST',
		path: `${SESSIONS}/end`,
		body: { sessionId },
		consequence: `${nameOf(sessionId)} was not ended`,
		about: { sessionId },
		subject: 'session',
		ifItWorked: 'ended',
		repeatable: true,
	};
	const answer = await client.attempt(call);
	const ended = answer instanceof VideoSdkFailure ? answer : unwrap(answer, call);
	if (!(ended instanceof VideoSdkFailure)) return ended;
	if (!ended.mayHaveWorked && !isRefusalOfAnEndedSession(ended)) throw ended;

	const found = await client.attempt({
		...sessionCall(sessionId, call.consequence),
		isFollowUp: true,
		// An outage has been waited for once already.
		...(ended.mayHaveWorked && { maxRetries: ended.cause.kind === 'gaveUp' ? 0 : 1 }),
	});
	const hasVanished = found instanceof VideoSdkFailure && isUnknown(ended) && isUnknown(found);
	const session = hasVanished && listed ? { ...listed, status: 'stopped' } : found;
	if (session instanceof VideoSdkFailure) throw ended;
	if (isStopping(session)) return session;
	if (!hasEnded(session)) throw ended;
	if (ifAlreadyEnded === 'fail' && !ended.mayHaveWorked) {
		const { status, end } = session;
		const at = typeof end === 'string' ? end : undefined;
		throw new VideoSdkFailure({ kind: 'alreadyEnded', sessionStatus: String(status), at }, call);
	}
	return { ...session, alreadyEnded: true };
}

const FIRST_LOOK = 1_000;
const LONGEST_PAUSE = 5_000;

interface Wait {
	isReached(session: IDataObject): boolean;
	/** Seconds. */
	timeout: number;
	consequence: string;
}

/** Asks for a session after 1, 2, 4, then every 5 seconds, until it is in a state or time is over. */
async function waitForSession(
	client: VideoSdkClient,
	sessionId: string,
	session: IDataObject,
	{ isReached, timeout, consequence }: Wait,
): Promise<IDataObject> {
	const call: Call = { ...sessionCall(sessionId, consequence), isPoll: true };
	const deadline = Date.now() + timeout * 1000;
	let latest = session;
	if (!isReached(latest)) client.tally.waitedFor++;
	for (let pause = FIRST_LOOK; !isReached(latest); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
		const left = deadline - Date.now();
		if (left <= 0) {
			const sessionStatus = String(latest.status ?? 'unknown');
			throw new VideoSdkFailure({ kind: 'waitOver', sessionStatus, after: timeout * 1000 }, call);
		}
		await client.wait(Math.min(pause, left));
		latest = { ...latest, ...(await client.request(call)) };
	}
	return latest;
}

/**
 * Waits until a session has ended.
 *
 * @param session what is known of it; fields that later answers lack are kept
 * @param timeout seconds
 * @returns the session with its final fields
 * @throws VideoSdkFailure if the time is over, with the last status, or the session cannot be read
 */
export async function waitUntilEnded(
	client: VideoSdkClient,
	sessionId: string,
	session: IDataObject,
	timeout: number,
): Promise<IDataObject> {
	const consequence = `${nameOf(sessionId)} was told to end but has not ended yet`;
	return await waitForSession(client, sessionId, session, {
		isReached: hasEnded,
		timeout,
		consequence,
	});
}

/**
 * Waits until a session that was started runs.
 *
 * @param session what is known of it; fields that later answers lack are kept
 * @param timeout seconds
 * @returns the session with its newest fields
 * @throws VideoSdkFailure if the time is over, or if the session ended before it was seen running
 */
export async function waitUntilRunning(
	client: VideoSdkClient,
	sessionId: string,
	session: IDataObject,
	timeout: number,
): Promise<IDataObject> {
	const consequence = `${nameOf(sessionId)} was started but does not run`;
	const latest = await waitForSession(client, sessionId, session, {
		isReached: (seen) => isRunning(seen) || hasEnded(seen),
		timeout,
		consequence,
	});
	if (hasEnded(latest)) {
		throw new VideoSdkFailure(
			{ kind: 'neverRan', sessionStatus: String(latest.status) },
			{ consequence, about: { sessionId } },
		);
	}
	return latest;
}

/** What a session is started with; all of it is optional. */
export interface SessionStart {
	deploymentId?: string;
	tag?: string;
	env?: Record<string, string>;
	metaData?: IDataObject;
	/** VideoSDK spells it `endPoint` here, and `endpoint` where it lists sessions. */
	webhook?: { endPoint: string; events: string[] };
}

/**
 * Starts a session (Start Session). It is sent again only where the request surely did nothing.
 *
 * @returns the session, every field as it came, with VideoSDK's `message`
 * @throws VideoSdkFailure
 */
export async function startSession(
	client: VideoSdkClient,
	start: SessionStart,
): Promise<IDataObject> {
	const call: Call = {
		kind: 'Start Session',
		method: 'POST',
		path: `${SESSIONS}/start`,
		body: { ...start },
		consequence: 'The session was not started',
		subject: 'deployment',
		secrets: Object.values(start.env ?? {}),
		ifItWorked: 'started',
		repeatable: false,
	};
	const session = unwrap(await client.request(call), call);
	if (session instanceof VideoSdkFailure) throw session;
	return session;
}

/** The list of all sessions (Fetch Sessions). Filters are not documented, so there are none. */
export function listOfSessions(perPage = 100): List {
	return {
		kind: 'Fetch Sessions',
		path: SESSIONS,
		keyOf: ({ sessionId }) => idOf(sessionId),
		perPage,
		consequence: 'Sessions could not be listed',
	};
}
