import type { IDataObject } from 'n8n-workflow';
import type { Call, VideoSdkClient } from './client';
import { VideoSdkFailure } from './failure';
import { isObject } from './isObject';
import { idOf, type List } from './pages';
import { quotable } from './quotable';
import { hasEnded, isStopping, type Statuses } from './statuses';

/** A kind of thing that is live, and costs money, until it is ended: an agent session, for one. */
export interface LiveKind {
	/** What texts call one: `session`. */
	noun: 'session' | 'call' | 'room';
	/** Begins the name of one, before its ID, in the consequence of a failure: `Session`. */
	title: string;
	/** The field with the ID, in rows and in the body of the request that ends one. */
	idField: string;
	statuses: Statuses;
	/** The request that asks for one. */
	get: {
		/** VideoSDK's name for it. */
		kind: string;
		path(id: string): string;
		qs?(id: string): IDataObject;
		/** Finds it in the answer. @returns undefined if it is not there */
		read(body: IDataObject): IDataObject | undefined;
	};
	/** The request that ends one. */
	end: {
		kind: string;
		path: string;
		read(body: IDataObject): IDataObject | undefined;
		/**
		 * For an answer that does not show the end yet: brings it up to date with what one more
		 * request for the thing has found.
		 */
		update?(ended: IDataObject, found: IDataObject): IDataObject;
	};
	/** The request that lists all, or only those that are live; see `List`. */
	list: Pick<List, 'kind' | 'path' | 'qs' | 'name'> & { isLiveOnly?: boolean };
	/** Gives the time, as VideoSDK writes it, at which one started or else came about. */
	startOf(thing: IDataObject): unknown;
}

/** What to do about something that turns out to have ended before. */
export type IfAlreadyEnded = 'return' | 'fail';

/**
 * VideoSDK wraps some things in `data`, beside a `message`; the output has both on one level.
 *
 * @returns undefined if there is nothing in the answer
 */
export function unwrap({ data, message }: IDataObject): IDataObject | undefined {
	if (!isObject(data)) return undefined;
	return { ...data, ...(message === undefined ? {} : { message }) };
}

/**
 * Takes something out of the answer to a request that does something.
 *
 * @param read finds it; undefined counts as an answer without what the documentation promises
 * @param noun what it is called: `session`
 */
export function readDone(
	answer: IDataObject,
	call: Call,
	read: LiveKind['end']['read'],
	noun: string,
): IDataObject | VideoSdkFailure {
	const problem = `has no ${noun} in it (the field "data" is missing)`;
	return read(answer) ?? new VideoSdkFailure({ kind: 'unreadable', problem }, call, true);
}

const nameOf = ({ title }: LiveKind, id: string) => `${title} "${quotable(id)}"`;

const aboutOf = ({ idField }: LiveKind, id: string) => ({ [idField]: id });

function callFor(kind: LiveKind, id: string, consequence: string): Call {
	return {
		kind: kind.get.kind,
		method: 'GET',
		path: kind.get.path(id),
		qs: kind.get.qs?.(id),
		consequence,
		about: aboutOf(kind, id),
		subject: kind.noun,
		repeatable: true,
	};
}

/** Asks for one, as the call says. */
async function look(
	client: VideoSdkClient,
	{ get, noun }: LiveKind,
	call: Call,
): Promise<IDataObject | VideoSdkFailure> {
	const answer = await client.attempt(call);
	if (answer instanceof VideoSdkFailure) return answer;
	const problem = `has no ${noun} in it (the field "data" is missing)`;
	return get.read(answer) ?? new VideoSdkFailure({ kind: 'unreadable', problem }, call);
}

/**
 * Asks for one thing.
 *
 * @param how it is asked for, where not like most
 * @returns it, every field as it came
 * @throws VideoSdkFailure
 */
export async function getOne(
	client: VideoSdkClient,
	kind: LiveKind,
	id: string,
	how: Pick<Call, 'isPoll' | 'maxRetries'> = {},
): Promise<IDataObject> {
	const call = callFor(kind, id, `${nameOf(kind, id)} could not be read`);
	const found = await look(client, kind, { ...call, ...how });
	if (found instanceof VideoSdkFailure) throw found;
	return found;
}

function isRefusalOfWhatHasEnded({ cause }: VideoSdkFailure): boolean {
	if (cause.kind !== 'status' || cause.status < 400 || cause.status > 499) return false;
	return ![401, 402, 403, 429].includes(cause.status);
}

/** Tells whether VideoSDK has no such thing. */
export const isUnknown = ({ cause }: VideoSdkFailure): boolean =>
	cause.kind === 'status' && cause.status === 404;

/**
 * Ends one thing. What ending something that has ended answers is not documented: when it is
 * refused, or the response is lost, the thing itself is looked up, and if it has ended, or is about to,
 * that is success.
 *
 * @param ifAlreadyEnded `fail` makes it an error, unless a lost request of ours may have ended it
 * @param listed the thing as VideoSDK has just listed it: if it knows nothing of it any more, it has
 * ended
 * @returns it, every field as it came, with VideoSDK's `message` or `alreadyEnded: true`
 * @throws VideoSdkFailure
 */
export async function endOne(
	client: VideoSdkClient,
	kind: LiveKind,
	id: string,
	ifAlreadyEnded?: IfAlreadyEnded,
	listed?: IDataObject,
): Promise<IDataObject> {
	const { end, noun, statuses } = kind;
	const call: Call = {
		kind: end.kind,
		method: 'POST',
		path: end.path,
		body: aboutOf(kind, id),
		consequence: `${nameOf(kind, id)} was not ended`,
		about: aboutOf(kind, id),
		subject: noun,
		ifItWorked: 'ended',
		repeatable: true,
	};
	const answer = await client.attempt(call);
	const ended = answer instanceof VideoSdkFailure ? answer : readDone(answer, call, end.read, noun);
	if (!(ended instanceof VideoSdkFailure)) {
		if (!end.update) return ended;
		const seen = await look(client, kind, {
			...callFor(kind, id, call.consequence),
			isFollowUp: true,
			maxRetries: 1,
		});
		return seen instanceof VideoSdkFailure ? ended : end.update(ended, seen);
	}
	if (!ended.mayHaveWorked && !isRefusalOfWhatHasEnded(ended)) throw ended;

	const found = await look(client, kind, {
		...callFor(kind, id, call.consequence),
		isFollowUp: true,
		// An outage has been waited for once already.
		...(ended.mayHaveWorked && { maxRetries: ended.cause.kind === 'gaveUp' ? 0 : 1 }),
	});
	const hasVanished = found instanceof VideoSdkFailure && isUnknown(ended) && isUnknown(found);
	const thing = hasVanished && listed ? { ...listed, status: statuses.gone } : found;
	if (thing instanceof VideoSdkFailure) throw ended;
	if (isStopping(thing)) return thing;
	if (!hasEnded(statuses, thing)) throw ended;
	if (ifAlreadyEnded === 'fail' && !ended.mayHaveWorked) {
		const { status, end: endedAt } = thing;
		const at = typeof endedAt === 'string' ? endedAt : undefined;
		throw new VideoSdkFailure({ kind: 'alreadyEnded', lastStatus: String(status), at }, call);
	}
	return { ...thing, alreadyEnded: true };
}

const FIRST_LOOK = 1_000;
const LONGEST_PAUSE = 5_000;

interface Wait {
	isReached(thing: IDataObject): boolean;
	/** Seconds. */
	timeout: number;
	/** What is wrong if it does not come about, after the name of the thing: `does not run`. */
	otherwise: string;
}

/**
 * Asks for a thing after 1, 2, 4, then every 5 seconds, until it is in a state or time is over.
 *
 * @param known what is known of it; fields that later answers lack are kept
 * @returns it, with its newest fields
 * @throws VideoSdkFailure if the time is over, with the last status, or it cannot be read
 */
export async function waitFor(
	client: VideoSdkClient,
	kind: LiveKind,
	id: string,
	known: IDataObject,
	{ isReached, timeout, otherwise }: Wait,
): Promise<IDataObject> {
	const call: Call = { ...callFor(kind, id, `${nameOf(kind, id)} ${otherwise}`), isPoll: true };
	const deadline = Date.now() + timeout * 1000;
	let latest = known;
	if (!isReached(latest)) client.tally.waitedFor++;
	for (let pause = FIRST_LOOK; !isReached(latest); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
		const left = deadline - Date.now();
		if (left <= 0) {
			const lastStatus = String(latest.status ?? 'unknown');
			throw new VideoSdkFailure({ kind: 'waitOver', lastStatus, after: timeout * 1000 }, call);
		}
		await client.wait(Math.min(pause, left));
		const found = await look(client, kind, call);
		if (found instanceof VideoSdkFailure) throw found;
		latest = { ...latest, ...found };
	}
	return latest;
}

/**
 * Waits until a thing has ended.
 *
 * @param known what is known of it; fields that later answers lack are kept
 * @param timeout seconds
 * @returns it, with its final fields
 * @throws VideoSdkFailure if the time is over, with the last status, or it cannot be read
 */
export async function waitUntilEnded(
	client: VideoSdkClient,
	kind: LiveKind,
	id: string,
	known: IDataObject,
	timeout: number,
): Promise<IDataObject> {
	return await waitFor(client, kind, id, known, {
		isReached: (thing) => hasEnded(kind.statuses, thing),
		timeout,
		otherwise: 'was told to end but has not ended yet',
	});
}

/** The list of all things of a kind. */
export function listOf({ list, idField, title }: LiveKind, perPage = 100): List {
	return {
		...list,
		keyOf: (row) => idOf(row[idField]),
		perPage,
		consequence: `${title}s could not be listed`,
	};
}
