import { ConcurrencyLimit } from '../../../nodes/VideoSdk/http/concurrencyLimit';

/** A limit, and what VideoSDK answers. */
function answered() {
	const limit = new ConcurrencyLimit();
	let now = 0;
	/** So many times: a success, then a request that is throttled while so many others are open. */
	const throttle = (times: number, others: number) => {
		for (let time = 0; time < times; time++) {
			limit.succeeded(50);
			limit.throttled(++now, ++now, others, 0);
		}
		limit.succeeded(0);
	};
	return { limit, throttle };
}

describe('requests that are throttled although no other is open', () => {
	test('they lead to no rest while more than one may be open', () => {
		const { limit, throttle } = answered();
		throttle(30, 0);
		expect(limit.current).toBe(50);
		expect(limit.succeeded(50)).toBe(0);
	});

	test('each makes the rest after a response longer if only one may be open', () => {
		const { limit, throttle } = answered();
		throttle(20, 1);
		expect(limit.current).toBe(1);
		expect(limit.succeeded(100)).toBe(0);
		throttle(1, 0);
		expect(limit.succeeded(100)).toBeCloseTo(24, 0);
		throttle(1, 0);
		expect(limit.succeeded(100)).toBeCloseTo(52, 0);
		expect(limit.current).toBe(1);
	});

	test('the rest is at most four times as long as the response, and at most half a second', () => {
		const { limit, throttle } = answered();
		throttle(20, 1);
		throttle(50, 0);
		const rest = limit.succeeded(100);
		expect(rest).toBeGreaterThan(390);
		expect(rest).toBeLessThan(400);
		expect(limit.succeeded(2_000)).toBe(500);
	});

	test('successes make the rest shorter until there is none', () => {
		const { limit, throttle } = answered();
		throttle(20, 1);
		throttle(3, 0);
		let successes = 1;
		while (limit.succeeded(100) > 0) successes++;
		expect(successes).toBeGreaterThan(100);
		expect(successes).toBeLessThan(150);
	});
});
