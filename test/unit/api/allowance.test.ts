import { Allowance } from '../../../nodes/VideoSdk/api/allowance';

/** Milliseconds since 1970. */
const START = 1_000_000;

/** Milliseconds between two looks of the governor. */
const LOOK = 100;

function begun(): Allowance {
	const allowance = new Allowance();
	allowance.begin(START);
	return allowance;
}

/** Answers so many requests to one endpoint, each in so many milliseconds. */
function answer(
	allowance: Allowance,
	now: number,
	{ count = 1, took = 10, open = 1, endpoint = 'x' } = {},
): void {
	for (let done = 0; done < count; done++) allowance.succeeded(endpoint, now - took, now, open);
}

/** Refuses one request that was sent just now, and so many with it. */
function refuse(
	allowance: Allowance,
	now: number,
	{ others = 0, isHeldUp = true, alike = 0 } = {},
): void {
	allowance.refused(now - 1, now, others, isHeldUp);
	for (let done = 0; done < alike; done++) allowance.refused(now - 1, now, others, isHeldUp);
}

/** Holds requests up for a time, while others to their endpoint are answered. @returns when it is over */
function holdUp(
	allowance: Allowance,
	from: number,
	duration: number,
	by: 'atOnce' | 'rate' = 'atOnce',
): number {
	for (let now = from + LOOK; now <= from + duration; now += LOOK) {
		answer(allowance, now);
		allowance.heldUp('x', now, LOOK, by);
	}
	return from + duration;
}

/** One at which 30 at once are allowed, after a refusal. */
function limitedTo30(): Allowance {
	const allowance = begun();
	refuse(allowance, START + 10, { others: 30 });
	allowance.resume(START + 10, 0);
	return allowance;
}

/** Refuses more than succeeds, where 20 were open before and now fewer are: it is about the rate. */
function refuseByRate(allowance: Allowance, now: number): void {
	refuse(allowance, now, { others: 3 });
	allowance.resume(now, 0);
}

/** One at which requests are sent at the rate of `successes` in the first second. */
function limitedToRate(successes = 4): Allowance {
	const allowance = begun();
	answer(allowance, START + 1_000, { count: successes, open: 20 });
	refuseByRate(allowance, START + 1_000);
	return allowance;
}

/** Requests a second that n of them in the first second stand for, as the newest weigh most. */
const rateOf = (successes: number, seconds = 1) => successes / (5 * (1 - Math.exp(-seconds / 5)));

describe('while nothing was refused', () => {
	test('50 requests may be open, and nothing is left between them', () => {
		const allowance = begun();
		expect(allowance.atOnce).toBe(50);
		expect(allowance.interval).toBe(0);
		expect(allowance.isProbing).toBe(false);
	});

	test('50 more may each 100 ms, after 200 at first', () => {
		const allowance = begun();
		const allowed = [1, 2, 3, 4].map((look) => {
			allowance.heldUp('x', START + look * LOOK, LOOK, 'atOnce');
			return allowance.atOnce;
		});
		expect(allowed).toEqual([50, 100, 150, 200]);
	});

	test('it is the time of being held up that counts', () => {
		const allowance = begun();
		for (let look = 1; look <= 19; look++) allowance.heldUp('x', START + look, 10, 'atOnce');
		expect(allowance.atOnce).toBe(50);
		allowance.heldUp('x', START + 20, 10, 'atOnce');
		expect(allowance.atOnce).toBe(100);
	});

	test('no more may while no answer comes for over 2 s', () => {
		const allowance = begun();
		allowance.heldUp('x', START + 2_001, 1_000, 'atOnce');
		expect(allowance.atOnce).toBe(50);
		allowance.heldUp('x', START + 2_000, 0, 'atOnce');
		expect(allowance.atOnce).toBe(100);
	});

	test('an answer to a request to the same endpoint is what is waited for', () => {
		const allowance = begun();
		answer(allowance, START + 500);
		answer(allowance, START + 2_000, { endpoint: 'other' });
		allowance.heldUp('x', START + 2_501, 1_000, 'atOnce');
		expect(allowance.atOnce).toBe(50);
		allowance.heldUp('x', START + 2_500, 0, 'atOnce');
		expect(allowance.atOnce).toBe(100);
	});

	test('no more may where answers take over twice their time and 100 ms', () => {
		const allowance = begun();
		answer(allowance, START + 100, { took: 100 });
		// A tenth of what is new counts: that is 300 on the whole.
		answer(allowance, START + 200, { took: 2_100 });
		allowance.heldUp('x', START + 200, 1_000, 'atOnce');
		expect(allowance.atOnce).toBe(100);
		answer(allowance, START + 200, { took: 310 });
		allowance.heldUp('x', START + 200, 1_000, 'atOnce');
		expect(allowance.atOnce).toBe(100);
		answer(allowance, START + 200, { took: 100 });
		allowance.heldUp('x', START + 200, 0, 'atOnce');
		expect(allowance.atOnce).toBe(150);
	});

	test('the time that answers take is measured anew after a minute', () => {
		const allowance = begun();
		answer(allowance, START, { took: 10 });
		answer(allowance, START + 59_999, { count: 30, took: 500 });
		allowance.heldUp('x', START + 59_999, 1_000, 'atOnce');
		expect(allowance.atOnce).toBe(50);
		answer(allowance, START + 60_000, { took: 500 });
		allowance.heldUp('x', START + 60_000, 0, 'atOnce');
		expect(allowance.atOnce).toBe(100);
	});
});

describe('a refusal', () => {
	test('where more were open than ever succeeded: as many are allowed as were open', () => {
		const allowance = begun();
		answer(allowance, START + 5, { open: 40 });
		refuse(allowance, START + 10, { others: 30 });
		expect(allowance.atOnce).toBe(50);
		expect(allowance.interval).toBe(2);
		allowance.resume(START + 10, 0);
		expect(allowance.atOnce).toBe(30);
		expect(allowance.interval).toBe(2);
	});

	test('allows no more than before', () => {
		const allowance = begun();
		refuse(allowance, START + 10, { others: 70 });
		allowance.resume(START + 10, 0);
		expect(allowance.atOnce).toBe(50);
	});

	test('allows as many as are open still, if these are more', () => {
		const allowance = begun();
		refuse(allowance, START + 10, { others: 10, alike: 5 });
		allowance.resume(START + 10, 20);
		expect(allowance.atOnce).toBe(20);
	});

	test('of the only one that was open tells of no limit on those at once', () => {
		const allowance = begun();
		refuse(allowance, START + 10, { others: 0 });
		allowance.resume(START + 10, 0);
		expect(allowance.atOnce).toBe(50);
	});

	test('of the only one there ever was tells of no rate', () => {
		const allowance = begun();
		refuse(allowance, START + 1_000, { others: 0 });
		allowance.resume(START + 1_000, 0);
		expect(allowance.interval).toBe(2);
	});

	test('is learned from once', () => {
		const allowance = limitedToRate();
		const { interval } = allowance;
		allowance.resume(START + 60_000, 0);
		expect(allowance.interval).toBe(interval);
	});

	test.each([
		[15, 15],
		[14, 50],
	])('where %i were open of 20 that succeeded: %i are allowed', (others, expected) => {
		const allowance = begun();
		answer(allowance, START + 10, { open: 20 });
		refuse(allowance, START + 10, { others });
		allowance.resume(START + 10, 0);
		expect(allowance.atOnce).toBe(expected);
	});

	test('where fewer were open tells of a rate: that at which requests succeeded', () => {
		const allowance = limitedToRate(4);
		expect(allowance.atOnce).toBe(50);
		expect(allowance.interval).toBeCloseTo(1_000 / rateOf(4), 6);
	});

	test('what succeeded later weighs more', () => {
		const allowance = begun();
		answer(allowance, START + 1_000, { count: 2, open: 20 });
		answer(allowance, START + 3_000, { count: 2, open: 20 });
		refuseByRate(allowance, START + 3_000);
		const weighed = 2 * Math.exp(-2 / 5) + 2;
		expect(allowance.interval).toBeCloseTo(1_000 / rateOf(weighed, 3), 6);
	});

	test.each<[string, { measured?: number; others?: number; isHeldUp?: boolean }]>([
		['after less than a second', { measured: 999 }],
		['while none waited', { isHeldUp: false }],
		['with as many open as succeeded', { others: 20 }],
	])('%s tells of no rate', (_name, { measured = 1_000, others = 3, isHeldUp = true }) => {
		const allowance = begun();
		const now = START + measured;
		answer(allowance, now, { count: 4, open: 20 });
		refuse(allowance, now, { others, isHeldUp });
		allowance.resume(now, 0);
		expect(allowance.interval).toBe(2);
	});

	test('lowers the rate by half at the most', () => {
		const allowance = limitedToRate(4);
		answer(allowance, START + 21_000, { open: 20 });
		refuseByRate(allowance, START + 21_000);
		expect(allowance.interval).toBeCloseTo(2_000 / rateOf(4), 6);
	});

	test('never raises the rate', () => {
		const allowance = limitedToRate(2);
		answer(allowance, START + 2_000, { count: 10, open: 20 });
		refuse(allowance, START + 2_000, { others: 3, alike: 5 });
		allowance.resume(START + 2_000, 0);
		expect(allowance.interval).toBeCloseTo(1_000 / rateOf(2), 6);
	});

	test('lowers the rate to one request in two seconds at the most', () => {
		const allowance = begun();
		for (const now of [START + 10_000, START + 20_000]) {
			answer(allowance, now - 9_999, { open: 20 });
			refuseByRate(allowance, now);
			expect(allowance.interval).toBe(2_000);
		}
	});

	test('among many that succeed is no limit', () => {
		const allowance = begun();
		answer(allowance, START + 1_000, { count: 5, open: 10 });
		refuse(allowance, START + 1_000, { others: 9 });
		allowance.resume(START + 1_000, 0);
		expect(allowance.atOnce).toBe(50);
	});

	test('that is one of five, is', () => {
		const allowance = begun();
		answer(allowance, START + 1_000, { count: 4, open: 10 });
		refuse(allowance, START + 1_000, { others: 9 });
		allowance.resume(START + 1_000, 0);
		expect(allowance.atOnce).toBe(9);
	});

	test('those that are open still count with those that succeeded', () => {
		const allowance = begun();
		answer(allowance, START + 1_000, { count: 4, open: 10 });
		refuse(allowance, START + 1_000, { others: 9 });
		allowance.resume(START + 1_000, 1);
		expect(allowance.atOnce).toBe(50);
	});

	test('its share is of late: what succeeded long ago does not count', () => {
		const allowance = begun();
		answer(allowance, START, { count: 50, open: 10 });
		refuse(allowance, START + 30_000, { others: 9 });
		allowance.resume(START + 30_000, 0);
		expect(allowance.atOnce).toBe(9);
	});

	test('its share is known when the pause is over, with what succeeded in it', () => {
		const allowance = begun();
		refuse(allowance, START + 10, { others: 30 });
		answer(allowance, START + 500, { count: 5 });
		allowance.resume(START + 1_000, 0);
		expect(allowance.atOnce).toBe(50);
	});

	test('that is no limit leaves what is known of those at once', () => {
		const allowance = begun();
		answer(allowance, START + 1_000, { count: 10, open: 20 });
		refuseByRate(allowance, START + 1_000);
		answer(allowance, START + 1_001, { open: 2 });
		refuse(allowance, START + 1_010, { others: 3, alike: 5 });
		allowance.resume(START + 1_010, 0);
		expect(allowance.atOnce).toBe(50);
		expect(allowance.interval).toBeGreaterThan(2);
	});

	test('that is a limit lets it be learned anew what succeeds at once', () => {
		const allowance = begun();
		answer(allowance, START + 10, { open: 20 });
		refuse(allowance, START + 10, { others: 18 });
		allowance.resume(START + 10, 0);
		answer(allowance, START + 20, { open: 4 });
		refuse(allowance, START + 30, { others: 3 });
		allowance.resume(START + 30, 0);
		expect(allowance.atOnce).toBe(3);
	});

	test('during the pause of another one changes nothing of what that tells', () => {
		const allowance = begun();
		refuse(allowance, START + 10, { others: 30 });
		answer(allowance, START + 20, { open: 20 });
		refuse(allowance, START + 30, { others: 10 });
		allowance.resume(START + 40, 0);
		expect(allowance.atOnce).toBe(30);
		// The success between the two still counts: 3 are fewer than succeeded.
		answer(allowance, START + 1_500, { open: 1 });
		refuseByRate(allowance, START + 1_500);
		expect(allowance.atOnce).toBe(30);
		expect(allowance.interval).toBeGreaterThan(2);
	});
});

describe('while nothing succeeds', () => {
	test('one request at a time is allowed', () => {
		const allowance = begun();
		refuse(allowance, START + 10, { others: 30 });
		expect(allowance.isProbing).toBe(false);
		refuse(allowance, START + 20, { others: 5 });
		expect(allowance.isProbing).toBe(true);
		expect(allowance.atOnce).toBe(1);
		answer(allowance, START + 30);
		expect(allowance.isProbing).toBe(false);
		expect(allowance.atOnce).toBe(50);
	});

	test('requests that were sent before the last refusal are one with it', () => {
		const allowance = begun();
		allowance.refused(START, START + 10, 30, true);
		allowance.refused(START + 10, START + 20, 29, true);
		expect(allowance.refusalsInARow).toBe(1);
		allowance.refused(START + 11, START + 30, 28, true);
		expect(allowance.refusalsInARow).toBe(2);
	});

	test('the first refusal is what is learned from', () => {
		const allowance = begun();
		for (const [place, others] of [30, 20, 10].entries()) {
			refuse(allowance, START + 10 * (place + 1), { others });
			allowance.resume(START + 10 * (place + 1), 0);
		}
		answer(allowance, START + 50);
		expect(allowance.atOnce).toBe(30);
	});

	test('nothing more is tried', () => {
		const allowance = limitedToRate();
		const { interval } = allowance;
		for (let look = 1; look <= 100; look++) {
			allowance.heldUp('x', START + look * LOOK, LOOK, 'rate');
		}
		expect(allowance.interval).toBe(interval);
	});
});

describe('after a refusal', () => {
	test('nothing more is tried for three seconds, then more each second, until the limit is forgotten', () => {
		const allowance = limitedTo30();
		let now = holdUp(allowance, START + 10, 2_900);
		expect(allowance.atOnce).toBe(30);
		now = holdUp(allowance, now, 100);
		const allowed = [allowance.atOnce];
		for (let step = 1; step < 7; step++) {
			expect(allowance.interval).toBe(2);
			now = holdUp(allowance, now, 1_000);
			allowed.push(allowance.atOnce);
		}
		expect(allowed).toEqual([31, 33, 37, 45, 61, 93, 157]);
		expect(allowance.interval).toBe(0);
		// As at the beginning.
		holdUp(allowance, now, 1_000);
		expect(allowance.atOnce).toBeGreaterThan(157 + 50);
	});

	test('the rate is raised likewise, by a tenth at first and to the double at most', () => {
		const allowance = limitedToRate(4);
		const rates = [rateOf(4)];
		let now = holdUp(allowance, START + 1_000, 3_000, 'rate');
		for (let step = 0; step < 6; step++) {
			rates.push(1_000 / allowance.interval);
			now = holdUp(allowance, now, 1_000, 'rate');
		}
		const factors = rates.slice(1).map((rate, index) => rate / (rates[index] ?? 0));
		expect(factors).toHaveLength(6);
		for (const [index, factor] of [1.1, 1.2, 1.4, 1.8, 2, 2].entries()) {
			expect(factors[index]).toBeCloseTo(factor, 9);
		}
		expect(allowance.atOnce).toBe(50);
		expect(allowance.interval).toBe(0);
	});

	test('no more may be open while answers are slower', () => {
		const allowance = limitedTo30();
		answer(allowance, START + 50, { took: 10 });
		answer(allowance, START + 100, { count: 30, took: 5_000 });
		allowance.heldUp('x', START + 100, 3_000, 'atOnce');
		expect(allowance.atOnce).toBe(30);
	});

	test('what was too much is taken back, and nothing more is tried for twice as long', () => {
		const allowance = limitedTo30();
		let now = START + 10;
		for (const calm of [3_000, 6_000, 12_000, 20_000, 20_000]) {
			now = holdUp(allowance, now, calm - LOOK);
			expect(allowance.atOnce).toBe(30);
			now = holdUp(allowance, now, LOOK + 1_000);
			expect(allowance.atOnce).toBe(33);
			refuse(allowance, ++now, { others: 32 });
			allowance.resume(now, 0);
			answer(allowance, now);
			expect(allowance.atOnce).toBe(30);
		}
	});

	test('a rate that was too much is taken back', () => {
		const allowance = limitedToRate(4);
		const { interval } = allowance;
		const now = holdUp(allowance, START + 1_000, 5_000, 'rate');
		expect(allowance.interval).toBeLessThan(interval);
		refuse(allowance, now + 1, { others: 3 });
		allowance.resume(now + 1, 0);
		expect(allowance.interval).toBe(interval);
	});

	test('a refusal that is no limit begins the calm anew, and makes it no longer', () => {
		const allowance = limitedTo30();
		let now = holdUp(allowance, START + 10, 2_900);
		refuse(allowance, ++now, { others: 20 });
		allowance.resume(now, 0);
		now = holdUp(allowance, now, 2_900);
		expect(allowance.atOnce).toBe(30);
		holdUp(allowance, now, 100);
		expect(allowance.atOnce).toBe(31);
	});

	test('a limit that was forgotten and found again is held for three seconds, as at first', () => {
		const allowance = limitedTo30();
		let now = holdUp(allowance, START + 10, 4_000);
		refuse(allowance, ++now, { others: 32 });
		allowance.resume(now, 0);
		now = holdUp(allowance, now, 12_000);
		expect(allowance.interval).toBe(0);
		const { atOnce } = allowance;
		refuse(allowance, ++now, { others: 40, alike: 50 });
		allowance.resume(now, 0);
		expect(allowance.atOnce).toBe(40);
		expect(atOnce).toBeGreaterThan(40);
		now = holdUp(allowance, now, 2_900);
		expect(allowance.atOnce).toBe(40);
		holdUp(allowance, now, 100);
		expect(allowance.atOnce).toBe(41);
	});
});

describe('after a time without requests', () => {
	test('what is allowed stays, and the calm begins anew', () => {
		const allowance = limitedTo30();
		const now = holdUp(allowance, START + 10, 2_900);
		allowance.begin(now + 10_000);
		expect(allowance.atOnce).toBe(30);
		// The first refusals are given a moment longer to arrive.
		const later = holdUp(allowance, now + 10_000, 3_000);
		expect(allowance.atOnce).toBe(30);
		holdUp(allowance, later, LOOK);
		expect(allowance.atOnce).toBe(31);
	});

	test('what succeeded and what was refused before counts for no share and no rate', () => {
		const allowance = begun();
		answer(allowance, START + 10, { count: 50, open: 20 });
		allowance.begin(START + 2_000);
		answer(allowance, START + 3_000, { count: 3, open: 20 });
		refuseByRate(allowance, START + 3_000);
		expect(allowance.interval).toBeCloseTo(1_000 / rateOf(3), 6);

		const other = begun();
		refuse(other, START + 10, { others: 30, alike: 50 });
		other.resume(START + 10, 0);
		other.begin(START + 2_000);
		answer(other, START + 2_010, { count: 10, open: 10 });
		refuse(other, START + 2_020, { others: 9 });
		other.resume(START + 2_020, 0);
		expect(other.atOnce).toBe(30);
	});
});
