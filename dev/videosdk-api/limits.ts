import { ApiError } from './answer';
import type { Options } from './options';

/** The statuses that throttle a request. */
export const throttledStatuses: readonly number[] = [429, 503];

const messages = { 429: 'Too many requests', 503: 'Service unavailable' };

/** How many requests are let in, at once and in a window of time. */
export class Limits {
	#inside = 0;
	#windowStart = -Infinity;
	#inWindow = 0;

	constructor(private readonly options: Options) {}

	/**
	 * Lets a request in; it has to `leave`.
	 * Assumed: a request that is refused counts for no limit.
	 * @throws ApiError `throttledStatus` when it is over a limit
	 */
	enter(): void {
		const { maxAtOnce = Infinity } = this.options;
		if (this.#inside >= maxAtOnce || this.#isOverLimitOfWindow()) throw this.#throttled();
		this.#inside += 1;
		this.#inWindow += 1;
	}

	/** Ends the work on a request that was let in. */
	leave(): void {
		this.#inside -= 1;
	}

	#isOverLimitOfWindow(): boolean {
		const { limit } = this.options;
		if (!limit) return false;
		const now = performance.now();
		if (now - this.#windowStart >= limit.perMs) {
			this.#windowStart = now;
			this.#inWindow = 0;
		}
		return this.#inWindow >= limit.requests;
	}

	#throttled(): ApiError {
		const { throttledStatus = 429, retryAfterSeconds } = this.options;
		const headers: Record<string, string> =
			retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
		return new ApiError(throttledStatus, messages[throttledStatus], headers);
	}
}
