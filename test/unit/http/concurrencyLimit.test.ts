import { ConcurrencyLimit } from '../../../nodes/VideoSdk/http/concurrencyLimit';

/** A limit, and what VideoSDK answers. */
function answered() {
	const limit = new ConcurrencyLimit();
	let now = 0;
	/** So many times: successes, then a request that is throttled while so many others are open. */
	const throttle = (times: number, others: number, successes = 1) => {
		for (let time = 0; time < times; time++) {
			for (let success = 0; success < successes; success++) limit.succeeded(50);
			limit.throttled(++now, ++now, others, 0);
		}
		limit.succeeded(0);
	};
	/** So many seconds in which requests have to wait. */
	const wait = (seconds: number) => limit.heldUp(1_000 * seconds);
	return { limit, throttle, wait };
}

/** A limit of one request at a time. */
function answeredOneByOne() {
	const one = answered();
	while (one.limit.current > 1) one.throttle(1, 1);
	expect(one.limit.succeeded(100)).toBe(0);
	return one;
}

describe('requests that are throttled although no other is open', () => {
	test('they lead to no rest if only one of 8 is throttled, and more than one may be open', () => {
		const { limit, throttle } = answered();
		throttle(100, 0, 7);
		expect(limit.current).toBe(50);
		expect(limit.succeeded(100)).toBe(0);
	});

	test('they lower the limit to less than one, which means a rest after each response', () => {
		const { limit, throttle } = answered();
		throttle(30, 0);
		expect(limit.current).toBe(1);
		expect(limit.succeeded(100)).toBeGreaterThan(100);
	});

	test('they make the rest after a response longer step by step if only one may be open', () => {
		const { limit, throttle } = answeredOneByOne();
		throttle(3, 0);
		expect(limit.succeeded(100)).toBeCloseTo(43, 0);
		throttle(3, 0);
		expect(limit.succeeded(100)).toBeCloseTo(104, 0);
		expect(limit.current).toBe(1);
	});

	test('the rest is at most nine times as long as the response, and at most half a second', () => {
		const { limit, throttle } = answeredOneByOne();
		throttle(50, 0);
		expect(limit.succeeded(50)).toBeCloseTo(450, 0);
		expect(limit.succeeded(2_000)).toBe(500);
	});

	test('they lead to no rest if only 3 of 100 are throttled', () => {
		const { limit, throttle } = answeredOneByOne();
		throttle(100, 0, 32);
		expect(limit.succeeded(100)).toBe(0);
	});

	test('the rest is shorter after 5 s of waiting, and as before if that is too short', () => {
		const { limit, throttle, wait } = answeredOneByOne();
		throttle(5, 0);
		const rest = limit.succeeded(100);
		wait(4.9);
		expect(limit.succeeded(100)).toBe(rest);
		wait(0.1);
		expect(limit.succeeded(100)).toBeLessThan(0.7 * rest);
		throttle(1, 1, 20);
		expect(limit.succeeded(100)).toBe(rest);
	});

	test('the rest is gone after some time without a throttled request', () => {
		const { limit, throttle, wait } = answeredOneByOne();
		throttle(50, 0);
		for (let step = 0; step < 7; step++) wait(5);
		expect(limit.succeeded(100)).toBe(0);
		expect(limit.current).toBe(1);
		wait(5);
		expect(limit.current).toBe(2);
	});
});
