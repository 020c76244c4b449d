import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { VideoSdkClient } from '../http/client';
import { isNotFound, VideoSdkFailure } from '../http/failure';
import { getOne } from '../api/live';
import { agentSessions, bareId } from '../api/sessions';
import { explainError } from '../errors/explainError';
import { PATIENCE } from './response';
import type { SessionEvent } from './sessionEvent';

/** Milliseconds after which an unknown session or call is looked up again: its event may arrive first. */
export const SECOND_LOOK = 1_000;

/** The answer to an event whose session the project does not have. */
export const NO_SUCH_SESSION = 'There is no such session in this VideoSDK project.';

/** @returns undefined if the project has no such session */
async function unlessUnknown(session: Promise<IDataObject>): Promise<IDataObject | undefined> {
	return await session.catch(async (error: unknown) => {
		if (error instanceof VideoSdkFailure && isNotFound(error)) return undefined;
		return await Promise.reject(error);
	});
}

/**
 * Fetches the session of an event. If that fails, the workflow runs without the fields of the session,
 * since the event matters more.
 *
 * @returns the session, or an object with `fetchError`; undefined if the project has no such session
 */
export async function fetchSession(
	context: IWebhookFunctions,
	sessionId: string,
): Promise<IDataObject | undefined> {
	try {
		const client = await VideoSdkClient.openAtOnce(context, PATIENCE);
		const ask = async (id: string) => await unlessUnknown(getOne(client, agentSessions, id));
		const bare = bareId(sessionId);
		const look = async () =>
			(await ask(sessionId)) ?? (bare === sessionId ? undefined : await ask(bare));
		const session = await look();
		if (session) return session;
		await client.wait(SECOND_LOOK);
		return await look();
	} catch (error) {
		return { fetchError: explainError(context.getNode(), error).error.message };
	}
}

/**
 * Adds the fields of an event to those of its session. Those of the event are newer. VideoSDK documents no
 * room for these events; if one is named, it may be as `meetingId`, as in its events of meetings.
 */
export function withEvent(
	session: IDataObject,
	{ event, sessionId, data }: SessionEvent,
): IDataObject {
	const known = { event, sessionId };
	const roomId = data.roomId ?? data.meetingId;
	return { ...known, ...session, ...data, ...(roomId !== undefined && { roomId }), ...known };
}
