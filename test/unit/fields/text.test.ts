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
	['half a character', 'a\ud800', unsendable],
	['one too long', 'x'.repeat(513), `is longer than 512 characters: "${'x'.repeat(20)}…"`],
	['a token', `eyJ${'x'.repeat(500)}.y.${'z'.repeat(20)}`, LONG_TOKEN],
	['this folder', '.', 'consists only of dots'],
	['the folder above', ' .. ', 'consists only of dots'],
])('%s is refused in words', (_name, value, problem) => {
	expect(refusalOf(value)).toBe(`The session ID ${problem}`);
});

test.each([[undefined], [null], [''], [' \n']])('%j is empty', (value) => {
	expect(refusalOf(value)).toBe("'Session' is empty");
});

/** The error for a field in which this is written, and which gave nothing. */
const emptyWith = (written: unknown, json: IDataObject = {}) =>
	expect(() => readText(itemWith({}, { json, rawParameter: () => written }), undefined, field));

test.each<[unknown, string]>([
	['={{ $json.sessionId }}', "The expression in 'Session' returned nothing"],
	[
		{ __rl: true, mode: 'id', value: '={{ $json.sessionId }}' },
		"The expression in 'Session' returned nothing",
	],
	...[undefined, null, '', 7, {}, { value: '' }, 'a={{ $json.a }}'].map(
		(written): [unknown, string] => [written, "'Session' is empty"],
	),
])('an expression that found nothing is told from an empty field: %j', (written, message) => {
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
])('an expression that found nothing in %j: %s', (json, nextStep) => {
	emptyWith('={{ $json.sessionId }}', json).toThrow(expect.objectContaining({ nextStep }));
});

test.each([
	[2 ** 53, 'It must be text: put it in quotes in the node or app that it comes from.'],
	['', 'Check the field.'],
])('a refusal of %j says what to do', (value, nextStep) => {
	expect(() => read(value)).toThrow(expect.objectContaining({ nextStep }));
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

test('whatever an expression gives is an ID that can be sent, or refused in words', () => {
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
