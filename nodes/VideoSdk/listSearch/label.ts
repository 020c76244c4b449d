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

/** Characters of a name that leave room for start, ID and status in n8n's panel. */
const LONGEST_NAME = 16;

/**
 * Shortens a name in its middle, so that what stands behind it in a label can be seen: names often
 * differ only at their end.
 */
export function shortenName(name: string): string {
	const characters = [...name];
	if (characters.length <= LONGEST_NAME) return name;
	const beginning = characters.slice(0, 9).join('').trimEnd();
	const end = characters.slice(-6).join('').trimStart();
	return `${beginning}…${end}`;
}

/** Writes times and statuses as a person in the workflow's time zone does: `25 Nov, 14:05`. */
export class Clock {
	constructor(
		private readonly kind: LiveKind,
		private readonly timeZone: string,
		private readonly now = new Date(),
	) {}

	private format(time: Date, options: Intl.DateTimeFormatOptions): string {
		return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: this.timeZone }).format(time);
	}

	private yearOf(time: Date): string {
		return this.format(time, { year: 'numeric' });
	}

	/** @returns undefined for what is no time */
	started(thing: IDataObject): string | undefined {
		const time = new Date(String(this.kind.startOf(thing)));
		if (Number.isNaN(time.getTime())) return undefined;
		const year = this.yearOf(time) === this.yearOf(this.now) ? undefined : 'numeric';
		const date = this.format(time, { day: 'numeric', month: 'short', year });
		return `${date}, ${this.timeOf(time)}`;
	}

	/** n8n keeps the label of the entry that is picked, so a status that will change has its time. */
	statusOf(thing: IDataObject): string | undefined {
		const { status } = thing;
		if (typeof status !== 'string' || status === '') return undefined;
		return hasEnded(this.kind.statuses, thing) ? status : `${status} at ${this.timeOf(this.now)}`;
	}

	private timeOf(time: Date): string {
		return this.format(time, { hour: '2-digit', minute: '2-digit' });
	}
}
