import fc from '../../support/fastCheck';
import type { IDataObject } from 'n8n-workflow';
import { InvalidInput } from '../../../nodes/VideoSdk/errors/invalidInput';
import { visible } from '../../../nodes/VideoSdk/shared/visible';
import { readOptionalText, readText } from '../../../nodes/VideoSdk/fields/text';
import { itemWith } from '../../support/item';

const item = itemWith();

const field = {
	field: 'Session',
	path: 'sessionId',
	name: 'session ID',
	nextStep: 'Check the field.',
};

const LONG_TOKEN = 'is longer than 512 characters: "[token]"';

const read = (value: unknown) => readText(item, value, field);

function refusalOf(value: unknown): unknown {
	try {
		return read(value);
	} catch (error) {
		return error instanceof InvalidInput ? error.message : error;
	}
}

test.each<[string, unknown, string]>([
	['a UUID', '8a93774e-caa0-4cd8-9c63-f2771b031b74', '8a93774e-caa0-4cd8-9c63-f2771b031b74'],
	['the form of a webhook', 'session-8a93774e', 'session-8a93774e'],
	['spaces around it', ' \t\n1\u00a0', '1'],
	['spaces in it', 'a b', 'a b'],
	['a number', 42, '42'],
	['zero', 0, '0'],
	['slashes and dots', '../../end', '../../end'],
	['three dots', '...', '...'],
	['dots at its end', 'a..', 'a..'],
	['a script and an emoji', 'сессия-🔥', 'сессия-🔥'],
	['as long a one as may be', `${'x'.repeat(512)} `, 'x'.repeat(512)],
])('%s is taken', (_name, value, expected) => {
	expect(read(value)).toBe(expected);
});

test.each<[string, unknown, string]>([
	['an empty list', [], 'is a list, not text'],
	['an object', { id: '1' }, 'is a group of fields, not text'],
	['a list', ['1', '2'], 'is a list, not text'],
	['true', true, 'is the value true, not text'],
	['a big integer', 1n, 'is the value 1, not text'],
	['a symbol', Symbol('1'), 'is the value Symbol(1), not text'],
	['a fraction', 1.5, 'is a number with decimals, or with more digits than n8n can store exactly'],
	[
		'a number too large to be exact',
		2 ** 53,
		'is a number with decimals, or with more digits than n8n can store exactly',
	],
	['NaN', Number.NaN, 'is a number with decimals, or with more digits than n8n can store exactly'],
	['a line break', 'a\nb', 'contains a line break or a tab'],
	['a tab', 'a\tb', 'contains a line break or a tab'],
	['a null character', 'a\0', 'contains a character that cannot be sent'],
	['half a character', 'a\ud800', 'contains a character that cannot be sent'],
	['one too long', 'x'.repeat(513), `is longer than 512 characters: "${'x'.repeat(20)}…"`],
	['a token', `eyJ${'x'.repeat(500)}.y.${'z'.repeat(20)}`, LONG_TOKEN],
	['this folder', '.', 'has only dots'],
	['the folder above', ' .. ', 'has only dots'],
])('%s is refused in words', (_name, value, problem) => {
	expect(refusalOf(value)).toBe(`The session ID ${problem}`);
});

test('an object that cannot become text is refused like any object', () => {
	const problem = 'The session ID is a group of fields, not text';
	// As a webhook may bring it: {"sessionId":{"toString":1,"valueOf":1}}
	expect(refusalOf({ toString: 1, valueOf: 1 })).toBe(problem);
	expect(refusalOf(Object.create(null))).toBe(problem);
});

test.each([[undefined], [null], [''], [' \n']])('%j is empty', (value) => {
	expect(refusalOf(value)).toBe("'Session' is empty");
});

/** The error for a field in which this is written, and which gave nothing. */
const emptyWith = (written: unknown, json: IDataObject = {}) =>
	expect(() => readText(itemWith({}, { json, rawParameter: () => written }), undefined, field));

test.each<[string, unknown]>([
	['text', '={{ $json.sessionId }}'],
	['a field with modes', { __rl: true, mode: 'id', value: '={{ $json.sessionId }}' }],
])('an expression that found nothing is told from an empty field: %s', (_name, written) => {
	emptyWith(written).toThrow(
		expect.objectContaining({ message: "The expression in 'Session' returned nothing" }),
	);
});

test.each([[undefined], [null], [''], [7], [{}], [{ value: '' }], ['a={{ $json.a }}']])(
	'a field is empty in which no expression is written: %j',
	(written) => {
		emptyWith(written).toThrow(expect.objectContaining({ message: "'Session' is empty" }));
	},
);

const compare = 'Compare the field name in the expression with the input on the left';

test.each<[IDataObject, string]>([
	[{}, `${compare}. Check the field.`],
	[
		{ session_id: 'a' },
		"Did you mean {{ $json.session_id }}? The input has nothing in 'sessionId'.",
	],
	[
		{ body: { roomId: 'a' } },
		"The input has {{ $json.body.roomId }}: to use it, choose 'Room' as the resource.",
	],
	[
		{ session_id: 'a', body: { SessionID: 'b' } },
		"Did you mean {{ $json.session_id }} or {{ $json.body.SessionID }}? The input has nothing in 'sessionId'.",
	],
])('an expression that found nothing in %j: %s', (json, nextStep) => {
	emptyWith('={{ $json.sessionId }}', json).toThrow(expect.objectContaining({ nextStep }));
});

test('a number that cannot be exact is to be sent as text', () => {
	const nextStep = 'Send it as text: put it in quotes in the node that sends it.';
	expect(() => read(2 ** 53)).toThrow(expect.objectContaining({ nextStep }));
});

test('a refusal says what to do', () => {
	expect(() => read('')).toThrow(expect.objectContaining({ nextStep: 'Check the field.' }));
});

test('a text that may be left out is checked where it is there', () => {
	expect(readOptionalText(item, ' ', field)).toBeUndefined();
	expect(readOptionalText(item, ' a ', field)).toBe('a');
	expect(() => readOptionalText(item, ['a'], field)).toThrow(
		expect.objectContaining({ message: 'The session ID is a list, not text' }),
	);
});

test('a text may be allowed to be longer', () => {
	const long = 'x'.repeat(513);
	expect(readText(item, long, { ...field, longest: 513 })).toBe(long);
	expect(() => readText(item, `${long}x`, { ...field, longest: 513 })).toThrow(
		expect.objectContaining({ message: expect.stringContaining('longer than 513') as string }),
	);
});

describe('whatever an expression gives', () => {
	const text = fc.oneof(
		fc.string({ unit: 'binary', maxLength: 200 }),
		fc.string({ unit: 'grapheme' }),
		fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
		fc.stringMatching(/^[./\\%?#&;: -]{0,20}$/),
		fc.string().map((part) => part.repeat(5_000)),
	);
	const value = fc.oneof(
		text,
		fc.double(),
		fc.integer(),
		fc.bigInt(),
		fc.boolean(),
		fc.constantFrom(undefined, null, Symbol('id')),
		fc.jsonValue(),
		fc.array(text),
		fc.dictionary(text, fc.anything()),
		fc.anything(),
	);

	// What cannot is left to the test above.
	const canBecomeText = (candidate: unknown) => {
		try {
			return String(candidate).length >= 0;
		} catch {
			return false;
		}
	};

	test('is an ID that can be sent, or refused in plain words of one line', () => {
		fc.assert(
			fc.property(value.filter(canBecomeText), (candidate) => {
				const outcome = refusalOf(candidate);
				if (typeof outcome !== 'string') throw outcome;
				if (
					/^The session ID |^'Session' (is empty$|contains an expression, but is set to Fixed)/.test(
						outcome,
					)
				) {
					expect(outcome.length).toBeLessThan(120);
					return;
				}
				expect(outcome).toBe(visible(String(candidate)).trim());
				expect(outcome).not.toBe('');
				expect(decodeURIComponent(encodeURIComponent(outcome))).toBe(outcome);
				expect(new URL(`https://a/b/${encodeURIComponent(outcome)}`).pathname).not.toMatch(
					/^\/(b\/?)?$/,
				);
			}),
			{ numRuns: 10_000 },
		);
	});
});
