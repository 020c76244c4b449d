import type { IDataObject } from 'n8n-workflow';
import { answerWithout, findStatusIn, findThingIn } from '../http/answer';
import type { VideoSdkClient } from '../http/client';
import { notDone, VideoSdkFailure } from '../http/failure';
import type { EndableApi } from './live';
import { quotable } from '../shared/quotable';
import type { ApiRequest } from '../http/request';
import type { SessionEventName } from './sessionEvents';
import { hasEnded, isRunning, isStopping, sessionStatuses } from './statuses';
import { waitFor } from './waitFor';

const SESSIONS = '/ai/v1/ai-deployment-sessions';

const readSession = (body: IDataObject) => findThingIn(body, 'sessionId');

/** Agent sessions. */
export const agentSessions: EndableApi = {
	noun: 'session',
	subject: 'session',
	title: 'Session',
	idField: 'sessionId',
	statuses: sessionStatuses,
	get: {
		endpoint: 'Fetch a Session',
		path: (sessionId) => `${SESSIONS}/${encodeURIComponent(sessionId)}`,
		read: readSession,
	},
	end: {
		endpoint: 'End Session',
		path: () => `${SESSIONS}/end`,
		read: (body) => readSession(body) ?? findStatusIn(body),
	},
	list: { endpoint: 'Fetch Sessions', path: SESSIONS },
	startOf: ({ start, createdAt }) => start || createdAt,
};

/** The ID without the prefix `session-`, which only some of VideoSDK's samples have. */
export const bareId = (id: string): string => id.replace(/^session-/, '');

/**
 * Waits until a session that was started is running.
 *
 * @param known the session so far; fields that later answers lack are kept
 * @param timeout seconds
 * @returns the session with its newest fields
 * @throws VideoSdkFailure if the time is over, or if the session ended before it was seen running
 */
export async function waitUntilRunning(
	client: VideoSdkClient,
	sessionId: string,
	known: IDataObject,
	timeout: number,
): Promise<IDataObject> {
	const otherwise = 'was started but is not running';
	const latest = await waitFor(client, agentSessions, sessionId, known, {
		isReached: (seen) => isRunning(seen) || hasEnded(sessionStatuses, seen),
		timeout,
		otherwise,
		ifUnknown: 'was started but may not be running',
		wasStarted: true,
	});
	if (!hasEnded(sessionStatuses, latest)) return latest;
	throw new VideoSdkFailure(
		{ kind: 'neverRan', lastStatus: String(latest.status) },
		{
			consequence: `Session "${quotable(sessionId)}" ${otherwise}`,
			about: { sessionId },
		},
	);
}

/**
 * The latest event of a session that its status shows.
 *
 * @returns undefined if the session has neither started nor ended
 */
export function latestEventOf(
	session: IDataObject,
): Extract<SessionEventName, 'started' | 'stopped' | 'failed'> | undefined {
	if (hasEnded(sessionStatuses, session)) {
		return String(session.status).toLowerCase() === 'failed' ? 'failed' : 'stopped';
	}
	return isRunning(session) || isStopping(session) ? 'started' : undefined;
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

/** The query of a URL. That of n8n's resume URL has a token in it. */
const queryOf = (url = '') => url.replace(/^[^?]*/, '');

/**
 * Starts a session. The request is sent again only if it certainly did nothing.
 *
 * @returns the session, with every field as VideoSDK gave it, and its `message`
 * @throws VideoSdkFailure
 */
export async function startSession(
	client: VideoSdkClient,
	start: SessionStart,
): Promise<IDataObject> {
	const request: ApiRequest = {
		endpoint: 'Start Session',
		method: 'POST',
		path: `${SESSIONS}/start`,
		body: { ...start },
		...notDone('The session', 'started'),
		subject: 'deployment',
		secrets: [...Object.values(start.env ?? {}), queryOf(start.webhook?.endPoint)],
		ifItWorked: 'started',
		idempotent: false,
	};
	const answer = await client.request(request);
	const session = readSession(answer);
	if (!session) throw answerWithout('session', answer, request);
	return session;
}
