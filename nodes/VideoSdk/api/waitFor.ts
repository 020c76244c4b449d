import type { IDataObject } from 'n8n-workflow';
import type { VideoSdkClient } from '../http/client';
import { isNotFound, VideoSdkFailure } from '../http/failure';
import { type EndableApi, purposeFor, tryToGetOne } from './live';
import { hasEnded } from './statuses';
import { uptime } from '../shared/uptime';

/** Milliseconds between two checks of a thing that is waited for. They double each time. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 5_000;

interface Wait {
	isReached(thing: IDataObject): boolean;
	/** Seconds. */
	timeout: number;
	/** What an error says of the thing if the state is not reached: `is not running`. */
	otherwise: string;
	/** The same if the state is not known, since the thing cannot be read: `may not be running`. */
	ifUnknown: string;
	/** The status of the thing if VideoSDK no longer has it. Without it, that is a failure. */
	ifGone?: string;
	/** Whether the thing has just been started, and must not be started twice. */
	wasStarted?: boolean;
}

/**
 * Gets a thing after 1, 2, 4 and then every 5 seconds, until it is in a state or the time is over.
 *
 * @param known the thing so far; fields that later answers lack are kept
 * @returns the thing with its newest fields
 * @throws VideoSdkFailure if the time is over, with the last status, or the thing cannot be read
 */
export async function waitFor(
	client: VideoSdkClient,
	kind: EndableApi,
	id: string,
	known: IDataObject,
	{ isReached, timeout, otherwise, ifUnknown, ifGone, wasStarted }: Wait,
): Promise<IDataObject> {
	const purpose = { ...purposeFor(kind, id, otherwise), wasStarted };
	const look = { ...purposeFor(kind, id, ifUnknown), wasStarted, isPoll: true };
	const deadline = uptime() + timeout * 1000;
	let latest = known;
	for (let pause = FIRST_PAUSE; !isReached(latest); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
		const left = deadline - uptime();
		if (left <= 0) {
			const lastStatus = String(latest.status ?? 'unknown');
			throw new VideoSdkFailure({ kind: 'waitOver', lastStatus, after: timeout * 1000 }, purpose);
		}
		await client.wait(Math.min(pause, left));
		const found = await tryToGetOne(client, kind, id, look, latest);
		const isGone = found instanceof VideoSdkFailure && isNotFound(found);
		if (isGone && ifGone !== undefined) return { ...latest, status: ifGone };
		if (found instanceof VideoSdkFailure) throw found;
		latest = { ...latest, ...found };
	}
	return latest;
}

/**
 * Waits until a thing has ended.
 *
 * @param known the thing so far; fields that later answers lack are kept
 * @param timeout seconds
 * @returns the thing with its final fields
 * @throws VideoSdkFailure if the time is over, with the last status, or the thing cannot be read
 */
export async function waitUntilEnded(
	client: VideoSdkClient,
	kind: EndableApi,
	id: string,
	known: IDataObject,
	timeout: number,
): Promise<IDataObject> {
	return await waitFor(client, kind, id, known, {
		isReached: (thing) => hasEnded(kind.statuses, thing),
		timeout,
		otherwise: 'has not ended yet',
		ifUnknown: 'may not have ended yet',
		ifGone: kind.statuses.gone,
	});
}
