import { sleep } from 'n8n-workflow';
import { Allowance } from './allowance';
import { pauseAfter } from './retry';
import type { Stop } from './stop';
import { uptime } from './uptime';

/** Milliseconds without a request after which a governor counts as idle. */
const IDLE_AFTER = 5_000;

/** Milliseconds between two checks of the requests that wait. */
const CHECK_INTERVAL = 100;

/** The most milliseconds added to a pause, so that several n8n processes do not resume at once. */
const JITTER = 100;

/** The order of the queues: requests that were refused before, then new ones, then polls. */
const QUEUES = ['retry', 'new', 'poll'] as const;

/** The order while no request succeeds: one that is refused again and again must not hold up others. */
const QUEUES_OF_PROBES = ['new', 'retry', 'poll'] as const;

type Queue = (typeof QUEUES)[number];

/** A request that waits for its turn. */
export interface Turn {
	/** VideoSDK's name for the endpoint, whose requests all take about the same time. */
	endpoint: string;
	queue: Queue;
	/** The most requests open at once, of those with the same limit. */
	maxConcurrency: number;
	/** When its run began, by `uptime`. */
	since: number;
	/** Milliseconds without a success of any request, after which it waits no longer. */
	giveUpAfter: number;
	/** Ends the waiting. */
	stop: Stop;
}

/** The place of one open request. It is closed once, by one of three outcomes. */
export interface Slot {
	/** VideoSDK answered. */
	succeeded(): void;
	/**
	 * VideoSDK asked to try later.
	 *
	 * @param retryAfter milliseconds, if VideoSDK gave a time
	 */
	refused(retryAfter?: number): void;
	/** There was no answer, or one that says nothing about how much may be sent. */
	ignored(): void;
}

interface Waiting extends Turn {
	end(slot: Slot | 'gaveUp'): void;
}

/**
 * Decides when requests with one API key are sent, for all executions of this n8n process. The
 * Allowance decides how many; here they wait in queues, first come, first served.
 */
export class Governor {
	/** Requests that VideoSDK answered so far. */
	successes = 0;

	private readonly allowance = new Allowance();

	private readonly queues: Record<Queue, Waiting[]> = { retry: [], new: [], poll: [] };

	private open = 0;

	/** Open requests, by their `maxConcurrency`. */
	private readonly openWithin = new Map<number, number>();

	/** When the pause after a refusal is over. */
	private resumeAt = 0;

	private nextStartAt = 0;

	private checkAt = Number.POSITIVE_INFINITY;

	private lastCheck = 0;

	private lastUsed = Number.NEGATIVE_INFINITY;

	/** When a request last succeeded, or the first request after an idle time was made. */
	private lastProgress = 0;

	/** Whether nothing has been open or waiting for a number of milliseconds. */
	isIdleFor(duration: number): boolean {
		return this.open === 0 && this.waiting === 0 && uptime() - this.lastUsed >= duration;
	}

	private get waiting(): number {
		return QUEUES.reduce((sum, queue) => sum + this.queues[queue].length, 0);
	}

	/** Opens a slot at once, for a request that a person or VideoSDK itself waits for. */
	enterNow({ endpoint, maxConcurrency }: Pick<Turn, 'endpoint' | 'maxConcurrency'>): Slot {
		this.use();
		return this.openSlot(endpoint, maxConcurrency);
	}

	/**
	 * Waits for a slot.
	 *
	 * @returns `gaveUp` if no request succeeded for too long
	 * @throws the reason if the waiting is stopped
	 */
	async enter(turn: Turn): Promise<Slot | 'gaveUp'> {
		turn.stop.throwIfStopped();
		this.use();
		return await new Promise<Slot | 'gaveUp'>((resolve, reject) => {
			const stopListening = turn.stop.listen((reason) => {
				this.leaveQueue(waiting);
				reject(reason as Error);
			});
			const waiting: Waiting = {
				...turn,
				end: (slot) => {
					stopListening();
					resolve(slot);
				},
			};
			this.queues[turn.queue].push(waiting);
			this.letIn();
		});
	}

	private use() {
		const now = uptime();
		if (this.isIdleFor(IDLE_AFTER)) {
			this.allowance.begin(now);
			this.lastProgress = now;
		}
		this.lastUsed = now;
	}

	private leaveQueue(waiting: Waiting) {
		const queue = this.queues[waiting.queue];
		queue.splice(queue.indexOf(waiting), 1);
	}

	/** The first request that its `maxConcurrency` allows. */
	private next(): Waiting | undefined {
		for (const queue of this.allowance.isProbing ? QUEUES_OF_PROBES : QUEUES) {
			const next = this.queues[queue].find(
				({ maxConcurrency }) => this.openWithinLimit(maxConcurrency) < maxConcurrency,
			);
			if (next) return next;
		}
		return undefined;
	}

	private openWithinLimit(limit: number): number {
		return this.openWithin.get(limit) ?? 0;
	}

	private letIn() {
		const now = uptime();
		for (let next = this.next(); next; next = this.next()) {
			const { startAt } = this;
			if (startAt > now) break;
			this.allowance.resume(now, this.open);
			if (this.isFull) break;
			this.leaveQueue(next);
			// Requests that a late timer has missed are made up for, within limits.
			this.nextStartAt = Math.max(startAt, now - CHECK_INTERVAL) + this.allowance.interval;
			next.end(this.openSlot(next.endpoint, next.maxConcurrency));
		}
		if (this.waiting > 0) this.scheduleCheck(now);
	}

	/** When the next request may be sent. */
	private get startAt(): number {
		return Math.max(this.resumeAt, this.nextStartAt);
	}

	private get isFull(): boolean {
		return this.open >= this.allowance.atOnce;
	}

	private scheduleCheck(now: number) {
		const { startAt } = this;
		const at = startAt > now ? Math.min(startAt, now + CHECK_INTERVAL) : now + CHECK_INTERVAL;
		if (this.checkAt <= at) return;
		this.checkAt = at;
		void sleep(at - now).then(() => {
			// An earlier check has replaced this one.
			if (this.checkAt !== at) return;
			this.checkAt = Number.POSITIVE_INFINITY;
			this.giveUpOverdue();
			// If n8n was too busy to check in time, it has not seen the responses that arrived meanwhile.
			if (uptime() - at < CHECK_INTERVAL) this.allowMore();
			this.lastCheck = uptime();
			this.letIn();
		});
	}

	private allowMore() {
		const now = uptime();
		const waited = Math.min(now - this.lastCheck, CHECK_INTERVAL);
		const next = this.next();
		if (!next || this.resumeAt > now) return;
		if (this.isFull) this.allowance.heldUp(next.endpoint, now, waited, 'atOnce');
		else this.allowance.heldUp(next.endpoint, now, waited, 'rate');
	}

	/** Gives up requests that have waited too long without a success of any request. */
	private giveUpOverdue() {
		const now = uptime();
		for (const queue of QUEUES) {
			for (const waiting of [...this.queues[queue]]) {
				if (now - Math.max(waiting.since, this.lastProgress) < waiting.giveUpAfter) continue;
				this.leaveQueue(waiting);
				waiting.end('gaveUp');
			}
		}
	}

	private openSlot(endpoint: string, limit: number): Slot {
		const sentAt = uptime();
		const openAtStart = ++this.open;
		this.openWithin.set(limit, this.openWithinLimit(limit) + 1);
		const close = (tell: (now: number) => void) => () => {
			const now = uptime();
			this.lastUsed = now;
			tell(now);
			this.letIn();
		};
		const leave = () => {
			this.open--;
			this.openWithin.set(limit, this.openWithinLimit(limit) - 1);
		};
		return {
			succeeded: close((now) => {
				this.successes++;
				this.lastProgress = now;
				this.allowance.succeeded(endpoint, sentAt, now, Math.min(openAtStart, this.open));
				leave();
			}),
			refused: (retryAfter) =>
				close((now) => {
					leave();
					this.allowance.refused(sentAt, now, openAtStart - 1, this.waiting > 0);
					const pause = pauseAfter(this.allowance.refusalsInARow, retryAfter);
					this.resumeAt = Math.max(this.resumeAt, now + pause + Math.random() * JITTER);
				})(),
			ignored: close(leave),
		};
	}
}

/** Milliseconds for which a governor is kept while it is not used. */
const MEMORY = 600_000;

/** The most governors that are kept, unless more are in use. */
const MOST_GOVERNORS = 100;

const governors = new Map<string, Governor>();

/**
 * Returns the governor of all requests to one base URL with one API key, from all workflows. In queue
 * mode each worker has its own.
 */
export function governorOf(baseUrl: string, apiKey: string): Governor {
	const key = `${baseUrl.trim().replace(/\/+$/, '')} ${apiKey.trim()}`;
	const governor = governors.get(key) ?? new Governor();
	// The last in the map is the one that was used last.
	governors.delete(key);
	for (const [other, known] of governors) {
		if (known.isIdleFor(governors.size < MOST_GOVERNORS ? MEMORY : 0)) governors.delete(other);
	}
	governors.set(key, governor);
	return governor;
}
