import { sleep } from 'n8n-workflow';

/** Times that an open request is looked at before its time is over. */
const LOOKS = 20;

/**
 * The time that a request may take, for all open requests of a run: one timer looks at all of them.
 *
 * It counts its looks, between which n8n looks at its connections, and not the time. After one long
 * wait, an n8n that was too busy to do so would count a response that has arrived as missing.
 */
export class TimeLimit {
	/** What is called when the time of a request is over, and how many looks are left until then. */
	private readonly open = new Map<() => void, number>();

	private isLooking = false;

	/** @param duration milliseconds */
	constructor(readonly duration: number) {}

	/**
	 * Begins the time of a request. It is over at the earliest after `duration`, and at the latest a
	 * twentieth of it later.
	 *
	 * @returns to be called when the request is answered
	 */
	begin(onceOver: () => void): () => void {
		this.open.set(onceOver, LOOKS);
		if (!this.isLooking) void this.look();
		return () => this.open.delete(onceOver);
	}

	private async look() {
		this.isLooking = true;
		while (this.open.size > 0) {
			await sleep(this.duration / LOOKS);
			for (const [onceOver, looksLeft] of this.open) {
				this.open.set(onceOver, looksLeft - 1);
				if (looksLeft > 0) continue;
				this.open.delete(onceOver);
				onceOver();
			}
		}
		this.isLooking = false;
	}
}
