import type { IDataObject } from 'n8n-workflow';
import type { LiveKind } from '../api/live';
import { bareId } from '../api/sessions';
import { hasEnded } from '../api/statuses';

/** Characters of an ID that tell it from others: `8a93774e` of `session-8a93774e-caa0-…`. */
const SHORT = 8;

/** Gives what tells an ID from others. */
export function shorten(id: string): string {
	const start = bareId(id);
	return start.length > SHORT + 4 ? start.slice(0, SHORT) : start;
}

/** Characters of a name that n8n's list has room for. */
const LONGEST_NAME = 16;

/**
 * Shortens a name in its middle, since n8n would cut off its end, and names often differ only there.
 */
export function shortenName(name: string): string {
	const characters = [...name];
	if (characters.length <= LONGEST_NAME) return name;
	const beginning = characters.slice(0, 9).join('').trimEnd();
	const end = characters.slice(-6).join('').trimStart();
	return `${beginning}…${end}`;
}

/** Writes times as a person in the workflow's time zone does: `Nov 25, 14:05`. */
export class Clock {
	constructor(
		private readonly kind: LiveKind,
		private readonly timeZone: string,
		private readonly now = new Date(),
	) {}

	private format(time: Date, options: Intl.DateTimeFormatOptions): string {
		return new Intl.DateTimeFormat('en-US', { ...options, timeZone: this.timeZone }).format(time);
	}

	private yearOf(time: Date): string {
		return this.format(time, { year: 'numeric' });
	}

	/**
	 * Says when a thing started, and of a live one that it has been live since then.
	 *
	 * @returns undefined for what is no time
	 */
	started(thing: IDataObject): string | undefined {
		const time = new Date(String(this.kind.startOf(thing)));
		if (Number.isNaN(time.getTime())) return undefined;
		const start = this.format(time, {
			day: 'numeric',
			month: 'short',
			year: this.yearOf(time) === this.yearOf(this.now) ? undefined : 'numeric',
			hour: '2-digit',
			minute: '2-digit',
			hourCycle: 'h23',
		});
		return hasEnded(this.kind.statuses, thing) ? start : `since ${start}`;
	}
}
