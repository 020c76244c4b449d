import { type JsonObject, NodeApiError } from 'n8n-workflow';
import { causeOf } from '../../../nodes/VideoSdk/http/errorCause';
import type { Cause } from '../../../nodes/VideoSdk/http/failure';

/** An error as n8n's request helper throws it: Node's, within axios's, within n8n's. */
function thrownByN8n(axios: object, node?: object): Error {
	const error = Object.assign(new Error('axios'), axios, { cause: node });
	const on = { id: '1', name: '', type: '', typeVersion: 1, position: [0, 0], parameters: {} };
	return new NodeApiError(
		on as unknown as ConstructorParameters<typeof NodeApiError>[0],
		error as unknown as JsonObject,
	);
}

describe('the cause of an error of the request helper', () => {
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
		...['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC'].map(
			(code): [string, unknown, Cause] => [code, thrownByN8n({ code }), { kind: 'broken', code }],
		),
		['an execution that was stopped', thrownByN8n({ code: 'ERR_CANCELED' }), { kind: 'cancelled' }],
		[
			'a request that the credential refused',
			thrownByN8n({ message: 'The API Key of the VideoSDK credential is empty.' }),
			{ kind: 'notSent', why: 'The API Key of the VideoSDK credential is empty.' },
		],
		[
			'an address that n8n’s administrator forbids',
			thrownByN8n({ message: 'The request was blocked because the address is restricted' }),
			{ kind: 'blocked', why: 'The request was blocked because the address is restricted' },
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
			{ kind: 'notSent', why: 'The VideoSDK credential is empty.' },
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
				kind: 'notSent',
				why: 'The Base URL of the VideoSDK credential is not a web address: "econnreset"',
			},
		],
	])('%s as `httpCode`, with the message "%s"', (httpCode, original, message, expected) => {
		expect(causeOf({ httpCode, message, messages: [original] }, 200)).toEqual(expected);
	});

	test('an error that is its own cause is read to an end', () => {
		const error: { code: string; cause?: unknown } = { code: 'ECONNRESET' };
		error.cause = error;
		expect(causeOf(error, 200)).toEqual({ kind: 'broken', code: 'ECONNRESET' });
	});
});
