/**
 * Gives each test of a file timers that it advances itself, and pauses without a random part.
 *
 * @param random what Math.random returns
 */
export function useFakeTime(random: number): void {
	beforeEach(() => {
		jest.useFakeTimers();
		// From 0, a sum of two times of `uptime` would look like their difference.
		jest.advanceTimersByTime(5_000);
		jest.spyOn(Math, 'random').mockReturnValue(random);
	});
	afterEach(() => {
		jest.useRealTimers();
		jest.restoreAllMocks();
	});
}

/** What sockets need to go on. */
export const REAL = [
	...(['setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const),
	...(['nextTick', 'queueMicrotask', 'hrtime', 'performance'] as const),
];

/**
 * Sets the time of day; timers run on.
 *
 * @param now milliseconds since 1970
 */
export function setTimeOfDay(now: number): void {
	jest.useFakeTimers({ now, doNotFake: [...REAL, 'setTimeout', 'clearTimeout'] });
}
