/** Requests that may be open at once while nothing is known. */
const FIRST_LIMIT = 50;

/** Requests more at each step while nothing was refused, and milliseconds between the steps. */
const STEP = 50;
const STEP_TIME = 100;

/** Milliseconds between two steps once something was refused. */
const CAREFUL_STEP_TIME = 1_000;

/**
 * Milliseconds that requests have to be held up without a refusal before more is tried. It doubles
 * each time that more was too much.
 */
const SHORTEST_CALM = 3_000;
const LONGEST_CALM = 20_000;

/** Steps without a refusal after which the limit that was found is taken to be gone. */
const STEPS_TO_FORGET = 6;

/** Milliseconds without an answer after which no more requests are sent after those that wait. */
const LONGEST_SILENCE = 2_000;

/** Milliseconds over which the throughput is measured; the newest requests count most. */
const FLOW_TIME = 5_000;

/** Milliseconds of sending before it can be measured. */
const SHORTEST_MEASURE = 1_000;

/** The share of refusals among requests from which they tell of a limit. */
const LEAST_SHARE = 0.2;

/** The share of requests that succeeded at once from which a refusal is about how many are open. */
const ABOUT_AS_MANY = 0.75;

/** Requests a second. */
const LOWEST_RATE = 0.5;

/** Milliseconds after which the time that requests to an endpoint take is measured anew. */
const LATENCY_MEMORY = 60_000;

/** Milliseconds between two requests once something was refused: no two start together. */
const SHORTEST_INTERVAL = 2;

/** What the first of some refusals tells. */
interface Lesson {
	/** Requests that were open when it was sent. */
	others: number;
	/** The most that were open at a success between the refusal before and this one. */
	proven: number;
	/** Whether others waited. */
	isHeldUp: boolean;
	/** Successes in a second until then, and milliseconds over which they were counted. */
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
 * How much may be sent to a VideoSDK at present, learned from what it answered.
 *
 * VideoSDK documents no limits, so they are found. While nothing was refused, more requests may be
 * open as time goes by, unless answers get slower. A refusal where more were open than ever came
 * through tells of a limit on requests at once: as many are allowed as were open before it. One where
 * fewer were open tells of a limit over time: requests are then sent at the rate at which they came
 * through. After a calm time a little more is tried, and more each second. All times are milliseconds
 * since 1970.
 */
export class Allowance {
	private limit = FIRST_LIMIT;

	/** Requests a second. */
	private rate = Number.POSITIVE_INFINITY;

	/** Refusals without a success in between. */
	refusalsInARow = 0;

	private lastRefusal?: number;

	/** The most requests that were open at a success since the last refusal. */
	private proven = 0;

	private lesson?: Lesson;

	/** Decaying counts, from which the throughput and the share of refusals are computed. */
	private readonly flow = { successes: 0, refusals: 0, at: 0, from: 0 };

	private readonly growth = { calm: 0, neededCalm: SHORTEST_CALM, nextAt: 0, steps: 0 };

	/** What was allowed before more was tried. */
	private known = { limit: FIRST_LIMIT, rate: Number.POSITIVE_INFINITY };

	private readonly latencies = new Map<string, Latency>();

	/** Whether no request succeeds: then one at a time tries whether VideoSDK is back. */
	get isProbing(): boolean {
		return this.refusalsInARow > 1;
	}

	/** Requests that may be open at once. */
	get atOnce(): number {
		return this.isProbing ? 1 : Math.floor(this.limit);
	}

	/** Milliseconds to leave between two requests. */
	get interval(): number {
		return this.lastRefusal === undefined ? 0 : Math.max(SHORTEST_INTERVAL, 1_000 / this.rate);
	}

	/** Requests begin after a time without any, from which nothing is to be measured. */
	begin(now: number): void {
		Object.assign(this.flow, { successes: 0, refusals: 0, at: now, from: now });
		// The first refusals are given a moment longer to arrive.
		Object.assign(this.growth, { calm: -STEP_TIME, nextAt: this.growth.neededCalm });
	}

	/**
	 * A request was answered.
	 *
	 * @param endpoint requests to one endpoint take about the same time
	 * @param open requests that were open with it, at its start and at its end
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
	 * @param others requests that were open when it was sent
	 * @param isHeldUp whether others wait
	 */
	refused(sentAt: number, now: number, others: number, isHeldUp: boolean): void {
		this.decay(now);
		this.flow.refusals++;
		// What was open at the last refusal tells of the time before it.
		if (this.lastRefusal !== undefined && sentAt <= this.lastRefusal) return;
		// While no request succeeds, there is nothing to learn but that.
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
	 * The pause after a refusal is over. What it tells is known only now: a limit has refused others
	 * with it, chance has not.
	 *
	 * @param open requests that are still open, so were not refused
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
		// A few refusals among many requests are no limit, and the pause after each is enough.
		if (flow.refusals < LEAST_SHARE * (flow.refusals + flow.successes + open)) {
			this.proven = Math.max(this.proven, proven);
			return;
		}
		if (others > 0 && others >= ABOUT_AS_MANY * proven) {
			this.limit = Math.min(this.limit, Math.max(others, open));
		} else if (others < proven && isHeldUp && measured >= SHORTEST_MEASURE) {
			// More at once were no problem before, so it is about how many there are in a time.
			const least = Number.isFinite(this.rate) ? this.rate / 2 : LOWEST_RATE;
			this.rate = Math.min(this.rate, Math.max(least, LOWEST_RATE, throughput));
		}
	}

	/** Successes in a second, of late. */
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
	 * A request has to wait, because of the number of those that are open or because of the rate. Is
	 * to be told often, and allows more after a while.
	 *
	 * @param waited milliseconds since it was told last
	 * @param by what holds it up
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

	/** Whether answers take longer than they did, or do not come. */
	private isSlower(endpoint: string, now: number): boolean {
		const known = this.latencies.get(endpoint);
		const lastAnswer = known?.lastAnswer ?? this.flow.from;
		if (now - lastAnswer > LONGEST_SILENCE) return true;
		return known !== undefined && known.usual > 2 * known.fastest + 100;
	}
}
