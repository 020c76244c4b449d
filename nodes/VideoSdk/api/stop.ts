import { sleep } from 'n8n-workflow';

/** Milliseconds. The timer of a wait that was stopped stays no longer than this. */
const LONGEST_SLEEP = 1_000;

/**
 * The end of an execution that n8n stops, for all that wait in it. An AbortSignal is made for a few
 * listeners, not for those of hundreds of requests: Node.js warns of a leak, and each costs time.
 */
export class Stop {
	private reason?: unknown;

	private readonly listeners = new Set<(reason: unknown) => void>();

	/** @param signal aborts when the execution is stopped */
	constructor(private readonly signal?: AbortSignal) {}

	/** Stops all that wait, and all that come after. */
	now(reason: unknown): void {
		this.reason ??= reason;
		for (const listener of [...this.listeners]) listener(reason);
	}

	/** @throws the reason, if it was stopped */
	throwIfStopped(): void {
		this.signal?.throwIfAborted();
		if (this.reason !== undefined) throw this.reason as Error;
	}

	/**
	 * Tells a listener when it is stopped. It listens to the signal only as long as somebody does to
	 * it: an execution can have more nodes than a signal can have listeners.
	 *
	 * @returns removes the listener
	 */
	listen(listener: (reason: unknown) => void): () => void {
		if (this.listeners.size === 0) this.signal?.addEventListener('abort', this.onAbort);
		this.listeners.add(listener);
		return () => {
			this.listeners.delete(listener);
			if (this.listeners.size === 0) this.signal?.removeEventListener('abort', this.onAbort);
		};
	}

	/**
	 * Waits.
	 *
	 * @param duration milliseconds
	 * @throws the reason as soon as it is stopped
	 */
	async wait(duration: number): Promise<void> {
		const end = Date.now() + duration;
		for (let left = duration; left > 0; left = end - Date.now()) {
			this.throwIfStopped();
			await this.unlessStopped(sleep(Math.min(left, LONGEST_SLEEP)));
		}
	}

	private async unlessStopped(promise: Promise<void>) {
		let takeAway = () => {};
		const stopped = new Promise<never>((_resolve, reject) => {
			takeAway = this.listen(reject);
		});
		try {
			await Promise.race([promise, stopped]);
		} finally {
			takeAway();
		}
	}

	private readonly onAbort = () => this.now(this.signal?.reason);
}
