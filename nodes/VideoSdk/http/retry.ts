import type { Cause } from './failure';

/** The longest Retry-After that is obeyed, in milliseconds. */
const LONGEST_RETRY_AFTER = 60_000;

const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 15_000;

/**
 * Any server error may be temporary: gateways have numbers of their own, such as 520 to 524. But what is
 * not implemented (501), or in an unknown version of HTTP (505), stays so.
 */
export const isTemporaryStatus = (status: number) =>
	[408, 425].includes(status) || (status >= 500 && ![501, 505].includes(status));

/** What is done after a failed request: it is sent again when VideoSDK allows, retried, or given up. */
type NextStep = 'later' | 'again' | 'fail';

/** What the decision depends on, besides the cause. */
interface Attempt {
	/** Retries so far, without those after it was throttled. */
	retries: number;
	/** The most retries. With 0, the request is sent once, even if it is throttled. */
	maxRetries: number;
	/** Whether it is harmless to send the request twice. */
	idempotent: boolean;
}

/** Whether VideoSDK asks to try again later, which holds for all requests to it. */
export function isThrottled(cause: Cause): boolean {
	return cause.kind === 'status' && (cause.status === 429 || cause.status === 503);
}

function isTemporary(cause: Cause): boolean {
	if (cause.kind === 'status') return isTemporaryStatus(cause.status);
	return cause.kind === 'broken' || cause.kind === 'timeout';
}

/**
 * Whether the same request may succeed later without a change of anything in n8n. A host name that does not
 * exist is more likely a typing error than an outage.
 */
export function mayPass(cause: Cause): boolean {
	if (cause.kind === 'unreachable') return cause.code !== 'ENOTFOUND';
	return cause.kind === 'gaveUp' || isThrottled(cause) || isTemporary(cause);
}

/**
 * Decides what is done after a failed request.
 *
 * A throttled request is sent again later, and that does not count as a retry. A request that is not
 * idempotent is sent again only if it certainly did nothing: VideoSDK throttled it with 429, or there was
 * no connection.
 */
export function nextStep(cause: Cause, { retries, maxRetries, idempotent }: Attempt): NextStep {
	if (maxRetries === 0) return 'fail';
	if (isThrottled(cause) && (idempotent || (cause.kind === 'status' && cause.status === 429))) {
		return 'later';
	}
	const mayHelp = cause.kind === 'unreachable' || (idempotent && isTemporary(cause));
	return mayHelp && retries < maxRetries ? 'again' : 'fail';
}

/**
 * Computes how long to wait before a request is sent again: a random time up to a bound that doubles
 * from 0.5 s to 15 s, but at least as long as Retry-After asks for.
 *
 * @param failures how often the request failed in this way
 * @param random returns a number from 0 to below 1
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

/** The Retry-After of a failed answer, in milliseconds. */
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
	// Date.parse takes nearly any text for a date; an HTTP date begins with the name of a day.
	const date = /^[A-Z][a-z]{2,}, /.test(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
