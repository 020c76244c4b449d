import type { ExplainedError } from '../../../nodes/VideoSdk/errors/explainError';
import type { Outcome } from '../../../nodes/VideoSdk/execution/work';
import { summaryOf, hintFor } from '../../../nodes/VideoSdk/execution/summary';

const about = (sessionId: string) => ({ index: 0, about: { sessionId } });
const ended = (sessionId: string): Outcome => ({ ...about(sessionId), rows: [{ sessionId }] });
const failure = { reason: 'it is gone' } as ExplainedError;
const failed = (sessionId: string): Outcome => ({ ...about(sessionId), failure });
const thing = { noun: 'session', idField: 'sessionId' };

const failedAt = (index: number): Outcome => ({ index, failure });
const ending = { done: 'ended', thing };

describe('the summary of a run that stopped', () => {
	test('the summary says what was done, what failed and why, and what was not attempted', () => {
		const throttled = {
			...about('f'),
			failure: { reason: 'VideoSDK was unavailable' } as ExplainedError,
		};
		const outcomes = [
			...[ended('a'), failed('b'), ended('c'), about('d'), about('e'), throttled, failed('g')],
		];
		expect(summaryOf(outcomes, ending)).toBe(
			'Ended 2 of 7 sessions. Failed: "b", "g" – it is gone; "f" – VideoSDK was unavailable. Not attempted: "d", "e". Ended: "a", "c".',
		);
	});

	test('the summary names an item without an ID by its number and omits empty lists', () => {
		expect(summaryOf([{ index: 7, failure }], { done: 'started', thing })).toBe(
			'Started 0 of 1 session. Failed: item 7 – it is gone.',
		);
	});

	test('the summary does not count a list that could not be read as one session', () => {
		const ofMany = { index: 1, failure, isOfMany: true };
		const rest = 'Failed: item 1 – it is gone.';
		expect(summaryOf([ofMany], ending)).toBe(`No session was ended. ${rest}`);
		expect(summaryOf([ended('a'), ofMany], ending)).toBe(
			`Ended 1 of 1 session found. ${rest} Ended: "a".`,
		);
	});

	test('the summary shortens a list of more than 10 sessions', () => {
		const lost = Array.from({ length: 13 }, (_, index) => about(`s${index}`));
		expect(summaryOf(lost, ending)).toMatch(/ Not attempted: .* "s8", "s9" and 3 more\.$/);
		expect(summaryOf(lost.slice(0, 10), ending)).toMatch(/ "s9"\.$/);
	});

	test('the summary names a started session by the ID in its row', () => {
		const outcomes = [{ index: 0, rows: [{ sessionId: 'new' }] }, failedAt(1)];
		expect(summaryOf(outcomes, { done: 'started', thing })).toMatch(/ Started: "new"\.$/);
	});

	test('the summary names a list by the number of its item, not by its first row', () => {
		const lists = { done: 'retrieved', thing: { noun: 'list', idField: '' } };
		const outcomes = [{ index: 3, rows: [{ sessionId: 'a' }] }, failedAt(4)];
		expect(summaryOf(outcomes, lists)).toBe(
			'Retrieved 1 of 2 lists. Failed: item 4 – it is gone. Retrieved: item 3.',
		);
	});

	test('the summary names a dispatched agent by its room', () => {
		const agents = { noun: 'agent', idField: 'roomId', idPrefix: 'agent for room ' };
		const outcomes = [{ index: 0, about: { roomId: 'r', agentId: 'a' }, failure }];
		expect(summaryOf(outcomes, { done: 'dispatched', thing: agents })).toBe(
			'Dispatched 0 of 1 agent. Failed: agent for room "r" – it is gone.',
		);
	});

	test('the summary names the session that a failure is about', () => {
		const lost = { index: 0, failure: { ...failure, about: { sessionId: 'lost' } } };
		expect(summaryOf([lost], { done: 'started', thing })).toContain('Failed: "lost" – ');
	});

	test('the summary removes line breaks from IDs and shortens long ones', () => {
		const outcomes = [ended('a\nb'), ended('c'.repeat(400))];
		expect(summaryOf(outcomes, ending)).toContain(`Ended: "a b", "${'c'.repeat(300)}…".`);
	});
});

describe('the hint', () => {
	const clean = { retries: 0, throttled: 0 };
	const alreadyEnded: Outcome = { ...about('a'), rows: [{ alreadyEnded: true }] };

	const retried = (retries: number, throttled = 0) => ({ retries, throttled });
	const [aAndB, aNotB] = [
		[ended('a'), ended('b')],
		[ended('a'), failed('b')],
	];
	const ended1 = 'Ended 1 of 2 sessions. Failed: "b" – it is gone.';

	test.each<[string, Outcome[], typeof clean, string | undefined]>([
		['a clean run', aAndB, clean, undefined],
		['a run without items', [], clean, undefined],
		['a failure', aNotB, clean, ended1],
		['a single failure', [failed('b')], clean, `Failed: "b" – it is gone.`],
		[
			'sessions that had already ended',
			[ended('a'), alreadyEnded, ended('c'), failed('d')],
			clean,
			`Ended 3 of 4 sessions. 1 session had already ended. Failed: "d" – it is gone.`,
		],
		[
			'a single session that had already ended',
			[alreadyEnded],
			clean,
			'The session had already ended.',
		],
		['one retry', [ended('a')], retried(1), 'Ended 1 of 1 session. 1 retry was needed.'],
		[
			'retries that were all throttled',
			aAndB,
			retried(70, 70),
			'Ended 2 of 2 sessions. 70 retries were needed because VideoSDK received too many requests or was unavailable.',
		],
		[
			'retries of which some were throttled',
			aAndB,
			retried(12, 11),
			'Ended 2 of 2 sessions. 12 retries were needed, 11 of them because VideoSDK received too many requests or was unavailable.',
		],
		[
			'more throttled requests than retries',
			aNotB,
			retried(2, 3),
			`${ended1} 2 retries were needed because VideoSDK received too many requests or was unavailable.`,
		],
	])('the hint is correct after %s', (_name, outcomes, tally, expected) => {
		expect(hintFor(outcomes, [], ending, tally)).toBe(expected);
	});

	test('the hint gives up to three reasons and counts the other failures', () => {
		const outcomes = ['a', 'b', 'c', 'd', 'e'].map((id, index) => ({
			...about(id),
			failure: { reason: `reason ${index}.` } as ExplainedError,
		}));
		expect(hintFor(outcomes, [], ending, clean)).toBe(
			`Ended 0 of 5 sessions. Failed: "a" – reason 0; "b" – reason 1; "c" – reason 2; 2 more, with the reason in the field 'error'.`,
		);
	});

	test('the hint begins with the message of the operation', () => {
		expect(hintFor([alreadyEnded, ended('b')], ['Dry run'], ending, clean)).toBe(
			'Dry run. 1 session had already ended.',
		);
	});
});
