/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node, never inside n8n */
import { createPrivateKey, generateKeyPairSync, randomUUID, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { VideoSDK } from '@videosdk.live/server-sdk';
import jwt from 'jsonwebtoken';
import { listen } from '../../dev/listen';
import {
	seededFaults,
	startVideoSdkApi,
	type Fault,
	type Options,
	type VideoSdkApi,
} from '../../dev/videosdk-api';

const sessionsPath = '/ai/v1/ai-deployment-sessions';
const closers: Array<() => Promise<unknown> | void> = [];

afterEach(async () => {
	for (const close of closers.splice(0)) await close();
});

async function start(options?: Options): Promise<VideoSdkApi> {
	const api = await startVideoSdkApi(options);
	closers.push(async () => await api.close());
	return api;
}

function claims(api: VideoSdkApi): jwt.JwtPayload {
	const iat = Math.floor(Date.now() / 1000);
	return {
		apikey: api.apiKey,
		permissions: ['allow_join'],
		roles: ['crawler'],
		version: 2,
		iat,
		exp: iat + 600,
	};
}

function token(api: VideoSdkApi, change: jwt.JwtPayload = {}): string {
	return jwt.sign({ ...claims(api), ...change }, api.secret, { algorithm: 'HS256' });
}

function without(all: jwt.JwtPayload, name: string): jwt.JwtPayload {
	return Object.fromEntries(Object.entries(all).filter(([claim]) => claim !== name));
}

interface Reply {
	status: number;
	headers: Headers;
	text: string;
	// The tests read the answers of an API that is typed nowhere.
	json: Record<string, unknown> & { data?: unknown };
}

async function call(
	api: VideoSdkApi,
	method: string,
	path: string,
	{
		body,
		headers = {},
		signal,
	}: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Reply> {
	const response = await fetch(api.url + path, {
		method,
		redirect: 'manual',
		signal,
		headers: {
			authorization: headers.authorization ?? token(api),
			...(body !== undefined && { 'content-type': 'application/json' }),
			...headers,
		},
		body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
	});
	const text = await response.text();
	let json: Reply['json'] = {};
	try {
		json = JSON.parse(text);
	} catch {
		// Not every answer is JSON.
	}
	return { status: response.status, headers: response.headers, text, json };
}

async function end(api: VideoSdkApi, sessionId: unknown, signal?: AbortSignal): Promise<Reply> {
	return await call(api, 'POST', `${sessionsPath}/end`, { body: { sessionId }, signal });
}

async function until(condition: () => boolean): Promise<void> {
	for (let turn = 0; turn < 400 && !condition(); turn += 1) {
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	expect(condition()).toBe(true);
}

/** A receiver of webhooks that answers with the given statuses in turn, then with 200. */
async function receiver(statuses: number[] = []) {
	const received: Array<{ headers: IncomingHttpHeaders; raw: Buffer; type: string }> = [];
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		const raw = Buffer.concat(chunks);
		const type = JSON.parse(raw.toString()).webhookType;
		received.push({ headers: request.headers, raw, type });
		response.writeHead(statuses.shift() ?? 200).end();
	});
	const { url, close } = await listen(server);
	closers.push(() => void close());
	return { received, endPoint: `${url}/hook` };
}

describe('token', () => {
	it('opens the API when it is bare, short-lived and signed with the secret', async () => {
		const api = await start();
		const { sessionId } = api.sessions.add();
		const reply = await call(api, 'GET', `${sessionsPath}/${sessionId}`);
		expect(reply.status).toBe(200);
		expect(reply.headers.get('x-request-id')).toMatch(/\S/);
		expect(api.stats.tokens.size).toBe(1);
		expect([...api.stats.tokens].join()).not.toContain('eyJ');
	});

	const now = Math.floor(Date.now() / 1000);
	const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const unsigned = (api: VideoSdkApi) => jwt.sign(claims(api), '', { algorithm: 'none' });
	const cases: Array<[string, (api: VideoSdkApi) => string]> = [
		['none', () => ''],
		['a Bearer prefix', (api) => `Bearer ${token(api)}`],
		['a Basic prefix', (api) => `Basic ${token(api)}`],
		['another secret', (api) => jwt.sign(claims(api), 'other')],
		['alg none', unsigned],
		['alg none with a signature', (api) => `${unsigned(api)}AAAA`],
		[
			'RS256',
			(api) =>
				jwt.sign(
					claims(api),
					createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
					{ algorithm: 'RS256' },
				),
		],
		['HS512', (api) => jwt.sign(claims(api), api.secret, { algorithm: 'HS512' })],
		['a past exp', (api) => token(api, { iat: now - 700, exp: now - 100 })],
		['no exp', (api) => jwt.sign(without(claims(api), 'exp'), api.secret)],
		['no iat', (api) => jwt.sign(without(claims(api), 'iat'), api.secret, { noTimestamp: true })],
		['a life of 11 minutes', (api) => token(api, { exp: now + 660 })],
		['an iat in the future', (api) => token(api, { iat: now + 300, exp: now + 800 })],
		['another apikey', (api) => token(api, { apikey: 'other' })],
		['no permissions', (api) => token(api, { permissions: [] })],
		['permissions that are no list', (api) => token(api, { permissions: 'allow_join' })],
		['only ask_join', (api) => token(api, { permissions: ['ask_join'] })],
		['a made-up permission', (api) => token(api, { permissions: ['allow_join', 'root'] })],
		['version 1', (api) => token(api, { version: 1 })],
		['version "2"', (api) => token(api, { version: '2' })],
		['only the rtc role', (api) => token(api, { roles: ['rtc'] })],
		['a text payload', (api) => jwt.sign('text', api.secret)],
	];
	it.each(cases)('is refused with %s', async (_name, make) => {
		const api = await start();
		const { sessionId } = api.sessions.add();
		const headers = { authorization: make(api) };
		const reply = await call(api, 'POST', `${sessionsPath}/end`, { headers, body: { sessionId } });
		expect(reply.status).toBe(401);
		expect(reply.json).toEqual({ message: expect.any(String), code: 'UNAUTHORIZED' });
		expect(api.stats.endings.size).toBe(0);
		expect(api.stats.endRequests.get(sessionId)).toBe(1);
		expect(api.stats.tokens.size).toBe(0);
	});

	it('may leave out version and roles', async () => {
		const api = await start();
		const headers = { authorization: token(api, { version: undefined, roles: undefined }) };
		expect((await call(api, 'GET', sessionsPath, { headers })).status).toBe(200);
	});

	it('is refused once the secret has changed', async () => {
		const api = await start();
		const headers = { authorization: token(api) };
		api.set({ secret: 'changed' });
		expect((await call(api, 'GET', sessionsPath, { headers })).status).toBe(401);
	});
});

describe('requests', () => {
	const cases: Array<[string, number, string, string, unknown, Record<string, string>?]> = [
		['unknown path', 404, 'GET', '/ai/v2/ai-deployment-sessions', undefined],
		['slash at the end', 404, 'GET', `${sessionsPath}/`, undefined],
		['wrong method on end', 405, 'GET', `${sessionsPath}/end`, undefined],
		['wrong method on a session', 405, 'DELETE', `${sessionsPath}/x`, undefined],
		['wrong encoding in a path', 400, 'GET', `${sessionsPath}/%E0%A4%A`, undefined],
		[
			'text body',
			400,
			'POST',
			`${sessionsPath}/end`,
			'{"sessionId":"s"}',
			{ 'content-type': 'text/plain' },
		],
		[
			'form body',
			400,
			'POST',
			`${sessionsPath}/end`,
			'sessionId=s',
			{ 'content-type': 'application/x-www-form-urlencoded' },
		],
		['broken JSON', 400, 'POST', `${sessionsPath}/end`, '{"sessionId":'],
		['a list', 400, 'POST', `${sessionsPath}/end`, ['s']],
		['null', 400, 'POST', `${sessionsPath}/end`, 'null'],
		['no session id', 400, 'POST', `${sessionsPath}/end`, {}],
		['empty session id', 400, 'POST', `${sessionsPath}/end`, { sessionId: '' }],
		['numeric session id', 400, 'POST', `${sessionsPath}/end`, { sessionId: 1 }],
		['unknown field', 400, 'POST', `${sessionsPath}/end`, { sessionId: 's', force: true }],
		[
			'field of a prototype',
			400,
			'POST',
			`${sessionsPath}/end`,
			{ sessionId: 's', constructor: 1 },
		],
		['over 1 MB', 413, 'POST', `${sessionsPath}/end`, { sessionId: 'x'.repeat(1024 * 1024) }],
		['numbers in env', 400, 'POST', `${sessionsPath}/start`, { env: { A: 1 } }],
		['list as metaData', 400, 'POST', `${sessionsPath}/start`, { metaData: [] }],
		['metadata, misspelt', 400, 'POST', `${sessionsPath}/start`, { metadata: {} }],
		[
			'endpoint, misspelt',
			400,
			'POST',
			`${sessionsPath}/start`,
			{ webhook: { endpoint: 'http://127.0.0.1', events: [] } },
		],
		[
			'no URL as endPoint',
			400,
			'POST',
			`${sessionsPath}/start`,
			{ webhook: { endPoint: 'here', events: [] } },
		],
		[
			'unknown webhook type',
			400,
			'POST',
			`${sessionsPath}/start`,
			{ webhook: { endPoint: 'http://127.0.0.1', events: ['ended'] } },
		],
		['unknown deployment', 404, 'POST', `${sessionsPath}/start`, { deploymentId: 'none' }],
		['page 0', 400, 'GET', `${sessionsPath}?page=0`, undefined],
		['perPage -1', 400, 'GET', `${sessionsPath}?perPage=-1`, undefined],
		['perPage 1.5', 400, 'GET', `${sessionsPath}?perPage=1.5`, undefined],
		['empty page', 400, 'GET', `${sessionsPath}?page=`, undefined],
		['unknown filter', 400, 'GET', `${sessionsPath}?status=running`, undefined],
		['deployment without name', 400, 'POST', '/ai/v1/ai-deployments', {}],
	];
	it.each(cases)('%s is answered with %i', async (...given) => {
		const [, status, method, path, body, headers] = given;
		const api = await start();
		const reply = await call(api, method, path, { body, headers });
		expect(reply.status).toBe(status);
		expect(reply.json).toEqual({ message: expect.any(String), code: expect.any(String) });
		expect(reply.headers.get('x-request-id')).toMatch(/\S/);
		if (status === 405) expect(reply.headers.get('allow')).toMatch(/GET|POST/);
	});

	it('takes a charset with the content type', async () => {
		const api = await start();
		const { sessionId } = api.sessions.add();
		const headers = { 'content-type': 'application/json; charset=utf-8' };
		const reply = await call(api, 'POST', `${sessionsPath}/end`, { body: { sessionId }, headers });
		expect(reply.status).toBe(200);
	});

	it('are counted by route with the last status', async () => {
		const api = await start();
		const { sessionId } = api.sessions.add();
		await end(api, sessionId);
		await end(api, sessionId);
		await call(api, 'GET', '/nowhere');
		expect([...api.stats.requests]).toEqual([
			[`POST ${sessionsPath}/end`, { count: 2, lastStatus: 409 }],
			['GET unknown path', { count: 1, lastStatus: 404 }],
		]);
		api.resetStats();
		expect(api.stats.requests.size + api.stats.endings.size + api.stats.endRequests.size).toBe(0);
		await end(api, sessionId);
		expect(api.stats.endRequests.get(sessionId)).toBe(1);
	});
});

describe('sessions', () => {
	it('end once, in the shape of the documented sample', async () => {
		const api = await start();
		const began = new Date(Date.now() - 43_500).toISOString();
		const { sessionId } = api.sessions.add({ start: began, createdAt: began, region: 'new field' });
		const reply = await end(api, sessionId);
		expect(reply.status).toBe(200);
		expect(reply.json).toEqual({
			message: 'Session stopped successfully',
			data: {
				sessionId,
				status: 'completed',
				deploymentId: '2f5f787c-0396-4ae0-929c-f5853628267a',
				tag: 'v1.0',
				start: began,
				end: expect.stringMatching(/^\d{4}-.*Z$/),
				duration: 43,
				createdAt: began,
				updatedAt: expect.any(String),
				region: 'new field',
			},
		});
		expect((await end(api, sessionId)).status).toBe(409);
		expect(api.stats.endings.get(sessionId)).toBe(1);
		expect(api.stats.endRequests.get(sessionId)).toBe(2);
	});

	it.each(['success', 200, 400, 402, 404, 409] as const)(
		'that ended answer an End with %s when told',
		async (status) => {
			const api = await start({ endOfEnded: status });
			for (const was of ['completed', 'Stopped', 'failed', 'stopping']) {
				const { sessionId } = api.sessions.add({ status: was });
				const reply = await end(api, sessionId);
				expect(reply.status).toBe(status === 'success' ? 200 : status);
				if (status === 'success') expect(reply.json.data).toEqual(api.sessions.find(sessionId));
				if (status === 200) expect(reply.json).toMatchObject({ success: false });
				expect(api.sessions.find(sessionId)?.status).toBe(was);
			}
			expect(api.stats.endings.size).toBe(0);
		},
	);

	it.each([200, 400, 402, 404] as const)(
		'that are unknown are answered with %i when told',
		async (status) => {
			const api = await start({ unknownAs: status });
			const { json, ...reply } = await end(api, 'session-none');
			expect(reply.status).toBe(status);
			expect(json.success).toBe(status === 200 ? false : undefined);
			expect(json.message).toBe('Session not found');
		},
	);

	it('that are unknown cannot be ended or fetched', async () => {
		const api = await start();
		expect((await end(api, 'session-none')).status).toBe(404);
		expect((await call(api, 'GET', `${sessionsPath}/none`)).status).toBe(404);
		expect(api.sessions.find('none')).toBeUndefined();
	});

	it('stop slowly when told', async () => {
		const api = await start({ endTakesMs: 30 });
		const { sessionId } = api.sessions.add();
		const { json } = await end(api, sessionId);
		expect(json.data).toMatchObject({ status: 'stopping' });
		expect(json.data).not.toHaveProperty('end');
		expect(json.data).not.toHaveProperty('duration');
		await until(() => api.sessions.find(sessionId)?.status === 'stopped');
		expect(api.sessions.find(sessionId)).toMatchObject({ duration: 0, end: expect.any(String) });
		expect(api.stats.endings.get(sessionId)).toBe(1);
	});

	it('start queued and then run', async () => {
		const api = await start({ startTakesMs: 20 });
		const { id, tag } = api.deployments.add({ tag: 'v7' });
		const body = { deploymentId: id, tag, env: { A: 'b' }, metaData: { order: 7 } };
		const reply = await call(api, 'POST', `${sessionsPath}/start`, { body });
		expect(reply.json.message).toBe('Session started successfully');
		const data = reply.json.data as { sessionId: string };
		expect(data).toMatchObject({ status: 'queued', deploymentId: id, tag: 'v7' });
		expect(data).not.toHaveProperty('end');
		expect(data).not.toHaveProperty('env');
		await until(() => api.sessions.find(data.sessionId)?.status === 'running');
		const listed = (await call(api, 'GET', sessionsPath)).json.data;
		expect(listed).toMatchObject([{ sessionId: data.sessionId, metadata: { order: 7 } }]);
		const wrongTag = { deploymentId: id, tag: 'v8' };
		expect((await call(api, 'POST', `${sessionsPath}/start`, { body: wrongTag })).status).toBe(404);
		expect((await call(api, 'POST', `${sessionsPath}/start`, { body: {} })).status).toBe(200);
	});

	it('that are ended while queued do not run', async () => {
		const api = await start({ startTakesMs: 300 });
		const reply = await call(api, 'POST', `${sessionsPath}/start`, { body: {} });
		const { sessionId } = reply.json.data as { sessionId: string };
		await end(api, sessionId);
		await new Promise((resolve) => setTimeout(resolve, 350));
		expect(api.sessions.find(sessionId)?.status).toBe('completed');
	});

	it.each(['session-1', 'a/b', '..', 'ü %', 'x?page=1#y', '%2F'])(
		'are fetched bare by the id %s',
		async (sessionId) => {
			const api = await start();
			api.sessions.add({ sessionId, metadata: { a: 1 } });
			const path = `${sessionsPath}/${encodeURIComponent(sessionId).replaceAll('.', '%2E')}`;
			// Not fetch: it folds `%2E%2E` away before it sends.
			const request = httpRequest(api.url, { path, headers: { authorization: token(api) } }).end();
			const [response] = await once(request, 'response');
			let text = '';
			for await (const chunk of response) text += chunk;
			expect(JSON.parse(text)).toEqual(api.sessions.find(sessionId));
			expect(text).not.toContain('metadata');
		},
	);

	it('cannot be added twice', async () => {
		const api = await start();
		api.sessions.add({ sessionId: 'one' });
		expect(() => api.sessions.add({ sessionId: 'one' })).toThrow('exists already');
	});
});

describe('lists', () => {
	async function page(api: VideoSdkApi, query: string): Promise<[string[], unknown]> {
		const { json } = await call(api, 'GET', `${sessionsPath}${query}`);
		const data = json.data as Array<{ sessionId: string }>;
		return [data.map(({ sessionId }) => sessionId), json.pageInfo];
	}

	async function startWith(count: number, list?: Options['list']): Promise<VideoSdkApi> {
		const api = await start({ list });
		for (let n = 1; n <= count; n += 1) api.sessions.add({ sessionId: `s${n}` });
		return api;
	}

	it('are newest first, in pages of 10', async () => {
		const api = await startWith(23);
		const [first, info] = await page(api, '');
		expect(first).toEqual([23, 22, 21, 20, 19, 18, 17, 16, 15, 14].map((n) => `s${n}`));
		expect(info).toEqual({ totalItems: 23, currentPage: 1, perPage: 10, total: 23 });
		expect((await page(api, '?page=3'))[0]).toEqual(['s3', 's2', 's1']);
		expect((await page(api, '?page=4'))[0]).toEqual([]);
		expect((await page(api, '?page=2&perPage=20'))[0]).toEqual(['s3', 's2', 's1']);
	});

	it('carry webhook and metadata', async () => {
		const api = await start();
		const webhook = { endpoint: 'http://127.0.0.1/', events: ['agent-session-failed'] };
		const session = api.sessions.add({ webhook, metadata: { a: 1 } });
		const { json } = await call(api, 'GET', sessionsPath);
		expect(json.data).toEqual([{ ...session, webhook, metadata: { a: 1 } }]);
	});

	it('misbehave when told', async () => {
		const api = await startWith(5, { capPerPage: 2 });
		expect(await page(api, '?perPage=100')).toEqual([
			['s5', 's4'],
			expect.objectContaining({ perPage: 2 }),
		]);
		api.set({ list: { ignorePage: true } });
		expect((await page(api, '?page=9&perPage=2'))[0]).toEqual(['s5', 's4']);
		api.set({ list: { emptyPageInfo: true } });
		expect((await page(api, ''))[1]).toEqual({});
		api.set({ list: { shift: true } });
		expect((await page(api, '?perPage=3'))[0]).toEqual([expect.any(String), 's5', 's4']);
		expect((await page(api, '?perPage=3&page=2'))[0]).toEqual(['s4', 's3', 's2']);
		api.set({ list: undefined });
		expect((await page(api, '?perPage=9'))[0]).toHaveLength(7);
	});

	it('of deployments spell created_at, a single one createdAt', async () => {
		const api = await start();
		const body = { name: 'Front desk', description: 'Answers calls' };
		const made = (await call(api, 'POST', '/ai/v1/ai-deployments', { body })).json;
		expect(made).toMatchObject({
			...body,
			createdAt: expect.any(String),
			updatedAt: expect.any(String),
		});
		const { id, name, description, tag, status, createdAt } = made;
		const { json } = await call(api, 'GET', '/ai/v1/ai-deployments?perPage=1');
		expect(json.data).toEqual([{ id, name, description, tag, status, created_at: createdAt }]);
		const one = await call(api, 'GET', `/ai/v1/ai-deployments/${String(id)}/${String(tag)}`);
		expect(one.json).toEqual({ id, name, description, tag, status, createdAt });
		const none = await call(api, 'GET', `/ai/v1/ai-deployments/${String(id)}/v9`);
		expect(none.status).toBe(404);
	});
});

describe('webhooks', () => {
	const types = ['starting', 'started', 'stopping', 'stopped', 'failed'];
	const events = types.map((type) => `ai-deployment-session-${type}`);

	async function publicKey(api: VideoSdkApi): Promise<string> {
		const response = await fetch(`${api.url}/v2/public/rsa-public-key`);
		const body = (await response.json()) as { publicKey: string };
		return body.publicKey;
	}

	function isSigned(pem: string, raw: Buffer, headers: IncomingHttpHeaders): boolean {
		const signature = Buffer.from(String(headers['videosdk-signature']), 'base64');
		return verify('RSA-SHA256', raw, pem, signature);
	}

	it('tell of each state in order, signed over the raw body', async () => {
		const api = await start({ startTakesMs: 10, endTakesMs: 10 });
		const { received, endPoint } = await receiver();
		const body = { webhook: { endPoint, events } };
		const reply = await call(api, 'POST', `${sessionsPath}/start`, { body });
		const { sessionId } = reply.json.data as { sessionId: string };
		await until(() => api.sessions.find(sessionId)?.status === 'running');
		await end(api, sessionId);
		await until(() => api.stats.deliveries.length === 4);
		expect(received.map(({ type }) => type)).toEqual(events.slice(0, 4));
		const pem = await publicKey(api);
		for (const { raw, headers } of received) {
			expect(isSigned(pem, raw, headers)).toBe(true);
			expect(isSigned(pem, Buffer.from(`${raw.toString()} `), headers)).toBe(false);
		}
		expect(JSON.parse(String(received[0]?.raw))).toMatchObject({
			webhookType: 'ai-deployment-session-starting',
			data: { sessionId, status: 'queued', deploymentId: expect.any(String), tag: 'v1.0' },
		});
		expect(api.stats.deliveries[3]).toEqual({
			type: events[3],
			id: sessionId,
			status: 200,
			attempts: 1,
		});
		expect(api.stats.publicKeyFetches).toBe(1);
	});

	it('come only for the requested events, in either spelling', async () => {
		const api = await start({ eventSpelling: 'agent-session' });
		const { received, endPoint } = await receiver();
		const webhook = { endpoint: endPoint, events: ['ai-deployment-session-failed'] };
		const failing = api.sessions.add({ webhook });
		await end(api, api.sessions.add({ webhook }).sessionId);
		api.sessions.setStatus(failing.sessionId, 'failed');
		await until(() => api.stats.deliveries.length === 1);
		expect(received.map(({ type }) => type)).toEqual(['agent-session-failed']);
	});

	it('are sent again after a 503, and give up after three more', async () => {
		const api = await start();
		const { received, endPoint } = await receiver([503, 503, 500, 503, 503, 503, 503]);
		const event = { webhookType: 'agent-session-stopped', data: { sessionId: 's' } };
		expect(await api.webhooks.send(endPoint, event)).toBe(500);
		expect(received).toHaveLength(3);
		expect(await api.webhooks.send(endPoint, event)).toBe(503);
		expect(received).toHaveLength(7);
		expect(await api.webhooks.send('http://127.0.0.1:1/', event)).toBe(0);
		expect(api.stats.deliveries.map(({ attempts }) => attempts)).toEqual([3, 4, 4]);
	});

	it.each([
		'http://example.com/hook',
		'http://127.0.0.1.example.com/',
		'http://localhost@example.com/',
		'http://10.0.0.1/',
		'https://127.0.0.1/',
		'http://0.0.0.0/',
	])('never go to %s', async (endPoint) => {
		const api = await start();
		const event = { webhookType: 'agent-session-stopped', data: { sessionId: 's' } };
		await expect(api.webhooks.send(endPoint, event)).rejects.toThrow('nothing was sent');
		const webhook = { endpoint: endPoint, events };
		await end(api, api.sessions.add({ webhook }).sessionId);
		await until(() => api.stats.deliveries.length === 2);
		expect(api.stats.deliveries.every(({ status, attempts }) => status + attempts === 0)).toBe(
			true,
		);
	});

	const sipWebhooks = '/v2/sip/webhooks';
	const callWebhook = { url: 'http://127.0.0.1:1/', events: ['call-hangup', 'call-update'] };

	it('of calls go where they are registered for, in order, until that is deleted', async () => {
		const api = await start({ startTakesMs: 10 });
		const { received, endPoint } = await receiver();
		const events = ['call-started', 'call-ringing', 'call-answered', 'call-hangup'];
		const register = { body: { url: endPoint, events } };
		const { status, json } = await call(api, 'POST', sipWebhooks, register);
		expect(status).toBe(200);
		expect(json).toMatchObject({ url: endPoint, events, createdAt: expect.any(String) });
		await call(api, 'POST', sipWebhooks, { body: callWebhook });
		const { json: list } = await call(api, 'GET', sipWebhooks);
		expect(list.data).toMatchObject([callWebhook, { webhookId: json.id, url: endPoint, events }]);

		const number = '+14155550123';
		const body = { sipCallTo: number, sipCallFrom: number, routingRuleId: 'rule-1' };
		const made = await call(api, 'POST', '/v2/sip/call', { body });
		const { callId } = made.json.data as { callId: string };
		await until(() => received.length === 3);
		await call(api, 'POST', '/v2/sip/call/end', { body: { callId } });
		await until(() => received.length === 4);
		expect(received.map(({ type }) => type)).toEqual(events);
		const [last] = received.slice(-1);
		expect(JSON.parse(String(last?.raw))).toMatchObject({
			webhookType: 'call-hangup',
			data: { callId, status: 'ended', to: number, from: number },
		});
		expect(last?.headers).not.toHaveProperty('videosdk-signature');

		api.set({ signsCallEvents: true });
		api.calls.setStatus(callId, 'ended');
		await until(() => received.length === 5);
		const signed = received[4];
		expect(signed && isSigned(await publicKey(api), signed.raw, signed.headers)).toBe(true);

		const path = `${sipWebhooks}/${String(json.id)}`;
		expect((await call(api, 'DELETE', path)).json).toEqual({
			message: 'Webhook deleted successfully',
		});
		expect((await call(api, 'DELETE', path)).status).toBe(404);
		api.calls.setStatus(callId, 'ended');
		// The other registration is still told.
		const told = api.stats.deliveries.length;
		await until(() => api.stats.deliveries.length > told);
		expect(received).toHaveLength(5);
	});

	it.each<[string, object]>([
		['no URL', { ...callWebhook, url: undefined }],
		['a URL of another kind', { ...callWebhook, url: 'ftp://127.0.0.1/' }],
		['no events', { ...callWebhook, events: [] }],
		['an unknown event', { ...callWebhook, events: ['call-ended'] }],
		['events in a text', { ...callWebhook, events: 'call-hangup' }],
		['another field', { ...callWebhook, secret: 's' }],
	])('of calls are not registered with %s', async (_name, body) => {
		const api = await start();
		expect((await call(api, 'POST', sipWebhooks, { body })).status).toBe(400);
		expect(api.sipWebhooks.all()).toEqual([]);
	});

	it('are signed with a new key after a rotation', async () => {
		const api = await start();
		const raw = Buffer.from('{"webhookType":"forged"}');
		const old = await publicKey(api);
		const headers = { 'videosdk-signature': api.webhooks.sign(raw) };
		expect(isSigned(old, raw, headers)).toBe(true);
		api.webhooks.rotateKey();
		const renewed = await publicKey(api);
		expect(renewed).not.toBe(old);
		expect(isSigned(renewed, raw, headers)).toBe(false);
		expect(
			isSigned(renewed, raw, { 'videosdk-signature': api.webhooks.sign(raw.toString()) }),
		).toBe(true);
	});

	it('have a key that anyone may read, but not with a wrong token', async () => {
		const api = await start();
		const path = '/v2/public/rsa-public-key';
		expect((await call(api, 'GET', path)).status).toBe(200);
		const headers = { authorization: `Bearer ${token(api)}` };
		expect((await call(api, 'GET', path, { headers })).status).toBe(401);
	});
});

describe("VideoSDK's own SDK", () => {
	async function startWithSdk() {
		const api = await start();
		const sdk = new VideoSDK({
			apiKey: api.apiKey,
			secret: api.secret,
			apiEndpoint: api.url,
			maxRetries: 0,
			tokenOptions: { expiresIn: '10m' },
		});
		return { api, sdk };
	}

	it('is let in with the token it makes, and reads the errors', async () => {
		const { api, sdk } = await startWithSdk();
		const { sessionId } = api.sessions.add();
		const path = `${sessionsPath}/end`;
		const ended = await sdk.api.post(path, { body: { sessionId } });
		expect(ended).toMatchObject({ data: { sessionId, status: 'completed' } });
		await expect(sdk.api.post(path, { body: { sessionId } })).rejects.toMatchObject({
			name: 'ResourceConflictError',
			message: expect.stringContaining('Session is already completed'),
			requestId: expect.any(String),
		});
	});

	it('takes a signed webhook and refuses one that was changed', async () => {
		const { api, sdk } = await startWithSdk();
		const { received, endPoint } = await receiver();
		const event = { webhookType: 'agent-session-stopped', data: { sessionId: 's' } };
		await api.webhooks.send(endPoint, event);
		const raw = String(received[0]?.raw);
		const signature = received[0]?.headers['videosdk-signature'];
		expect(await sdk.webhooks.verify(raw, signature)).toMatchObject(event);
		const changed = raw.replace('"s"', '"t"');
		await expect(sdk.webhooks.verify(changed, signature)).rejects.toThrow('signature is invalid');
	});
});

describe('load', () => {
	it('is refused over maxAtOnce, and its height is counted', async () => {
		const api = await start({ delayMs: 100, maxAtOnce: 3, retryAfterSeconds: 2 });
		const ids = Array.from({ length: 8 }, () => api.sessions.add().sessionId);
		const replies = await Promise.all(ids.map(async (id) => await end(api, id)));
		const refused = replies.filter(({ status }) => status === 429);
		expect(refused).toHaveLength(5);
		expect(refused.every(({ headers }) => headers.get('retry-after') === '2')).toBe(true);
		expect(api.stats).toMatchObject({ throttled: 5 });
		expect(api.stats.endings.size).toBe(3);
		expect(api.stats.mostInFlight).toBeGreaterThanOrEqual(4);
		api.set({ delayMs: undefined, maxAtOnce: 1, retryAfterSeconds: undefined });
		for (const { status } of [await end(api, 'x'), await end(api, 'x')]) expect(status).toBe(404);
		api.set({ maxAtOnce: 0 });
		const last = await end(api, 'x');
		expect([last.status, last.headers.get('retry-after')]).toEqual([429, null]);
	});

	const refusals = (replies: Reply[]) =>
		replies
			.filter(({ status }) => status !== 404)
			.map(({ status, headers }) => [status, headers.get('retry-after')]);

	describe('per window of time', () => {
		let now: number;

		beforeEach(() => {
			// Whole milliseconds: sums of fractions are not exact.
			now = Math.round(performance.now());
			jest.spyOn(performance, 'now').mockImplementation(() => now);
		});

		afterEach(() => {
			jest.restoreAllMocks();
		});

		/** Statuses of Ends of an unknown session, one after the other: 404 is let in. */
		async function ends(api: VideoSdkApi, count: number): Promise<number[]> {
			const statuses: number[] = [];
			for (let n = 0; n < count; n += 1) statuses.push((await end(api, 'x')).status);
			return statuses;
		}

		it('is refused over the limit until the window is over', async () => {
			const api = await start({ limit: { requests: 3, perMs: 1000 } });
			expect(await ends(api, 5)).toEqual([404, 404, 404, 429, 429]);
			now += 999;
			expect(await ends(api, 1)).toEqual([429]);
			now += 1;
			expect(await ends(api, 4)).toEqual([404, 404, 404, 429]);
			expect(api.stats.throttled).toBe(4);
			api.set({ limit: undefined });
			expect(await ends(api, 4)).toEqual([404, 404, 404, 404]);
		});

		it('has windows that begin with the first request after the last one', async () => {
			const api = await start({ limit: { requests: 2, perMs: 1000 } });
			now += 700;
			expect(await ends(api, 1)).toEqual([404]);
			now += 600;
			expect(await ends(api, 2)).toEqual([404, 429]);
			now += 399;
			expect(await ends(api, 1)).toEqual([429]);
			now += 301;
			expect(await ends(api, 1)).toEqual([404]);
			now += 900;
			expect(await ends(api, 2)).toEqual([404, 429]);
		});

		it('takes no request that is over the limit at once for one of the window', async () => {
			const limits = { limit: { requests: 2, perMs: 1000 }, maxAtOnce: 0 };
			const api = await start(limits);
			expect(await ends(api, 5)).toEqual([429, 429, 429, 429, 429]);
			api.set({ maxAtOnce: undefined });
			expect(await ends(api, 3)).toEqual([404, 404, 429]);
		});

		it('counts what anyone may read, and a wrong token, for no limit', async () => {
			const api = await start({ limit: { requests: 1, perMs: 1000 } });
			const headers = { authorization: 'wrong' };
			const path = `${sessionsPath}/x`;
			expect((await call(api, 'GET', path, { headers })).status).toBe(401);
			expect((await call(api, 'GET', '/v2/public/rsa-public-key')).status).toBe(200);
			expect((await call(api, 'GET', path)).status).toBe(404);
			expect((await call(api, 'GET', path)).status).toBe(429);
			expect((await call(api, 'GET', '/v2/public/rsa-public-key')).status).toBe(200);
		});

		it('tells when an End was last let in', async () => {
			const api = await start({ limit: { requests: 3, perMs: 1000 } });
			now += 5000;
			expect(api.stats.lastEndMs).toBe(0);
			api.resetStats();
			now += 10;
			await ends(api, 2);
			expect(api.stats.lastEndMs).toBe(10);
			now += 10;
			await call(api, 'GET', `${sessionsPath}/x`);
			expect(await ends(api, 1)).toEqual([429]);
			expect(api.stats.lastEndMs).toBe(10);
			now += 2000;
			api.set({ faults: () => ({ kind: 'reset' }) });
			await expect(end(api, 'x')).rejects.toThrow();
			expect(api.stats.lastEndMs).toBe(10);
			api.set({ faults: () => ({ kind: 'reset', processed: true }) });
			await expect(end(api, 'x')).rejects.toThrow();
			expect(api.stats.lastEndMs).toBe(2020);
			api.resetStats();
			expect(api.stats.lastEndMs).toBe(0);
		});
	});

	it.each([
		['429 without a header', {}, [429, null]],
		['429 and Retry-After 0', { retryAfterSeconds: 0 }, [429, '0']],
		['503 without a header', { throttledStatus: 503 }, [503, null]],
		['503 and Retry-After 2', { throttledStatus: 503, retryAfterSeconds: 2 }, [503, '2']],
	] as const)('is refused with %s, over either limit', async (_how, how, refusal) => {
		const limit = { requests: 1, perMs: 60_000 };
		for (const limits of [{ maxAtOnce: 1, delayMs: 500 }, { limit }]) {
			const api = await start({ ...how, ...limits });
			const replies = await Promise.all([1, 2, 3].map(async () => await end(api, 'x')));
			expect(refusals(replies)).toEqual([refusal, refusal]);
			const [refused] = replies.filter(({ status }) => status === refusal[0]);
			expect(refused?.json).toHaveProperty('message', expect.stringMatching(/./));
			expect(api.stats.throttled).toBe(2);
		}
	});

	it('counts refusals per session, and those by a fault with them', async () => {
		const faults = [429, 503, 500, 502].map((status): Fault => ({ kind: 'status', status }));
		faults.push({ kind: 'reset' }, { kind: 'truncated' });
		const api = await start({ faults: ({ attempt }) => faults[attempt - 1] });
		const { sessionId } = api.sessions.add();
		api.set({ limit: { requests: 1, perMs: 60_000 } });
		const path = `${sessionsPath}/${sessionId}`;
		for (let n = 0; n < 4; n += 1) await end(api, sessionId);
		for (let n = 0; n < 2; n += 1) await expect(end(api, sessionId)).rejects.toThrow();
		expect(api.stats.endsThrottled).toEqual(new Map([[sessionId, 2]]));
		expect((await end(api, sessionId)).status).toBe(429);
		expect((await call(api, 'GET', path)).status).toBe(429);
		expect(api.stats.throttled).toBe(4);
		expect(api.stats.endsThrottled).toEqual(new Map([[sessionId, 3]]));
		expect(api.stats.endRequests).toEqual(new Map([[sessionId, 7]]));
	});

	it('counts no request as open whose client has left', async () => {
		const api = await start({ faults: () => ({ kind: 'stall' }) });
		const leaveAfter = async (ms: number) =>
			await new Promise<void>((resolve) => {
				const headers = { 'content-type': 'application/json' };
				const url = `${api.url}${sessionsPath}/end`;
				const sent = httpRequest(url, { method: 'POST', agent: false, headers }, () => resolve());
				sent.on('error', () => resolve());
				sent.end('{"sessionId":"x"}');
				setTimeout(() => sent.destroy(), ms);
			});
		const client = async (id: number) => {
			for (let turn = 0; turn < 20; turn += 1) await leaveAfter(40 + ((id * 7 + turn) % 5));
		};
		await Promise.all(Array.from({ length: 10 }, async (_, id) => await client(id)));
		expect(api.stats.mostInFlight).toBe(10);
	});

	it('begins a new count of open requests with those that are open', async () => {
		const api = await start({ faults: () => ({ kind: 'stall' }) });
		const leave = new AbortController();
		const stalled = [1, 2].map(
			async () => await expect(end(api, 'x', leave.signal)).rejects.toThrow(),
		);
		await until(() => api.stats.mostInFlight === 2);
		api.resetStats();
		expect(api.stats.mostInFlight).toBe(2);
		leave.abort();
		await Promise.all(stalled);
	});

	it('counts one in flight for one after the other', async () => {
		const api = await start();
		for (let n = 0; n < 20; n += 1) await end(api, api.sessions.add().sessionId);
		expect(api.stats.mostInFlight).toBe(1);
	});

	it('has ended the session of a client that gave up waiting', async () => {
		const api = await start({ delayMs: 100 });
		const { sessionId } = api.sessions.add();
		const client = new AbortController();
		const ending = end(api, sessionId, client.signal);
		while (!api.stats.endings.has(sessionId)) await new Promise(setImmediate);
		client.abort();
		await expect(ending).rejects.toThrow();
		expect(api.stats.endings.get(sessionId)).toBe(1);
		api.set({ delayMs: 0 });
		expect((await end(api, sessionId)).status).toBe(409);
	});
});

describe('faults', () => {
	async function ending(
		fault: Fault,
		giveUpMs = 10_000,
	): Promise<{ reply: Reply | string; ended: boolean }> {
		const { api, sessionId } = await faulty(fault);
		const reply = await end(api, sessionId, AbortSignal.timeout(giveUpMs)).catch(
			(error: unknown) => {
				const { name, cause } = error as Error & { cause?: { code?: string } };
				return cause?.code ?? name;
			},
		);
		const ended = api.sessions.find(sessionId)?.status === 'completed';
		expect((await end(api, sessionId)).status).toBe(ended ? 409 : 200);
		return { reply, ended };
	}

	async function faulty(fault: Fault): Promise<{ api: VideoSdkApi; sessionId: string }> {
		const api = await start({ faults: ({ attempt }) => (attempt === 1 ? fault : undefined) });
		return { api, ...api.sessions.add() };
	}

	it('answer any status, as JSON, HTML or text', async () => {
		const headers = { 'retry-after': '3' };
		const limited = await ending({ kind: 'status', status: 429, headers });
		expect(limited).toMatchObject({ ended: false, reply: { status: 429 } });
		expect((limited.reply as Reply).headers.get('retry-after')).toBe('3');
		const html = await ending({ kind: 'status', status: 502, body: '<html></html>' });
		expect(html).toMatchObject({ ended: false, reply: { status: 502, text: '<html></html>' } });
		expect((html.reply as Reply).headers.get('content-type')).toBe('text/html');
		const json = await ending({ kind: 'status', status: 500, body: { msg: 'x' } });
		expect(json).toMatchObject({ reply: { status: 500, json: { msg: 'x' } } });
		const lost = await ending({ kind: 'status', status: 504, body: 'late', processed: true });
		expect(lost).toMatchObject({ ended: true, reply: { status: 504, text: 'late' } });
	});

	it('redirect', async () => {
		const { reply, ended } = await ending({ kind: 'redirect', location: 'http://127.0.0.1:1/x' });
		expect(reply).toMatchObject({ status: 307 });
		expect((reply as Reply).headers.get('location')).toBe('http://127.0.0.1:1/x');
		expect(ended).toBe(false);
	});

	it('reset, before and after the request is carried out', async () => {
		expect(await ending({ kind: 'reset' })).toEqual({ reply: 'ECONNRESET', ended: false });
		const after = await ending({ kind: 'reset', processed: true });
		expect(after).toEqual({ reply: 'ECONNRESET', ended: true });
	});

	it('stall', async () => {
		expect(await ending({ kind: 'stall' }, 200)).toEqual({ reply: 'TimeoutError', ended: false });
		const after = await ending({ kind: 'stall', processed: true }, 200);
		expect(after).toEqual({ reply: 'TimeoutError', ended: true });
	});

	it('stall until the fake API is closed', async () => {
		const api = await startVideoSdkApi({ faults: () => ({ kind: 'stall' }) });
		const stalled = expect(end(api, api.sessions.add().sessionId)).rejects.toThrow('fetch failed');
		await until(() => api.stats.requests.size === 1);
		await api.close();
		await stalled;
	});

	it('answer with wrong JSON, cut off, or slowly', async () => {
		const wrong = await ending({ kind: 'wrongJson', text: '{"data"' });
		expect(wrong).toMatchObject({ ended: false, reply: { status: 200, text: '{"data"' } });
		expect((wrong.reply as Reply).headers.get('content-type')).toBe('application/json');
		const cut = await ending({ kind: 'truncated' });
		expect(cut).toEqual({ ended: true, reply: 'UND_ERR_SOCKET' });
		const slow = await ending({ kind: 'trickle', msPerByte: 50 }, 200);
		expect(slow).toEqual({ ended: true, reply: 'TimeoutError' });
		const whole = await ending({ kind: 'trickle', msPerByte: 0 });
		expect(whole).toMatchObject({ ended: true, reply: { status: 200 } });
		expect((whole.reply as Reply).json).toHaveProperty('data.status', 'completed');
	});

	it('do not get round the token', async () => {
		const { api, sessionId } = await faulty({ kind: 'reset', processed: true });
		const headers = { authorization: 'wrong' };
		const body = { sessionId };
		await expect(call(api, 'POST', `${sessionsPath}/end`, { headers, body })).rejects.toThrow();
		expect(api.sessions.find(sessionId)?.status).toBe('running');
	});

	it('are chosen from what is known of the request', async () => {
		const faults = jest.fn(() => undefined);
		const api = await start({ faults });
		await end(api, 'a b');
		await end(api, 'a b');
		await call(api, 'GET', `${sessionsPath}/a%20b`);
		await call(api, 'GET', `${sessionsPath}?page=2`);
		const endRoute = `${sessionsPath}/end`;
		const endCall = { method: 'POST', path: endRoute, route: endRoute, sessionId: 'a b' };
		expect(faults.mock.calls).toEqual([
			[{ ...endCall, attempt: 1 }],
			[{ ...endCall, attempt: 2 }],
			[
				{
					method: 'GET',
					path: `${sessionsPath}/a%20b`,
					route: `${sessionsPath}/{sessionId}`,
					sessionId: 'a b',
					attempt: 1,
				},
			],
			[{ method: 'GET', path: `${sessionsPath}?page=2`, route: sessionsPath, attempt: 1 }],
		]);
	});

	it('that throw are told as a 500, not swallowed', async () => {
		const api = await start({
			faults: () => {
				throw new Error('a slip in a test');
			},
		});
		expect(await end(api, 's')).toMatchObject({
			status: 500,
			json: { message: expect.stringContaining('a slip in a test') },
		});
	});

	describe('from a seed', () => {
		const rates = {
			rateLimited: 0.1,
			rateLimitedWithRetryAfter: 0.1,
			serverError: 0.1,
			htmlPage: 0.1,
			resetBefore: 0.1,
			stall: 0.1,
			wrongJson: 0.1,
			truncated: 0.1,
			resetAfter: 0.05,
			lostAnswer: 0.05,
		};
		const of = (sessionId: string) => ({
			method: 'POST',
			path: '/end',
			route: '/end',
			sessionId,
			attempt: 1,
		});
		const ids = Array.from({ length: 1000 }, (_, n) => `s${n}`);

		it('are the same whatever the order of the requests', () => {
			const forwards = seededFaults(7, rates);
			const backwards = seededFaults(7, rates);
			const other = seededFaults(8, rates);
			const one = ids.map((id) => forwards(of(id)));
			const two = ids.toReversed().map((id) => backwards(of(id)));
			expect(two.reverse()).toEqual(one);
			expect(ids.map((id) => other(of(id)))).not.toEqual(one);
		});

		it('keep to their rates, and end after so many for a session', () => {
			const faults = seededFaults(7, { resetBefore: 0.2, stall: 0.1 }, 2);
			const kinds = ids.map((id) => faults(of(id))?.kind);
			expect(kinds.filter((kind) => kind === 'reset').length / 1000).toBeCloseTo(0.2, 1);
			expect(kinds.filter((kind) => kind === 'stall').length / 1000).toBeCloseTo(0.1, 1);
			const always = seededFaults(7, { serverError: 1 }, 2);
			expect([1, 2, 3, 4].map(() => always(of('s'))?.kind)).toEqual([
				'status',
				'status',
				undefined,
				undefined,
			]);
			expect(() => seededFaults(1, { stall: 0.6, truncated: 0.6 })).toThrow(RangeError);
		});

		it('never end a session twice', async () => {
			const api = await start({ faults: seededFaults(3, { ...rates, stall: 0 }, 4) });
			for (const id of ids.slice(0, 60)) {
				api.sessions.add({ sessionId: id });
				let status = 0;
				for (let n = 0; n < 6 && status !== 200 && status !== 409; n += 1) {
					const reply = await end(api, id).catch(() => undefined);
					status = reply?.json.message ? reply.status : 0;
				}
				expect([200, 409]).toContain(status);
				expect(api.stats.endings.get(id)).toBe(1);
			}
		});
	});
});

describe('the server', () => {
	it('is on loopback, on the given port', async () => {
		const api = await start();
		expect(api.url).toBe(`http://127.0.0.1:${api.port}`);
		await expect(startVideoSdkApi({ port: api.port })).rejects.toThrow('EADDRINUSE');
	});

	it('survives a client that leaves in the middle of its request', async () => {
		const api = await start();
		const socket = connect(api.port, '127.0.0.1');
		socket.write(`POST ${sessionsPath}/end HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"se`);
		await until(() => api.stats.requests.size === 1);
		socket.destroy();
		expect((await end(api, randomUUID())).status).toBe(404);
	});
});
