import { sleep } from 'n8n-workflow';
import { uptime } from '../shared/uptime';

/** Milliseconds. The timer of a wait that was stopped runs no longer than this. */
const LONGEST_SLEEP = 1_000;

/**
 * Passes on that an execution is stopped to everything that waits in it. Hundreds of requests cannot
 * listen to the AbortSignal itself: Node.js warns of a leak then, and each listener costs time.
 */
export class Cancellation {
	private reason?: unknown;

	private readonly listeners = new Set<(reason: unknown) => void>();

	/** @param signal aborts when the execution is stopped */
	constructor(private readonly signal?: AbortSignal) {}

	/** Stops everything that waits, now and from now on. */
	cancel(reason: unknown): void {
		this.reason ??= reason;
		for (const listener of [...this.listeners]) listener(reason);
	}

	/** @throws the reason, if it was stopped */
	throwIfStopped(): void {
		this.signal?.throwIfAborted();
		if (this.reason !== undefined) throw this.reason as Error;
	}

	/**
	 * Adds a listener. It listens to the signal only while it has listeners itself: an execution can have
	 * more nodes than a signal can have listeners.
	 *
	 * @returns a function that removes the listener
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
		const end = uptime() + duration;
		for (let left = duration; left > 0; left = end - uptime()) {
			this.throwIfStopped();
			await this.unlessStopped(sleep(Math.min(left, LONGEST_SLEEP)));
		}
	}

	private async unlessStopped(promise: Promise<void>) {
		let stopListening = () => {};
		const stopped = new Promise<never>((_resolve, reject) => {
			stopListening = this.listen(reject);
		});
		try {
			await Promise.race([promise, stopped]);
		} finally {
			stopListening();
		}
	}

	private readonly onAbort = () => this.cancel(this.signal?.reason);
}
