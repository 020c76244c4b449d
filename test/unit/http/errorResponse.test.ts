import fc from '../../support/fastCheck';
import { sign } from 'jsonwebtoken';
import { readErrorResponse } from '../../../nodes/VideoSdk/http/errorResponse';

test.each<[string, unknown, object]>([
	['message and code', { message: 'No', code: 'E1' }, { message: 'No', code: 'E1' }],
	['error and errorCode', { error: 'No', errorCode: 7 }, { message: 'No', code: '7' }],
	['msg', { msg: 'No' }, { message: 'No' }],
	['statusMessage', { statusMessage: 'No' }, { message: 'No' }],
	['message rather than error', { error: 'B', message: 'A' }, { message: 'A' }],
	['an error that is an object', { error: { message: 'No' } }, { message: 'No' }],
	['an empty message', { message: ' ', error: 'No' }, { message: 'No' }],
	['a message that is a list', { message: [], msg: 'No' }, { message: 'No' }],
	['a body without a known field', { detail: 'No' }, {}],
	['an HTML page', '<html>', {}],
	['a list', ['No'], {}],
	['null', null, {}],
	['an empty body', undefined, {}],
])('the error response is read from %s', (_name, body, expected) => {
	expect(readErrorResponse(body, {})).toEqual(expected);
});

test.each(['x-request-id', 'request-id', 'x-amzn-requestid'])(
	'the request ID is read from the header %s',
	(header) => {
		expect(readErrorResponse({}, { [header]: 'id-1' })).toEqual({ requestId: 'id-1' });
	},
);

test('an error response is quoted without tokens', () => {
	const token = sign({}, 'secret');
	expect(
		readErrorResponse({ message: `${token}\n`, code: token }, { 'request-id': token }),
	).toEqual({ message: '[token]', code: '[token]', requestId: '[token]' });
});

test.each<[string, unknown, string]>([
	['strings', ['No.', 'Never.'], 'No. Never.'],
	['objects', [{ message: 'No.' }, { msg: 'Never.' }, { other: 'x' }], 'No. Never.'],
	['lists', [['No.'], [], [['Never.']]], 'No. Never.'],
	[
		'more than ten entries',
		Array.from({ length: 1_000 }, (_none, index) => index),
		'0 1 2 3 4 5 6 7 8 9',
	],
])('a message that is a list of %s is quoted', (_name, message, expected) => {
	expect(readErrorResponse({ message }, {})).toEqual({ message: expected });
	expect(readErrorResponse({ error: { message } }, {})).toEqual({ message: expected });
});

test('the message of an error response is found up to five objects deep', () => {
	const nested = (depth: number): unknown => (depth === 0 ? 'No' : { msg: nested(depth - 1) });
	expect(readErrorResponse({ message: nested(5) }, {})).toEqual({ message: 'No' });
	expect(readErrorResponse({ message: nested(6) }, {})).toEqual({});
});

/** Q and Z stand for long secrets, which are hidden also within a word. */
const long = (text: string) => text.replace(/Q/g, 'Qqqqqqqqq').replace(/Z/g, 'Zzzzzzzzz');

test.each<[string, string[], string, string]>([
	['as it is', ['Q'], 'a Q b', 'a [hidden] b'],
	['at the beginning and the end', ['Q'], 'Q a Q', '[hidden] a [hidden]'],
	['twice in a row', ['QZ'], 'QZQZ', '[hidden][hidden]'],
	['within another', ['QZQ', 'Z'], 'aQZQb', 'a[hidden]b'],
	['overlapping another', ['QZ', 'ZQ'], 'aQZQb', 'a[hidden]b'],
	['overlapping itself', ['QQ'], 'aQQQb', 'a[hidden]b'],
	['before another that was named first', ['Z', 'Q'], 'aQbZc', 'a[hidden]b[hidden]c'],
	['on several lines', ['Q\nZ'], 'a Q\r\n Z b', 'a [hidden] b'],
	['in JSON', ['Q"\\\nZ'], 'a Q\\"\\\\\\nZ b', 'a [hidden] b'],
	['in JSON within JSON', ['Q"Z'], 'a Q\\\\\\"Z b', 'a [hidden] b'],
	['in ASCII-only JSON', ['QÉ'], 'a Q\\u00c9 b', 'a [hidden] b'],
	['in ASCII-only JSON within JSON', ['QÉ'], 'a Q\\\\u00c9 b', 'a [hidden] b'],
	['unless it is empty or blank', ['', ' ', 'Q'], 'a Q b', 'a [hidden] b'],
])('a secret in an error response is hidden: %s', (_name, secrets, message, expected) => {
	expect(readErrorResponse({ message: long(message) }, {}, secrets.map(long))).toEqual({
		message: expected,
	});
});

test.each<[string, string[], string, string]>([
	['a short word', ['hush'], 'hush, a hush!', '[hidden], a [hidden]!'],
	['part of a word', ['hush'], 'hushed ahush', 'hushed ahush'],
	['part of a number', ['4711'], '147110', '147110'],
	['a setting', ['1', 'en', 'on', 'true', 'NONE'], '1 open on en, true', '1 open on en, true'],
	['a long word within another', ['hunter22'], 'keyhunter22', 'key[hidden]'],
])('a short secret is hidden only as a whole word: %s', (_name, secrets, message, expected) => {
	expect(readErrorResponse({ message }, {}, secrets)).toEqual({ message: expected });
});

test('a request ID is shown whole even if it contains a secret', () => {
	const headers = { 'x-request-id': 'req-1-hunter22' };
	expect(readErrorResponse({}, headers, ['1', 'hunter22'])).toEqual({
		requestId: 'req-1-hunter22',
	});
});

test('no part of a secret remains, however it is escaped and wherever it is cut', () => {
	// Of characters that stand nowhere else: each of them in what is quoted is a leak.
	// A short one is hidden only as a whole word.
	const unit = fc.constantFrom('Q', 'Z', '#', '"', '\\', '\n', '\r\n', '\u0001', 'É', ' ');
	const secretPart = fc
		.string({ unit, minLength: 1, maxLength: 40 })
		.map((part) => `QZ#QZ#QZ${part}`);
	const other = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.'), maxLength: 20 });
	const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
	const spelling = fc.constantFrom<(text: string) => string>(
		(text) => text,
		escaped,
		(text) => escaped(escaped(text)),
		(text) => escaped(text).replaceAll('É', '\\u00c9'),
		(text) => text.replace(/\s+/g, ' '),
	);
	const shape = fc.constantFrom<(text: string) => unknown>(
		(text) => text,
		(text) => [text, 'b'],
		(text) => [{ message: text }, text],
	);
	const padding = fc.constantFrom(0, 290, 299, 19_990, 20_000).map((count) => 'a'.repeat(count));
	const spaces = fc.constantFrom(0, 1, 19_995).map((count) => ' '.repeat(count));
	const triple = fc.tuple(secretPart, secretPart, secretPart);
	const manyTriples = fc.array(triple, { minLength: 1, maxLength: 3 });
	const manyPlaces = fc.array(fc.tuple(other, fc.nat()), { minLength: 1, maxLength: 6 });
	fc.assert(
		fc.property(
			manyTriples,
			manyPlaces,
			spelling,
			shape,
			fc.tuple(padding, spaces),
			(triples, places, spell, shaped, before) => {
				const secrets = triples.flatMap(([a, b, c]) => [a, a + b, b + c]);
				const wholes = [...secrets, ...triples.map(([a, b, c]) => a + b + c)];
				const spelled = (which: number) => spell(wholes[which % wholes.length] ?? '');
				const text = places.map(([around, which]) => around + spelled(which) + around).join('');
				const message = shaped(before.join('') + text);
				const errorResponse = readErrorResponse({ message, code: text }, {}, secrets);
				expect(Object.values(errorResponse).join('\n')).not.toMatch(/[QZ#É]/);
			},
		),
		{ numRuns: 3_000 },
	);
});

test('a quoted error response is short, whatever the body', () => {
	const name = fc.constantFrom('message', 'error', 'msg', 'statusMessage', 'code', 'errorCode');
	const body = fc.oneof(fc.jsonValue(), fc.dictionary(name, fc.jsonValue()));
	fc.assert(
		fc.property(body, (value) =>
			Object.values(readErrorResponse(value, {})).every(
				(text) => text === undefined || (typeof text === 'string' && text.length <= 301),
			),
		),
		{ numRuns: 10_000 },
	);
});

test('a body with 100,000 nested levels is read without an error', () => {
	const depth = 100_000;
	const body: unknown = JSON.parse('{"message":'.repeat(depth) + '1' + '}'.repeat(depth));
	expect(readErrorResponse(body, {})).toEqual({});
	const list: unknown = JSON.parse('['.repeat(depth) + '1' + ']'.repeat(depth));
	expect(readErrorResponse({ message: list }, {})).toEqual({});
});
