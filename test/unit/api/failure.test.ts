import fc from 'fast-check';
import { sign } from 'jsonwebtoken';
import { type JsonObject, NodeApiError } from 'n8n-workflow';
import {
	causeOf,
	type Cause,
	mayHaveWorked,
	quotable,
	readSaid,
	VideoSdkFailure,
} from '../../../nodes/VideoSdk/api/failure';

/** An error as n8n's request helper throws it: Node's, within axios's, within n8n's. */
function thrownByN8n(axios: object, node?: object): Error {
	const error = Object.assign(new Error('axios'), axios, { cause: node });
	const on = { id: '1', name: '', type: '', typeVersion: 1, position: [0, 0], parameters: {} };
	return new NodeApiError(
		on as unknown as ConstructorParameters<typeof NodeApiError>[0],
		error as unknown as JsonObject,
	);
}

describe('what the wire shows of a failure', () => {
	test.each<[string, unknown, Cause]>([
		[
			'a port that nobody listens on',
			thrownByN8n({ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED', syscall: 'connect' }),
			{ kind: 'unreachable', code: 'ECONNREFUSED' },
		],
		[
			'an unknown host',
			thrownByN8n({ code: 'ENOTFOUND' }, { code: 'ENOTFOUND', syscall: 'getaddrinfo' }),
			{ kind: 'unreachable', code: 'ENOTFOUND' },
		],
		...['EAI_AGAIN', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'EADDRNOTAVAIL'].map(
			(code): [string, unknown, Cause] => [
				code,
				thrownByN8n({ code }),
				{ kind: 'unreachable', code },
			],
		),
		[
			'a connection that could not be made in time',
			thrownByN8n({ code: 'ETIMEDOUT' }, { code: 'ETIMEDOUT', syscall: 'connect' }),
			{ kind: 'unreachable', code: 'ETIMEDOUT' },
		],
		[
			'a connection that was reset',
			thrownByN8n({ code: 'ECONNRESET' }, { code: 'ECONNRESET', syscall: 'read' }),
			{ kind: 'broken', code: 'ECONNRESET' },
		],
		[
			'an answer that broke off',
			thrownByN8n({ code: 'ERR_BAD_RESPONSE' }),
			{ kind: 'broken', code: 'ERR_BAD_RESPONSE' },
		],
		[
			'a host that fell silent',
			thrownByN8n({ code: 'ECONNABORTED' }),
			{ kind: 'timeout', after: 200 },
		],
		[
			'a read that took too long',
			thrownByN8n({ code: 'ETIMEDOUT' }),
			{ kind: 'timeout', after: 200 },
		],
		...[
			'DEPTH_ZERO_SELF_SIGNED_CERT',
			'SELF_SIGNED_CERT_IN_CHAIN',
			'CERT_HAS_EXPIRED',
			'ERR_TLS_CERT_ALTNAME_INVALID',
			'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
			'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
			'HOSTNAME_MISMATCH',
			'EPROTO',
			'ERR_SSL_WRONG_VERSION_NUMBER',
		].map((code): [string, unknown, Cause] => [
			code,
			thrownByN8n({ code }),
			{ kind: 'certificate', code },
		]),
		['an execution that was stopped', thrownByN8n({ code: 'ERR_CANCELED' }), { kind: 'cancelled' }],
		[
			'a request that the credential refused',
			thrownByN8n({ message: 'The API Key of the VideoSDK credential is empty.' }),
			{ kind: 'refused', why: 'The API Key of the VideoSDK credential is empty.' },
		],
		[
			'an address that n8n’s administrator forbids',
			thrownByN8n({ message: 'The request was blocked because the address is restricted' }),
			{ kind: 'refused', why: 'The request was blocked because the address is restricted' },
		],
		...['socket hang up', 'something new', ''].map((message): [string, unknown, Cause] => [
			`an error that names no cause: "${message}"`,
			thrownByN8n({ message }),
			{ kind: 'broken', code: 'unknown cause' },
		]),
		['a string', 'oops', { kind: 'broken', code: 'unknown cause' }],
		['nothing', undefined, { kind: 'broken', code: 'unknown cause' }],
		['an error without a message', {}, { kind: 'broken', code: 'unknown cause' }],
		['a message that is no text', { message: {} }, { kind: 'broken', code: 'unknown cause' }],
		['a status', { httpCode: '502' }, { kind: 'broken', code: 'unknown cause' }],
		['a cause that is null', { code: 'X', cause: null }, { kind: 'broken', code: 'X' }],
		[
			'an empty code',
			{ code: 'X', httpCode: '', cause: { code: '' } },
			{ kind: 'broken', code: 'X' },
		],
		[
			'a message of its own between others',
			{ message: 'Bad request', messages: ['The VideoSDK credential is empty.', {}, 'Error'] },
			{ kind: 'refused', why: 'The VideoSDK credential is empty.' },
		],
		[
			'a list within its messages',
			{ messages: [['The VideoSDK credential is empty.']] },
			{ kind: 'broken', code: 'unknown cause' },
		],
		[
			'a failed connection that only one of its messages tells of',
			{ message: 'Timed out', messages: ['connect ETIMEDOUT'] },
			{ kind: 'unreachable', code: 'unknown cause' },
		],
		[
			'a message with the words of a failed connection in its midst',
			{ code: 'ECONNRESET', message: 'Cannot connect Else' },
			{ kind: 'broken', code: 'ECONNRESET' },
		],
	])('%s', (_name, error, expected) => {
		expect(causeOf(error, 200)).toEqual(expected);
	});

	/** All that is left of an error before n8n 2.34, which drops the cause. */
	test.each<[string, string, string, Cause]>([
		['ECONNREFUSED', 'connect ECONNREFUSED', '', { kind: 'unreachable', code: 'ECONNREFUSED' }],
		['ETIMEDOUT', 'connect ETIMEDOUT', '', { kind: 'unreachable', code: 'ETIMEDOUT' }],
		['ECONNRESET', 'socket hang up', '', { kind: 'broken', code: 'ECONNRESET' }],
		['ECONNABORTED', 'timeout of 10ms exceeded', '', { kind: 'timeout', after: 200 }],
		['ERR_CANCELED', 'canceled', '', { kind: 'cancelled' }],
		[
			'',
			'The Base URL of the VideoSDK credential is not a web address: "econnreset"',
			'The connection to the server was closed unexpectedly',
			{
				kind: 'refused',
				why: 'The Base URL of the VideoSDK credential is not a web address: "econnreset"',
			},
		],
	])('%s as `httpCode`, with the message "%s"', (httpCode, original, message, expected) => {
		expect(causeOf({ httpCode, message, messages: [original] }, 200)).toEqual(expected);
	});

	test('a chain that bites its tail is read to an end', () => {
		const error: { code: string; cause?: unknown } = { code: 'ECONNRESET' };
		error.cause = error;
		expect(causeOf(error, 200)).toEqual({ kind: 'broken', code: 'ECONNRESET' });
	});

	test('is the message of the failure, although it may have worked', () => {
		const purpose = { consequence: 'It was not done' };
		const cause: Cause = { kind: 'broken', code: 'X' };
		const failure = new VideoSdkFailure(cause, purpose);
		expect(failure).toMatchObject({ message: 'It was not done', cause, purpose });
		expect(failure.mayHaveWorked).toBe(false);
		expect(failure.said).toBeUndefined();
		const said = { message: 'No' };
		const refused = new VideoSdkFailure({ kind: 'status', status: 500, said }, purpose, true);
		expect(refused.mayHaveWorked).toBe(true);
		expect(refused.said).toBe(said);
	});

	test.each<[string, boolean, Cause]>([
		['no connection', false, { kind: 'unreachable', code: '' }],
		['a broken connection', true, { kind: 'broken', code: '' }],
		['a time-out', true, { kind: 'timeout', after: 1 }],
		['an answer that is not JSON', true, { kind: 'unreadable', problem: '' }],
		['500', true, { kind: 'status', status: 500 }],
		['504', true, { kind: 'status', status: 504 }],
		['429', false, { kind: 'status', status: 429 }],
		['503 to the end', false, { kind: 'gaveUp', after: 1, successes: 0, status: 503 }],
		['409', false, { kind: 'status', status: 409 }],
		['307', false, { kind: 'status', status: 307 }],
		['a bad certificate', false, { kind: 'certificate', code: '' }],
		['a request that was not sent', false, { kind: 'refused', why: '' }],
	])('after %s, VideoSDK may have done it anyway: %s', (_name, expected, cause) => {
		expect(mayHaveWorked(cause)).toBe(expected);
	});
});

describe('a text of someone else in a message', () => {
	const token = sign({ apikey: 'key', permissions: ['allow_join'] }, 'secret');
	const [, payload = '', signature = ''] = token.split('.');

	test.each([
		['plain', 'Session not found', 'Session not found'],
		['on several lines', ' <h1>502</h1>\r\n\t<p>Bad\n', '<h1>502</h1> <p>Bad'],
		['with control characters', 'a\u0000b\u001b[31mc', 'a b [31mc'],
		['with invisible characters', 'a\u202eb\u200bc\ufeff', 'a b c'],
		['in other scripts', '세션을 찾을 수 없습니다 🚫', '세션을 찾을 수 없습니다 🚫'],
		['as long as may be', 'x'.repeat(300), 'x'.repeat(300)],
		['too long', 'x'.repeat(301), `${'x'.repeat(300)}…`],
		['with a token', `Bearer ${token}!`, 'Bearer [token]!'],
		['with a token cut off', `${token.slice(0, -20)}`, '[token]'],
		['with a token joined to something', `id.${token}`, 'id.[token]'],
		['with an address', 'See api.videosdk.live.', 'See api.videosdk.live.'],
		['with a beginning that is no token', 'eyJ.a eyJa. eyJ', 'eyJ.a eyJa. eyJ'],
		['with more behind 20,000 characters', `x${' '.repeat(20_000)}y`, 'x'],
	])('%s', (_name, text, expected) => {
		expect(quotable(text)).toBe(expected);
	});

	test.each<[string, string]>([
		['eyJ', 'eyJ'.repeat(70_000)],
		['eyJ and dots', 'eyJ.'.repeat(50_000)],
		['eyJ, each with a dot before it', '.eyJ'.repeat(50_000)],
		['dots', '.'.repeat(200_000)],
		['spaces', ' '.repeat(200_000)],
		['hyphens', '-'.repeat(200_000)],
		['spaces and eyJ', ' eyJ-'.repeat(40_000)],
	])('takes no longer than the text is long: %s', (_name, text) => {
		const start = performance.now();
		for (let time = 0; time < 20; time++) quotable(text);
		expect(performance.now() - start).toBeLessThan(500);
	});

	test('is cut where it is wanted', () => {
		expect(quotable('x'.repeat(21), 20)).toBe(`${'x'.repeat(20)}…`);
		expect(quotable(`${token} more`, 20)).toBe('[token] more');
	});

	test('is one short line without a token, wherever the token stands in it', () => {
		const around = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.constantFrom('eyJ', 'eyJ.', '.', '-', '\n', '"', ' '.repeat(19_900), 'x'.repeat(290)),
		);
		fc.assert(
			fc.property(around, around, (before, after) => {
				const text = quotable(before + token + after);
				return (
					!text.includes(payload) &&
					!text.includes(signature) &&
					text.length <= 301 &&
					!/[\p{Cc}\p{Cf}]/u.test(text)
				);
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe('what VideoSDK said', () => {
	test.each<[string, unknown, object]>([
		['message and code', { message: 'No', code: 'E1' }, { message: 'No', code: 'E1' }],
		['error and errorCode', { error: 'No', errorCode: 7 }, { message: 'No', code: '7' }],
		['msg', { msg: 'No' }, { message: 'No' }],
		['statusMessage', { statusMessage: 'No' }, { message: 'No' }],
		['message before error', { error: 'B', message: 'A' }, { message: 'A' }],
		['an error that is an object', { error: { message: 'No' } }, { message: 'No' }],
		['an empty message', { message: ' ', error: 'No' }, { message: 'No' }],
		['a message that is a list', { message: [], msg: 'No' }, { message: 'No' }],
		['neither', { detail: 'No' }, {}],
		['a page', '<html>', {}],
		['a list', ['No'], {}],
		['null', null, {}],
		['nothing', undefined, {}],
	])('%s', (_name, body, expected) => {
		expect(readSaid(body, {})).toEqual(expected);
	});

	test.each(['x-request-id', 'request-id', 'x-amzn-requestid'])('the request ID: %s', (header) => {
		expect(readSaid({}, { [header]: 'id-1' })).toEqual({ requestId: 'id-1' });
	});

	test('is quoted, not repeated', () => {
		const token = sign({}, 'secret');
		expect(readSaid({ message: `${token}\n`, code: token }, { 'request-id': token })).toEqual({
			message: '[token]',
			code: '[token]',
			requestId: '[token]',
		});
	});

	test.each<[string, unknown, string]>([
		['texts', ['No.', 'Never.'], 'No. Never.'],
		['objects', [{ message: 'No.' }, { msg: 'Never.' }, { other: 'x' }], 'No. Never.'],
		['lists', [['No.'], [], [['Never.']]], 'No. Never.'],
		['ten and more', Array.from({ length: 1_000 }, (_none, index) => index), '0 1 2 3 4 5 6 7 8 9'],
	])('a message that is a list of %s is quoted', (_name, message, expected) => {
		expect(readSaid({ message }, {})).toEqual({ message: expected });
		expect(readSaid({ error: { message } }, {})).toEqual({ message: expected });
	});

	test('is looked for within objects, five deep', () => {
		const nested = (depth: number): unknown => (depth === 0 ? 'No' : { msg: nested(depth - 1) });
		expect(readSaid({ message: nested(5) }, {})).toEqual({ message: 'No' });
		expect(readSaid({ message: nested(6) }, {})).toEqual({});
	});

	test.each<[string, string[], string, string]>([
		['as it is', ['Q'], 'a Q b', 'a [hidden] b'],
		['at the beginning and the end', ['Q'], 'Q a Q', '[hidden] a [hidden]'],
		['twice in a row', ['QZ'], 'QZQZ', '[hidden][hidden]'],
		['within another', ['QZQ', 'Z'], 'aQZQb', 'a[hidden]b'],
		['over another', ['QZ', 'ZQ'], 'aQZQb', 'a[hidden]b'],
		['over itself', ['QQ'], 'aQQQb', 'a[hidden]b'],
		['before another that was named first', ['Z', 'Q'], 'aQbZc', 'a[hidden]b[hidden]c'],
		['on several lines', ['Q\nZ'], 'a Q\r\n Z b', 'a [hidden] b'],
		['in JSON', ['Q"\\\nZ'], 'a Q\\"\\\\\\nZ b', 'a [hidden] b'],
		['in JSON within JSON', ['Q"Z'], 'a Q\\\\\\"Z b', 'a [hidden] b'],
		['in JSON that is kept to ASCII', ['QÉ'], 'a Q\\u00c9 b', 'a [hidden] b'],
		['in such JSON within JSON', ['QÉ'], 'a Q\\\\u00c9 b', 'a [hidden] b'],
		['empty or blank, nowhere', ['', ' ', 'Q'], 'a Q b', 'a [hidden] b'],
	])('hides a secret: %s', (_name, secrets, message, expected) => {
		expect(readSaid({ message }, {}, secrets)).toEqual({ message: expected });
	});

	describe('nothing of a secret', () => {
		// Of characters that stand nowhere else: each of them in what is quoted is a leak.
		const secretPart = fc.string({
			unit: fc.constantFrom('Q', 'Z', '#', '"', '\\', '\n', '\r\n', '\u0001', 'É', ' '),
			minLength: 1,
			maxLength: 40,
		});
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
			(text) => ({ message: text }),
			(text) => [{ message: text }, text],
		);
		const padding = fc.constantFrom(0, 290, 299, 19_990, 20_000).map((count) => 'a'.repeat(count));
		const spaces = fc.constantFrom(0, 1, 19_995).map((count) => ' '.repeat(count));

		test('is left, however it is spelled, wherever it is cut, and whatever it overlaps', () => {
			fc.assert(
				fc.property(
					fc.array(fc.tuple(secretPart, secretPart, secretPart), { minLength: 1, maxLength: 3 }),
					fc.array(fc.tuple(other, fc.nat(), fc.nat()), { minLength: 1, maxLength: 6 }),
					spelling,
					shape,
					fc.tuple(padding, spaces),
					(triples, places, spell, shaped, before) => {
						const secrets = triples.flatMap(([a, b, c]) => [a, a + b, b + c]);
						const wholes = [...secrets, ...triples.map(([a, b, c]) => a + b + c)];
						const text = places
							.map(
								([around, which]) => around + spell(wholes[which % wholes.length] ?? '') + around,
							)
							.join('');
						const message = shaped(before.join('') + text);
						const said = readSaid({ message, code: text }, { 'request-id': text }, secrets);
						expect(Object.values(said).join('\n')).not.toMatch(/[QZ#É]/);
					},
				),
				{ numRuns: 3_000 },
			);
		});
	});

	test('whatever the body, it gives short texts and does not fail', () => {
		const name = fc.constantFrom('message', 'error', 'msg', 'statusMessage', 'code', 'errorCode');
		const body = fc.oneof(fc.jsonValue(), fc.dictionary(name, fc.jsonValue()));
		fc.assert(
			fc.property(body, (value) =>
				Object.values(readSaid(value, {})).every(
					(text) => text === undefined || (typeof text === 'string' && text.length <= 301),
				),
			),
			{ numRuns: 10_000 },
		);
	});

	test('a body nested a hundred thousand deep is survived', () => {
		const depth = 100_000;
		const body: unknown = JSON.parse('{"message":'.repeat(depth) + '1' + '}'.repeat(depth));
		expect(readSaid(body, {})).toEqual({});
		const list: unknown = JSON.parse('['.repeat(depth) + '1' + ']'.repeat(depth));
		expect(readSaid({ message: list }, {})).toEqual({});
	});
});
