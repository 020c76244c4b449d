import { sleep } from 'n8n-workflow';

/** Checks of an open request before its time is over. */
const CHECKS = 20;

/**
 * Limits the time of each request of a run, with one timer for all that are open.
 *
 * The time is measured in checks of this timer, not by the clock. Between two checks n8n reads its
 * connections; by the clock, a response that arrived while n8n was too busy to read it would count as
 * missing.
 */
export class TimeLimit {
	/** The callback of each open request, and how many checks are left for it. */
	private readonly open = new Map<() => void, number>();

	private isChecking = false;

	/** @param duration milliseconds */
	constructor(readonly duration: number) {}

	/**
	 * Starts the time of a request. It is over after `duration`, or up to a twentieth of it later.
	 *
	 * @returns a function that ends the time limit, for when the request is answered
	 */
	begin(onTimeout: () => void): () => void {
		this.open.set(onTimeout, CHECKS);
		if (!this.isChecking) void this.check();
		return () => this.open.delete(onTimeout);
	}

	private async check() {
		this.isChecking = true;
		while (this.open.size > 0) {
			await sleep(this.duration / CHECKS);
			for (const [onTimeout, checksLeft] of this.open) {
				this.open.set(onTimeout, checksLeft - 1);
				if (checksLeft > 0) continue;
				this.open.delete(onTimeout);
				onTimeout();
			}
		}
		this.isChecking = false;
	}
}
