import { type JsonObject, NodeApiError } from 'n8n-workflow';
import { causeOf } from '../../../nodes/VideoSdk/http/errorCause';
import type { Cause } from '../../../nodes/VideoSdk/http/failure';

type TestedNode = ConstructorParameters<typeof NodeApiError>[0];

/** An error as n8n's request helper throws it: Node's, within axios's, within n8n's. */
function thrownByN8n(axios: object, syscall?: string): Error {
	const cause = syscall === undefined ? undefined : { ...axios, syscall };
	const error = Object.assign(new Error('axios'), axios, { cause });
	const on = { id: '1', name: '', type: '', typeVersion: 1, position: [0, 0], parameters: {} };
	return new NodeApiError(on as unknown as TestedNode, error as unknown as JsonObject);
}

const unreachable = (code?: string): Cause => ({ kind: 'unreachable', code });
const broken = (code?: string): Cause => ({ kind: 'broken', code });
const timeout: Cause = { kind: 'timeout', after: 200 };
const empty = "'API Key' in the VideoSDK credential is empty.";
const forbidden = 'The request was blocked because the address is restricted';
const notWeb = '\'Base URL\' in the VideoSDK credential is not a web address: "econnreset"';

const certificateCodes = [
	...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED'],
	...['ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'HOSTNAME_MISMATCH'],
	...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'],
];
const damageCodes = [
	...['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC'],
	'ERR_BAD_RESPONSE',
];
const neverCodes = ['EAI_AGAIN', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'EADDRNOTAVAIL'];

type Row = [string, unknown, Cause];

test.each<Row>([
	['a closed port', thrownByN8n({ code: 'ECONNREFUSED' }, 'connect'), unreachable('ECONNREFUSED')],
	['an unknown host', thrownByN8n({ code: 'ENOTFOUND' }, 'getaddrinfo'), unreachable('ENOTFOUND')],
	['a slow connection', thrownByN8n({ code: 'ETIMEDOUT' }, 'connect'), unreachable('ETIMEDOUT')],
	['a reset', thrownByN8n({ code: 'ECONNRESET' }, 'read'), broken('ECONNRESET')],
	['a host that fell silent', thrownByN8n({ code: 'ECONNABORTED' }), timeout],
	['a read that took too long', thrownByN8n({ code: 'ETIMEDOUT' }), timeout],
	...neverCodes.map((code): Row => [code, thrownByN8n({ code }), unreachable(code)]),
	...damageCodes.map((code): Row => [code, thrownByN8n({ code }), broken(code)]),
	...certificateCodes.map(
		(code): Row => [code, thrownByN8n({ code }), { kind: 'certificate', code }],
	),
	['an execution that was stopped', thrownByN8n({ code: 'ERR_CANCELED' }), { kind: 'cancelled' }],
	['an empty credential', thrownByN8n({ message: empty }), { kind: 'notSent', why: empty }],
	['a forbidden host', thrownByN8n({ message: forbidden }), { kind: 'blocked', why: forbidden }],
	['an error of another kind', thrownByN8n({ message: 'socket hang up' }), broken()],
	['a string', 'oops', broken()],
	['nothing', undefined, broken()],
	['a message that is not a string', { message: {} }, broken()],
	['a status', { httpCode: '502' }, broken()],
	['a cause that is null', { code: 'X', cause: null }, broken('X')],
	['an empty code', { code: 'X', httpCode: '', cause: { code: '' } }, broken('X')],
	['a message between others', { messages: [empty, {}, 'Error'] }, { kind: 'notSent', why: empty }],
	['a list within its messages', { messages: [[empty]] }, broken()],
	[
		'a failed connection in one of its messages',
		{ message: 'Timed out', messages: ['connect ETIMEDOUT'] },
		unreachable(),
	],
	['known words within a message', { code: 'X', message: 'Cannot connect Else' }, broken('X')],
])('a request error is classified: %s', (_name, error, expected) => {
	expect(causeOf(error, 200)).toEqual(expected);
});

/** All that is left of an error before n8n 2.34, which drops the cause. */
test.each<[string, string, Cause]>([
	['ECONNREFUSED', 'connect ECONNREFUSED', unreachable('ECONNREFUSED')],
	['ETIMEDOUT', 'connect ETIMEDOUT', unreachable('ETIMEDOUT')],
	['ECONNRESET', 'socket hang up', broken('ECONNRESET')],
	['ECONNABORTED', 'timeout of 10ms exceeded', timeout],
	['ERR_CANCELED', 'canceled', { kind: 'cancelled' }],
	['', notWeb, { kind: 'notSent', why: notWeb }],
])('a request error without its cause is classified: code %j', (httpCode, original, expected) => {
	const message = httpCode ? '' : 'The connection to the server was closed unexpectedly';
	expect(causeOf({ httpCode, message, messages: [original] }, 200)).toEqual(expected);
});

test('an error that is its own cause does not cause an endless loop', () => {
	const error: { code: string; cause?: unknown } = { code: 'ECONNRESET' };
	error.cause = error;
	expect(causeOf(error, 200)).toEqual(broken('ECONNRESET'));
});
