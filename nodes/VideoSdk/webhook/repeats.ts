import type { IDataObject } from 'n8n-workflow';

/** Milliseconds that an event is remembered by default. */
const MEMORY = 3_600_000;

/** Events remembered while n8n runs. */
const MOST_IN_MEMORY = 10_000;

/** Events that are saved with the workflow, which n8n does for each event. */
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
 * Remembers which events of which sessions came within the last hour, or another time. There is no
 * timestamp in what VideoSDK signs, so nothing else tells an event from a copy of it that is sent again.
 *
 * n8n reads the static data of a workflow for each request and writes it after: requests at the same
 * time would overwrite each other's. So what counts is kept in memory, and all of it is written each
 * time; the static data carries it over a restart.
 */
export class Repeats {
	private readonly seenBy = new Map<string, Seen>();

	/** @param memory milliseconds that an event is remembered */
	constructor(private readonly memory = MEMORY) {}

	/**
	 * Tells whether an event came before, and remembers it.
	 *
	 * @param trigger which trigger of which workflow it came to
	 * @param event name of the event and the session
	 * @param staticData of the trigger; is written to
	 */
	isRepeat(trigger: string, event: string, staticData: IDataObject, now = Date.now()): boolean {
		const seen = this.seenBy.get(trigger) ?? new Map(readSaved(staticData));
		this.seenBy.set(trigger, seen);
		forgetOld(seen, now, this.memory);
		if (seen.has(event)) return true;
		seen.set(event, now);
		staticData.seen = newest(seen);
		return false;
	}

	/** Forgets an event that started nothing; takes what `isRepeat` takes. */
	forget(trigger: string, event: string, staticData: IDataObject): void {
		const seen = this.seenBy.get(trigger);
		if (seen?.delete(event)) staticData.seen = newest(seen);
	}
}
