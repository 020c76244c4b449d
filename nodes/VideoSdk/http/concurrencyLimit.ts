/** Requests that may be open before anything is known of VideoSDK's limits, and the step by which more may. */
const STEP = 50;

/** Milliseconds for which requests have to be held up before more may be open, until one is throttled. */
const STEP_TIME = 100;

/** The same once a request was throttled. Then one more may be open, or below 1 one fall is undone. */
const CAREFUL_STEP_TIME = 5_000;

/** The least share of throttled requests that shows a limit. Fewer may be chance. */
const LEAST_SHARE = 0.2;

/** The same where only one request at a time may be open: a limit on time then throttles few. */
const LEAST_SHARE_ONE_BY_ONE = 0.08;

/** So many throttled requests, sent one right after the other, show a limit too: chance does not hit so close. */
const LEAST_IN_A_ROW = 5;

/** What the limit is multiplied by if a request is throttled although no other is open: it is one on time. */
const FALL = 0.7;

/** It never falls below this. */
const LOWEST = 0.1;

/** The most milliseconds of rest after a response. */
const LONGEST_REST = 500;

/** The weight of one answer in the share of throttled requests: about the last fifty count. */
const WEIGHT = 0.02;

/**
 * How many requests may be open. VideoSDK documents no limits, so this one number follows its answers
 * (AIMD, as in Netflix's concurrency-limits). Until a request is throttled, it grows fast. From then on it
 * grows by one, and loses that one if a request is throttled after it. If many are throttled, it falls to
 * what VideoSDK accepted together with them. If one at a time is too many, as under a limit of requests per
 * second, it falls below 1, and the queue rests after each response, so that a request is open for this
 * share of the time, or for more if responses are slow. Durations are in milliseconds, times by `uptime`.
 */
export class ConcurrencyLimit {
	private limit = STEP;

	/** Throttled requests in a row, each of them sent after the one before was throttled. */
	throttledInARow = 0;

	private lastThrottled = Number.NEGATIVE_INFINITY;

	/** Other requests that were open when the first of those that were throttled together was sent. */
	private openBefore = 0;

	/** The same when its answer came. Both stay while no request succeeds. */
	private openAfter = 0;

	/** Requests that were throttled together. */
	private together = 0;

	/** The share of throttled requests among the latest. */
	private share = 0;

	/** Begins below zero, since the first throttled answers take a moment longer to arrive. */
	private heldUpFor = -STEP_TIME;

	/** The limit before it last grew slowly. A throttled request brings it back. */
	private beforeGrowth = Number.POSITIVE_INFINITY;

	/** The most requests that may be open. */
	get current(): number {
		return this.isProbing ? 1 : Math.ceil(this.limit);
	}

	/** Whether no request succeeds: then one at a time checks whether VideoSDK accepts requests again. */
	get isProbing(): boolean {
		return this.throttledInARow > 1;
	}

	/** Whether a request was ever throttled. */
	get isCareful(): boolean {
		return Number.isFinite(this.lastThrottled);
	}

	/**
	 * VideoSDK answered a request.
	 *
	 * @param took the time for which it was open
	 * @returns the time for which the queue should rest now
	 */
	succeeded(took: number): number {
		this.throttledInARow = 0;
		this.share -= WEIGHT * this.share;
		if (this.limit >= 1) return 0;
		return Math.min(took / this.limit - took, LONGEST_REST);
	}

	/**
	 * VideoSDK throttled a request.
	 *
	 * @param openBefore other requests that were open when it was sent
	 * @param openAfter other requests that are open now
	 */
	throttled(sentAt: number, now: number, openBefore: number, openAfter: number): void {
		const { limit } = this;
		this.share += WEIGHT * (1 - this.share);
		// Requests that were open together are throttled by the same limit. The first shows it.
		if (sentAt > this.lastThrottled) {
			// One that checks whether VideoSDK accepts requests again is alone, and shows no limit.
			if (this.throttledInARow === 0) {
				this.openBefore = openBefore;
				this.openAfter = openAfter;
				const leastShare = limit > 1 ? LEAST_SHARE : LEAST_SHARE_ONE_BY_ONE;
				if (openBefore === 0 && this.share >= leastShare) {
					this.limit = Math.max(LOWEST, FALL * limit);
				}
			}
			this.throttledInARow++;
			this.lastThrottled = now;
			this.together = 0;
		}
		this.together++;
		this.limit = Math.min(this.limit, this.beforeGrowth);
		this.beforeGrowth = Number.POSITIVE_INFINITY;
		this.heldUpFor = 0;
		const areInARow =
			this.together >= LEAST_IN_A_ROW && openBefore - this.openBefore <= this.together;
		// Where no other was open, their number says nothing: it is chance, an outage, or a limit on time.
		if ((this.share >= LEAST_SHARE || areInARow) && this.openBefore > 0) {
			// A busy n8n reads answers late and counts what was answered as open. Those that stay open were
			// accepted. If hardly any do, it is an outage or a limit on time: then half is taken away at most.
			const accepted = this.openAfter + 1 - this.together;
			const least = Math.ceil(this.openBefore / 2);
			this.limit = Math.min(this.limit, this.openBefore, Math.max(least, accepted));
		}
		// The share was measured at a higher limit. It has to be measured again.
		if (this.limit < limit && this.limit <= 1) {
			this.share = Math.min(this.share, LEAST_SHARE_ONE_BY_ONE / 2);
		}
	}

	/** Requests have waited for others to finish, for so long since the last call. */
	heldUp(duration: number): void {
		if (this.throttledInARow > 0) return;
		this.heldUpFor += duration;
		if (this.heldUpFor < (this.isCareful ? CAREFUL_STEP_TIME : STEP_TIME)) return;
		this.heldUpFor = 0;
		if (this.isCareful) this.beforeGrowth = this.limit;
		if (this.limit < 1) this.limit = Math.min(1, this.limit / FALL);
		else this.limit += this.isCareful ? 1 : STEP;
	}
}
