import fc from '../../support/fastCheck';
import type { IDataObject } from 'n8n-workflow';
import { Repeats } from '../../../nodes/VideoSdk/events/repeats';

const HOUR = 3_600_000;

const START = Date.UTC(2025, 5, 18);

/** What n8n's database gives back of static data. */
const saved = (staticData: IDataObject) => JSON.parse(JSON.stringify(staticData)) as IDataObject;

const countSaved = ({ seen }: IDataObject) => Object.keys(seen ?? {}).length;

describe('a repeated event', () => {
	test('an event is a repeat for an hour, by the clock or by a given time', () => {
		jest.useFakeTimers({ now: START });
		for (const comes of [
			(now: number, repeats: Repeats) => repeats.isRepeat('1/a', 'started s1', {}, now),
			(now: number, repeats: Repeats) => {
				jest.setSystemTime(now);
				return repeats.isRepeat('1/a', 'started s1', {});
			},
		]) {
			const repeats = new Repeats();
			const times = [0, 1, HOUR - 1, HOUR, HOUR + 1];
			const expected = [false, true, true, false, true];
			expect(times.map((time) => comes(START + time, repeats))).toEqual(expected);
		}
		jest.useRealTimers();
	});

	test.each([
		['another session', '1/a', 'started s2'],
		['another type in the same session', '1/a', 'stopped s1'],
		['another trigger of the workflow', '1/b', 'started s1'],
	])('an event of %s is not a repeat', (_name, trigger, event) => {
		const repeats = new Repeats();
		expect(repeats.isRepeat('1/a', 'started s1', {}, START)).toBe(false);
		expect(repeats.isRepeat(trigger, event, {}, START)).toBe(false);
		expect(repeats.isRepeat('1/a', 'started s1', {}, START)).toBe(true);
		expect(repeats.isRepeat(trigger, event, {}, START)).toBe(true);
	});

	test.each(['__proto__', 'constructor', '1', ''])(
		'a repeat of an event named %j is detected',
		(event) => {
			const staticData: IDataObject = {};
			const repeats = new Repeats();
			expect(repeats.isRepeat('1/a', event, staticData, START)).toBe(false);
			expect(repeats.isRepeat('1/a', event, staticData, START)).toBe(true);
			expect(new Repeats().isRepeat('1/a', event, saved(staticData), START)).toBe(true);
		},
	);

	test('a forgotten event is not a repeat, in memory or in the static data', () => {
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

	test('a repeat is detected in concurrent requests and after a restart', () => {
		const repeats = new Repeats();
		const afterRestart = new Repeats();
		const copies = Array.from({ length: 10 }, () => saved({}));
		const verdicts = copies.map((staticData, index) =>
			repeats.isRepeat('1/a', `started s${index % 5}`, staticData, START + index),
		);
		expect(verdicts).toEqual(copies.map((_copy, index) => index >= 5));
		// The latest copy was saved over the others.
		const staticData = saved(copies[4] ?? {});
		for (let index = 0; index < 5; index++) {
			expect(afterRestart.isRepeat('1/a', `started s${index}`, staticData, START + 10)).toBe(true);
		}
	});

	test('repeats are exact to the hour in any order of events, pauses and restarts', () => {
		// Numbers are pauses.
		const step = fc.oneof(
			fc.constantFrom<string | number>('a', 'b', 'c', 'restart', HOUR - 1, HOUR),
			fc.nat(2 * HOUR),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const accepted = new Map<string, number>();
				let staticData: IDataObject = {};
				let repeats = new Repeats();
				let now = START;
				for (const taken of steps) {
					if (typeof taken === 'number') now += taken;
					else if (taken === 'restart') repeats = new Repeats();
					else {
						const isRepeat = now - (accepted.get(taken) ?? -HOUR) < HOUR;
						staticData = saved(staticData);
						expect(repeats.isRepeat('1/a', taken, staticData, now)).toBe(isRepeat);
						if (!isRepeat) accepted.set(taken, now);
					}
				}
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe('remembered events', () => {
	test('an event is saved once, for an hour, beside other static data', () => {
		const repeats = new Repeats();
		const staticData: IDataObject = { mine: { a: 1 } };
		repeats.isRepeat('1/a', 'started s1', staticData, START);
		expect(staticData).toEqual({ mine: { a: 1 }, seen: { 'started s1': START } });
		const other: IDataObject = {};
		expect(repeats.isRepeat('1/a', 'started s1', other, START)).toBe(true);
		expect(other).toEqual({});
		repeats.isRepeat('1/a', 'started s2', staticData, START + HOUR);
		expect(staticData.seen).toEqual({ 'started s2': START + HOUR });
	});

	test('the static data keeps at most the latest 1,000 events', () => {
		const repeats = new Repeats();
		const staticData: IDataObject = {};
		for (let number = 0; number < 1_100; number++) {
			repeats.isRepeat('1/a', `started s${number}`, staticData, START);
			expect(countSaved(staticData)).toBe(Math.min(number + 1, 1_000));
		}
		const afterRestart = new Repeats();
		const knows = (number: number) =>
			afterRestart.isRepeat('1/a', `started s${number}`, saved(staticData), START);
		expect([1_099, 100, 99].map(knows)).toEqual([true, true, false]);
	});

	test('the memory of repeats keeps at most the latest 10,000 events of each trigger', () => {
		const repeats = new Repeats();
		const events = Array.from({ length: 10_000 }, (_none, number) => [`started s${number}`, START]);
		// Each event takes longer the more are remembered, so most of them come from the static data.
		const staticData: IDataObject = { seen: Object.fromEntries(events) };
		const comes = (number: number) =>
			repeats.isRepeat('1/a', `started s${number}`, staticData, START);
		expect(repeats.isRepeat('1/b', 'started s0', {}, START)).toBe(false);
		expect([0, 10_000, 0, 10_000, 5_000].map(comes)).toEqual([true, false, false, true, true]);
		expect(repeats.isRepeat('1/b', 'started s0', {}, START)).toBe(true);
	});
});

test.each<[string, IDataObject]>([
	['a string', { seen: 'started s1' }],
	['null', { seen: null }],
	['a list', { seen: ['started s1'] }],
	['invalid times', { seen: { 'started s1': 'yesterday', 'started s2': null } }],
	[
		'an invalid time after a valid one',
		{ seen: { 'started s0': START, 'started s1': 'yesterday' } },
	],
])('invalid static data makes no event a repeat: %s', (_name, staticData) => {
	const repeats = new Repeats();
	expect(repeats.isRepeat('1/a', 'started s1', staticData, START)).toBe(false);
	expect(staticData).toEqual({ seen: expect.objectContaining({ 'started s1': START }) });
	expect(repeats.isRepeat('1/a', 'started s1', staticData, START)).toBe(true);
});

test('invalid static data never causes an error and is replaced', () => {
	fc.assert(
		fc.property(fc.jsonValue(), (junk) => {
			const staticData = saved({ seen: junk } as IDataObject);
			expect(new Repeats().isRepeat('1/a', 'started s1', staticData, START)).toBe(false);
			expect(new Repeats().isRepeat('1/a', 'started s1', saved(staticData), START)).toBe(true);
		}),
		{ numRuns: 1_000 },
	);
});
