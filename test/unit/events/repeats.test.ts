import fc from '../../support/fastCheck';
import type { IDataObject } from 'n8n-workflow';
import { Repeats } from '../../../nodes/VideoSdk/events/repeats';

const HOUR = 3_600_000;

const START = Date.UTC(2025, 5, 18);

/** What n8n's database gives back of static data. */
const saved = (staticData: IDataObject) => JSON.parse(JSON.stringify(staticData)) as IDataObject;

const countSaved = ({ seen }: IDataObject) => Object.keys(seen ?? {}).length;

describe('a repeated event', () => {
	test('is one that came within the last hour', () => {
		const repeats = new Repeats();
		const comes = (after: number) => repeats.isRepeat('1/a', 'started s1', {}, START + after);
		expect(comes(0)).toBe(false);
		expect(comes(1)).toBe(true);
		expect(comes(HOUR - 1)).toBe(true);
		expect(comes(HOUR)).toBe(false);
		expect(comes(HOUR + 1)).toBe(true);
	});

	test('is told by the clock, unless the caller brings its own time', () => {
		const repeats = new Repeats();
		jest.useFakeTimers({ now: START });
		expect(repeats.isRepeat('1/a', 'started s1', {})).toBe(false);
		jest.advanceTimersByTime(HOUR - 1);
		expect(repeats.isRepeat('1/a', 'started s1', {})).toBe(true);
		jest.advanceTimersByTime(1);
		expect(repeats.isRepeat('1/a', 'started s1', {})).toBe(false);
		jest.useRealTimers();
	});

	test.each([
		['another session', '1/a', 'started s2'],
		['another event of the session', '1/a', 'stopped s1'],
		['another trigger of the workflow', '1/b', 'started s1'],
		['a trigger of another workflow', '2/a', 'started s1'],
	])('is not one of %s', (_name, trigger, event) => {
		const repeats = new Repeats();
		expect(repeats.isRepeat('1/a', 'started s1', {}, START)).toBe(false);
		expect(repeats.isRepeat(trigger, event, {}, START)).toBe(false);
		expect(repeats.isRepeat('1/a', 'started s1', {}, START)).toBe(true);
		expect(repeats.isRepeat(trigger, event, {}, START)).toBe(true);
	});

	test.each(['__proto__', 'constructor', 'toString', '1', ''])(
		'may be called anything: %j',
		(event) => {
			const staticData: IDataObject = {};
			const repeats = new Repeats();
			expect(repeats.isRepeat('1/a', event, staticData, START)).toBe(false);
			expect(repeats.isRepeat('1/a', event, staticData, START)).toBe(true);
			expect(new Repeats().isRepeat('1/a', event, saved(staticData), START)).toBe(true);
		},
	);

	test('is none of an event that was forgotten, here and in what is saved', () => {
		const repeats = new Repeats();
		const staticData: IDataObject = {};
		for (const event of ['a', 'b']) repeats.isRepeat('1/a', event, staticData, START);
		repeats.forget('1/a', 'b', staticData);
		repeats.forget('1/a', 'c', staticData);
		repeats.forget('1/b', 'a', {});
		expect(saved(staticData)).toEqual({ seen: { a: START } });
		expect(repeats.isRepeat('1/a', 'a', staticData, START)).toBe(true);
		expect(repeats.isRepeat('1/a', 'b', staticData, START)).toBe(false);
	});

	test('is known to all of 500 requests at the same time, though each has its own static data', () => {
		const repeats = new Repeats();
		const before = saved({});
		const copies = Array.from({ length: 500 }, () => saved(before));
		const verdicts = copies.map((staticData, index) =>
			repeats.isRepeat('1/a', `started s${index % 250}`, staticData, START),
		);
		expect(verdicts).toEqual(copies.map((_copy, index) => index >= 250));
	});

	test('is known after a restart by the latest that was saved, whatever was overwritten before', () => {
		const repeats = new Repeats();
		const copies = Array.from({ length: 10 }, () => saved({}));
		for (const [index, staticData] of copies.entries()) {
			repeats.isRepeat('1/a', `started s${index}`, staticData, START + index);
		}
		const afterRestart = new Repeats();
		const staticData = saved(copies.at(-1) ?? {});
		const verdicts = copies.map((_copy, index) =>
			afterRestart.isRepeat('1/a', `started s${index}`, staticData, START + 10),
		);
		expect(verdicts).toEqual(copies.map(() => true));
	});

	test('is what came within the hour, in any order of events, pauses and restarts', () => {
		const step = fc.oneof(
			fc.record({ kind: fc.constant('event' as const), name: fc.constantFrom('a', 'b', 'c') }),
			fc.record({ kind: fc.constant('pause' as const), for: fc.nat(2 * HOUR) }),
			fc.record({ kind: fc.constant('pause' as const), for: fc.constantFrom(HOUR - 1, HOUR) }),
			fc.record({ kind: fc.constant('restart' as const) }),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const accepted = new Map<string, number>();
				let staticData: IDataObject = {};
				let repeats = new Repeats();
				let now = START;
				for (const taken of steps) {
					if (taken.kind === 'pause') now += taken.for;
					else if (taken.kind === 'restart') repeats = new Repeats();
					else {
						const isRepeat = now - (accepted.get(taken.name) ?? -HOUR) < HOUR;
						staticData = saved(staticData);
						expect(repeats.isRepeat('1/a', taken.name, staticData, now)).toBe(isRepeat);
						if (!isRepeat) accepted.set(taken.name, now);
					}
				}
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe('what is remembered', () => {
	test('is saved for the next start: an event with its time', () => {
		const staticData: IDataObject = {};
		new Repeats().isRepeat('1/a', 'started s1', staticData, START);
		expect(staticData).toEqual({ seen: { 'started s1': START } });
	});

	test('leaves alone what else is in the static data', () => {
		const staticData: IDataObject = { mine: { a: 1 } };
		new Repeats().isRepeat('1/a', 'started s1', staticData, START);
		expect(staticData.mine).toEqual({ a: 1 });
	});

	test('is not saved anew for a repeat', () => {
		const repeats = new Repeats();
		repeats.isRepeat('1/a', 'started s1', {}, START);
		const staticData: IDataObject = {};
		expect(repeats.isRepeat('1/a', 'started s1', staticData, START)).toBe(true);
		expect(staticData).toEqual({});
	});

	test('is no longer saved when it is an hour old', () => {
		const repeats = new Repeats();
		const staticData: IDataObject = {};
		repeats.isRepeat('1/a', 'started s1', staticData, START);
		repeats.isRepeat('1/a', 'started s2', staticData, START + HOUR);
		expect(staticData).toEqual({ seen: { 'started s2': START + HOUR } });
	});

	test('is at most the latest 1,000 events in the static data', () => {
		const repeats = new Repeats();
		const staticData: IDataObject = {};
		for (let number = 0; number < 1_100; number++) {
			repeats.isRepeat('1/a', `started s${number}`, staticData, START);
			expect(countSaved(staticData)).toBe(Math.min(number + 1, 1_000));
		}
		const afterRestart = new Repeats();
		const knows = (number: number) =>
			afterRestart.isRepeat('1/a', `started s${number}`, saved(staticData), START);
		expect(knows(1_099)).toBe(true);
		expect(knows(100)).toBe(true);
		expect(knows(99)).toBe(false);
	});

	test('is at most the latest 10,000 events of each trigger while n8n runs', () => {
		const repeats = new Repeats();
		const events = Array.from({ length: 10_000 }, (_none, number) => [`started s${number}`, START]);
		// Each event takes longer the more are remembered, so most of them come from the static data.
		const staticData: IDataObject = { seen: Object.fromEntries(events) };
		const comes = (number: number) =>
			repeats.isRepeat('1/a', `started s${number}`, staticData, START);
		expect(repeats.isRepeat('1/b', 'started s0', {}, START)).toBe(false);
		expect(comes(0)).toBe(true);
		expect(comes(10_000)).toBe(false);
		expect(comes(0)).toBe(false);
		expect(comes(10_000)).toBe(true);
		expect(comes(5_000)).toBe(true);
		expect(repeats.isRepeat('1/b', 'started s0', {}, START)).toBe(true);
	});
});

describe('static data that is not ours', () => {
	test.each<[string, IDataObject]>([
		['a text', { seen: 'started s1' }],
		['a number', { seen: 1 }],
		['null', { seen: null }],
		['a list', { seen: ['started s1'] }],
		['times that are none', { seen: { 'started s1': 'yesterday', 'started s2': null } }],
		['none after one that is', { seen: { 'started s0': START, 'started s1': 'yesterday' } }],
	])('makes no event a repeat: %s', (_name, staticData) => {
		const repeats = new Repeats();
		expect(repeats.isRepeat('1/a', 'started s1', staticData, START)).toBe(false);
		expect(staticData).toEqual({ seen: expect.objectContaining({ 'started s1': START }) });
		expect(repeats.isRepeat('1/a', 'started s1', staticData, START)).toBe(true);
	});

	test('never throws, and is replaced by our own', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (junk) => {
				const staticData = saved({ seen: junk } as IDataObject);
				const repeats = new Repeats();
				expect(repeats.isRepeat('1/a', 'started s1', staticData, START)).toBe(false);
				expect(new Repeats().isRepeat('1/a', 'started s1', saved(staticData), START)).toBe(true);
			}),
			{ numRuns: 1_000 },
		);
	});
});
