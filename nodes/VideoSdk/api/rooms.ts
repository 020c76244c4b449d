import type { IDataObject } from 'n8n-workflow';
import { answerWithout, findThingIn, unwrap } from '../http/answer';
import type { VideoSdkClient } from '../http/client';
import { readErrorResponse } from '../http/errorResponse';
import { meaningOf, notDone, VideoSdkFailure } from '../http/failure';
import { isObject } from '../shared/isObject';
import type { EndableApi } from './live';
import { quotable } from '../shared/quotable';
import type { ApiRequest } from '../http/request';
import { hasEnded, roomStatuses } from './statuses';

const SESSIONS = '/v2/sessions';

/** Gives a room's session the field names that the node uses, as the vendor's SDK does. */
function toRoomSession(session: IDataObject): IDataObject {
	const { roomId, meetingId, status, end } = session;
	return {
		...session,
		roomId: roomId ?? meetingId,
		status: status ?? (end ? 'ended' : 'ongoing'),
	};
}

/**
 * Finds the known session of a room, since the room may have a new one by now. Without a known one, finds
 * the live session, or else the first that VideoSDK lists.
 */
function readSessionOfRoom({ data }: IDataObject, known?: IDataObject): IDataObject | undefined {
	if (!Array.isArray(data)) return undefined;
	const sessions = data.filter(isObject).map(toRoomSession);
	return (
		sessions.find(({ id }) => id !== undefined && id === known?.id) ??
		sessions.find((session) => !hasEnded(roomStatuses, session)) ??
		sessions[0]
	);
}

/**
 * The sessions of rooms, each identified by its room. Only live ones are listed. The documented answer to
 * End still shows the session as ongoing, so the session is looked up once more.
 */
export const rooms: EndableApi = {
	noun: 'room',
	subject: 'room',
	title: 'Room',
	idField: 'roomId',
	statuses: roomStatuses,
	get: {
		endpoint: 'Fetch Sessions of a Room',
		path: () => SESSIONS,
		qs: (roomId) => ({ roomId, page: 1, perPage: 10 }),
		read: readSessionOfRoom,
	},
	end: {
		endpoint: 'End Session of a Room',
		path: () => `${SESSIONS}/end`,
		read: (body) => findThingIn(body, 'id', toRoomSession),
		// The room may already have a new session.
		update: (ended, found) => (found.id === ended.id ? { ...ended, ...found } : ended),
	},
	list: {
		endpoint: 'Fetch Sessions of Rooms',
		path: SESSIONS,
		qs: { status: 'ongoing' },
		isLiveOnly: true,
		rename: toRoomSession,
	},
	startOf: ({ start, createdAt }) => start || createdAt,
};

/** What an agent is sent into a room with. */
export interface Dispatch {
	roomId: string;
	agentId: string;
	versionId?: string;
	versionTag?: string;
	metadata?: IDataObject;
	roomOptions?: IDataObject;
}

/**
 * Sends an agent into a room. The request is sent again only if it certainly did nothing.
 *
 * @returns what VideoSDK answers, with its `message`
 * @throws VideoSdkFailure, with the cause `noWorkers` if the agent has no available worker
 */
export async function dispatchAgent(
	client: VideoSdkClient,
	{ roomId, agentId, ...more }: Dispatch,
): Promise<IDataObject> {
	const request: ApiRequest = {
		endpoint: 'Dispatch Agent',
		method: 'POST',
		path: '/v2/agent/dispatch',
		// The vendor's SDK sends the room under both names.
		body: { meetingId: roomId, roomId, agentId, ...more },
		...notDone(`Agent "${quotable(agentId)}"`, `sent to room "${quotable(roomId)}"`),
		about: { roomId, agentId },
		subject: 'room or agent',
		ifItWorked: 'dispatched',
		idempotent: false,
	};
	const answer = await client.request(request);
	const sent = unwrap(answer);
	if (!sent) throw answerWithout('agent', answer, request);
	if (sent.success === false) {
		const errorResponse = readErrorResponse(sent, {});
		const kind = meaningOf(errorResponse) ?? 'rejected';
		throw new VideoSdkFailure({ kind, errorResponse }, request);
	}
	// The room is what ends the agent: VideoSDK gives no session ID for it.
	return { ...sent, roomId: sent.roomId ?? roomId };
}
