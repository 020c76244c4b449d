import type { Cause } from './failure';

/** Longest wait that a server's Retry-After is obeyed for, in milliseconds. */
export const LONGEST_RETRY_AFTER = 60_000;

const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 15_000;

const TRANSIENT_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What is known of the request when it is decided whether to send it again. */
export interface Attempt {
	/** How often it was sent, the failed one included: 1 after the first. */
	sent: number;
	/** How often it may be sent again. */
	maxRetries: number;
	/** Whether sending it twice does no harm. */
	repeatable: boolean;
}

function isTransient(cause: Cause, repeatable: boolean): boolean {
	switch (cause.kind) {
		case 'unreachable':
			return true;
		case 'broken':
		case 'timeout':
			return repeatable;
		case 'status':
			return TRANSIENT_STATUSES.has(cause.status) && (repeatable || cause.status === 429);
		default:
			return false;
	}
}

/**
 * Decides whether a failed request is sent again, and when.
 *
 * A request that may not be repeated is sent again only where the first one surely did nothing:
 * it was refused with 429, or no connection was made.
 *
 * @param random gives a number from 0 to below 1
 * @returns the wait in milliseconds, as `delayAfter` has it, or undefined: do not send it again
 */
export function retryDelay(
	cause: Cause,
	{ sent, maxRetries, repeatable }: Attempt,
	random: () => number = Math.random,
): number | undefined {
	if (sent > maxRetries || !isTransient(cause, repeatable)) return undefined;
	return delayAfter(cause, sent, random);
}

/**
 * Tells how long VideoSDK is to be left alone after a failed request, in milliseconds: what
 * Retry-After asks for, at most 60 s; without it, full jitter under a bound that doubles from 0.5 s
 * to 15 s.
 *
 * @param sent how often the request was sent
 * @param random gives a number from 0 to below 1
 */
export function delayAfter(cause: Cause, sent: number, random: () => number = Math.random): number {
	if (cause.kind === 'status' && cause.retryAfter !== undefined) {
		return Math.min(cause.retryAfter, LONGEST_RETRY_AFTER);
	}
	return random() * Math.min(FIRST_BACKOFF * 2 ** (sent - 1), LONGEST_BACKOFF);
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
