import { sleep } from 'n8n-workflow';
import { seededRandom } from '../../../dev/videosdk-api/random';
import type { Call } from '../../../nodes/VideoSdk/api/client';
import { Governor, governorOf, type Slot } from '../../../nodes/VideoSdk/api/governor';
import { Stop } from '../../../nodes/VideoSdk/api/stop';
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

/** How a VideoSDK answers: after how long, and what it refuses. Times in milliseconds, but for one. */
interface Behaviour {
	takes: number;
	atOnce?: number;
	/** In a window that begins with its first request. */
	perTime?: { requests: number; time: number };
	/** Seconds, as in the header. */
	retryAfter?: number;
	/** What is refused beside that. */
	refuses?: (session: number) => boolean;
}

/** n8n is one thread, in which each request costs so much. */
const CPU = 1.5;

/** A VideoSDK that behaves so. */
class VideoSdk {
	refused = 0;

	mostOpen = 0;

	private open = 0;

	private window = { from: Number.NEGATIVE_INFINITY, requests: 0 };

	private isBusyUntil = 0;

	constructor(readonly behaviour: Behaviour) {}

	/** Takes a request, or refuses it. */
	async answer(session: number) {
		this.isBusyUntil = Math.max(this.isBusyUntil, Date.now()) + CPU;
		await sleep(this.isBusyUntil - Date.now());
		const {
			takes,
			atOnce = Number.POSITIVE_INFINITY,
			perTime,
			retryAfter,
			refuses,
		} = this.behaviour;
		const now = Date.now();
		if (perTime && now - this.window.from >= perTime.time) {
			this.window = { from: now, requests: 0 };
		}
		const isOver = perTime !== undefined && this.window.requests >= perTime.requests;
		if (isOver || this.open >= atOnce || refuses?.(session)) {
			this.refused++;
			await sleep(3);
			const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
			return { statusCode: 429, headers };
		}
		this.window.requests++;
		this.open++;
		this.mostOpen = Math.max(this.mostOpen, this.open);
		await sleep(takes);
		this.open--;
		return { body: {} };
	}
}

/** Ends sessions of one VideoSDK with the node's own client, without n8n and a network. */
async function n8nWith(behaviour: Behaviour) {
	const videoSdk = new VideoSdk(behaviour);
	const wire = await wireTo(async ({ url }) => await videoSdk.answer(Number(url)));
	const call: Call = {
		kind: 'End Session',
		method: 'POST',
		path: '',
		consequence: 'It was not ended',
		repeatable: true,
	};

	/** Ends so many sessions, all in one run or, as webhooks do, one in each of so many a second. */
	async function endAll(count: number, aSecond?: number) {
		const started = Date.now();
		const refusedBefore = videoSdk.refused;
		const run = await wire.open();
		let left = count;
		for (let session = 0; session < count; session++) {
			void sleep(aSecond === undefined ? 0 : (1_000 * session) / aSecond)
				.then(async () => (aSecond === undefined ? run : await wire.open()))
				.then(async (client) => await client.request({ ...call, path: String(session) }))
				.then(() => left--);
		}
		while (left > 0 && Date.now() - started < 500_000) await pass(10);
		const refused = videoSdk.refused - refusedBefore;
		return { left, refused, seconds: (Date.now() - started) / 1_000 };
	}

	return { videoSdk, endAll };
}

describe('what VideoSDK takes is found', () => {
	test.each<[string, Behaviour, number, number | undefined, { cold: number; known: number }]>([
		// In seconds. Chance has a part in it, the same each time.
		[
			'20 at once',
			{ takes: 50, atOnce: 20, retryAfter: 1 },
			300,
			undefined,
			{ cold: 2.7, known: 1.7 },
		],
		[
			'20 at once, behind webhooks',
			{ takes: 2_000, atOnce: 20, retryAfter: 1 },
			300,
			20,
			{ cold: 55, known: 50 },
		],
		[
			'100 at once, and it does not say when',
			{ takes: 200, atOnce: 100 },
			2_000,
			undefined,
			{ cold: 16, known: 14 },
		],
		[
			'10 a second',
			{ takes: 50, perTime: { requests: 10, time: 1_000 } },
			200,
			undefined,
			{ cold: 42, known: 42 },
		],
		[
			'10 a second, behind webhooks',
			{ takes: 50, perTime: { requests: 10, time: 1_000 } },
			300,
			20,
			{ cold: 60, known: 55 },
		],
		[
			'20 a second, Retry-After 0',
			{ takes: 50, perTime: { requests: 20, time: 1_000 }, retryAfter: 0 },
			200,
			undefined,
			{ cold: 21, known: 21 },
		],
		[
			'60 in 10 seconds',
			{ takes: 50, perTime: { requests: 60, time: 10_000 }, retryAfter: 1 },
			200,
			undefined,
			{ cold: 75, known: 65 },
		],
		[
			'100 a second',
			{ takes: 50, perTime: { requests: 100, time: 1_000 } },
			2_000,
			undefined,
			{ cold: 42, known: 42 },
		],
	])(
		'%s',
		async (_name, behaviour, count, aSecond, { cold, known }) => {
			const { endAll } = await n8nWith(behaviour);
			const first = await endAll(count, aSecond);
			expect(first.left).toBe(0);
			expect(first.seconds).toBeLessThan(cold);
			expect(first.refused).toBeLessThan(count / 2);

			await pass(6_000);
			const second = await endAll(count, aSecond);
			expect(second.left).toBe(0);
			expect(second.seconds).toBeLessThan(known);
			expect(second.refused).toBeLessThan(count / 4);
		},
		60_000,
	);

	test.each([
		[50, 1],
		[200, 1.2],
		[1_000, 2.2],
		[3_000, 4.5],
	])('nothing is refused and an answer takes %i ms: 400 sessions', async (takes, most) => {
		const { endAll } = await n8nWith({ takes });
		const { left, seconds } = await endAll(400);
		expect(left).toBe(0);
		expect(seconds).toBeLessThan(most);
	});

	test('where answers get slower with their number, no more are sent', async () => {
		const slows = { takes: 100 };
		const { videoSdk, endAll } = await n8nWith(slows);
		const ending = endAll(2_000);
		// As if it had ten hands: the others wait in it.
		for (let step = 0; step < 200; step++) {
			await pass(50);
			slows.takes = 10 * Math.max(10, videoSdk.mostOpen);
		}
		await ending;
		// Without a look at the time it would be all that may be open, 500.
		expect(videoSdk.mostOpen).toBeLessThan(400);
	});
});

describe('refusals that come by chance', () => {
	test.each<[string, number, number, Partial<Behaviour>]>([
		['3 of 100', 0.03, 60, {}],
		['3 of 100, and 120 a second', 0.03, 60, { perTime: { requests: 120, time: 1_000 } }],
		['3 of 100, and 30 at once', 0.03, 60, { atOnce: 30 }],
		['10 of 100', 0.1, 120, {}],
		// All that may be open at first, 50, stay allowed: 1,000 of them take 40 s.
		['3 of 100, and an answer takes 2 s', 0.03, 60, { takes: 2_000 }],
	])(
		'slow things down, but not more and more: %s',
		async (_name, share, most, others) => {
			for (let seed = 1; seed <= 5; seed++) {
				jest.spyOn(Math, 'random').mockImplementation(seededRandom(seed));
				const refuses = () => Math.random() < share;
				const { endAll } = await n8nWith({ takes: 50, retryAfter: 1, refuses, ...others });
				const { left, seconds } = await endAll(1_000);
				expect(left).toBe(0);
				expect(seconds).toBeLessThan(most);
			}
		},
		60_000,
	);
});

describe('an outage', () => {
	test('is looked at by one request at a time, and what was known holds on', async () => {
		let isDown = false;
		const { videoSdk, endAll } = await n8nWith({ takes: 50, refuses: () => isDown });
		await endAll(1_000);

		isDown = true;
		const ending = endAll(1_000);
		await pass(5_000);
		const { refused } = videoSdk;
		await pass(60_000);
		expect(videoSdk.refused - refused).toBeLessThan(40);
		expect(videoSdk.refused - refused).toBeGreaterThan(2);

		isDown = false;
		const backAt = Date.now();
		expect((await ending).left).toBe(0);
		expect(Date.now() - backAt).toBeLessThan(30_000);
	});

	test.each([[undefined], [1]])(
		'of one session holds up no other: Retry-After %s',
		async (retryAfter) => {
			const { endAll } = await n8nWith({
				takes: 50,
				retryAfter,
				refuses: (session) => session === 0,
			});
			const ending = endAll(500);
			await pass(30_000);
			// Only the one is left when all others have ended.
			const other = await endAll(200, 20);
			expect(other.left).toBe(1);
			await ending;
		},
	);
});

/** Enters lines, and keeps the slots. */
function entering(governor = new Governor()) {
	const slots: Array<{ name: string; slot: Slot }> = [];
	const gaveUp: string[] = [];
	const since = Date.now();
	const enter = (name: string, turn: Partial<Parameters<Governor['enter']>[0]> = {}) => {
		const defaults = {
			kind: 'x',
			line: 'new' as const,
			maxConcurrency: 500,
			since,
			giveUpAfter: 60_000,
			stop: new Stop(),
		};
		return governor.enter({ ...defaults, ...turn }).then((slot) => {
			if (slot === 'gaveUp') gaveUp.push(name);
			else slots.push({ name, slot });
		});
	};
	return { governor, slots, gaveUp, enter, names: () => slots.map(({ name }) => name) };
}

describe('who goes first', () => {
	test('refused ones before new ones, new ones before polls, each in their order', async () => {
		const { slots, enter, names } = entering();
		void enter('first', { maxConcurrency: 1 });
		for (const line of ['poll', 'new', 'again'] as const) {
			void enter(`${line} 1`, { line, maxConcurrency: 1 });
			void enter(`${line} 2`, { line, maxConcurrency: 1 });
		}
		for (let round = 0; round < 6; round++) {
			await pass(1);
			slots.at(-1)?.slot.succeeded();
		}
		await pass(1);
		expect(names()).toEqual(['first', 'again 1', 'again 2', 'new 1', 'new 2', 'poll 1', 'poll 2']);
	});

	test('one that its own bound holds up does not hold up others', async () => {
		const { enter, names } = entering();
		for (const name of ['a', 'b', 'c']) void enter(name, { maxConcurrency: 2 });
		void enter('d');
		await pass(0);
		expect(names()).toEqual(['a', 'b', 'd']);
	});

	test('those that waited for the end of a pause do not start together', async () => {
		const { slots, enter } = entering();
		void enter('refused');
		await pass(0);
		slots[0]?.slot.refused(1_000);
		const startedAt: number[] = [];
		for (let count = 0; count < 10; count++) {
			void enter('x').then(() => startedAt.push(Date.now()));
		}
		await pass(1_200);
		expect(new Set(startedAt).size).toBe(10);
	});
});

describe('bounds', () => {
	test.each([1, 7, 120])('never more than %i are open, whatever becomes of them', async (bound) => {
		const governor = new Governor();
		let open = 0;
		let most = 0;
		let done = 0;
		const work = async (index: number) => {
			const turn = {
				kind: 'x',
				line: 'new' as const,
				maxConcurrency: bound,
				since: 0,
				giveUpAfter: 1e9,
				stop: new Stop(),
			};
			const slot = await governor.enter(turn);
			if (slot === 'gaveUp') return;
			most = Math.max(most, ++open);
			await sleep((index * 37) % 90);
			open--;
			done++;
			if (index % 11 === 0) slot.refused(50);
			else if (index % 7 === 0) slot.ignored();
			else slot.succeeded();
		};
		for (let index = 1; index <= 600; index++) void work(index);
		await pass(3_600_000);
		expect(done).toBe(600);
		expect(most).toBeLessThanOrEqual(bound);
	});

	test('an outcome that says nothing lets no more be sent', async () => {
		const { slots, enter } = entering();
		for (let count = 0; count < 200; count++) void enter('x');
		await pass(0);
		expect(slots).toHaveLength(50);
		await pass(5_000);
		const before = slots.length;
		for (const { slot } of slots.splice(0)) slot.ignored();
		await pass(50);
		expect(slots.length).toBeLessThanOrEqual(before);
	});
});

describe('waiting ends', () => {
	test('when nothing came through for too long', async () => {
		const { slots, gaveUp, enter } = entering();
		void enter('open', { maxConcurrency: 1 });
		void enter('waits', { maxConcurrency: 1 });
		await pass(50_000);
		expect(gaveUp).toEqual([]);
		await pass(11_000);
		expect(gaveUp).toEqual(['waits']);
		slots[0]?.slot.ignored();
	});

	test('but not while others come through', async () => {
		const { slots, gaveUp, enter } = entering();
		for (let index = 0; index < 100; index++) void enter(`${index}`, { maxConcurrency: 1 });
		for (let index = 0; index < 100; index++) {
			await pass(30_000);
			slots.at(-1)?.slot.succeeded();
		}
		expect(gaveUp).toEqual([]);
		expect(slots).toHaveLength(100);
	});

	test('at once when the execution is stopped, and leaves no place behind', async () => {
		const { slots, enter, names } = entering();
		const stop = new Stop();
		void enter('open', { maxConcurrency: 1 });
		const waiting = enter('stopped', { maxConcurrency: 1, stop });
		void enter('next', { maxConcurrency: 1 });
		await pass(0);
		stop.now(new Error('stopped'));
		await expect(waiting).rejects.toThrow('stopped');
		await expect(enter('late', { stop })).rejects.toThrow('stopped');
		slots[0]?.slot.succeeded();
		await pass(0);
		expect(names()).toEqual(['open', 'next']);
	});
});

describe('one governor for one VideoSDK', () => {
	test('by base URL and API key', () => {
		const one = governorOf('https://a.example', 'key');
		expect(governorOf(' https://a.example/ ', ' key ')).toBe(one);
		expect(governorOf('https://b.example', 'key')).not.toBe(one);
		expect(governorOf('https://a.example', 'other')).not.toBe(one);
	});

	test('what it learned is kept for ten minutes', async () => {
		const one = governorOf('https://a.example', 'kept');
		one.enterNow({ kind: 'x', maxConcurrency: 1 }).succeeded();
		await pass(599_000);
		expect(governorOf('https://a.example', 'kept')).toBe(one);
		await pass(601_000);
		governorOf('https://a.example', 'another');
		expect(governorOf('https://a.example', 'kept')).not.toBe(one);
	});

	test('a hundred are kept at most, and none that is in use is dropped', () => {
		const used = governorOf('https://a.example', 'used');
		const slot = used.enterNow({ kind: 'x', maxConcurrency: 1 });
		const first = governorOf('https://a.example', 'key 0');
		for (let key = 1; key < 150; key++) governorOf('https://a.example', `key ${key}`);
		expect(governorOf('https://a.example', 'used')).toBe(used);
		expect(governorOf('https://a.example', 'key 0')).not.toBe(first);
		slot.succeeded();
	});
});
