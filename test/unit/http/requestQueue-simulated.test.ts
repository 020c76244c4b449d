import { sleep } from 'n8n-workflow';
import { seededRandom } from '../../../dev/videosdk-api/random';
import type { ApiRequest } from '../../../nodes/VideoSdk/http/request';
import { wireTo } from '../../support/wire';

beforeEach(() => {
	jest.useFakeTimers();
	jest.spyOn(Math, 'random').mockImplementation(seededRandom(1));
});
afterEach(() => {
	jest.useRealTimers();
	jest.restoreAllMocks();
});

const pass = async (duration: number) => await jest.advanceTimersByTimeAsync(duration);

/** How a VideoSDK answers: after how long, and what it throttles. Times in milliseconds, but for one. */
interface Behaviour {
	takes: number;
	atOnce?: number;
	/** So many requests in so many milliseconds, which begin with the first of them. */
	perTime?: [number, number];
	/** Seconds, as in the header. */
	retryAfter?: number;
	/** What is throttled beside that. */
	throttles?: (session: number) => boolean;
}

/** n8n is one thread, in which each request costs so much. */
const CPU = 1.5;

/** A VideoSDK that behaves so. */
class VideoSdk {
	throttled = 0;
	private open = 0;
	private window = { from: Number.NEGATIVE_INFINITY, requests: 0 };
	private isBusyUntil = 0;

	constructor(readonly behaviour: Behaviour) {}

	/** Takes a request, or throttles it. */
	async answer(session: number) {
		this.isBusyUntil = Math.max(this.isBusyUntil, Date.now()) + CPU;
		await sleep(this.isBusyUntil - Date.now());
		const { takes, atOnce = Number.POSITIVE_INFINITY, perTime } = this.behaviour;
		const { retryAfter, throttles } = this.behaviour;
		const now = Date.now();
		const [most = Number.POSITIVE_INFINITY, time = 0] = perTime ?? [];
		if (now - this.window.from >= time) this.window = { from: now, requests: 0 };
		const isOver = this.window.requests >= most;
		if (isOver || this.open >= atOnce || throttles?.(session)) {
			this.throttled++;
			await sleep(3);
			const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
			return { statusCode: 429, headers };
		}
		this.window.requests++;
		this.open++;
		await sleep(takes);
		this.open--;
		return { body: {} };
	}
}

/** Ends sessions of one VideoSDK with the node's own client, without n8n and a network. */
async function n8nWith(behaviour: Behaviour) {
	const videoSdk = new VideoSdk(behaviour);
	const wire = await wireTo(async ({ url }) => await videoSdk.answer(Number(url)));
	const request: ApiRequest = {
		...{ endpoint: 'End Session', method: 'POST', path: '', idempotent: true },
		consequence: 'It was not ended',
	};

	/** Ends so many sessions, all in one run or, as webhooks do, one in each of so many a second. */
	async function endAll(count: number, aSecond?: number) {
		const started = Date.now();
		const throttledBefore = videoSdk.throttled;
		const run = wire.open();
		let left = count;
		for (let session = 0; session < count; session++) {
			void sleep(aSecond === undefined ? 0 : (1_000 * session) / aSecond)
				.then(() => (aSecond === undefined ? run : wire.open()))
				.then(async (client) => await client.request({ ...request, path: String(session) }))
				.then(() => left--);
		}
		while (left > 0 && Date.now() - started < 500_000) await pass(10);
		const throttled = videoSdk.throttled - throttledBefore;
		return { left, throttled, seconds: (Date.now() - started) / 1_000 };
	}

	/** Ends so many sessions a second for events, which do not wait in the queue, until it is stopped. */
	async function endForEvents(aSecond: number) {
		const client = await wire.openAtOnce();
		let isOver = false;
		void (async () => {
			while (!isOver) {
				void client.request({ ...request, path: '1000' });
				await sleep(1_000 / aSecond);
			}
		})();
		return () => (isOver = true);
	}

	return { videoSdk, endAll, endForEvents };
}

describe('a limit of VideoSDK', () => {
	// Seconds at first, and once the limit is known. Chance has a part in them, the same each time.
	test.each<[string, Behaviour, number, number | undefined, number, number]>([
		['20 concurrently', { takes: 50, atOnce: 20, retryAfter: 1 }, 300, undefined, 2.7, 1.7],
		[
			'20 concurrently, from webhooks',
			{ takes: 2_000, atOnce: 20, retryAfter: 1 },
			300,
			20,
			55,
			50,
		],
		['100 concurrently, no Retry-After', { takes: 200, atOnce: 100 }, 2_000, undefined, 16, 14],
		['10 a second', { takes: 50, perTime: [10, 1_000] }, 200, undefined, 30, 28],
		['10 a second, from webhooks', { takes: 50, perTime: [10, 1_000] }, 300, 20, 42, 38],
		['20 a second', { takes: 50, perTime: [20, 1_000], retryAfter: 0 }, 200, undefined, 21, 21],
		['60 in 10 s', { takes: 50, perTime: [60, 10_000], retryAfter: 1 }, 200, undefined, 75, 65],
		['100 a second', { takes: 50, perTime: [100, 1_000] }, 2_000, undefined, 42, 42],
	])(
		'all sessions are ended soon if VideoSDK accepts %s',
		async (_name, behaviour, count, aSecond, ...longest) => {
			const { endAll } = await n8nWith(behaviour);
			for (const [round, share] of [0.6, 0.25].entries()) {
				const { left, seconds, throttled } = await endAll(count, aSecond);
				expect(left).toBe(0);
				expect(seconds).toBeLessThan(longest[round] ?? 0);
				expect(throttled).toBeLessThan(share * count);
				await pass(6_000);
			}
		},
	);

	// One at a time is too many, so that only time between the requests helps.
	test.each([
		['10 a second, 20 ms', 10, 20, undefined, 20],
		['10 a second, 50 ms', 10, 50, undefined, 20],
		['10 a second, 50 ms, from webhooks', 10, 50, 20, 20],
		['3 a second, 50 ms', 3, 50, undefined, 9],
		['2 a second, 50 ms', 2, 50, undefined, 9],
		['2 a second, 500 ms', 2, 500, undefined, 9],
		['4 a second, 250 ms', 4, 250, undefined, 15],
	])(
		'a known limit is nearly reached, and seldom passed: %s',
		async (_name, aSecond, takes, webhooks, mostThrottled) => {
			const { endAll } = await n8nWith({ takes, perTime: [aSecond, 1_000] });
			await endAll(20 * aSecond, webhooks);
			await pass(6_000);
			const { left, seconds, throttled } = await endAll(20 * aSecond, webhooks);
			expect(left).toBe(0);
			expect(throttled).toBeLessThan(mostThrottled);
			expect(seconds).toBeLessThan(26);
		},
	);

	test('requests for events do not hold up others while the queue rests after responses', async () => {
		const limited: Behaviour = { takes: 400, perTime: [1, 1_000] };
		const { endAll, endForEvents } = await n8nWith(limited);
		await endAll(50);
		delete limited.perTime;
		const stop = await endForEvents(2.2);
		const { left, seconds } = await endAll(20);
		stop();
		expect(left).toBe(0);
		expect(seconds).toBeLessThan(20);
	});

	test('requests are sent as fast as before some time after a limit of 10 a second is gone', async () => {
		const limited: Behaviour = { takes: 50, perTime: [10, 1_000] };
		const { endAll } = await n8nWith(limited);
		await endAll(200);
		delete limited.perTime;
		await pass(6_000);
		expect((await endAll(500)).seconds).toBeLessThan(35);
		await pass(6_000);
		expect((await endAll(500)).seconds).toBeLessThan(12);
	});

	test.each([
		[50, 1],
		[200, 1.2],
		[1_000, 2.2],
		[3_000, 4.5],
	])(
		'400 sessions are ended soon without a limit if a response takes %i ms',
		async (takes, most) => {
			const { endAll } = await n8nWith({ takes });
			const { left, seconds } = await endAll(400);
			expect(left).toBe(0);
			expect(seconds).toBeLessThan(most);
		},
	);
});

describe('random throttling', () => {
	test.each<[string, number, number, Partial<Behaviour>]>([
		['3 of 100', 0.03, 60, {}],
		['3 of 100, and 120 a second', 0.03, 60, { perTime: [120, 1_000] }],
		['3 of 100, and 30 concurrently', 0.03, 60, { atOnce: 30 }],
		['10 of 100', 0.1, 120, {}],
		['3 of 100, and 20 a second', 0.03, 110, { perTime: [20, 1_000], retryAfter: undefined }],
		['3 of 100, and one at a time', 0.03, 110, { atOnce: 1, retryAfter: undefined }],
		// All that may be open at first, 50, stay allowed: 1,000 of them take 40 s.
		['3 of 100, and responses after 2 s', 0.03, 60, { takes: 2_000 }],
	])('random throttling does not escalate: %s', async (_name, share, most, others) => {
		for (let seed = 1; seed <= 5; seed++) {
			jest.spyOn(Math, 'random').mockImplementation(seededRandom(seed));
			const throttles = () => Math.random() < share;
			const { endAll } = await n8nWith({ takes: 50, retryAfter: 1, throttles, ...others });
			const { left, seconds } = await endAll(1_000);
			expect(left).toBe(0);
			expect(seconds).toBeLessThan(most);
		}
	});

	test('single requests that are throttled by chance slow down no batch after them', async () => {
		let share = 0.1;
		const throttles = () => Math.random() < share;
		const { endAll } = await n8nWith({ takes: 50, throttles });
		await endAll(300, 1);
		share = 0;
		const { left, seconds } = await endAll(1_000);
		expect(left).toBe(0);
		expect(seconds).toBeLessThan(4);
	});
});

describe('an outage', () => {
	test('an outage is probed by one request at a time, and all sessions end after it', async () => {
		let isDown = false;
		const { videoSdk, endAll } = await n8nWith({ takes: 50, throttles: () => isDown });
		await endAll(1_000);

		isDown = true;
		const ending = endAll(1_000);
		await pass(5_000);
		const { throttled } = videoSdk;
		await pass(60_000);
		expect(videoSdk.throttled - throttled).toBeLessThan(40);
		expect(videoSdk.throttled - throttled).toBeGreaterThan(2);

		isDown = false;
		const backAt = Date.now();
		expect((await ending).left).toBe(0);
		expect(Date.now() - backAt).toBeLessThan(30_000);
	});

	test.each([[undefined], [1]])(
		'one session that is always throttled holds up no other: Retry-After %s',
		async (retryAfter) => {
			const throttles = (session: number) => session === 0;
			const { endAll } = await n8nWith({ takes: 50, retryAfter, throttles });
			const ending = endAll(500);
			await pass(30_000);
			// Only the one is left when all others have ended.
			const other = await endAll(200, 20);
			expect(other.left).toBe(1);
			await ending;
		},
	);
});
