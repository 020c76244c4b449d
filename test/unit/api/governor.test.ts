import { sleep } from 'n8n-workflow';
import { seededRandom } from '../../../dev/videosdk-api/random';
import { Governor, governorOf, type Slot } from '../../../nodes/VideoSdk/api/governor';
import { Stop } from '../../../nodes/VideoSdk/api/stop';

beforeEach(() => {
	jest.useFakeTimers();
	jest.spyOn(Math, 'random').mockImplementation(seededRandom(1));
});
afterEach(() => {
	jest.useRealTimers();
	jest.restoreAllMocks();
});

const pass = async (duration: number) => await jest.advanceTimersByTimeAsync(duration);

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
