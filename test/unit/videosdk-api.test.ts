/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node, never inside n8n */
import { createPrivateKey, generateKeyPairSync, verify } from 'node:crypto';
import { createServer } from 'node:http';
import jwt from 'jsonwebtoken';
import { listen } from '../../dev/listen';
import {
	seededFaults,
	startVideoSdkApi,
	type Fault,
	type Options,
	type VideoSdkApi,
} from '../../dev/videosdk-api';

// What all other tests take for granted: a fake that is too lenient lets a fault of the node pass.

const SESSIONS = '/ai/v1/ai-deployment-sessions';
const END = `${SESSIONS}/end`;
const START = `${SESSIONS}/start`;
const SIP_WEBHOOKS = '/v2/sip/webhooks';
const PEM_PATH = '/v2/public/rsa-public-key';

const closers: Array<() => Promise<unknown> | void> = [];

afterEach(async () => {
	jest.restoreAllMocks();
	for (const close of closers.splice(0)) await close();
});

async function start(options?: Options): Promise<VideoSdkApi> {
	const api = await startVideoSdkApi(options);
	closers.push(async () => await api.close());
	return api;
}

/** The claims of a token that is accepted, and what is changed in them; `undefined` is left out. */
function claims(api: VideoSdkApi, change: jwt.JwtPayload = {}): jwt.JwtPayload {
	const iat = Math.floor(Date.now() / 1000);
	const all = { version: 2, roles: ['crawler'], permissions: ['allow_join'], iat, exp: iat + 600 };
	const changed = Object.entries({ apikey: api.apiKey, ...all, ...change });
	return Object.fromEntries(changed.filter(([, value]) => value !== undefined));
}

const token = (api: VideoSdkApi, change?: jwt.JwtPayload, secret = api.secret) =>
	jwt.sign(claims(api, change), secret, { algorithm: 'HS256' });

async function call(
	api: VideoSdkApi,
	method: string,
	path: string,
	{ body, headers = {}, signal }: { body?: unknown; headers?: object; signal?: AbortSignal } = {},
) {
	const json = body !== undefined && { 'content-type': 'application/json' };
	const response = await fetch(api.url + path, {
		...{ method, redirect: 'manual', signal },
		headers: { authorization: token(api), ...json, ...headers },
		body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
	});
	const text = await response.text();
	return { status: response.status, headers: response.headers, text };
}

const end = async (api: VideoSdkApi, sessionId: unknown, signal?: AbortSignal) =>
	await call(api, 'POST', END, { body: { sessionId }, signal });

describe('a token', () => {
	const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const rsaKey = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
	const now = Math.floor(Date.now() / 1000);
	const unsigned = (api: VideoSdkApi) => jwt.sign(claims(api), '', { algorithm: 'none' });

	test.each<[string, (api: VideoSdkApi) => string]>([
		['nothing in it', () => ''],
		['a Bearer prefix', (api) => `Bearer ${token(api)}`],
		['another secret', (api) => token(api, {}, 'other')],
		['alg none', unsigned],
		['alg none with a signature', (api) => `${unsigned(api)}AAAA`],
		['RS256', (api) => jwt.sign(claims(api), rsaKey, { algorithm: 'RS256' })],
		['HS512', (api) => jwt.sign(claims(api), api.secret, { algorithm: 'HS512' })],
		['a past exp', (api) => token(api, { iat: now - 700, exp: now - 100 })],
		['no exp', (api) => token(api, { exp: undefined })],
		['no iat', (api) => jwt.sign(claims(api), api.secret, { noTimestamp: true })],
		['a lifetime of 11 minutes', (api) => token(api, { exp: now + 660 })],
		['an iat in the future', (api) => token(api, { iat: now + 300, exp: now + 800 })],
		['another apikey', (api) => token(api, { apikey: 'other' })],
		['no permissions', (api) => token(api, { permissions: [] })],
		['permissions not in a list', (api) => token(api, { permissions: 'allow_join' })],
		['only the permission ask_join', (api) => token(api, { permissions: ['ask_join'] })],
		['a made-up permission', (api) => token(api, { permissions: ['allow_join', 'root'] })],
		['version 1', (api) => token(api, { version: 1 })],
		['only the rtc role', (api) => token(api, { roles: ['rtc'] })],
		['a string as its payload', (api) => jwt.sign('text', api.secret)],
	])('the fake API rejects a token with %s, and ends nothing', async (_name, tokenOf) => {
		const api = await start();
		const { sessionId } = api.sessions.add();
		const headers = { authorization: tokenOf(api) };
		const reply = await call(api, 'POST', END, { headers, body: { sessionId } });
		expect(reply.status).toBe(401);
		expect(JSON.parse(reply.text)).toMatchObject({ code: 'UNAUTHORIZED' });
		expect(api.stats).toMatchObject({ endings: new Map(), tokens: new Set() });
		if (!headers.authorization) return;
		expect((await call(api, 'GET', PEM_PATH, { headers })).status).toBe(401);
	});

	test('the fake API accepts a token until the secret changes, and keeps only a digest', async () => {
		const api = await start();
		const headers = { authorization: token(api, { version: undefined, roles: undefined }) };
		expect((await call(api, 'GET', SESSIONS, { headers })).status).toBe(200);
		expect([...api.stats.tokens]).toEqual([expect.not.stringContaining('eyJ')]);
		api.set({ secret: 'changed' });
		expect((await call(api, 'GET', SESSIONS, { headers })).status).toBe(401);
	});
});

const ofType = (type: string) => ({ 'content-type': type });
const webhookOf = (change: object) => ({ webhook: { endPoint: 'http://127.0.0.1', ...change } });
const sipWebhook = { url: 'http://127.0.0.1:1/', events: ['call-hangup'] };

test.each<[string, number, string, string, unknown?, object?]>([
	['an unknown path', 404, 'GET', '/ai/v2/ai-deployment-sessions'],
	['a slash at the end', 404, 'GET', `${SESSIONS}/`],
	['the wrong method', 405, 'GET', END],
	['malformed percent-encoding in a path', 400, 'GET', `${SESSIONS}/%E0%A4%A`],
	['JSON sent as text', 400, 'POST', END, '{"sessionId":"s"}', ofType('text/plain')],
	['a form', 400, 'POST', END, 'sessionId=s', ofType('application/x-www-form-urlencoded')],
	['broken JSON', 400, 'POST', END, '{"sessionId":'],
	['a list', 400, 'POST', END, ['s']],
	['null', 400, 'POST', END, 'null'],
	['no session ID', 400, 'POST', END, {}],
	['an empty session ID', 400, 'POST', END, { sessionId: '' }],
	['a numeric session ID', 400, 'POST', END, { sessionId: 1 }],
	['an unknown field', 400, 'POST', END, { sessionId: 's', force: true }],
	['a field named like a prototype member', 400, 'POST', END, { sessionId: 's', constructor: 1 }],
	['a body of more than 1 MB', 413, 'POST', END, { sessionId: 'x'.repeat(1024 * 1024) }],
	['numbers in env', 400, 'POST', START, { env: { A: 1 } }],
	['a list as metaData', 400, 'POST', START, { metaData: [] }],
	['metaData misspelled as metadata', 400, 'POST', START, { metadata: {} }],
	[
		'endPoint misspelled as endpoint',
		400,
		'POST',
		START,
		{ webhook: { endpoint: 'http://127.0.0.1' } },
	],
	['an endPoint that is not a URL', 400, 'POST', START, webhookOf({ endPoint: 'x', events: [] })],
	['an unknown event', 400, 'POST', START, webhookOf({ events: ['ended'] })],
	['an unknown deployment', 404, 'POST', START, { deploymentId: 'none' }],
	['page 0', 400, 'GET', `${SESSIONS}?page=0`],
	['a page size of -1', 400, 'GET', `${SESSIONS}?perPage=-1`],
	['an empty page number', 400, 'GET', `${SESSIONS}?page=`],
	['an unknown filter', 400, 'GET', `${SESSIONS}?status=running`],
	['a deployment without a name', 400, 'POST', '/ai/v1/ai-deployments', {}],
	['a call webhook without a URL', 400, 'POST', SIP_WEBHOOKS, { ...sipWebhook, url: undefined }],
	[
		'a call webhook with an FTP URL',
		400,
		'POST',
		SIP_WEBHOOKS,
		{ ...sipWebhook, url: 'ftp://a.example' },
	],
	['a call webhook without events', 400, 'POST', SIP_WEBHOOKS, { ...sipWebhook, events: [] }],
	['an unknown call event', 400, 'POST', SIP_WEBHOOKS, { ...sipWebhook, events: ['call-ended'] }],
	['call events in a string', 400, 'POST', SIP_WEBHOOKS, { ...sipWebhook, events: 'call-hangup' }],
])('the fake API rejects %s with %i', async (...[, status, method, path, body, headers]) => {
	const api = await start();
	const reply = await call(api, method, path, { body, headers });
	expect(reply.status).toBe(status);
	const error = { message: expect.any(String), code: expect.any(String) };
	expect(JSON.parse(reply.text)).toEqual(error);
	expect(reply.headers.get('x-request-id')).toMatch(/\S/);
	expect(api.sipWebhooks.all()).toEqual([]);
});

test('the fake API ends a session once, and counts each request for it', async () => {
	const api = await start();
	const start_ = new Date(Date.now() - 43_500).toISOString();
	const { sessionId } = api.sessions.add({ start: start_ });
	const first = await end(api, sessionId);
	expect(JSON.parse(first.text)).toMatchObject({
		data: { sessionId, status: 'completed', duration: 43 },
	});
	expect((await end(api, sessionId)).status).toBe(409);
	expect((await end(api, 'unknown')).status).toBe(404);
	expect(api.stats).toMatchObject({
		endings: new Map([[sessionId, 1]]),
		endRequests: new Map(Object.entries({ [sessionId]: 2, unknown: 1 })),
	});
	api.resetStats();
	expect(api.stats).toMatchObject({ endings: new Map(), endRequests: new Map() });
});

test('the fake API ends a session even if its client disconnects before the response', async () => {
	const api = await start({ delayMs: 100 });
	const { sessionId } = api.sessions.add();
	const client = new AbortController();
	const ending = end(api, sessionId, client.signal);
	while (!api.stats.endings.has(sessionId)) await new Promise(setImmediate);
	client.abort();
	await expect(ending).rejects.toThrow();
	api.set({ delayMs: 0 });
	expect((await end(api, sessionId)).status).toBe(409);
});

describe('webhooks', () => {
	const event = { webhookType: 'agent-session-stopped', data: { sessionId: 's' } };

	test('the fake API signs events over the raw body and retries them after 503', async () => {
		const api = await start();
		const isSigned: boolean[] = [];
		const server = createServer(async (request, response) => {
			const raw = Buffer.concat(await request.toArray());
			const signature = Buffer.from(String(request.headers['videosdk-signature']), 'base64');
			const { publicKey } = JSON.parse((await call(api, 'GET', PEM_PATH)).text);
			for (const body of [raw, Buffer.concat([raw, Buffer.from(' ')])]) {
				isSigned.push(verify('RSA-SHA256', body, publicKey, signature));
			}
			response.writeHead(isSigned.length > 2 ? 200 : 503).end();
		});
		const { url, close } = await listen(server);
		closers.push(() => void close());
		expect(await api.webhooks.send(url, event)).toBe(200);
		expect(isSigned).toEqual([true, false, true, false]);
		expect(api.stats.deliveries).toMatchObject([{ attempts: 2, status: 200 }]);
	});

	test.each([
		'http://example.com/hook',
		'http://127.0.0.1.example.com/',
		'http://localhost@example.com/',
		'http://10.0.0.1/',
		'https://127.0.0.1/',
		'http://0.0.0.0/',
	])('the fake API sends no event to %s', async (url) => {
		const api = await start();
		await expect(api.webhooks.send(url, event)).rejects.toThrow('nothing was sent');
		expect(api.stats.deliveries).toMatchObject([{ status: 0, attempts: 0 }]);
	});
});

describe('load', () => {
	test('the fake API throttles requests over its concurrency limit with Retry-After', async () => {
		const api = await start({ delayMs: 1_000, maxAtOnce: 3, retryAfterSeconds: 2 });
		const ids = Array.from({ length: 8 }, () => api.sessions.add().sessionId);
		const replies = await Promise.all(ids.map(async (id) => await end(api, id)));
		const throttled = replies.filter(({ status }) => status === 429);
		expect(throttled.map(({ headers }) => headers.get('retry-after'))).toEqual(Array(5).fill('2'));
		expect(api.stats).toMatchObject({ throttled: 5, endings: { size: 3 } });
		expect(api.stats.mostInFlight).toBeGreaterThanOrEqual(4);
	});

	test('the fake API throttles requests over its rate limit until the window ends', async () => {
		let now = Math.round(performance.now());
		jest.spyOn(performance, 'now').mockImplementation(() => now);
		const api = await start({ limit: { requests: 2, perMs: 1000 }, throttledStatus: 503 });
		const statuses: number[] = [];
		for (const pause of [700, 0, 999, 1, 0, 0]) {
			now += pause;
			statuses.push((await end(api, 'x')).status);
			// Neither of these counts.
			await call(api, 'GET', PEM_PATH);
			await call(api, 'GET', SESSIONS, { headers: { authorization: 'wrong' } });
		}
		expect(statuses).toEqual([404, 404, 503, 404, 404, 503]);
		expect(api.stats).toMatchObject({ throttled: 2, endsThrottled: new Map([['x', 2]]) });
	});
});

describe('faults', () => {
	const giveUp = () => AbortSignal.timeout(1_000);

	test.each<[Fault, unknown, boolean]>([
		[{ kind: 'status', status: 502, body: '<html>' }, { status: 502, text: '<html>' }, false],
		[{ kind: 'status', status: 504, processed: true }, { status: 504 }, true],
		[{ kind: 'redirect', location: 'http://127.0.0.1:1/x' }, { status: 307 }, false],
		[{ kind: 'reset' }, 'ECONNRESET', false],
		[{ kind: 'reset', processed: true }, 'ECONNRESET', true],
		[{ kind: 'stall' }, 'TimeoutError', false],
		[{ kind: 'stall', processed: true }, 'TimeoutError', true],
		[{ kind: 'wrongJson', text: '{"data"' }, { status: 200, text: '{"data"' }, false],
		[{ kind: 'truncated' }, 'UND_ERR_SOCKET', true],
		[{ kind: 'trickle', msPerByte: 50 }, 'TimeoutError', true],
	])('the fake API simulates %j', async (fault, ...is) => {
		const api = await start({ faults: ({ attempt }) => (attempt === 1 ? fault : undefined) });
		const { sessionId } = api.sessions.add();
		const reply = await end(api, sessionId, giveUp()).catch(
			({ name, cause }: Error & { cause?: { code?: string } }) => cause?.code ?? name,
		);
		const [expected, isEnded] = is;
		expect(reply).toEqual(
			typeof expected === 'string' ? expected : expect.objectContaining(expected),
		);
		expect((await end(api, sessionId)).status).toBe(isEnded ? 409 : 200);
	});

	test('the seeded faults of the fake API do not depend on the order of requests', () => {
		const rates = { rateLimited: 0.1, serverError: 0.1, resetBefore: 0.2, resetAfter: 0.05 };
		const about = { method: 'POST', path: '/end', route: '/end' };
		const ids = Array.from({ length: 1000 }, (_, n) => `s${n}`);
		const kinds = (seed: number, of: string[], attempt = 1) => {
			const faults = seededFaults(seed, rates, 2);
			return of.map((sessionId) => faults({ ...about, sessionId, attempt })?.kind);
		};
		const all = kinds(7, ids);
		expect(kinds(7, ids.toReversed()).reverse()).toEqual(all);
		expect(kinds(8, ids)).not.toEqual(all);
		expect(all.filter((kind) => kind === 'reset').length / 1000).toBeCloseTo(0.25, 1);
		expect(() => seededFaults(1, { stall: 0.6, truncated: 0.6 })).toThrow(RangeError);
	});
});
