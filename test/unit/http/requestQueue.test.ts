import { sleep } from 'n8n-workflow';
import { seededRandom } from '../../../dev/videosdk-api/random';
import {
	type Permit,
	RequestQueue,
	requestQueueOf,
} from '../../../nodes/VideoSdk/http/requestQueue';
import { Cancellation } from '../../../nodes/VideoSdk/http/cancellation';
import { uptime } from '../../../nodes/VideoSdk/shared/uptime';

beforeEach(() => {
	jest.useFakeTimers();
	jest.spyOn(Math, 'random').mockImplementation(seededRandom(1));
});
afterEach(() => {
	jest.restoreAllMocks();
	jest.useRealTimers();
});

const pass = async (duration: number) => await jest.advanceTimersByTimeAsync(duration);

type Traits = Parameters<RequestQueue['takePlace']>[0];

/** Requests that enter a queue, and the permits that they got. */
function entering(queue = new RequestQueue()) {
	const permits: Array<{ name: string; permit: Permit; again(): Promise<void> }> = [];
	const gaveUp: string[] = [];
	const since = uptime();
	const enter = async (name: string, traits: Partial<Traits> = {}, stop = new Cancellation()) => {
		const defaults = { node: 'node', maxConcurrency: 500, since, giveUpAfter: 60_000 };
		const request = queue.takePlace({ ...defaults, ...traits });
		const again = async () => {
			const permit = await queue.enter(request, stop);
			if (permit === 'gaveUp') gaveUp.push(name);
			else permits.push({ name, permit, again });
		};
		await again();
	};
	/** Enters so many requests. */
	const enterMany = (count: number, traits?: Partial<Traits>) => {
		for (let number = 0; number < count; number++) void enter('x', traits);
	};
	const names = () => permits.map(({ name }) => name).join(' ');
	return { queue, permits, gaveUp, enter, enterMany, names };
}

const one = { maxConcurrency: 1 };

/** Permits a request that does not wait. */
const enterNow = (queue: RequestQueue) =>
	queue.enterNow(
		queue.takePlace({ node: 'node', maxConcurrency: 1, since: uptime(), giveUpAfter: 60_000 }),
	);

describe('the order of requests', () => {
	test('requests are sent in the order of their arrival, and polls after all others', async () => {
		const { permits, enter, names } = entering();
		void enter('first', one);
		for (const name of ['poll1', 'poll2']) void enter(name, { letsOthersFirst: true, ...one });
		for (const name of ['work1', 'work2']) void enter(name, { letsOthersFirst: false, ...one });
		for (let round = 0; round < 4; round++) {
			await pass(1);
			permits.at(-1)?.permit.succeeded();
		}
		await pass(1);
		expect(names()).toBe('first work1 work2 poll1 poll2');
	});

	test('a throttled request keeps its place before those that came later', async () => {
		const { permits, enter, names } = entering();
		for (const name of ['a', 'b', 'c', 'd']) void enter(name, { maxConcurrency: 2 });
		await pass(0);
		for (const { permit, again } of permits.splice(0).reverse()) {
			permit.throttled();
			void again();
		}
		await pass(1_000);
		expect(names()).toBe('a b');
	});

	test('while nothing succeeds, a request that is throttled again lets others try', async () => {
		const { permits, enter } = entering();
		const tried: string[] = [];
		for (const name of ['a', 'b', 'c']) void enter(name);
		for (let step = 0; step < 10_000; step++) {
			await pass(10);
			for (const { name, permit, again } of permits.splice(0)) {
				tried.push(name);
				permit.throttled();
				void again();
			}
		}
		for (const from of [3, 6]) expect(tried.slice(from, from + 3).sort()).toEqual(['a', 'b', 'c']);
	});

	test('a node at its Max Concurrency holds up no other node', async () => {
		const { permits, enter, names } = entering();
		for (const name of ['a', 'b', 'c']) void enter(name, { maxConcurrency: 2 });
		void enter('other', { node: 'other', ...one });
		await pass(0);
		expect(names()).toBe('a b other');
		permits[0]?.permit.ignored();
		await pass(0);
		expect(names()).toBe('a b other c');
	});

	test('requests that waited for the end of a pause do not start together', async () => {
		const { permits, enter } = entering();
		void enter('throttled');
		await pass(0);
		permits[0]?.permit.throttled(1_000);
		const startedAt: number[] = [];
		for (let count = 0; count < 10; count++) {
			void enter('x').then(() => startedAt.push(Date.now()));
		}
		await pass(1_200);
		expect(new Set(startedAt).size).toBe(10);
	});
});

test.each([1, 7, 120])(
	'a node with Max Concurrency %i never has more open requests',
	async (bound) => {
		const queue = new RequestQueue();
		let open = 0;
		let most = 0;
		let done = 0;
		const work = async (index: number) => {
			const traits = { node: 'node', maxConcurrency: bound, since: 0, giveUpAfter: 1e9 };
			const permit = await queue.enter(queue.takePlace(traits), new Cancellation());
			if (permit === 'gaveUp') return;
			most = Math.max(most, ++open);
			await sleep((index * 37) % 90);
			open--;
			done++;
			if (index % 11 === 0) permit.throttled(50);
			else if (index % 7 === 0) permit.ignored();
			else permit.succeeded();
		};
		for (let index = 1; index <= 600; index++) void work(index);
		await pass(600_000);
		expect(done).toBe(600);
		expect(most).toBeLessThanOrEqual(bound);
	},
);

describe('a pause', () => {
	beforeEach(() => jest.spyOn(Math, 'random').mockReturnValue(0.5));

	test('a pause lasts slightly longer than asked for, then requests go one by one', async () => {
		const { permits, enter } = entering();
		void enter('throttled');
		await pass(0);
		permits[0]?.permit.throttled(1_000);
		const from = Date.now();
		const startedAfter: number[] = [];
		for (let count = 0; count < 4; count++) {
			void enter('x').then(() => startedAfter.push(Date.now() - from));
		}
		await pass(2_000);
		expect(startedAfter).toEqual([1_050, 1_052, 1_054, 1_056]);
	});

	test('a pause is not shortened by a throttled request that asks for less', async () => {
		const { permits, enter, enterMany, names } = entering();
		enterMany(2);
		await pass(0);
		permits[0]?.permit.throttled(5_000);
		permits[1]?.permit.throttled(1_000);
		void enter('next');
		await pass(5_000);
		expect(names()).toBe('x x');
		await pass(100);
		expect(names()).toBe('x x next');
	});

	test.each<[string, string, (time: number) => boolean]>([
		['it alone if others succeed meanwhile', 'a a a next', () => true],
		['all if no other succeeds', 'a a a', () => false],
		['all if others succeed only at first', 'a a a', (time) => time === 1],
	])('a request throttled a third time pauses %s', async (...[, expected, succeeds]) => {
		const { queue, permits, enter, names } = entering();
		void enter('a');
		for (let time = 1; time <= 3; time++) {
			await pass(0);
			if (succeeds(time)) enterNow(queue).succeeded();
			const last = permits.at(-1);
			last?.permit.throttled(10_000);
			if (time < 3) void last?.again();
			if (time < 3) await pass(11_000);
		}
		void enter('next');
		await pass(5_000);
		expect(names()).toBe(expected);
	});
});

/** Answers all open requests each 100 ms, for so long. */
async function answerFor(duration: number, permits: Array<{ permit: Permit }>): Promise<void> {
	for (let passed = 0; passed < duration; passed += 100) {
		for (const { permit } of permits.splice(0)) permit.succeeded();
		await pass(100);
	}
}

describe('the limit on open requests', () => {
	beforeEach(() => jest.spyOn(Math, 'random').mockReturnValue(0.5));

	test('open requests grow by 50 each 100 ms until two seconds bring no response', async () => {
		const { permits, enterMany } = entering();
		enterMany(2_000, { maxConcurrency: 2_000 });
		const open: number[] = [];
		for (let look = 0; look < 5; look++) {
			await pass(100);
			open.push(permits.length);
		}
		expect(open).toEqual([50, 100, 150, 200, 250]);
		await pass(59_000);
		expect(permits).toHaveLength(1_000);
	});

	/**
	 * Has 60 requests open. Some are throttled, in their order, and the others succeed: so many before the
	 * first is throttled, and the rest after that.
	 */
	async function throttle(isThrottled: (place: number) => boolean, succeededBefore = 0) {
		const entered = entering();
		entered.enterMany(60);
		await pass(210);
		const open = entered.permits.splice(0).map(({ permit }) => permit);
		for (const permit of open.slice(0, succeededBefore)) permit.succeeded();
		for (const [place, permit] of open.entries()) if (isThrottled(place)) permit.throttled(0);
		for (const [place, permit] of open.entries()) {
			if (!isThrottled(place) && place >= succeededBefore) permit.succeeded();
		}
		entered.enterMany(1_000);
		await pass(1_000);
		return entered;
	}

	test.each<[string, number, (place: number) => boolean]>([
		['after many throttled requests', 40, (place) => place >= 40],
		['after five throttled requests in a row', 55, (place) => place >= 55],
		['after a few randomly throttled requests', 100, (place) => place % 10 === 5],
		['after four throttled requests in a row', 100, (place) => place >= 56],
	])('the limit %s is %i open requests', async (_name, expected, isThrottled) => {
		expect((await throttle(isThrottled)).permits).toHaveLength(expected);
	});

	test('the limit is what VideoSDK accepted, though n8n counted others as open', async () => {
		// VideoSDK had answered 15 before it throttled the 15 newest. A busy n8n reads that late.
		const { permits } = await throttle((place) => place >= 45, 15);
		expect(permits).toHaveLength(30);
	});

	test('the limit falls by half at most if VideoSDK accepts none of the open requests', async () => {
		const { permits } = await throttle((place) => place >= 40, 40);
		expect(permits).toHaveLength(20);
	});

	test('the limit rises by one after 5 s of waiting and drops if that is too many', async () => {
		const { permits } = await throttle((place) => place >= 40);
		const answerOneASecond = async (seconds: number) => {
			for (let second = 0; second < seconds; second++) {
				permits.shift()?.permit.succeeded();
				await pass(1_000);
			}
		};
		await answerOneASecond(3);
		expect(permits).toHaveLength(40);
		await answerOneASecond(2);
		expect(permits).toHaveLength(41);
		permits.shift()?.permit.throttled(0);
		await pass(1_000);
		expect(permits).toHaveLength(40);
	});

	test('the limit is one while nothing succeeds and recovers after a success', async () => {
		const { permits } = await throttle((place) => place >= 40);
		for (const { permit } of permits.splice(0)) permit.throttled(0);
		await pass(1_000);
		permits.shift()?.permit.throttled(0);
		for (const { permit } of permits.splice(0)) permit.ignored();
		await pass(1_000);
		expect(permits).toHaveLength(1);
		permits.shift()?.permit.succeeded();
		await pass(1_000);
		expect(permits).toHaveLength(40);
	});

	test('the limit does not rise while n8n is too busy to notice responses', async () => {
		const { permits, enterMany } = entering();
		enterMany(500);
		await pass(250);
		const before = permits.length;
		const now = performance.now.bind(performance);
		jest.spyOn(performance, 'now').mockImplementation(() => now() + 100);
		await pass(50);
		expect(permits).toHaveLength(before);
		await pass(200);
		expect(permits.length).toBeGreaterThan(before);
	});
});

test('one timer serves all waiting requests and ends after the last one', async () => {
	const { permits, enterMany } = entering();
	enterMany(120);
	await pass(50);
	expect(jest.getTimerCount()).toBe(1);
	await answerFor(5_000, permits);
	expect(jest.getTimerCount()).toBe(0);
});

test('the queue counts successes and nothing else', async () => {
	const { queue, permits, enterMany } = entering();
	enterMany(4);
	await pass(0);
	const [first, second, throttled, ignored] = permits.map(({ permit }) => permit);
	first?.succeeded();
	second?.succeeded();
	throttled?.throttled();
	ignored?.ignored();
	expect(queue.successes).toBe(2);
});

describe('the end of waiting', () => {
	test.each([0, 3_600_000])(
		'waiting stops when nothing succeeds for too long in a run of %i ms',
		async (age) => {
			const { gaveUp, enter } = entering();
			void enter('open', one);
			void enter('waits', { ...one, since: uptime() - age });
			await pass(59_900);
			expect(gaveUp).toEqual([]);
			await pass(100);
			expect(gaveUp).toEqual(['waits']);
		},
	);

	test('a request stops waiting even if new requests keep coming', async () => {
		const { gaveUp, enter } = entering();
		void enter('open', one);
		void enter('waits', one);
		for (let second = 0; second < 60; second++) {
			await pass(1_000);
			void enter('new', { ...one, since: uptime() });
		}
		expect(gaveUp).toEqual(['waits']);
	});

	test('a request does not stop waiting while others succeed', async () => {
		const { permits, gaveUp, enterMany } = entering();
		enterMany(100, one);
		for (let index = 0; index < 100; index++) {
			await pass(30_000);
			permits.at(-1)?.permit.succeeded();
		}
		expect(gaveUp).toEqual([]);
		expect(permits).toHaveLength(100);
	});

	test('a request stops waiting immediately, and frees its place, in a stopped execution', async () => {
		const { permits, enter, names } = entering();
		const stop = new Cancellation();
		void enter('open', one);
		const waiting = enter('stopped', one, stop);
		void enter('next', one);
		await pass(0);
		stop.cancel(new Error('stopped'));
		await expect(waiting).rejects.toThrow('stopped');
		await expect(enter('late', {}, stop)).rejects.toThrow('stopped');
		permits[0]?.permit.succeeded();
		await pass(0);
		expect(names()).toBe('open next');
	});
});

describe('shared queues', () => {
	const queueOf = (key: string) => requestQueueOf('https://a.example', key);

	test('a queue is shared by base URL and API key', () => {
		const found = queueOf('key');
		expect(requestQueueOf(' https://a.example// ', ' key ')).toBe(found);
		expect(requestQueueOf('https://b.example', 'key')).not.toBe(found);
		expect(queueOf('other')).not.toBe(found);
	});

	test('an unused queue is kept for ten minutes, then until another one is created', async () => {
		const found = queueOf('kept');
		enterNow(found).succeeded();
		await pass(599_000);
		expect(queueOf('kept')).toBe(found);
		await pass(601_000);
		queueOf('another');
		expect(queueOf('kept')).not.toBe(found);
	});

	test('at most 100 queues are kept, and none in use is dropped', () => {
		const used = (key: string) => {
			const queue = queueOf(key);
			enterNow(queue).succeeded();
			return queue;
		};
		const open = queueOf('open');
		const permit = enterNow(open);
		const waiting = queueOf('waiting');
		enterNow(waiting).throttled(60_000);
		void entering(waiting).enter('waits');
		const first = used('key 1');
		const second = used('key 2');
		for (let key = 3; key <= 98; key++) used(`key ${key}`);
		expect(queueOf('key 1')).toBe(first);
		// The one that was used least lately gives way.
		used('one too many');
		expect(queueOf('key 1')).toBe(first);
		expect(queueOf('key 2')).not.toBe(second);
		expect(queueOf('open')).toBe(open);
		expect(queueOf('waiting')).toBe(waiting);
		permit.succeeded();
	});
});
