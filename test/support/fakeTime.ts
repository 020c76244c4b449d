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
