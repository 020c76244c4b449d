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
	['an ID in the format of a webhook', 'session-8a93774e', 'session-8a93774e'],
	['a value with spaces around it', ' \t\n1\u00a0', '1'],
	['a value with spaces in it', 'a b', 'a b'],
	['a number', 42, '42'],
	['zero', 0, '0'],
	['slashes and dots', '../../end', '../../end'],
	['three dots', '...', '...'],
	['a value that ends with dots', 'a..', 'a..'],
	['Cyrillic letters and an emoji', 'сессия-🔥', 'сессия-🔥'],
	['a value of 512 characters', `${'x'.repeat(512)} `, 'x'.repeat(512)],
])('a text field accepts %s', (_name, value, expected) => {
	expect(read(value)).toBe(expected);
});

const notExact = 'is a number with decimals, or with more digits than n8n can store exactly';
const unsendable = 'contains a character that cannot be sent';
const broken = 'contains a line break or a tab';

test.each<[string, unknown, string]>([
	['an empty list', [], 'is a list, not text'],
	['an object', { id: '1' }, 'is a group of fields, not text'],
	// As a webhook may bring it.
	[
		'an object that cannot become text',
		{ toString: 1, valueOf: 1 },
		'is a group of fields, not text',
	],
	['an object without a prototype', Object.create(null), 'is a group of fields, not text'],
	['a list', ['1', '2'], 'is a list, not text'],
	['true', true, 'is the value true, not text'],
	['a big integer', 1n, 'is the value 1, not text'],
	['a symbol', Symbol('1'), 'is the value Symbol(1), not text'],
	['a fraction', 1.5, notExact],
	['a number too large to be exact', 2 ** 53, notExact],
	['NaN', Number.NaN, notExact],
	['a line break', 'a\nb', broken],
	['a tab', 'a\tb', broken],
	['a null character', 'a\0', unsendable],
	['half of a surrogate pair', 'a\ud800', unsendable],
	[
		'a value of 513 characters',
		'x'.repeat(513),
		`is longer than 512 characters: "${'x'.repeat(20)}…"`,
	],
	['a token of more than 512 characters', `eyJ${'x'.repeat(500)}.y.${'z'.repeat(20)}`, LONG_TOKEN],
	['a single dot', '.', 'consists only of dots'],
	['two dots', ' .. ', 'consists only of dots'],
])('a text field rejects %s with an explanation', (_name, value, problem) => {
	expect(refusalOf(value)).toBe(`The session ID ${problem}`);
});

test.each([[undefined], [null], [''], [' \n']])('a text field treats %j as empty', (value) => {
	expect(refusalOf(value)).toBe("'Session' is empty");
});

/** The error for a field in which this is written, and which gave nothing. */
const emptyWith = (written: unknown, json: IDataObject = {}) =>
	expect(() => readText(itemWith({}, { json, rawParameter: () => written }), undefined, field));

test.each<[string, unknown, string]>([
	['an expression', '={{ $json.sessionId }}', "The expression in 'Session' returned nothing"],
	[
		'a resource locator',
		{ __rl: true, mode: 'id', value: '={{ $json.sessionId }}' },
		"The expression in 'Session' returned nothing",
	],
	...[undefined, null, '', 7, {}, { value: '' }, 'a={{ $json.a }}'].map(
		(written): [string, unknown, string] => [
			String(JSON.stringify(written)),
			written,
			"'Session' is empty",
		],
	),
])('an empty field and an empty expression result differ: %s', (_name, written, message) => {
	emptyWith(written).toThrow(expect.objectContaining({ message }));
});

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
])('an empty result from %j gives a hint', (json, nextStep) => {
	emptyWith('={{ $json.sessionId }}', json).toThrow(expect.objectContaining({ nextStep }));
});

test.each([
	[2 ** 53, 'It must be text: put it in quotes in the node or app that it comes from.'],
	['', 'Check the field.'],
])('the error for the value %j says what to do', (value, nextStep) => {
	expect(() => read(value)).toThrow(expect.objectContaining({ nextStep }));
});

test('an optional text field may be empty, but its value is checked', () => {
	expect(readOptionalText(item, ' ', field)).toBeUndefined();
	expect(readOptionalText(item, ' a ', field)).toBe('a');
	expect(() => readOptionalText(item, ['a'], field)).toThrow(
		expect.objectContaining({ message: 'The session ID is a list, not text' }),
	);
});

test('a text field can allow a longer value', () => {
	const long = 'x'.repeat(513);
	expect(readText(item, long, { ...field, longest: 513 })).toBe(long);
	expect(() => readText(item, `${long}x`, { ...field, longest: 513 })).toThrow(
		expect.objectContaining({ message: expect.stringContaining('longer than 513') as string }),
	);
});

test('any result of an expression is a sendable ID or is rejected with an explanation', () => {
	const text = fc.oneof(
		fc.string({ unit: 'binary', maxLength: 200 }),
		fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
		fc.stringMatching(/^[./\\%?#&;: -]{0,20}$/),
		fc.string().map((part) => part.repeat(5_000)),
	);
	const value = fc.oneof(text, fc.double(), fc.bigInt(), fc.jsonValue(), fc.dictionary(text, text));
	const inWords =
		/^The session ID |^'Session' (is empty$|contains an expression, but is set to Fixed)/;
	fc.assert(
		fc.property(value, (candidate) => {
			const outcome = String(refusalOf(candidate));
			if (inWords.test(outcome)) return outcome.length < 120;
			expect(outcome).toBe(visible(String(candidate)).trim());
			expect(outcome).not.toBe('');
			expect(decodeURIComponent(encodeURIComponent(outcome))).toBe(outcome);
			const { pathname } = new URL(`https://a/b/${encodeURIComponent(outcome)}`);
			return !/^\/(b\/?)?$/.test(pathname);
		}),
		{ numRuns: 10_000 },
	);
});
