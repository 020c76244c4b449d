import { sleep } from 'n8n-workflow';

/**
 * Lets at most so many requests of a run be under way, and fewer when VideoSDK refuses some.
 *
 * It is TCP's additive increase, multiplicative decrease: a refusal halves the number and pauses
 * the whole run; each answer that comes through lets it grow back by one for each round of requests.
 */
export class Throttle {
	private allowed: number;

	private underWay = 0;

	private started = 0;

	private startedAtLastCut = 0;

	private resumeAt = 0;

	private readonly waiting: Array<() => void> = [];

	/**
	 * @param most requests under way while nothing is refused
	 * @param signal aborts when the execution is stopped
	 */
	constructor(
		private readonly most: number,
		private readonly signal?: AbortSignal,
	) {
		this.allowed = most;
		// Who waits wakes up, and finds that the execution is stopped.
		signal?.addEventListener('abort', () => this.waiting.splice(0).forEach((wake) => wake()));
	}

	/**
	 * Waits until a request may start.
	 *
	 * @param again whether it was refused before: it then goes before those that were not
	 * @returns the number of the request, to be given back to `leave`
	 * @throws the signal's reason when the execution is stopped
	 */
	async enter(again: boolean): Promise<number> {
		for (;;) {
			this.signal?.throwIfAborted();
			const pause = this.resumeAt - Date.now();
			if (pause > 0) {
				await sleep(pause, this.signal);
			} else if (this.underWay < Math.floor(this.allowed)) {
				this.underWay++;
				return ++this.started;
			} else {
				await new Promise<void>((resolve) => {
					if (again) this.waiting.unshift(resolve);
					else this.waiting.push(resolve);
				});
			}
		}
	}

	/**
	 * Says that a request is over.
	 *
	 * @param request the number that `enter` gave
	 * @param refusedFor milliseconds that VideoSDK wants to be left alone; undefined if it answered
	 */
	leave(request: number, refusedFor?: number): void {
		this.underWay--;
		if (refusedFor === undefined) {
			this.allowed = Math.min(this.most, this.allowed + 1 / this.allowed);
		} else {
			this.resumeAt = Math.max(this.resumeAt, Date.now() + refusedFor);
			// What was under way at the last cut tells of the time before it.
			if (request > this.startedAtLastCut) {
				this.allowed = Math.max(1, this.allowed / 2);
				this.startedAtLastCut = this.started;
			}
		}
		for (let free = Math.floor(this.allowed) - this.underWay; free > 0; free--) {
			this.waiting.shift()?.();
		}
	}
}
