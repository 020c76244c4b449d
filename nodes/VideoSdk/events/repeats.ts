import type { IDataObject } from 'n8n-workflow';

/** Milliseconds that an event is remembered by default. */
const MEMORY = 3_600_000;

/** The most events remembered while n8n runs. */
const MOST_IN_MEMORY = 10_000;

/** The most events saved with the workflow: n8n writes them to its database for each event. */
const MOST_SAVED = 1_000;

/** Times in milliseconds since 1970, by event, oldest first. */
type Seen = Map<string, number>;

function forgetOld(seen: Seen, now: number, memory: number) {
	for (const [event, at] of seen) {
		if (now - at < memory && seen.size <= MOST_IN_MEMORY) return;
		seen.delete(event);
	}
}

function newest(seen: Seen): Record<string, number> {
	const entries: Array<[string, number]> = [];
	let toSkip = seen.size - MOST_SAVED;
	for (const entry of seen) if (toSkip-- <= 0) entries.push(entry);
	return Object.fromEntries(entries);
}

function readSaved({ seen }: IDataObject): Array<[string, number]> {
	const entries = typeof seen === 'object' && seen !== null ? Object.entries(seen) : [];
	return entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number');
}

/**
 * Remembers the events of the last hour, or another time, to recognize one that is sent again: what
 * VideoSDK signs has no timestamp.
 *
 * The events are kept in memory. n8n reads the static data of a workflow at the beginning of each request
 * and writes it at the end, so simultaneous requests would overwrite each other's events. Each event is
 * also saved in the static data, for after a restart.
 */
export class Repeats {
	private readonly seenBy = new Map<string, Seen>();

	/** @param memory milliseconds that an event is remembered */
	constructor(private readonly memory = MEMORY) {}

	/**
	 * Returns whether an event came before, and remembers it.
	 *
	 * @param trigger identifies the trigger that received it
	 * @param event name of the event, and ID of the session or call
	 * @param staticData of the trigger; is changed
	 */
	isRepeat(trigger: string, event: string, staticData: IDataObject, now = Date.now()): boolean {
		const seen = this.seenOf(trigger, staticData, now);
		if (seen.has(event)) return true;
		seen.set(event, now);
		staticData.seen = newest(seen);
		return false;
	}

	/** Returns whether an event came before, without remembering it. The parameters are those of `isRepeat`. */
	isKnown(trigger: string, event: string, staticData: IDataObject, now = Date.now()): boolean {
		return this.seenOf(trigger, staticData, now).has(event);
	}

	/** Forgets an event that started no execution. The parameters are those of `isRepeat`. */
	forget(trigger: string, event: string, staticData: IDataObject): void {
		const seen = this.seenBy.get(trigger);
		if (seen?.delete(event)) staticData.seen = newest(seen);
	}

	private seenOf(trigger: string, staticData: IDataObject, now: number): Seen {
		const seen = this.seenBy.get(trigger) ?? new Map(readSaved(staticData));
		this.seenBy.set(trigger, seen);
		forgetOld(seen, now, this.memory);
		return seen;
	}
}
