import { uptime } from '../shared/uptime';

const MINUTE = 60_000;

/** The most unsigned events in a minute that VideoSDK does not confirm. */
const MOST_UNCONFIRMED = 100;

/**
 * Counts the unsigned events that VideoSDK has not confirmed. Each of them causes requests to VideoSDK,
 * of which strangers must not be able to cause any number.
 */
class UnconfirmedEvents {
	private since = Number.NEGATIVE_INFINITY;

	private count = 0;

	/** Counts an event that is not confirmed yet. @returns false if there are already too many */
	add(now = uptime()): boolean {
		if (now - this.since >= MINUTE) [this.since, this.count] = [now, 0];
		if (this.count >= MOST_UNCONFIRMED) return false;
		this.count++;
		return true;
	}

	/** Takes an event that VideoSDK has confirmed out of the count. */
	confirm(): void {
		this.count = Math.max(0, this.count - 1);
	}
}

const byTrigger = new Map<string, UnconfirmedEvents>();

/** Returns the count of a trigger. */
export function unconfirmedEventsOf(trigger: string): UnconfirmedEvents {
	const events = byTrigger.get(trigger) ?? new UnconfirmedEvents();
	byTrigger.set(trigger, events);
	return events;
}
