/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { seededRandom } from '../../dev/videosdk-api/random';

/** A request that must not start the workflow, and the status of the answer. */
export interface Hostile {
	body: Buffer;
	headers: Record<string, string>;
	status: 400 | 401 | 413;
}

const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The signature of somebody who is not VideoSDK. */
export function signAsStranger(body: string | Buffer): string {
	return sign('RSA-SHA256', Buffer.from(body), stranger.privateKey).toString('base64');
}

/** The body of an event of a session, as VideoSDK sends it. */
export function eventBody(sessionId: string, event = 'started'): string {
	return JSON.stringify({
		webhookType: `ai-deployment-session-${event}`,
		data: { sessionId, status: 'running', tag: 'v1.0' },
	});
}

/** Bytes. The trigger does not accept as many. */
const TOO_LARGE = 1024 ** 2 + 1;

const MULTIPART = [
	'--b',
	'content-disposition: form-data; name="webhookType"',
	'',
	'ai-deployment-session-started',
	'--b',
	'content-disposition: form-data; name="f"; filename="../../../etc/passwd"',
	'',
	'x',
	'--b--',
	'',
].join('\r\n');

/** Bodies that are not an event, even if VideoSDK signed them. */
function notEvents(next: () => number): Buffer[] {
	const started = '"webhookType":"ai-deployment-session-started"';
	const bytes = Array.from({ length: Math.floor(next() * 300) }, () => Math.floor(next() * 256));
	const depth = 1 + Math.floor(next() * 2_000);
	const cut = Math.floor(next() * 40);
	return [
		Buffer.from(bytes),
		Buffer.from([0xc3, 0x28, 0xff, 0xfe, 0x00]),
		...[
			'',
			'null',
			'[]',
			'{}',
			'"ai-deployment-session-started"',
			'1e999',
			`${'['.repeat(depth)}${']'.repeat(depth)}`,
			'['.repeat(depth),
			`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
			eventBody(randomUUID()).slice(0, cut),
			`{${started}}`,
			`{${started},"data":null}`,
			`{${started},"data":[]}`,
			`{${started},"data":{}}`,
			`{${started},"data":{"sessionId":""}}`,
			`{${started},"data":{"sessionId":{"$ne":null}}}`,
			`{${started},"data":{"sessionId":["${randomUUID()}"]}}`,
			`{${started},"data":{"__proto__":{"sessionId":"polluted"}}}`,
			`{"__proto__":{${started},"data":{"sessionId":"polluted"}}}`,
			`{"constructor":{"prototype":{"webhookType":"x","sessionId":"polluted"}}}`,
			'{"webhookType":["ai-deployment-session-started"],"data":{"sessionId":"x"}}',
			'webhookType=ai-deployment-session-started&data[sessionId]=x',
			'<!DOCTYPE a [<!ENTITY b "bbbb">]><webhookType>&b;&b;</webhookType>',
			"={{ $('x').item.json }}",
			MULTIPART,
		].map((text) => Buffer.from(text)),
	];
}

const CONTENT_TYPES = [
	'application/json',
	'application/json; charset=utf-16',
	'application/json; charset=%00',
	'application/xml',
	'image/svg+xml',
	'text/plain',
	'application/x-www-form-urlencoded',
	'multipart/form-data; boundary=b',
	'multipart/form-data',
	'application/octet-stream',
	';;;=',
	'__proto__',
];

/**
 * Makes hostile requests: without a signature, with a wrong one, and with a right one for a body that is
 * not an event. Apart from IDs, they are the same each time.
 *
 * @param sign signs as VideoSDK does
 */
export function* hostileRequests(
	count: number,
	sign: (body: Buffer) => string,
): Generator<Hostile> {
	const next = seededRandom(20_251_124);
	const pick = <T>(from: T[]): T => {
		const picked = from[Math.floor(next() * from.length)];
		if (picked === undefined) throw new Error('There is nothing to pick from.');
		return picked;
	};
	const large = Buffer.alloc(TOO_LARGE, '{"webhookType":"ai-deployment-session-started"');
	const ofAnother = sign(Buffer.from(eventBody(randomUUID())));

	for (let number = 0; number < count; number++) {
		const headers: Record<string, string> = { 'content-type': pick(CONTENT_TYPES) };
		if (number % 500 === 499) {
			yield { body: large, headers, status: 413 };
			continue;
		}
		const event = Buffer.from(eventBody(randomUUID()));
		const wrong = pick(notEvents(next));
		const [raw, signature, status] = pick<() => [Buffer, string | undefined, 400 | 401]>([
			() => [event, undefined, 401],
			() => [wrong, undefined, 401],
			() => [event, '', 401],
			() => [event, pick(['null', '=', '{}', 'undefined', 'A'.repeat(4_000), '%00']), 401],
			() => [event, Buffer.from(event).toString('base64'), 401],
			() => [event, ofAnother, 401],
			() => [event, `${ofAnother}, ${sign(event)}`, 401],
			() => [wrong, ofAnother, 401],
			() => [wrong, sign(wrong), 400],
		])();
		if (signature !== undefined) headers['videosdk-signature'] = signature;

		const packing = number % 20;
		if (packing === 0) {
			yield { body: gzipSync(raw), headers: { ...headers, 'content-encoding': 'gzip' }, status };
		} else if (packing === 1) {
			const packed = { ...headers, 'content-encoding': 'deflate' };
			yield { body: deflateSync(raw), headers: packed, status };
		} else if (packing === 2) {
			// The header says that the body is packed, but it is not.
			const packed = { ...headers, 'content-encoding': pick(['gzip', 'deflate']) };
			yield { body: Buffer.concat([Buffer.from('x'), raw]), headers: packed, status: 400 };
		} else {
			yield { body: raw, headers, status };
		}
	}
}
