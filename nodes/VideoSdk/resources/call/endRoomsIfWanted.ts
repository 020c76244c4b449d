import type { IDataObject } from 'n8n-workflow';
import { idOf } from '../../api/answer';
import { calls } from '../../api/calls';
import type { VideoSdkClient } from '../../api/client';
import { endRoom, liveCallsOf } from '../../api/endRoom';
import { VideoSdkFailure } from '../../api/failure';
import { getOne } from '../../api/live';
import { quotable } from '../../api/quotable';
import type { Batch } from '../../execution/batch';
import type { Outcome } from '../../execution/operation';

/** The ID of the room that a call is in. The answer to End may not have it. */
async function roomIdOf(client: VideoSdkClient, call: IDataObject): Promise<string | undefined> {
	const found = idOf(call.roomId);
	if (found !== undefined) return found;
	const callId = String(call[calls.idField]);
	return idOf((await getOne(client, calls, callId, { isFollowUp: true })).roomId);
}

/**
 * Ends a room, unless a live call is in it that this run has not hung up.
 *
 * @param hungUp IDs of the calls of this run: VideoSDK's list may still show them as live
 * @returns what became of the room, for the output of its call
 */
async function endIfEmpty(
	client: VideoSdkClient,
	roomId: string,
	hungUp: Set<unknown>,
): Promise<IDataObject> {
	const consequence = `Room "${quotable(roomId)}" was not ended, since its other calls could not be listed`;
	const live = await liveCallsOf(client, roomId, { consequence, isFollowUp: true });
	const others = live.filter(({ callId }) => !hungUp.has(callId)).length;
	if (others > 0) return { roomId, status: 'ongoing', otherLiveCalls: others };
	const how = { endsCalls: false, force: false, isFollowUp: true };
	const { id, status, end, alreadyEnded } = await endRoom(client, roomId, how);
	return { roomId, id, status, end, ...(alreadyEnded === true && { alreadyEnded }) };
}

/**
 * Ends the rooms of the calls that were hung up, if the option 'Also End Room' is on. It begins when all
 * calls of the run have been hung up, so that calls of one room do not keep each other's room open.
 *
 * @returns the calls, with the field `room`; it is null for a call that is in no room
 */
export async function endRoomsIfWanted(batch: Batch, ended: Outcome[]): Promise<Outcome[]> {
	if (batch.options.endRoom !== true) return ended;
	const hungUp = new Set(ended.flatMap(({ rows = [] }) => rows.map(({ callId }) => callId)));
	return await batch.continueWith(
		ended,
		async (call, client) => {
			try {
				const roomId = await roomIdOf(client, call);
				if (roomId === undefined) return { ...call, room: null };
				const room = await batch.once(
					client,
					`end room ${roomId}`,
					async () => await endIfEmpty(client, roomId, hungUp),
				);
				return { ...call, room };
			} catch (error) {
				if (!(error instanceof VideoSdkFailure)) throw error;
				const { cause, purpose, mayHaveWorked } = error;
				const callId = String(call[calls.idField]);
				const { consequence } = purpose;
				throw new VideoSdkFailure(
					cause,
					{
						...purpose,
						consequence: `Call "${quotable(callId)}" was hung up, but ${consequence[0]?.toLowerCase()}${consequence.slice(1)}`,
						about: { callId, ...purpose.about },
						doneAnyway: { sentence: 'The call was hung up.', fields: { call } },
					},
					mayHaveWorked,
				);
			}
		},
		{ stops: false },
	);
}
