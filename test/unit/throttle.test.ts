import fc from 'fast-check';
import { sleep } from 'n8n-workflow';
import { Throttle } from '../../nodes/VideoSdk/api/throttle';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const pass = async (duration: number) => await jest.advanceTimersByTimeAsync(duration);

/** Keeps the requests that a throttle lets start. */
function startThrough(throttle: Throttle) {
	const underWay: Array<{ name: string; number: number }> = [];
	const start = async (name: string, again = false) => {
		underWay.push({ name, number: await throttle.enter(again) });
	};
	return {
		start,
		startMany: (count: number) => {
			for (let each = 1; each <= count; each++) void start(String(each));
		},
		names: () => underWay.map(({ name }) => name),
		count: () => underWay.length,
		/** Answers the oldest requests, or refuses them. */
		finish: (count: number, refusedFor?: number) => {
			for (const { number } of underWay.splice(0, count)) throttle.leave(number, refusedFor);
		},
	};
}

test('so many start at once, and one more for each that is over', async () => {
	const { startMany, finish, count } = startThrough(new Throttle(5));
	startMany(12);
	await pass(0);
	expect(count()).toBe(5);
	finish(2);
	await pass(0);
	expect(count()).toBe(5);
	finish(5);
	await pass(0);
	expect(count()).toBe(5);
	finish(5);
	await pass(1_000);
	expect(count()).toBe(0);
});

test('a refusal lets nothing start until its time has come, then half as many', async () => {
	const { start, startMany, finish, count } = startThrough(new Throttle(8));
	startMany(20);
	await pass(0);
	finish(8, 3_000);
	await pass(1_500);
	void start('late');
	await pass(1_499);
	expect(count()).toBe(0);
	await pass(1);
	expect(count()).toBe(4);
});

test('the longest of several refusals counts', async () => {
	const { startMany, finish, count } = startThrough(new Throttle(4));
	startMany(5);
	await pass(0);
	finish(1, 2_000);
	finish(1, 500);
	finish(2);
	await pass(1_999);
	expect(count()).toBe(0);
	await pass(1);
	expect(count()).toBe(1);
});

test('a burst of refusals halves once, and a later one halves again', async () => {
	const { startMany, finish, count } = startThrough(new Throttle(16));
	startMany(100);
	await pass(0);
	finish(16, 100);
	await pass(100);
	expect(count()).toBe(8);
	finish(8, 100);
	await pass(100);
	expect(count()).toBe(4);
});

test('at least one may always start', async () => {
	const { startMany, finish, count } = startThrough(new Throttle(2));
	startMany(10);
	for (let refusal = 1; refusal <= 5; refusal++) {
		await pass(10);
		finish(count(), 10);
	}
	await pass(10);
	expect(count()).toBe(1);
});

test('it grows back by one for each round of answers, and never beyond the most', async () => {
	const { startMany, finish, count } = startThrough(new Throttle(8));
	startMany(200);
	await pass(0);
	finish(8, 10);
	await pass(10);
	const rounds: number[] = [];
	for (let round = 1; round <= 8; round++) {
		rounds.push(count());
		finish(count());
		await pass(0);
	}
	expect(rounds[0]).toBe(4);
	rounds.reduce((before, after) => {
		expect(after - before).toBeGreaterThanOrEqual(0);
		expect(after - before).toBeLessThanOrEqual(1);
		return after;
	});
	expect(rounds.at(-1)).toBe(8);
});

test('what was refused goes before what was not sent yet', async () => {
	const { start, finish, names } = startThrough(new Throttle(2));
	void start('refused');
	void start('slow');
	void start('new');
	void start('newer');
	await pass(0);
	finish(1, 100);
	void start('refused', true);
	await pass(100);
	expect(names()).toEqual(['slow']);
	finish(1);
	await pass(0);
	expect(names()).toEqual(['refused', 'new']);
});

describe('when the execution is stopped', () => {
	const stopped = new Error('stopped');

	async function startAndStop(prepare: (throttle: Throttle) => Promise<void>) {
		const stop = new AbortController();
		const throttle = new Throttle(1, stop.signal);
		await prepare(throttle);
		const entering = throttle.enter(false).then(
			() => 'started',
			(error: unknown) => error,
		);
		await pass(0);
		stop.abort(stopped);
		return await Promise.race([entering, pass(1_000).then(() => 'still waiting')]);
	}

	test('nothing starts', async () => {
		const stop = AbortSignal.abort(stopped);
		await expect(new Throttle(1, stop).enter(false)).rejects.toBe(stopped);
	});

	test('what waits for a pause to be over stops waiting', async () => {
		const outcome = await startAndStop(async (throttle) => {
			throttle.leave(await throttle.enter(false), 60_000);
		});
		expect(outcome).toBe(stopped);
	});

	test('what waits for another request to be over stops waiting', async () => {
		const outcome = await startAndStop(async (throttle) => {
			await throttle.enter(false);
		});
		expect(outcome).toBe(stopped);
	});
});

test('whatever is refused, never too many are under way and none is forgotten', async () => {
	const request = fc.record({
		takes: fc.integer({ min: 0, max: 50 }),
		refusals: fc.integer({ min: 0, max: 4 }),
		refusedFor: fc.integer({ min: 0, max: 200 }),
	});
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 1, max: 12 }),
			fc.array(request, { minLength: 1, maxLength: 60 }),
			async (most, requests) => {
				const throttle = new Throttle(most);
				let underWay = 0;
				let mostUnderWay = 0;
				let done = 0;
				for (const { takes, refusals, refusedFor } of requests) {
					const run = async () => {
						for (let sent = 0; sent <= refusals; sent++) {
							const number = await throttle.enter(sent > 0);
							mostUnderWay = Math.max(mostUnderWay, ++underWay);
							await sleep(takes);
							underWay--;
							throttle.leave(number, sent < refusals ? refusedFor : undefined);
						}
						done++;
					};
					void run();
				}
				await pass(10_000_000);
				expect(done).toBe(requests.length);
				expect(mostUnderWay).toBeLessThanOrEqual(most);
			},
		),
		{ numRuns: 50 },
	);
});
