import type { Cause } from './failure';
import type { Governor } from './governor';

/**
 * Refusals in a row, with others coming through each time, from which they are taken to be about this
 * request alone: it waits, but slows no other.
 */
const OF_ITS_OWN = 2;

/** How often one request was refused so far. */
export class Refusals {
	count = 0;

	/** The last of them. */
	cause?: Cause;

	private firstAt = 0;

	private successesAtLast = -1;

	private ofItsOwn = 0;

	/** @param governor knows how many others succeeded meanwhile */
	constructor(private readonly governor: Governor) {}

	add(cause: Cause): void {
		const { successes } = this.governor;
		this.ofItsOwn = successes > this.successesAtLast ? this.ofItsOwn + 1 : 0;
		this.successesAtLast = successes;
		if (this.count === 0) this.firstAt = Date.now();
		this.count++;
		this.cause = cause;
	}

	/** Whether they say nothing of how much may be sent. */
	get areOfItsOwn(): boolean {
		return this.ofItsOwn >= OF_ITS_OWN;
	}

	/** Milliseconds from the first refusal to the present. */
	get duration(): number {
		return this.count === 0 ? 0 : Date.now() - this.firstAt;
	}
}
