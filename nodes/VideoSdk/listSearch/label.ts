import type { IDataObject } from 'n8n-workflow';
import type { EndableApi } from '../api/live';
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
	private readonly year: Intl.DateTimeFormat;

	private readonly thisYear: Intl.DateTimeFormat;

	private readonly otherYear: Intl.DateTimeFormat;

	constructor(
		private readonly kind: EndableApi,
		timeZone: string,
		private readonly now = new Date(),
	) {
		// Made once, since that takes longer than to write a time, and a list may have thousands.
		const formatOf = (options: Intl.DateTimeFormatOptions) =>
			new Intl.DateTimeFormat('en-US', { ...options, timeZone });
		const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
		this.year = formatOf({ year: 'numeric' });
		this.thisYear = formatOf({ day: 'numeric', month: 'short', ...time });
		this.otherYear = formatOf({ day: 'numeric', month: 'short', year: 'numeric', ...time });
	}

	/**
	 * Says when a thing started, and of a live one that it has been live since then.
	 *
	 * @returns undefined for what is no time
	 */
	started(thing: IDataObject): string | undefined {
		const time = new Date(String(this.kind.startOf(thing)));
		if (Number.isNaN(time.getTime())) return undefined;
		const isThisYear = this.year.format(time) === this.year.format(this.now);
		const start = (isThisYear ? this.thisYear : this.otherYear).format(time);
		return hasEnded(this.kind.statuses, thing) ? start : `since ${start}`;
	}
}
