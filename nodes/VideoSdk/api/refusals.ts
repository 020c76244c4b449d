import type { Cause } from './failure';
import type { Governor } from './governor';
import { uptime } from './uptime';

/**
 * Refusals in a row, each after successes of other requests, that concern one request alone: it then
 * waits, but does not slow down others.
 */
const ALONE_AFTER = 2;

/** The refusals of one request. */
export class Refusals {
	count = 0;

	/** Of the last refusal. */
	cause?: Cause;

	private firstAt = 0;

	private successesAtLast = -1;

	/** Refusals in a row, each after successes of other requests. */
	private despiteSuccesses = 0;

	/** @param governor counts the requests that succeed */
	constructor(private readonly governor: Governor) {}

	add(cause: Cause): void {
		const { successes } = this.governor;
		this.despiteSuccesses = successes > this.successesAtLast ? this.despiteSuccesses + 1 : 0;
		this.successesAtLast = successes;
		if (this.count === 0) this.firstAt = uptime();
		this.count++;
		this.cause = cause;
	}

	/** Whether they concern this request alone, and say nothing about how much may be sent. */
	get concernItAlone(): boolean {
		return this.despiteSuccesses >= ALONE_AFTER;
	}

	/** Milliseconds from the first refusal to the present. */
	get duration(): number {
		return this.count === 0 ? 0 : uptime() - this.firstAt;
	}
}
