import type { IDataObject } from 'n8n-workflow';
import { isObject } from '../shared/isObject';
import { isSendableId } from '../shared/sendable';
import { sessionEventOf, type SessionEventName } from '../api/sessionEvents';
import { readEventBody } from './eventBody';

/** An event of an agent session. */
export interface SessionEvent {
	event: SessionEventName;
	sessionId: string;
	/** All fields that VideoSDK sent with it. */
	data: IDataObject;
}

/**
 * Reads the event of a session from the body of a webhook request.
 *
 * @returns the event; `other` for an event of VideoSDK that is not about an agent session; undefined
 * for a body that is not an event
 */
export function readSessionEvent(rawBody: Buffer): SessionEvent | 'other' | undefined {
	const body = readEventBody(rawBody);
	if (!body) return undefined;
	const event = sessionEventOf(body.webhookType);
	if (event === undefined) return 'other';
	const { data } = body;
	// The session is looked up by this ID: `..` would name another path.
	if (!isObject(data) || !isSendableId(data.sessionId)) return undefined;
	return { event, sessionId: data.sessionId, data };
}
