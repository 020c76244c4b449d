import type { GenericValue, IDataObject } from 'n8n-workflow';
import { tryToParseDateTime } from 'n8n-workflow';
import type { EndableApi } from '../api/live';
import type { Item } from '../execution/work';
import { emptyField, type Field, isEmpty, plain, wrongValue } from './text';

/** The hint of a field for a time. */
export const TIME_ZONE_HINT = "In the workflow's time zone (Workflow Settings > Timezone)";

/** A time in ISO 8601, as n8n's picker and Luxon write it. SQL has a space instead of the T. */
const ISO_TIME =
	/^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d\d(?::?\d\d)?))?)?$/i;

/** Times that can be meant: a missing time is often written as 0, which is in 1970. */
const EARLIEST = Date.UTC(2000);
const LATEST = Date.UTC(9999, 11, 31);

function parseIsoTime(text: string, timezone: string): number {
	if (!ISO_TIME.test(text)) return Number.NaN;
	try {
		const time = tryToParseDateTime(text, timezone);
		// For a day that does not exist, n8n returns the next one, in the time zone of the server.
		return text.startsWith(time.toFormat('yyyy-MM-dd')) ? time.toMillis() : Number.NaN;
	} catch {
		return Number.NaN;
	}
}

/**
 * Reads a time. n8n's own parser accepts almost any text: "order 4711" as the year 4711.
 *
 * @param value a DateTime of Luxon, a Date, milliseconds since 1970, or text in ISO 8601
 * @param timezone for text without one
 * @returns milliseconds since 1970, or NaN if it is not a time between 2000 and 9999
 */
export function timeOf(value: unknown, timezone: string): number {
	const boxed = Object(value ?? {}) as { valueOf?: unknown };
	const unboxed = plain(typeof boxed.valueOf === 'function' ? boxed.valueOf() : undefined);
	const time = typeof unboxed === 'string' ? parseIsoTime(unboxed, timezone) : unboxed;
	return typeof time === 'number' && time >= EARLIEST && time <= LATEST ? time : Number.NaN;
}

/** A field for a time, as an error names it. */
interface TimeField extends Field {
	/** The times that it takes, if not all. */
	what?: string;
	/** An expression that returns a useful time. */
	example: string;
}

/** The next step in an error about a time. */
export function howToGiveATime(
	{ timezone }: Item,
	{ example, what = 'a time' }: TimeField,
): string {
	return `Choose ${what}, or use an expression that returns one, such as ${example}. As text, a time looks like 2025-06-18T10:30:00, in the time zone of this workflow (${timezone}).`;
}

/**
 * Reads a field for a time.
 *
 * @param value of the field, see `timeOf`
 * @returns milliseconds since 1970
 * @throws InvalidInput if it is empty or not a time
 */
export function readTime(item: Item, value: unknown, time: TimeField): number {
	const nextStep = howToGiveATime(item, time);
	if (isEmpty(value)) {
		throw emptyField(item, { ...time, nextStep });
	}
	const read = timeOf(value, item.timezone);
	if (!Number.isNaN(read)) return read;
	throw wrongValue(item, value, time, 'is not a time', nextStep);
}

/**
 * Writes a time of VideoSDK's in another time zone, in ISO 8601 with the offset.
 *
 * @returns what is not a time as it is
 */
export function inTimeZone(time: GenericValue, timezone: string): GenericValue {
	const milliseconds = timeOf(time, 'UTC');
	if (Number.isNaN(milliseconds)) return time;
	const local = tryToParseDateTime(new Date(milliseconds).toISOString()).setZone(timezone);
	return local.toISO() ?? time;
}

/** The start times of things, since parsing is slow, and End Many needs each for the filters of every item. */
const startTimes = new WeakMap<IDataObject, number>();

/**
 * The time at which a thing started. VideoSDK's times are in UTC.
 *
 * @returns milliseconds since 1970, or NaN if it is not known
 */
export function startTimeOf(kind: EndableApi, thing: IDataObject): number {
	const known = startTimes.get(thing);
	if (known !== undefined) return known;
	const startTime = timeOf(kind.startOf(thing), 'UTC');
	startTimes.set(thing, startTime);
	return startTime;
}
