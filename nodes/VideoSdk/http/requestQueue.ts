import { sleep } from 'n8n-workflow';
import { ConcurrencyLimit } from './concurrencyLimit';
import { pauseAfter } from './retry';
import type { Cancellation } from './cancellation';
import { uptime } from '../shared/uptime';
import { credentialText } from '../shared/visible';

/** Milliseconds without a request after which a queue counts as idle. */
const IDLE_AFTER = 5_000;

/** Milliseconds between two checks of the requests that wait. */
const CHECK_INTERVAL = 100;

/** Milliseconds without an answer after which no more requests may be open than before. */
const LONGEST_SILENCE = 2_000;

/** Milliseconds between two requests once one was throttled: the first after a pause shows early if it was too short. */
const INTERVAL = 2;

/** The most milliseconds added to a pause, so that several n8n processes do not resume together. */
const JITTER = 100;

/** How often a request is throttled, each time after others succeeded, until only it pauses for that. */
const ALONE_AFTER = 3;

/** What the queue knows of a request. */
interface Traits {
	/** Whether it goes only when no others wait: a poll of a status, or a page that is read ahead. */
	letsOthersFirst?: boolean;
	/** The node that sends it. */
	node: string;
	/** The most open requests of this node, in all its executions together. */
	maxConcurrency: number;
	/** When its run began, by `uptime`. */
	since: number;
	/** Milliseconds without a success of any request, after which it waits no longer. */
	giveUpAfter: number;
}

/** A request with its place in the queue, which it keeps when it is throttled. */
export class QueuedRequest {
	/** How often it was throttled. */
	throttled = 0;

	/** How often in a row it was throttled after others had succeeded. */
	private despiteSuccesses = 0;

	private successesAtLast = -1;

	/** Ends its present waiting. */
	end: (permit: Permit | 'gaveUp') => void = () => {};

	/** @param place its number in the order of arrival */
	constructor(
		readonly traits: Traits,
		readonly place: number,
	) {}

	/**
	 * Counts that it was throttled.
	 *
	 * @param successes of all requests so far
	 * @returns whether that concerns it alone, such as a session that VideoSDK never accepts a request for
	 */
	countThrottled(successes: number): boolean {
		this.throttled++;
		this.despiteSuccesses = successes > this.successesAtLast ? this.despiteSuccesses + 1 : 0;
		this.successesAtLast = successes;
		return this.despiteSuccesses >= ALONE_AFTER;
	}
}

/** The permission to send a request. It is closed once, by one of three outcomes. */
export interface Permit {
	/** VideoSDK answered. */
	succeeded(): void;
	/**
	 * VideoSDK asked to try later.
	 *
	 * @param retryAfter milliseconds, if VideoSDK gave a time
	 */
	throttled(retryAfter?: number): void;
	/** There was no answer, or one that says nothing about how much may be sent. */
	ignored(): void;
}

/**
 * Decides when requests with one API key are sent, for all executions of this n8n process: first come,
 * first served, as many as the ConcurrencyLimit allows. A request passes another only if that one's node
 * has reached its own limit, or it lets others go first, or pauses before it is retried.
 */
export class RequestQueue {
	/** Requests that VideoSDK answered so far. */
	successes = 0;

	private readonly limit = new ConcurrencyLimit();

	private readonly work: QueuedRequest[] = [];

	private readonly polls: QueuedRequest[] = [];

	private placesTaken = 0;

	private open = 0;

	private readonly openByNode = new Map<string, number>();

	/** When the next request may be sent, after one was sent or throttled. */
	private resumeAt = 0;

	/** Until when the queue rests after a response, since one request at a time is too many. */
	private restUntil = 0;

	private checkAt = Number.POSITIVE_INFINITY;

	private lastCheck = 0;

	private nextOverdueCheck = 0;

	private lastUsed = Number.NEGATIVE_INFINITY;

	private lastAnswer = 0;

	/** When a request last succeeded, or the first request after an idle time was made. */
	private lastProgress = 0;

	/** Whether nothing has been open or waiting for a number of milliseconds. */
	isIdleFor(duration: number): boolean {
		return this.open + this.waiting === 0 && uptime() - this.lastUsed >= duration;
	}

	/** Takes the place at the end of the queue, for all times that the request is sent. */
	takePlace(traits: Traits): QueuedRequest {
		return new QueuedRequest(traits, this.placesTaken++);
	}

	/** Permits a request that a person or VideoSDK itself waits for, without a look at the queue. */
	enterNow(request: QueuedRequest): Permit {
		this.use();
		// A rest after each of many events would leave the queue no time.
		return this.permit(request, { rests: false });
	}

	/**
	 * Waits until a request may be sent.
	 *
	 * @param stop ends the waiting
	 * @returns `gaveUp` if no request succeeded for too long
	 * @throws the reason if the waiting is stopped
	 */
	async enter(request: QueuedRequest, stop: Cancellation): Promise<Permit | 'gaveUp'> {
		stop.throwIfStopped();
		this.use();
		return await new Promise<Permit | 'gaveUp'>((resolve, reject) => {
			const stopListening = stop.listen((reason) => {
				this.leave(request);
				reject(reason as Error);
			});
			request.end = (permit) => {
				stopListening();
				resolve(permit);
			};
			const queue = this.queueOf(request);
			queue.splice(queue.findLastIndex(({ place }) => place < request.place) + 1, 0, request);
			this.letIn();
		});
	}

	private get waiting(): number {
		return this.work.length + this.polls.length;
	}

	private use() {
		const now = uptime();
		if (this.isIdleFor(IDLE_AFTER)) this.lastProgress = now;
		this.lastUsed = now;
	}

	private queueOf({ traits }: QueuedRequest): QueuedRequest[] {
		return traits.letsOthersFirst ? this.polls : this.work;
	}

	private leave(request: QueuedRequest) {
		const queue = this.queueOf(request);
		queue.splice(queue.indexOf(request), 1);
	}

	/** The first request that its node's own limit allows. */
	private next(): QueuedRequest | undefined {
		const mayGo = ({ traits }: QueuedRequest) =>
			(this.openByNode.get(traits.node) ?? 0) < traits.maxConcurrency;
		for (const queue of [this.work, this.polls]) {
			const first = queue.find(mayGo);
			if (!first) continue;
			if (!this.limit.isProbing) return first;
			// One that is throttled again and again must not keep others from trying.
			return queue
				.filter(mayGo)
				.reduce((one, other) => (other.throttled < one.throttled ? other : one));
		}
		return undefined;
	}

	private letIn() {
		const now = uptime();
		while (this.sendAt <= now && !this.isFull) {
			const next = this.next();
			if (!next) break;
			if (this.limit.isCareful) this.resumeAt = now + INTERVAL;
			this.leave(next);
			next.end(this.permit(next, { rests: true }));
		}
		if (this.waiting > 0) this.scheduleCheck(now);
	}

	private get sendAt(): number {
		return Math.max(this.resumeAt, this.restUntil);
	}

	private get isFull(): boolean {
		return this.open >= this.limit.current;
	}

	private scheduleCheck(now: number) {
		const latest = now + CHECK_INTERVAL;
		const at = this.sendAt > now ? Math.min(this.sendAt, latest) : latest;
		if (this.checkAt <= at) return;
		this.checkAt = at;
		// A timer takes whole milliseconds, and must not end too early.
		void sleep(Math.ceil(at - now)).then(() => {
			// An earlier check has replaced this one.
			if (this.checkAt === at) this.check();
		});
	}

	private check() {
		const now = uptime();
		// If n8n was too busy to check in time, it has not seen the responses that arrived meanwhile.
		const isInTime = now - this.checkAt < CHECK_INTERVAL;
		const isAnswered = now - this.lastAnswer <= LONGEST_SILENCE;
		const isHeldUp = this.isFull || this.restUntil > this.lastCheck;
		if (isInTime && isAnswered && this.resumeAt <= now && isHeldUp && this.next()) {
			this.limit.heldUp(Math.min(now - this.lastCheck, CHECK_INTERVAL));
		}
		this.checkAt = Number.POSITIVE_INFINITY;
		this.lastCheck = now;
		this.giveUpOverdue(now);
		this.letIn();
	}

	/** Gives up requests that have waited too long without a success of any request. */
	private giveUpOverdue(now: number) {
		// While VideoSDK throttles, checks come each 2 ms, and thousands may wait.
		if (now < this.nextOverdueCheck) return;
		this.nextOverdueCheck = now + CHECK_INTERVAL;
		for (const request of [...this.work, ...this.polls]) {
			const { since, giveUpAfter } = request.traits;
			if (now - Math.max(since, this.lastProgress) < giveUpAfter) continue;
			this.leave(request);
			request.end('gaveUp');
		}
	}

	private permit(request: QueuedRequest, { rests }: { rests: boolean }): Permit {
		const sentAt = uptime();
		const { node } = request.traits;
		// The silence of a VideoSDK that was asked nothing says nothing.
		if (this.open === 0) this.lastAnswer = sentAt;
		const openBefore = this.open++;
		this.openByNode.set(node, (this.openByNode.get(node) ?? 0) + 1);
		const close = (tell: (now: number) => void) => {
			const now = uptime();
			this.open--;
			const openOfNode = (this.openByNode.get(node) ?? 0) - 1;
			if (openOfNode > 0) this.openByNode.set(node, openOfNode);
			else this.openByNode.delete(node);
			this.lastUsed = now;
			tell(now);
			this.letIn();
		};
		const succeeded = (now: number) => {
			this.successes++;
			this.lastAnswer = now;
			this.lastProgress = now;
			const rest = this.limit.succeeded(now - sentAt);
			if (rests) this.restUntil = now + rest;
		};
		const throttled = (now: number, retryAfter?: number) => {
			this.lastAnswer = now;
			if (request.countThrottled(this.successes)) return;
			this.limit.throttled(sentAt, now, openBefore, this.open);
			const pause = pauseAfter(this.limit.throttledInARow, retryAfter) + Math.random() * JITTER;
			this.resumeAt = Math.max(this.resumeAt, now + pause);
		};
		return {
			succeeded: () => close(succeeded),
			throttled: (retryAfter) => close((now) => throttled(now, retryAfter)),
			ignored: () => close(() => {}),
		};
	}
}

/** Milliseconds for which a queue, and what it learned, is kept at least while it is not used. */
const MEMORY = 600_000;

/** The most queues that are kept, unless more are in use. */
const MOST_QUEUES = 100;

const queues = new Map<string, RequestQueue>();

/**
 * Returns the queue of all requests to one base URL with one API key, from all workflows. In queue mode
 * of n8n each worker has its own.
 */
export function requestQueueOf(baseUrl: string, apiKey: string): RequestQueue {
	const key = `${credentialText(baseUrl).replace(/\/+$/, '')} ${credentialText(apiKey)}`;
	const queue = queues.get(key) ?? new RequestQueue();
	// The last in the map is the one that was used last.
	queues.delete(key);
	for (const [other, known] of queues) {
		if (known.isIdleFor(queues.size < MOST_QUEUES ? MEMORY : 0)) queues.delete(other);
	}
	queues.set(key, queue);
	return queue;
}
