import type { IDataObject } from 'n8n-workflow';
import { idOf } from '../http/answer';
import { calls } from './calls';
import type { VideoSdkClient } from '../http/client';
import { endOne, type HowToEnd } from './endOne';
import { type Purpose, VideoSdkFailure } from '../http/failure';
import { listOf, purposeFor, tryToGetOne } from './live';
import { readList } from '../http/pages';
import { counted } from '../shared/counted';
import { quotable } from '../shared/quotable';
import { rooms } from './rooms';
import { hasEnded } from './statuses';

/** How a room is ended. */
export interface HowToEndRoom extends Pick<HowToEnd, 'ifAlreadyEnded' | 'listed' | 'isFollowUp'> {
	/** Whether the live calls of the room are hung up first: leaving a room does not hang up a phone. */
	endsCalls: boolean;
	/** Whether VideoSDK is asked to end the session by force. */
	force: boolean;
}

/** A live call of a room, and the failure to hang it up, or the call as it is after that. */
interface CallOutcome {
	callId: string;
	listed: IDataObject;
	outcome: IDataObject | VideoSdkFailure;
}

async function orFailure<Value>(work: Promise<Value>): Promise<Value | VideoSdkFailure> {
	return await work.catch(async (error: unknown) => {
		if (error instanceof VideoSdkFailure) return error;
		return await Promise.reject(error);
	});
}

/**
 * Lists the live calls of a room. VideoSDK does not document what its filter matches, so a call that does
 * not name the room is left out.
 *
 * @throws VideoSdkFailure
 */
async function liveCallsOf(
	client: VideoSdkClient,
	roomId: string,
	how: { consequence: string; isFollowUp?: boolean },
): Promise<IDataObject[]> {
	const live: IDataObject[] = [];
	for await (const call of readList(client, { ...listOf(calls), qs: { roomId }, ...how })) {
		if (call.roomId === roomId && !hasEnded(calls.statuses, call)) live.push(call);
	}
	return live;
}

async function hangUp(client: VideoSdkClient, listed: IDataObject): Promise<CallOutcome> {
	const callId = idOf(listed.callId);
	if (callId === undefined) {
		const purpose = { consequence: 'A call was not hung up' };
		const failure = new VideoSdkFailure({ kind: 'withoutId', noun: calls.noun }, purpose);
		return { callId: '', listed, outcome: failure };
	}
	const ending = endOne(client, calls, callId, { listed, isFollowUp: true });
	return { callId, listed, outcome: await orFailure(ending) };
}

/** Makes of a call what the output says about it: a call has many fields, and a room many calls. */
function toRow({ callId, listed, outcome }: CallOutcome): IDataObject {
	const { type, from, to } = listed;
	const about = { callId, type, from, to };
	if (outcome instanceof VideoSdkFailure) {
		const said = outcome.errorResponse?.message;
		const error = said === undefined ? outcome.message : `${outcome.message}: ${said}`;
		return { ...about, status: listed.status, error };
	}
	const { status, alreadyEnded } = outcome;
	return { ...about, status, ...(alreadyEnded === true && { alreadyEnded }) };
}

/**
 * Makes the failure of a room that was not ended, or whose calls were not all hung up.
 *
 * @param listing why the calls could not be listed
 * @returns undefined if all of it was done
 */
function failureOf(
	roomId: string,
	room: IDataObject | VideoSdkFailure,
	ended: CallOutcome[],
	listing?: VideoSdkFailure,
): VideoSdkFailure | undefined {
	const failed = ended.flatMap(({ callId, outcome }) =>
		outcome instanceof VideoSdkFailure ? [{ callId, why: outcome }] : [],
	);
	const inDoubt = failed.find(({ why }) => why.mayHaveTakenEffect);
	const ofCalls = listing ?? (inDoubt ?? failed[0])?.why;
	const failure = room instanceof VideoSdkFailure ? room : ofCalls;
	if (!failure) return undefined;

	const name = quotable(roomId);
	const isOne = failed.length === 1;
	const names = failed
		.map(({ callId }) => (callId === '' ? 'one without an ID' : `"${quotable(callId)}"`))
		.join(', ');
	const one = failed[0]?.callId === '' ? 'a call without an ID' : `call ${names}`;
	const which = isOne ? one : `${counted(failed.length, 'call')} (${names})`;
	const notHungUp = ofCalls?.mayHaveTakenEffect
		? 'may not have been hung up'
		: `${isOne ? 'was' : 'were'} not hung up`;
	const callsPart = listing
		? 'its calls could not be listed, so none was hung up'
		: `${which} ${notHungUp}`;
	const sentence = (ofRoom = `Room "${name}" was ended`) =>
		ofCalls ? `${ofRoom}, ${room instanceof VideoSdkFailure ? 'and' : 'but'} ${callsPart}` : ofRoom;
	const ofRoom = room instanceof VideoSdkFailure ? room.purpose : undefined;
	const hungUp = ended.length - failed.length;
	const done = [
		...(hungUp > 0
			? [`${hungUp} of ${counted(ended.length, 'call')} ${hungUp === 1 ? 'was' : 'were'} hung up.`]
			: []),
	];
	const purpose: Purpose = {
		...failure.purpose,
		consequence: sentence(ofRoom?.consequence),
		doubt: sentence(ofRoom?.doubt ?? ofRoom?.consequence),
		about: { roomId },
		...(failure === ofCalls && failed.length > 1 && { ifItWorked: 'callsEnded' }),
		doneAnyway: {
			sentence: [
				...done,
				...(listing
					? ["If the project has no phone calls, turn off the option 'Also Hang Up Calls'."]
					: []),
			].join(' '),
			fields: {
				calls: ended.map(toRow),
				...(room instanceof VideoSdkFailure ? {} : { room }),
			},
		},
	};
	return new VideoSdkFailure(failure.cause, purpose, failure.mayHaveTakenEffect);
}

/**
 * Ends the session of a room, and before that its live calls. A call that cannot be hung up keeps neither
 * the other calls nor the room from being ended.
 *
 * @returns the session with every field as VideoSDK gave it, and `calls` with what became of each
 * @throws VideoSdkFailure if anything of it was not done, with what was done
 */
export async function endRoom(
	client: VideoSdkClient,
	roomId: string,
	{ endsCalls, force, ifAlreadyEnded, listed, isFollowUp }: HowToEndRoom,
): Promise<IDataObject> {
	const purpose = purposeFor(rooms, roomId, 'was not ended');
	// With `ignoreClosed`, the answer may not say that nothing was live any more.
	const [before, live] = await Promise.all([
		listed ?? tryToGetOne(client, rooms, roomId, { ...purpose, isFollowUp, maxRetries: 1 }),
		endsCalls
			? orFailure(
					liveCallsOf(client, roomId, {
						consequence: `The calls of room "${quotable(roomId)}" could not be listed`,
						isFollowUp,
					}),
				)
			: [],
	]);
	const listing = live instanceof VideoSdkFailure ? live : undefined;
	const found = live instanceof VideoSdkFailure ? [] : live;
	const ended = await Promise.all(found.map(async (call) => await hangUp(client, call)));
	const room = await orFailure(
		endOne(client, rooms, roomId, {
			ifAlreadyEnded,
			listed,
			before: before instanceof VideoSdkFailure ? undefined : before,
			body: {
				...(ifAlreadyEnded === 'fail' ? {} : { ignoreClosed: true }),
				...(force && { vsdkForceKill: true }),
			},
			isFollowUp: isFollowUp === true || found.length > 0,
		}),
	);
	const failure = failureOf(roomId, room, ended, listing);
	if (failure) throw failure;
	// What the reader looks for first: a table shows the fields in this order.
	const { roomId: id, status, ...session } = room as IDataObject;
	return { roomId: id, status, ...(endsCalls && { calls: ended.map(toRow) }), ...session };
}

/** The ID of the room that a call is in. The answer to End may not have it. */
async function roomIdOf(client: VideoSdkClient, call: IDataObject): Promise<string | undefined> {
	const known = idOf(call.roomId);
	if (known !== undefined) return known;
	const found = await tryToGetOne(client, calls, String(call[calls.idField]), {
		consequence: 'Its room was not ended, because the call could not be looked up',
		subject: calls.subject,
		isFollowUp: true,
	});
	if (found instanceof VideoSdkFailure) throw found;
	return idOf(found.roomId);
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
	hungUp: ReadonlySet<unknown>,
): Promise<IDataObject> {
	const consequence = `Room "${quotable(roomId)}" was not ended, because its other calls could not be listed`;
	const live = await liveCallsOf(client, roomId, { consequence, isFollowUp: true });
	const others = live.filter(({ callId }) => !hungUp.has(callId)).length;
	if (others > 0) return { roomId, status: 'ongoing', otherLiveCalls: others };
	const how = { endsCalls: false, force: false, isFollowUp: true };
	const { id, status, end, alreadyEnded } = await endRoom(client, roomId, how);
	return { roomId, id, status, end, ...(alreadyEnded === true && { alreadyEnded }) };
}

/**
 * Ends the room of a call that was hung up, unless a live call is in it that this run has not hung up.
 *
 * @param call as it is after End
 * @param hungUp IDs of the calls of this run: VideoSDK's list may still show them as live
 * @param once does it once for each room, by its ID
 * @returns the call, with the field `room`; it is null for a call that is in no room
 * @throws VideoSdkFailure that says that the call was hung up
 */
export async function endRoomOf(
	client: VideoSdkClient,
	call: IDataObject,
	hungUp: ReadonlySet<unknown>,
	once: (roomId: string, end: () => Promise<IDataObject>) => Promise<IDataObject>,
): Promise<IDataObject> {
	const end = async () => {
		const roomId = await roomIdOf(client, call);
		if (roomId === undefined) return null;
		return await once(roomId, async () => await endIfEmpty(client, roomId, hungUp));
	};
	const room = await orFailure(end());
	if (!(room instanceof VideoSdkFailure)) return { ...call, room };
	const { cause, purpose, mayHaveTakenEffect } = room;
	const callId = String(call[calls.idField]);
	const but = (what: string) =>
		`Call "${quotable(callId)}" was hung up, but ${what.charAt(0).toLowerCase()}${what.slice(1)}`;
	throw new VideoSdkFailure(
		cause,
		{
			...purpose,
			consequence: but(purpose.consequence),
			doubt: but(purpose.doubt ?? purpose.consequence),
			about: { callId, ...purpose.about },
			doneAnyway: { fields: { call } },
		},
		mayHaveTakenEffect,
	);
}
