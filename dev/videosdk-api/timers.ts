/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */

/** The fake API's waits, kept together so that closing it leaves none behind. */
export class Timers {
	readonly #waiting = new Set<NodeJS.Timeout>();
	#closed = false;

	/** Runs `action` after `ms` milliseconds, or never when closed before. */
	later(ms: number, action: () => void): void {
		if (this.#closed) return;
		const timer = setTimeout(() => {
			this.#waiting.delete(timer);
			action();
		}, ms);
		this.#waiting.add(timer);
	}

	/** Resolves after `ms` milliseconds; stays pending for good when closed before. */
	async wait(ms: number): Promise<void> {
		await new Promise<void>((resolve) => this.later(ms, resolve));
	}

	/** Drops all waits and takes no new ones. */
	close(): void {
		this.#closed = true;
		for (const timer of this.#waiting) clearTimeout(timer);
		this.#waiting.clear();
	}
}
