import { uptime } from '../api/uptime';

const MINUTE = 60_000;

/** Unsigned events in a minute that may turn out to be about no call of the project. */
const MOST_UNCONFIRMED = 100;

/**
 * Counts the unsigned events that VideoSDK has not confirmed, and so bounds how often strangers can
 * make us ask VideoSDK, which allows only so many requests.
 */
class UnconfirmedEvents {
	private since = 0;

	private count = 0;

	/** Counts an event that is not confirmed yet. @returns false if there are too many */
	add(now = uptime()): boolean {
		if (now - this.since >= MINUTE) [this.since, this.count] = [now, 0];
		if (this.count >= MOST_UNCONFIRMED) return false;
		this.count++;
		return true;
	}

	/** Counts an event no longer: VideoSDK has confirmed it. */
	confirm(): void {
		this.count = Math.max(0, this.count - 1);
	}
}

const byTrigger = new Map<string, UnconfirmedEvents>();

/**
 * Gives the count of a trigger.
 *
 * @param trigger tells it from others
 */
export function unconfirmedEventsOf(trigger: string): UnconfirmedEvents {
	const events = byTrigger.get(trigger) ?? new UnconfirmedEvents();
	byTrigger.set(trigger, events);
	return events;
}
