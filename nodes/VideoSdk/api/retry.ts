import type { Cause } from './failure';

/** Longest wait that a server's Retry-After is obeyed for, in milliseconds. */
const LONGEST_RETRY_AFTER = 60_000;

const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 15_000;

const TEMPORARY_STATUSES = new Set([408, 425, 500, 502, 504]);

/** What is done after a failed request: asked again later, tried again, or nothing more. */
type NextStep = 'later' | 'again' | 'fail';

/** What is known of the request when that is decided. */
interface Attempt {
	/** How often it was tried again so far; refusals do not count. */
	retries: number;
	/** How often it may be tried again. None: it is sent once, whatever comes of it. */
	maxRetries: number;
	/** Whether sending it twice does no harm. */
	repeatable: boolean;
}

/** Whether VideoSDK asks for a pause, which holds for all requests to it. */
export function isRefusal(cause: Cause): boolean {
	return cause.kind === 'status' && (cause.status === 429 || cause.status === 503);
}

function isTemporary(cause: Cause): boolean {
	if (cause.kind === 'status') return TEMPORARY_STATUSES.has(cause.status);
	return cause.kind === 'broken' || cause.kind === 'timeout';
}

/**
 * Decides what is done after a failed request.
 *
 * A refusal is no failure: it is asked again later, and spends no retry. A request that may not be
 * repeated is sent again only where it surely did nothing: it was refused with 429, or no connection
 * was made.
 */
export function nextStep(cause: Cause, { retries, maxRetries, repeatable }: Attempt): NextStep {
	if (maxRetries === 0) return 'fail';
	if (isRefusal(cause) && (repeatable || (cause.kind === 'status' && cause.status === 429))) {
		return 'later';
	}
	const mayHelp = cause.kind === 'unreachable' || (repeatable && isTemporary(cause));
	return mayHelp && retries < maxRetries ? 'again' : 'fail';
}

/**
 * Tells how long to wait before a request is sent again: any time up to a bound that doubles from
 * 0.5 s to 15 s, and what Retry-After asks for at the least.
 *
 * @param failures how often it failed in this way
 * @param random gives a number from 0 to below 1
 * @returns milliseconds
 */
export function pauseAfter(
	failures: number,
	retryAfter = 0,
	random: () => number = Math.random,
): number {
	const backoff = random() * Math.min(FIRST_BACKOFF * 2 ** (failures - 1), LONGEST_BACKOFF);
	return Math.max(Math.min(retryAfter, LONGEST_RETRY_AFTER), backoff);
}

/** What a failed answer says about when to ask again, in milliseconds. */
export function retryAfterOf(cause: Cause): number | undefined {
	return cause.kind === 'status' ? cause.retryAfter : undefined;
}

/**
 * Reads a Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date.
 *
 * @param now the present, in milliseconds since 1970
 * @returns milliseconds from now, 0 for a time that has passed, undefined if it cannot be read
 */
export function parseRetryAfter(header: unknown, now = Date.now()): number | undefined {
	const value = String(header ?? '').trim();
	if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
	// Date.parse makes a year of nearly anything; an HTTP date begins with the name of a day.
	const date = /^[A-Z][a-z]{2,}, /.test(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
