import type { IDataObject } from 'n8n-workflow';
import { answerWithout, findStatusIn, findThingIn, idOf } from '../http/answer';
import type { VideoSdkClient } from '../http/client';
import { notDone } from '../http/failure';
import type { EndableApi } from './live';
import { quotable } from '../shared/quotable';
import type { ApiRequest } from '../http/request';
import { callStatuses } from './statuses';

const CALLS = '/v2/sip/call';

/** Gives a call the field names that the node uses: VideoSDK spells some of them in two ways. */
function toCall(call: IDataObject): IDataObject {
	const { callId, id, from, to, roomId, sipCallFrom, sipCallTo, destinationRoomId } = call;
	return {
		...call,
		callId: idOf(callId) ?? idOf(id),
		from: from ?? sipCallFrom,
		to: to ?? sipCallTo,
		roomId: roomId ?? destinationRoomId,
	};
}

const readCall = (body: IDataObject) => findThingIn(body, 'callId', toCall);

/** When a call was created: the first entry of its log. */
function firstLogged({ timelog }: IDataObject): unknown {
	const first: unknown = Array.isArray(timelog) ? timelog[0] : undefined;
	return (first as { timestamp?: unknown } | undefined)?.timestamp;
}

/** Phone calls. */
export const calls: EndableApi = {
	noun: 'call',
	subject: 'call',
	title: 'Call',
	idField: 'callId',
	statuses: callStatuses,
	get: {
		endpoint: 'Fetch a Call',
		path: (callId) => `${CALLS}/${encodeURIComponent(callId)}`,
		read: readCall,
	},
	end: {
		endpoint: 'End Call',
		path: () => `${CALLS}/end`,
		read: (body) => readCall(body) ?? findStatusIn(body),
	},
	list: { endpoint: 'Fetch Calls', path: CALLS, rename: toCall },
	startOf: (call) => call.start || call.createdAt || firstLogged(call),
};

/** What a call is made with, as VideoSDK spells it. */
export interface CallStart {
	sipCallTo: string;
	sipCallFrom?: string;
	/** A call has either a routing rule or a gateway. */
	routingRuleId?: string;
	gatewayId?: string;
	destinationRoomId?: string;
	participant?: IDataObject;
	metadata?: IDataObject;
	recordAudio?: boolean;
	waitUntilAnswered?: boolean;
	/** Seconds. */
	ringingTimeout?: number;
	/** Seconds. */
	maxCallDuration?: number;
	dtmf?: string;
	hidePhoneNumber?: boolean;
	headers?: Record<string, string>;
}

/**
 * Makes a call. The request is sent again only if it certainly did nothing.
 *
 * @returns the call, with every field as VideoSDK gave it, and its `message`
 * @throws VideoSdkFailure
 */
export async function makeCall(client: VideoSdkClient, start: CallStart): Promise<IDataObject> {
	const { sipCallTo, headers = {} } = start;
	const request: ApiRequest = {
		endpoint: 'Make Call',
		method: 'POST',
		path: CALLS,
		body: { ...start },
		...notDone(`The call to ${quotable(sipCallTo)}`, 'made'),
		about: { to: sipCallTo },
		secrets: Object.values(headers),
		ifItWorked: 'called',
		idempotent: false,
	};
	const answer = await client.request(request);
	const made = readCall(answer);
	if (!made) throw answerWithout('call', answer, request);
	return made;
}
