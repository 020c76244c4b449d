import type { IDataObject } from 'n8n-workflow';
import { jsonParse } from 'n8n-workflow';
import { eventOf, type SessionEventName } from '../api/events';
import { isObject } from '../api/isObject';
import { isSendableId } from '../api/sendable';

/** An event of an agent session. */
export interface SessionEvent {
	event: SessionEventName;
	sessionId: string;
	/** All fields that VideoSDK sent with it. */
	data: IDataObject;
}

/** Reads what every event of VideoSDK has. @returns undefined for a body that is no event */
export function readBody(rawBody: Buffer): { webhookType: string; data: unknown } | undefined {
	const body = jsonParse<unknown>(rawBody.toString('utf8'), { fallbackValue: null });
	if (!isObject(body) || typeof body.webhookType !== 'string') return undefined;
	return { webhookType: body.webhookType, data: body.data };
}

/**
 * Reads the event out of a webhook's body.
 *
 * @returns the event; `other` for an event of VideoSDK that is about something else than an agent
 * session; undefined for a body that is no event
 */
export function readEvent(rawBody: Buffer): SessionEvent | 'other' | undefined {
	const body = readBody(rawBody);
	if (!body) return undefined;
	const event = eventOf(body.webhookType);
	if (event === undefined) return 'other';
	const { data } = body;
	// The session is looked up by it: `..` would name another place.
	if (!isObject(data) || !isSendableId(data.sessionId)) return undefined;
	return { event, sessionId: data.sessionId, data };
}
