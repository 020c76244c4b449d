/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs in Jest, whose timers it makes late */
import { sleep } from 'n8n-workflow';
import { seededRandom } from '../../../dev/videosdk-api/random';
import { Allowance } from '../../../nodes/VideoSdk/api/allowance';
import { Governor, governorOf, type Slot } from '../../../nodes/VideoSdk/api/governor';
import { Stop } from '../../../nodes/VideoSdk/api/stop';
import { uptime } from '../../../nodes/VideoSdk/api/uptime';

beforeEach(() => {
	jest.useFakeTimers();
	jest.spyOn(Math, 'random').mockImplementation(seededRandom(1));
});
afterEach(() => {
	jest.restoreAllMocks();
	jest.useRealTimers();
});

const pass = async (duration: number) => await jest.advanceTimersByTimeAsync(duration);

/** Enters queues, and keeps the slots. */
function entering(governor = new Governor()) {
	const slots: Array<{ name: string; slot: Slot }> = [];
	const gaveUp: string[] = [];
	const since = uptime();
	const enter = (name: string, turn: Partial<Parameters<Governor['enter']>[0]> = {}) => {
		const defaults = {
			endpoint: 'x',
			queue: 'new' as const,
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
		for (const queue of ['poll', 'new', 'retry'] as const) {
			void enter(`${queue} 1`, { queue, maxConcurrency: 1 });
			void enter(`${queue} 2`, { queue, maxConcurrency: 1 });
		}
		for (let round = 0; round < 6; round++) {
			await pass(1);
			slots.at(-1)?.slot.succeeded();
		}
		await pass(1);
		expect(names()).toEqual(['first', 'retry 1', 'retry 2', 'new 1', 'new 2', 'poll 1', 'poll 2']);
	});

	test('those that wait because as many are open as may be count as held up by that', async () => {
		const heldUp = jest.spyOn(Allowance.prototype, 'heldUp');
		const { slots, enter } = entering();
		for (let n = 0; n < 500; n++) void enter(`${n}`);
		await pass(500);
		expect(slots.length).toBeLessThan(500);
		expect(new Set(heldUp.mock.calls.map(([, , , by]) => by))).toEqual(new Set(['atOnce']));
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
				endpoint: 'x',
				queue: 'new' as const,
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

describe('a pause', () => {
	beforeEach(() => jest.spyOn(Math, 'random').mockReturnValue(0.5));

	test('lasts as long as VideoSDK asks and a moment more; then requests go on one by one', async () => {
		const { slots, enter } = entering();
		void enter('refused');
		await pass(0);
		slots[0]?.slot.refused(1_000);
		const refusedAt = Date.now();
		const startedAfter: number[] = [];
		for (let count = 0; count < 4; count++) {
			void enter('x').then(() => startedAfter.push(Date.now() - refusedAt));
		}
		await pass(2_000);
		expect(startedAfter).toEqual([1_050, 1_052, 1_054, 1_056]);
	});

	test('is not made shorter by a refusal that asks for less', async () => {
		const { slots, enter, names } = entering();
		void enter('a');
		void enter('b');
		await pass(0);
		slots[0]?.slot.refused(5_000);
		slots[1]?.slot.refused(1_000);
		void enter('next');
		await pass(5_000);
		expect(names()).not.toContain('next');
		await pass(100);
		expect(names()).toContain('next');
	});
});

/** Answers all open requests each 100 ms, for so long. */
async function answerFor(duration: number, slots: Array<{ slot: Slot }>): Promise<void> {
	for (let passed = 0; passed < duration; passed += 100) {
		for (const { slot } of slots.splice(0)) slot.succeeded();
		await pass(100);
	}
}

describe('while requests wait', () => {
	beforeEach(() => jest.spyOn(Math, 'random').mockReturnValue(0.5));

	test('more are sent as time goes, as long as answers may still come', async () => {
		const { slots, enter } = entering();
		for (let count = 0; count < 2_000; count++) void enter('x', { maxConcurrency: 2_000 });
		const open: number[] = [];
		for (let look = 0; look < 5; look++) {
			await pass(100);
			open.push(slots.length);
		}
		expect(open).toEqual([50, 100, 150, 200, 250]);
		await pass(60_000 - 600);
		expect(slots).toHaveLength(1_000);
	});

	test('an n8n that was too busy to look sends no more: it may not have seen the answers', async () => {
		const { slots, enter } = entering();
		for (let count = 0; count < 500; count++) void enter('x');
		await pass(150);
		const before = slots.length;
		const now = performance.now.bind(performance);
		jest.spyOn(performance, 'now').mockImplementation(() => now() + 100);
		await pass(50);
		expect(slots).toHaveLength(before);
		await pass(200);
		expect(slots.length).toBeGreaterThan(before);
	});

	test('one timer looks after all of them, and none once nobody waits', async () => {
		const { slots, enter } = entering();
		for (let count = 0; count < 60; count++) void enter('x');
		await pass(50);
		expect(jest.getTimerCount()).toBe(1);
		await answerFor(5_000, slots);
		expect(jest.getTimerCount()).toBe(0);
	});

	test('one timer is left where a look was overtaken by a sooner one', async () => {
		const { slots, enter } = entering();
		void enter('refused');
		await pass(0);
		slots.shift()?.slot.refused(0);
		for (let count = 0; count < 10; count++) void enter('x', { maxConcurrency: 2 });
		while (slots.length < 2) await pass(1);
		// Both are open: the next look is in 100 ms.
		await pass(3);
		expect(jest.getTimerCount()).toBe(1);
		// A third starts at once, and the next might 2 ms later.
		slots.shift()?.slot.succeeded();
		expect(jest.getTimerCount()).toBe(2);
		await pass(1_000);
		expect(jest.getTimerCount()).toBe(1);
	});

	test('a pause is no calm time after which more is tried', async () => {
		const { governor, slots, enter } = entering();
		for (let count = 0; count < 60; count++) void enter('x');
		await pass(0);
		const [first, second, third] = slots.map(({ slot }) => slot);
		first?.refused(0);
		await pass(1_000);
		second?.succeeded();
		await pass(100);
		expect(slots).toHaveLength(52);
		// Asks for a pause, but was sent before the refusal that a lesson was drawn from.
		third?.refused(30_000);
		const urgent = { endpoint: 'x', maxConcurrency: 500 };
		governor.enterNow(urgent);
		for (let second = 0; second < 31; second++) {
			await pass(1_000);
			governor.enterNow(urgent).succeeded();
		}
		expect(slots).toHaveLength(52);
	});

	test('what is open is counted once it is answered: others of the same bound may go', async () => {
		const { slots, enter, names } = entering();
		for (const name of ['a', 'b', 'c', 'd']) void enter(name, { maxConcurrency: 2 });
		await pass(0);
		slots[1]?.slot.ignored();
		await pass(0);
		expect(names()).toEqual(['a', 'b', 'c']);
		slots[0]?.slot.succeeded();
		await pass(0);
		expect(names()).toEqual(['a', 'b', 'c', 'd']);
	});
});

describe('more than succeeds', () => {
	beforeEach(() => jest.spyOn(Math, 'random').mockReturnValue(0.5));

	/**
	 * Has four requests answered after a second, and then two of three refused.
	 *
	 * @param order in which the four are answered
	 * @param isHeldUp whether the fifty that follow wait already then
	 * @returns milliseconds between the fifty, each of which is answered at once
	 */
	async function gapsAfter(order: 'first in' | 'last in', isHeldUp: boolean): Promise<number[]> {
		const { slots, enter } = entering();
		for (let count = 0; count < 4; count++) void enter('x');
		await pass(1_000);
		const four = slots.splice(0);
		for (const { slot } of order === 'first in' ? four : four.reverse()) slot.succeeded();
		for (let count = 0; count < 3; count++) void enter('x', { maxConcurrency: 3 });
		await pass(0);
		const [open, ...refused] = slots.splice(0).map(({ slot }) => slot);
		const startedAt: number[] = [];
		const enterFifty = () => {
			for (let count = 0; count < 50; count++) {
				void enter('x', { maxConcurrency: 3 }).then(() => {
					startedAt.push(Date.now());
					slots.pop()?.slot.succeeded();
				});
			}
		};
		if (isHeldUp) enterFifty();
		for (const slot of refused.reverse()) slot.refused();
		if (!isHeldUp) enterFifty();
		open?.ignored();
		await pass(20_000);
		expect(startedAt).toHaveLength(50);
		return startedAt.slice(1).map((time, index) => time - (startedAt[index] ?? 0));
	}

	test('is sent at the rate at which it succeeded, and a little faster after 3 s', async () => {
		const gaps = await gapsAfter('last in', true);
		expect(new Set(gaps.slice(0, 14))).toEqual(new Set([226, 227]));
		expect(new Set(gaps.slice(14, 19))).toEqual(new Set([206]));
		expect(new Set(gaps.slice(19, 23))).toEqual(new Set([171, 172]));
	});

	test.each<[string, 'first in' | 'last in', boolean]>([
		['where none waited, as there was no more', 'last in', false],
		// Four were never open from the start of one to its end.
		['where fewer succeeded at once: it is about how many are open', 'first in', true],
	])('says nothing of a rate %s', async (_name, order, isHeldUp) => {
		expect(new Set(await gapsAfter(order, isHeldUp))).toEqual(new Set([2]));
	});

	test.each([0, 1])('is tried after 3 s although timers are %i ms late', async (late) => {
		const onTime = setTimeout;
		jest
			.spyOn(globalThis, 'setTimeout')
			.mockImplementation(((run: () => void, after: number) =>
				onTime(run, after + late)) as typeof setTimeout);
		const { slots, enter } = entering();
		for (let count = 0; count < 30; count++) void enter('x');
		await pass(1_000);
		for (const { slot } of slots.splice(0).reverse()) slot.succeeded();
		for (let count = 0; count < 18; count++) void enter('x', { maxConcurrency: 18 });
		await pass(0);
		const startedAt: number[] = [];
		for (let count = 0; count < 110; count++) {
			void enter('x', { maxConcurrency: 18 }).then(() => {
				startedAt.push(Date.now());
				slots.pop()?.slot.succeeded();
			});
		}
		for (const { slot } of slots.splice(0).reverse()) slot.refused();
		await pass(10_000);
		const gaps = startedAt.slice(1).map((time, index) => time - (startedAt[index] ?? 0));
		expect(new Set(gaps.slice(0, 95))).toEqual(new Set([30, 31]));
		expect(new Set(gaps.slice(100))).toEqual(new Set([27, 28]));
	});

	test('at once is not sent again at once', async () => {
		const { slots, enter } = entering();
		for (let count = 0; count < 30; count++) void enter('x');
		await pass(100);
		for (const { slot } of slots.splice(20).reverse()) slot.refused(0);
		for (let count = 0; count < 100; count++) void enter('x');
		await pass(1_000);
		expect(slots).toHaveLength(29);
	});
});

test('successes are counted, and nothing else', async () => {
	const { governor, slots, enter } = entering();
	for (let count = 0; count < 4; count++) void enter('x');
	await pass(0);
	const [first, second, refused, ignored] = slots.map(({ slot }) => slot);
	first?.succeeded();
	second?.succeeded();
	refused?.refused();
	ignored?.ignored();
	expect(governor.successes).toBe(2);
});

describe('waiting ends', () => {
	test('when nothing succeeded for too long', async () => {
		const { slots, gaveUp, enter } = entering();
		void enter('open', { maxConcurrency: 1 });
		void enter('waits', { maxConcurrency: 1 });
		await pass(59_900);
		expect(gaveUp).toEqual([]);
		await pass(100);
		expect(gaveUp).toEqual(['waits']);
		slots[0]?.slot.ignored();
	});

	test('also where new ones come all the time', async () => {
		const { gaveUp, enter } = entering();
		void enter('open', { maxConcurrency: 1 });
		void enter('waits', { maxConcurrency: 1 });
		for (let second = 0; second < 60; second++) {
			await pass(1_000);
			void enter('new', { maxConcurrency: 1, since: uptime() });
		}
		expect(gaveUp).toEqual(['waits']);
	});

	test('for one of a long run no sooner than for others', async () => {
		const { gaveUp, enter } = entering();
		void enter('open', { maxConcurrency: 1 });
		void enter('waits', { maxConcurrency: 1, since: uptime() - 3_600_000 });
		await pass(59_900);
		expect(gaveUp).toEqual([]);
		await pass(100);
		expect(gaveUp).toEqual(['waits']);
	});

	test('but not while others succeed', async () => {
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
		expect(governorOf(' https://a.example// ', ' key ')).toBe(one);
		expect(governorOf('https://b.example', 'key')).not.toBe(one);
		expect(governorOf('https://a.example', 'other')).not.toBe(one);
	});

	test('what it learned is kept for ten minutes', async () => {
		const one = governorOf('https://a.example', 'kept');
		one.enterNow({ endpoint: 'x', maxConcurrency: 1 }).succeeded();
		await pass(599_000);
		expect(governorOf('https://a.example', 'kept')).toBe(one);
		await pass(601_000);
		governorOf('https://a.example', 'another');
		expect(governorOf('https://a.example', 'kept')).not.toBe(one);
	});

	test('a hundred are kept at most, and none that is in use is dropped', () => {
		const one = { endpoint: 'x', maxConcurrency: 1 };
		const used = (key: string) => {
			const governor = governorOf('https://a.example', key);
			governor.enterNow(one).succeeded();
			return governor;
		};
		const open = governorOf('https://a.example', 'open');
		const slot = open.enterNow(one);
		const waiting = governorOf('https://a.example', 'waiting');
		waiting.enterNow(one).refused(60_000);
		void entering(waiting).enter('waits');
		const first = used('key 1');
		const second = used('key 2');
		for (let key = 3; key <= 98; key++) used(`key ${key}`);
		expect(governorOf('https://a.example', 'key 1')).toBe(first);
		// The one that was used least lately gives way.
		used('one too many');
		expect(governorOf('https://a.example', 'key 1')).toBe(first);
		expect(governorOf('https://a.example', 'key 2')).not.toBe(second);
		expect(governorOf('https://a.example', 'open')).toBe(open);
		expect(governorOf('https://a.example', 'waiting')).toBe(waiting);
		slot.succeeded();
	});
});
