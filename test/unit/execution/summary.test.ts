import type { ExplainedError } from '../../../nodes/VideoSdk/execution/explainError';
import type { Outcome } from '../../../nodes/VideoSdk/execution/operation';
import { summaryOf, hintFor } from '../../../nodes/VideoSdk/execution/summary';

const about = (sessionId: string) => ({ index: 0, about: { sessionId } });
const ended = (sessionId: string): Outcome => ({ ...about(sessionId), rows: [{ sessionId }] });
const failure = {} as ExplainedError;
const thing = { noun: 'session', idField: 'sessionId' };

describe('the summary of a run that stopped', () => {
	test('counts and lists what was ended, what failed and what was not attempted', () => {
		const outcomes = [ended('a'), { ...about('b'), failure }, ended('c'), about('d'), about('e')];
		expect(summaryOf(outcomes, { done: 'ended', thing })).toBe(
			'Of 5 in this run, 2 ended, 1 failed, 2 not attempted. Failed: "b". Ended: "a", "c". Not attempted: "d", "e".',
		);
	});

	test('names an item by its number where it is about nothing, and lists nothing empty', () => {
		expect(summaryOf([{ index: 7, failure }], { done: 'started', thing })).toBe(
			'Of 1 in this run, 0 started, 1 failed, 0 not attempted. Failed: item 7.',
		);
	});

	test('cuts a list off that nobody would read', () => {
		const outcomes = Array.from({ length: 13 }, (_, index) => ended(`s${index}`));
		expect(summaryOf(outcomes, { done: 'ended', thing })).toMatch(
			/^Of 13 in .* "s8", "s9" and 3 more\.$/,
		);
		expect(summaryOf(outcomes.slice(0, 10), { done: 'ended', thing })).toMatch(
			/^Of 10 in .* "s9"\.$/,
		);
	});

	test('names a session that was started by its row', () => {
		const outcomes = [
			{ index: 0, rows: [{ sessionId: 'new' }] },
			{ index: 1, failure },
		];
		expect(summaryOf(outcomes, { done: 'started', thing })).toContain(
			'Failed: item 1. Started: "new".',
		);
	});

	test('names an item by its number where nothing came of it', () => {
		expect(summaryOf([{ index: 3, rows: [] }], { done: 'listed', thing })).toContain(
			'Listed: item 3.',
		);
	});

	test('names what a failure is about', () => {
		const failed = { index: 0, failure: { ...failure, about: { sessionId: 'lost' } } };
		expect(summaryOf([failed], { done: 'started', thing })).toContain('Failed: "lost".');
	});

	test('quotes an ID like all foreign text', () => {
		const outcomes = [ended('a\nb'), ended('c'.repeat(400))];
		expect(summaryOf(outcomes, { done: 'ended', thing })).toContain(
			`Ended: "a b", "${'c'.repeat(300)}…".`,
		);
	});
});

describe('the hint', () => {
	const clean = { repeated: 0, refused: 0, waitedFor: 0 };
	const alreadyEnded: Outcome = { ...about('a'), rows: [{ alreadyEnded: true }] };

	test.each<[string, Outcome[], typeof clean, string | undefined]>([
		['a clean run', [ended('a')], clean, undefined],
		['no items', [], clean, undefined],
		[
			'a failure',
			[ended('a'), { ...about('b'), failure }],
			clean,
			'1 of 2 failed: see the field error.',
		],
		[
			'sessions that had ended',
			[ended('a'), alreadyEnded, ended('c'), { ...about('d'), failure }],
			clean,
			'1 of 4 failed: see the field error. 1 of 3 sessions had already ended.',
		],
		['the one session had ended', [alreadyEnded], clean, '1 of 1 session had already ended.'],
		['one repeated request', [], { ...clean, repeated: 1 }, 'Requests were repeated 1 time.'],
		[
			'requests that VideoSDK refused',
			[],
			{ ...clean, repeated: 12, refused: 11 },
			'Requests were repeated 12 times; VideoSDK asked to slow down 11 times.',
		],
		[
			'all of it',
			[alreadyEnded],
			{ repeated: 2, refused: 1, waitedFor: 3 },
			'1 of 1 session had already ended. Requests were repeated 2 times; VideoSDK asked to slow down 1 time. 3 sessions had to be waited for.',
		],
	])('after %s', (_name, outcomes, tally, expected) => {
		expect(hintFor(outcomes, [], thing.noun, tally)).toBe(expected);
	});

	test('begins with what the operation has to say', () => {
		expect(hintFor([alreadyEnded], ['Dry run'], thing.noun, clean)).toMatch(
			/^Dry run\. 1 of 1 session /,
		);
	});
});
