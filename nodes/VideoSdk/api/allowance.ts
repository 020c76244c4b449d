/** Requests that may be open at once before anything is known of VideoSDK's limits. */
const FIRST_LIMIT = 50;

/** Until a request is refused: how many more may be open after each step, and milliseconds between steps. */
const STEP = 50;
const STEP_TIME = 100;

/** Milliseconds between two steps after a refusal. */
const CAREFUL_STEP_TIME = 1_000;

/**
 * Milliseconds for which requests have to be held up without a refusal before more are allowed. The
 * time doubles whenever more were too many.
 */
const SHORTEST_CALM = 3_000;
const LONGEST_CALM = 20_000;

/** Steps without a refusal after which the limit that was found no longer applies. */
const STEPS_TO_FORGET = 6;

/** Milliseconds without an answer after which the number of open requests is not raised. */
const LONGEST_SILENCE = 2_000;

/** Milliseconds over which the throughput is measured. The newest requests count most. */
const FLOW_TIME = 5_000;

/** Milliseconds of sending before the throughput can be measured. */
const SHORTEST_MEASURE = 1_000;

/** The least share of refusals among requests that shows a limit. */
const LEAST_SHARE = 0.2;

/** A refusal while at least this share of the proven number was open shows a limit on open requests. */
const ABOUT_AS_MANY = 0.75;

/** The lowest rate, in requests a second. */
const LOWEST_RATE = 0.5;

/** Milliseconds after which the fastest answer of an endpoint is measured again. */
const LATENCY_MEMORY = 60_000;

/** Milliseconds between two requests after a refusal, so that no two start together. */
const SHORTEST_INTERVAL = 2;

/** The state at the first of several refusals, which shows what kind of limit there is. */
interface Lesson {
	/** Other requests that were open when the refused one was sent. */
	others: number;
	/** The proven number of open requests, see `Allowance.proven`. */
	proven: number;
	/** Whether other requests waited. */
	isHeldUp: boolean;
	/** Successes a second, and milliseconds over which they were counted. */
	throughput: number;
	measured: number;
}

interface Latency {
	/** Milliseconds. */
	fastest: number;
	usual: number;
	since: number;
	lastAnswer: number;
}

/**
 * How many requests may be sent at present. VideoSDK documents no limits, so they are learned from its
 * answers.
 *
 * Until a request is refused, more and more may be open at once, unless answers get slower. A refusal
 * while about as many were open as have ever succeeded shows a limit on open requests: from then on,
 * only as many as were open before it may be open. A refusal while fewer were open shows a limit on
 * requests per time: from then on, requests are sent as fast as they have succeeded. After some time
 * without a refusal a few more are allowed, and more each second. All times are by `uptime`.
 */
export class Allowance {
	private limit = FIRST_LIMIT;

	/** Requests a second that may be sent. */
	private rate = Number.POSITIVE_INFINITY;

	/** Refusals without a success in between. */
	refusalsInARow = 0;

	private lastRefusal?: number;

	/** The proven number: the most requests that were open at a success since the last refusal. */
	private proven = 0;

	private lesson?: Lesson;

	/** Decaying counts, for the throughput and the share of refusals. */
	private readonly flow = { successes: 0, refusals: 0, at: 0, from: 0 };

	private readonly growth = { calm: 0, neededCalm: SHORTEST_CALM, nextAt: 0, steps: 0 };

	/** What was allowed before the present steps. */
	private known = { limit: FIRST_LIMIT, rate: Number.POSITIVE_INFINITY };

	private readonly latencies = new Map<string, Latency>();

	/** Whether no request succeeds: then one at a time checks whether VideoSDK accepts requests again. */
	get isProbing(): boolean {
		return this.refusalsInARow > 1;
	}

	/** Requests that may be open at once. */
	get atOnce(): number {
		return this.isProbing ? 1 : Math.floor(this.limit);
	}

	/** Milliseconds between two requests. */
	get interval(): number {
		return this.lastRefusal === undefined ? 0 : Math.max(SHORTEST_INTERVAL, 1_000 / this.rate);
	}

	/** The first request after an idle time, which must not count for the throughput. */
	begin(now: number): void {
		Object.assign(this.flow, { successes: 0, refusals: 0, at: now, from: now });
		// The first refusals need a moment longer to arrive.
		Object.assign(this.growth, { calm: -STEP_TIME, nextAt: this.growth.neededCalm });
	}

	/**
	 * A request was answered.
	 *
	 * @param endpoint whose requests all take about the same time
	 * @param open requests that were open with it, both at its start and at its end
	 */
	succeeded(endpoint: string, sentAt: number, now: number, open: number): void {
		this.refusalsInARow = 0;
		this.proven = Math.max(this.proven, open);
		this.decay(now);
		this.flow.successes++;
		this.measure(endpoint, now - sentAt, now);
	}

	/**
	 * A request was refused.
	 *
	 * @param others other requests that were open when it was sent
	 * @param isHeldUp whether other requests wait
	 */
	refused(sentAt: number, now: number, others: number, isHeldUp: boolean): void {
		this.decay(now);
		this.flow.refusals++;
		// A request that was open at the last refusal only shows the same limit.
		if (this.lastRefusal !== undefined && sentAt <= this.lastRefusal) return;
		// Refusals without a success in between show the same limit too.
		if (this.refusalsInARow === 0 && !this.lesson) {
			this.lesson = {
				others,
				proven: this.proven,
				isHeldUp,
				throughput: this.throughput(now),
				measured: now - this.flow.from,
			};
			this.proven = 0;
		}
		this.refusalsInARow++;
		this.lastRefusal = now;
	}

	/**
	 * The pause after a refusal is over. Only now is it known whether there is a limit: a limit refuses
	 * many requests, a chance refusal is one of few.
	 *
	 * @param open requests that are still open, and so were not refused
	 */
	resume(now: number, open: number): void {
		if (!this.lesson) return;
		this.decay(now);
		this.learn(this.lesson, open);
		this.lesson = undefined;
	}

	private learn({ others, proven, isHeldUp, throughput, measured }: Lesson, open: number) {
		const { flow, growth } = this;
		if (growth.steps > 0) {
			this.limit = Math.min(this.limit, this.known.limit);
			this.rate = Math.min(this.rate, this.known.rate);
			growth.neededCalm = Math.min(2 * growth.neededCalm, LONGEST_CALM);
		}
		growth.calm = 0;
		growth.nextAt = growth.neededCalm;
		growth.steps = 0;
		// A few refusals among many requests do not show a limit. The pause after each is enough.
		if (flow.refusals < LEAST_SHARE * (flow.refusals + flow.successes + open)) {
			this.proven = Math.max(this.proven, proven);
			return;
		}
		if (others > 0 && others >= ABOUT_AS_MANY * proven) {
			this.limit = Math.min(this.limit, Math.max(others, open));
		} else if (others < proven && isHeldUp && measured >= SHORTEST_MEASURE) {
			// More open requests have succeeded before, so the limit is on requests per time.
			const least = Number.isFinite(this.rate) ? this.rate / 2 : LOWEST_RATE;
			this.rate = Math.min(this.rate, Math.max(least, LOWEST_RATE, throughput));
		}
	}

	/** Recent successes a second. */
	private throughput(now: number): number {
		const { successes, from } = this.flow;
		const measured = Math.max(now - from, SHORTEST_MEASURE);
		const weight = FLOW_TIME * (1 - Math.exp(-measured / FLOW_TIME));
		return (1_000 * successes) / weight;
	}

	private decay(now: number) {
		const { flow } = this;
		const left = Math.exp((flow.at - now) / FLOW_TIME);
		flow.successes *= left;
		flow.refusals *= left;
		flow.at = now;
	}

	private measure(endpoint: string, took: number, now: number) {
		const known = this.latencies.get(endpoint);
		const isFresh = known !== undefined && now - known.since < LATENCY_MEMORY;
		this.latencies.set(endpoint, {
			fastest: isFresh ? Math.min(known.fastest, took) : took,
			usual: known ? known.usual + (took - known.usual) / 10 : took,
			since: isFresh ? known.since : now,
			lastAnswer: now,
		});
	}

	/**
	 * A request has to wait for others to finish, or because of the rate. Has to be called often while
	 * that is so; allows more after some time.
	 *
	 * @param waited milliseconds since the last call
	 * @param by what the request waits for
	 */
	heldUp(endpoint: string, now: number, waited: number, by: 'atOnce' | 'rate'): void {
		const { growth } = this;
		growth.calm += waited;
		if (this.refusalsInARow > 0) return;
		if (this.lastRefusal === undefined) {
			if (growth.calm < STEP_TIME || this.isSlower(endpoint, now)) return;
			growth.calm = 0;
			this.limit += STEP;
			return;
		}
		if (growth.calm < growth.nextAt) return;
		growth.nextAt += CAREFUL_STEP_TIME;
		if (growth.steps === 0) this.known = { limit: this.limit, rate: this.rate };
		const factor = 2 ** growth.steps++;
		if (by === 'rate') this.rate *= Math.min(2, 1 + factor / 10);
		else if (!this.isSlower(endpoint, now)) this.limit += factor;
		if (growth.steps > STEPS_TO_FORGET) this.forget();
	}

	private forget() {
		this.lastRefusal = undefined;
		this.rate = Number.POSITIVE_INFINITY;
		this.growth.neededCalm = SHORTEST_CALM;
		this.growth.steps = 0;
	}

	/** Whether answers take longer than before, or have stopped. */
	private isSlower(endpoint: string, now: number): boolean {
		const known = this.latencies.get(endpoint);
		const lastAnswer = known?.lastAnswer ?? this.flow.from;
		if (now - lastAnswer > LONGEST_SILENCE) return true;
		return known !== undefined && known.usual > 2 * known.fastest + 100;
	}
}
