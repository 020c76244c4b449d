/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import type { Fault, Options, VideoSdkApi } from '../../dev/videosdk-api';
import { Engine } from '../support/engine';
import { hostileRequests, signAsStranger } from '../support/hostile';
import type { Reply, TriggerSettings, TriggerUrl } from '../support/webhook';
import { useEngine } from './setup';
import { json, later, sendInJumps, signed, useTriggers } from './triggers';

const { engine, startApi } = useEngine();
const { openTriggerOf } = useTriggers(engine);

/** The parameters of a trigger with these options. Most sessions here are none of the fake API's. */
const options = (triggerOptions: INodeParameters = {}) => ({
	triggerOptions: { fetchSession: false, ...triggerOptions },
});

const openTrigger = async (
	api: VideoSdkApi,
	parameters?: INodeParameters,
	settings?: Partial<TriggerSettings>,
	inEngine?: Engine,
) => await openTriggerOf(api, { ...options(), ...parameters }, settings, inEngine);

/** A fake API and a trigger that takes its events. */
async function setUp(parameters?: INodeParameters, apiOptions?: Options) {
	const api = await startApi(apiOptions);
	return { api, trigger: await openTrigger(api, parameters) };
}

const ALL = { events: ['starting', 'started', 'stopping', 'stopped', 'failed'] };

const eventOf = (sessionId: string, fields: IDataObject = {}, event = 'started') => ({
	webhookType: `ai-deployment-session-${event}`,
	data: { ...fields, sessionId },
});

const bodyOf = (...event: Parameters<typeof eventOf>) => JSON.stringify(eventOf(...event));

/** Sends a body as VideoSDK does: signed with the key of the fake API. */
const sendSigned = async (
	api: VideoSdkApi,
	trigger: TriggerUrl,
	body: string | Buffer,
	headers = {},
): Promise<Reply> => await trigger.post(body, { ...signed(api, body), ...headers });

const statusesOf = async (api: VideoSdkApi, trigger: TriggerUrl, bodies: string[]) =>
	await Promise.all(bodies.map(async (body) => (await sendSigned(api, trigger, body)).status));

/** Sends as many events, each of a session of its own, at the same time. */
const sendMany = async (api: VideoSdkApi, trigger: TriggerUrl, count: number) =>
	await statusesOf(
		api,
		trigger,
		Array.from({ length: count }, (_none, number) => bodyOf(`s${number}`)),
	);

const idsOf = ({ runs }: TriggerUrl) => runs.map(({ sessionId }) => sessionId);

function expectNothing({ errors, runs, staticData }: TriggerUrl) {
	expect({ errors, runs, staticData }).toEqual({ errors: [], runs: [], staticData: '{}' });
}

describe('a signed event', () => {
	test('a signed event starts a run with its fields, and gets 200', async () => {
		const { api, trigger } = await setUp();
		const before = Date.now();
		const fields = { status: 'running', deploymentId: 'd1', cost: { amount: 1.5 } };
		const event = eventOf('s1', { ...fields, event: 'failed', receivedAt: 'never' });
		expect(await api.webhooks.send(trigger.url, event)).toBe(200);
		expect(trigger.errors).toEqual([]);
		const receivedAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
		expect(trigger.runs).toEqual([{ event: 'started', sessionId: 's1', ...fields, receivedAt }]);
		const [run = {}] = trigger.runs;
		const order = ['event', 'sessionId', 'status', 'deploymentId', 'cost', 'receivedAt'];
		expect(Object.keys(run)).toEqual(order);
		expect(Date.parse(String(run.receivedAt))).toBeGreaterThanOrEqual(before);
		expect(Date.parse(String(run.receivedAt))).toBeLessThanOrEqual(Date.now());
	});

	test.each(['ai-deployment-session', 'agent-session'] as const)(
		'each event of a session that is named %s starts a run',
		async (eventSpelling) => {
			const { api, trigger } = await setUp(ALL, { eventSpelling });
			const events = ALL.events.map((event) => `${eventSpelling}-${event}`);
			const { sessionId } = api.sessions.add({ webhook: { endpoint: trigger.url, events } });
			const life = ['queued', 'running', 'stopping', 'stopped', 'failed'];
			for (const status of life) api.sessions.setStatus(sessionId, status);
			while (api.stats.deliveries.length < life.length) await sleep(5);
			expect(api.stats.deliveries.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
			expect(trigger.runs.map(({ event }) => event)).toEqual(ALL.events);
			expect(trigger.runs.map(({ status }) => status)).toEqual(life);
		},
	);

	test('a signed event that is not selected starts no run, and gets 200', async () => {
		const { api, trigger } = await setUp({ events: ['failed'] });
		const other = JSON.stringify({ webhookType: 'meeting-started', data: { meetingId: 'm1' } });
		for (const body of [bodyOf('s1'), other]) {
			const text = '{"message":"The workflow is not waiting for this event."}';
			expect(await sendSigned(api, trigger, body)).toEqual({ status: 200, text });
		}
		expectNothing(trigger);
	});

	test('a signed event may have any content type, or none', async () => {
		const { api, trigger } = await setUp(options({ ignoreRepeats: false }));
		const types = ['application/json; charset=utf-8', 'text/plain', 'multipart/form-data', ''];
		for (const type of types) {
			const { status } = await sendSigned(api, trigger, bodyOf('s1'), { 'content-type': type });
			expect(status).toBe(200);
		}
		expect(trigger.runs).toHaveLength(types.length);
	});

	test('100 concurrent signed events each start a run, with one fetch of the key', async () => {
		const { api, trigger } = await setUp();
		expect(await sendMany(api, trigger, 100)).toEqual(Array(100).fill(200));
		expect(new Set(idsOf(trigger)).size).toBe(100);
		expect(trigger.runs).toHaveLength(100);
		expect(api.stats.publicKeyFetches).toBe(1);
	});
});

/** Is in the body of each wrong request, and must be nowhere else afterwards. */
const MARKER = 'marker-of-a-wrong-body';

const MEGABYTE = 1_048_576;

/** A body of a length in bytes, an event by itself. */
function bodyOfLength(length: number): string {
	const empty = bodyOf(MARKER, { filler: '' });
	return bodyOf(MARKER, { filler: 'x'.repeat(length - empty.length) });
}

describe('an invalid request', () => {
	const body = bodyOf(MARKER);
	const gzip = { 'content-encoding': 'gzip' };
	const rewritten = JSON.stringify(JSON.parse(body), null, 1);

	interface WrongRequest {
		body?: string | Buffer;
		/** Null for none, by default the right one. */
		signature?: string | null;
		/** What was signed in its place. */
		signedBody?: string;
		headers?: Record<string, string>;
	}

	test.each<[string, number, WrongRequest]>([
		['without a signature', 401, { signature: null }],
		['with an empty signature', 401, { signature: '' }],
		['with an invalid signature', 401, { signature: 'c2lnbmVk' }],
		['signed with another key', 401, { signature: signAsStranger(body) }],
		['signed for another body', 401, { signedBody: bodyOf('another session') }],
		['altered by one byte', 401, { body: body.replace('-body', '-Body'), signedBody: body }],
		['that was reformatted', 401, { body: rewritten, signedBody: body }],
		['that is not JSON', 400, { body: MARKER }],
		['that is truncated', 400, { body: body.slice(0, -1) }],
		['without a body', 400, { body: '' }],
		['without an event type', 400, { body: JSON.stringify({ data: { MARKER } }) }],
		['that cannot be unzipped', 400, { headers: gzip }],
		['of one byte over 1 MB', 413, { body: bodyOfLength(MEGABYTE + 1) }],
		['larger than n8n accepts', 413, { body: bodyOfLength(16 * MEGABYTE + 1) }],
		[
			'that unzips to over 1 MB',
			413,
			{ body: gzipSync(bodyOfLength(10 * MEGABYTE)), headers: gzip },
		],
	])('a request %s gets %i, starts no run and stores nothing', async (_name, status, request) => {
		const { api, trigger } = await setUp();
		const { body: sent = body, signedBody = sent, headers } = request;
		const { signature = api.webhooks.sign(signedBody) } = request;
		const reply = await trigger.post(sent, {
			...json,
			...(signature !== null && { 'videosdk-signature': signature }),
			...headers,
		});
		expect(reply.status).toBe(status);
		expect(JSON.parse(reply.text)).toEqual({ message: expect.stringMatching(/^The .+\.$/) });
		expect(reply.text).not.toContain(MARKER);
		expectNothing(trigger);
	});

	test('a request whose connection breaks starts no run and stores nothing', async () => {
		const { trigger } = await setUp();
		const { hostname, port } = new URL(trigger.url);
		const socket = connect(Number(port), hostname);
		socket.write(`POST / HTTP/1.1\r\nHost: n8n\r\nContent-Length: 100\r\n\r\n${MARKER}`);
		while (!trigger.lastRequest) await sleep(5);
		socket.destroy();
		while (!trigger.lastRequest.destroyed) await sleep(5);
		await sleep(50);
		expectNothing(trigger);
	});

	test('a forged copy of an event does not block the real event', async () => {
		const { api, trigger } = await setUp();
		expect((await trigger.post(body, json)).status).toBe(401);
		expect((await trigger.post(body, signed(api, ''))).status).toBe(401);
		expect((await sendSigned(api, trigger, body)).status).toBe(200);
		expect(trigger.runs).toHaveLength(1);
	});

	test('50 forged events among 50 signed events cause one fetch of the key', async () => {
		const { api, trigger } = await setUp();
		const forged = signed(api, '');
		const isForged = Array.from({ length: 100 }, (_none, number) => number % 2 === 0);
		const replies = await Promise.all(
			isForged.map(async (wrong, number) => {
				const event = bodyOf(`s${number}`);
				return await trigger.post(event, wrong ? forged : signed(api, event));
			}),
		);
		expect(replies.map(({ status }) => status)).toEqual(isForged.map((no) => (no ? 401 : 200)));
		expect(trigger.runs).toHaveLength(50);
		expect(api.stats.publicKeyFetches).toBe(1);
	});
});

describe('the public key', () => {
	test('events are accepted with one more fetch after VideoSDK changes its key', async () => {
		const { api, trigger } = await setUp();
		const late = signed(api, bodyOf('late'));
		expect((await sendSigned(api, trigger, bodyOf('s'))).status).toBe(200);
		api.webhooks.rotateKey();
		later(60_000);
		expect(new Set(await sendMany(api, trigger, 20))).toEqual(new Set([200]));
		expect(trigger.runs).toHaveLength(21);
		expect(api.stats.publicKeyFetches).toBe(2);
		expect((await trigger.post(bodyOf('late'), late)).status).toBe(401);
	});

	test('each credential has its own public key', async () => {
		const [one, other] = [await setUp(), await setUp()];
		for (const { api, trigger } of [one, other]) {
			expect((await sendSigned(api, trigger, bodyOf('s1'))).status).toBe(200);
		}
		expect((await sendSigned(one.api, other.trigger, bodyOf('s2'))).status).toBe(401);
	});

	test.each<[string, Fault]>([
		['returns a server error', { kind: 'status', status: 500 }],
		['rejects the credential', { kind: 'status', status: 401 }],
		['redirects the request', { kind: 'redirect', location: 'http://127.0.0.1:1/' }],
		['breaks the connection', { kind: 'reset' }],
		['returns an invalid key', { kind: 'wrongJson', text: '{"publicKey":"none"}' }],
	])('an event gets 503 until the key is available if VideoSDK %s', async (_name, fault) => {
		const { api, trigger } = await setUp();
		api.set({ faults: () => fault });
		expect(await sendSigned(api, trigger, bodyOf('s1'))).toEqual({
			status: 503,
			text: '{"message":"The key for checking the signature is not available. Send the event again later."}',
		});
		expectNothing(trigger);
		api.set({ faults: undefined });
		later(10_000);
		expect((await sendSigned(api, trigger, bodyOf('s1'))).status).toBe(200);
		expect(trigger.runs).toHaveLength(1);
	});

	test('a pasted public key is used without any request to VideoSDK', async () => {
		const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
		const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
		const { api, trigger } = await setUp(options({ publicKey: pem }));
		const signature = sign('RSA-SHA256', Buffer.from(bodyOf('s1')), privateKey);
		const headers = { ...json, 'videosdk-signature': signature.toString('base64') };
		expect((await trigger.post(bodyOf('s1'), headers)).status).toBe(200);
		expect((await sendSigned(api, trigger, bodyOf('s2'))).status).toBe(401);
		expect(idsOf(trigger)).toEqual(['s1']);
		expect(api.stats.requests.size).toBe(0);
	});
});

test.each<[string, unknown, string[]]>([
	['null (the default)', null, ['started', 'stopped', 'failed']],
	['a list from an expression', '={{ ["started", "failed"] }}', ['started', 'failed']],
	['text from an expression', '={{ "started, failed" }}', ['started', 'failed']],
	['nothing from an expression', '={{ undefined }}', []],
	['an empty list', [], []],
])('Trigger On with %s starts runs for exactly those events', async (_name, events, expected) => {
	const { api, trigger } = await setUp({ events } as INodeParameters);
	for (const event of ALL.events) {
		const { status } = await sendSigned(api, trigger, bodyOf('s1', {}, event));
		// Where none is chosen, the events are to be sent again.
		expect(status).toBe(expected.length > 0 ? 200 : 503);
	}
	expect(trigger.errors).toEqual([]);
	expect(trigger.runs.map(({ event }) => event)).toEqual(expected);
});

test('with Verify Signature off, an unsigned event starts a run without a key', async () => {
	const { api, trigger } = await setUp(options({ verifySignature: false }));
	const forged = { ...json, 'videosdk-signature': 'forged' };
	expect((await trigger.post(bodyOf('s1'), json)).status).toBe(200);
	expect((await trigger.post(bodyOf('s2'), forged)).status).toBe(200);
	expect((await trigger.post(MARKER, json)).status).toBe(400);
	expect(idsOf(trigger)).toEqual(['s1', 's2']);
	expect(api.stats.requests.size).toBe(0);
});

describe('Ignore Repeats', () => {
	const twice = [bodyOf('s1'), bodyOf('s1', { other: 'fields' })];

	test('Ignore Repeats answers a repeated event with 200, and starts no run', async () => {
		const { api, trigger } = await setUp();
		expect(await statusesOf(api, trigger, twice)).toEqual([200, 200]);
		expect((await sendSigned(api, trigger, bodyOf('s1'))).text).toContain('already received');
		expect(trigger.runs).toHaveLength(1);
	});

	test('Ignore Repeats starts one run for copies that arrive concurrently', async () => {
		const { api, trigger } = await setUp();
		await statusesOf(api, trigger, Array<string>(20).fill(bodyOf('s1')));
		expect(trigger.runs).toHaveLength(1);
	});

	test('Ignore Repeats does not count an earlier event that was not selected', async () => {
		const { api, trigger } = await setUp({ events: ['failed'] });
		await sendSigned(api, trigger, bodyOf('s1'));
		trigger.parameters = { events: ['started'], ...options() };
		await sendSigned(api, trigger, bodyOf('s1'));
		expect(trigger.runs).toHaveLength(1);
	});

	test('Ignore Repeats tracks two triggers in one workflow separately', async () => {
		const api = await startApi();
		const workflowId = randomUUID();
		for (const nodeId of ['one', 'other']) {
			const trigger = await openTrigger(api, {}, { workflowId, nodeId });
			await statusesOf(api, trigger, twice);
			expect(trigger.runs).toHaveLength(1);
		}
	});

	test('Ignore Repeats remembers events after a restart of n8n', async () => {
		const api = await startApi();
		const workflowId = randomUUID();
		const before = await openTrigger(api, {}, { workflowId });
		await sendMany(api, before, 5);
		await jest.isolateModulesAsync(async () => {
			const { staticData } = before;
			const settings = { workflowId, staticData };
			const after = await openTrigger(api, {}, settings, await Engine.load());
			await sendMany(api, after, 6);
			expect(idsOf(after)).toEqual(['s5']);
			const elsewhere = await openTrigger(api, {}, { workflowId: randomUUID() });
			await sendMany(api, elsewhere, 1);
			expect(elsewhere.runs).toHaveLength(1);
		});
	});

	test('with Ignore Repeats off, or at the test URL, each copy starts a run', async () => {
		const api = await startApi();
		const workflowId = randomUUID();
		for (const trigger of [
			await openTrigger(api, options({ ignoreRepeats: false })),
			await openTrigger(api, {}, { mode: 'manual', workflowId }),
		]) {
			await statusesOf(api, trigger, twice);
			expect(trigger.runs).toHaveLength(2);
			expect(trigger.staticData).toBe('{}');
		}
		const active = await openTrigger(api, {}, { workflowId });
		await sendSigned(api, active, bodyOf('s1'));
		expect(active.runs).toHaveLength(1);
	});
});

describe('Fetch Session', () => {
	const fetches = options({ fetchSession: true });

	test("Fetch Session adds the session's fields, but those of the event win", async () => {
		const { api, trigger } = await setUp(fetches);
		const session = api.sessions.add({ sessionId: 'a/b?', status: 'stopping', tag: 'v2' });
		await sendSigned(api, trigger, bodyOf('a/b?', { status: 'running', reason: 'hello' }));
		const event = { event: 'started', status: 'running', reason: 'hello' };
		const receivedAt = expect.any(String) as string;
		expect(trigger.runs).toEqual([{ ...session, ...event, receivedAt }]);
		const keys = Object.keys(trigger.runs[0] ?? {});
		expect(keys.slice(0, 2)).toEqual(['event', 'sessionId']);
		expect(keys.at(-1)).toBe('receivedAt');
	});

	test('Fetch Session is on by default, and fetches once for a repeated event', async () => {
		const api = await startApi();
		const trigger = await openTriggerOf(api);
		const { tag } = api.sessions.add({ sessionId: 's1', tag: 'v7' });
		for (let time = 0; time < 2; time++) await sendSigned(api, trigger, bodyOf('s1'));
		await trigger.post(bodyOf('s1'), json);
		expect(trigger.runs).toMatchObject([{ sessionId: 's1', tag }]);
		const path = 'GET /ai/v1/ai-deployment-sessions/{sessionId}';
		expect(api.stats.requests.get(path)?.count).toBe(1);
	});

	test('Fetch Session starts no run for a session that is not in the project', async () => {
		const { api, trigger } = await setUp(fetches);
		const bodies = Array<string>(5).fill(bodyOf('of another project'));
		expect(new Set(await statusesOf(api, trigger, bodies))).toEqual(new Set([200]));
		expect((await sendSigned(api, trigger, bodyOf('of another project'))).text).toBe(
			'{"message":"There is no such session in this VideoSDK project."}',
		);
		expect([trigger.errors, trigger.runs]).toEqual([[], []]);
		expect(trigger.staticData).not.toContain('another');

		api.sessions.add({ sessionId: 'of another project' });
		await sendSigned(api, trigger, bodyOf('of another project'));
		expect(trigger.runs).toHaveLength(1);
	});

	test('Fetch Session at the test URL does not change what the active workflow stored', async () => {
		const api = await startApi();
		const workflowId = randomUUID();
		const active = await openTrigger(api, {}, { workflowId });
		await sendSigned(api, active, bodyOf('s1'));
		const trying = await openTrigger(api, fetches, { workflowId, mode: 'manual' });
		await sendSigned(api, trying, bodyOf('s1'));
		expect(trying.runs).toEqual([]);
		await sendSigned(api, active, bodyOf('s1'));
		expect(active.runs).toHaveLength(1);
	});

	test.each<[string, Fault, RegExp]>([
		['VideoSDK returns a server error', { kind: 'status', status: 500 }, /server error/],
		['VideoSDK is throttling', { kind: 'status', status: 429 }, /too many requests \(HTTP 429\)/],
		['the connection breaks', { kind: 'reset' }, /was lost/],
	])('a failed Fetch Session still starts a run: %s', async (_name, fault, reason) => {
		const { api, trigger } = await setUp(fetches);
		api.set({ faults: ({ sessionId }) => (sessionId ? fault : undefined) });
		const { status } = await sendSigned(api, trigger, bodyOf('s1', { status: 'running' }));
		expect(status).toBe(200);
		expect(trigger.errors).toEqual([]);
		const fields = { event: 'started', sessionId: 's1', status: 'running' };
		const more = { fetchError: expect.stringMatching(reason), receivedAt: expect.any(String) };
		expect(trigger.runs).toEqual([{ ...fields, ...more }]);
	});

	test.each<[string, Fault]>([
		['is throttling', { kind: 'status', status: 429, headers: { 'retry-after': '30' } }],
		['never responds', { kind: 'stall' }],
	])('Fetch Session lets the trigger answer in time even if VideoSDK %s', async (_name, fault) => {
		const { api, trigger } = await setUp(fetches);
		// The key is there, so that only the session has to be looked up.
		api.sessions.add({ sessionId: 's0' });
		await sendSigned(api, trigger, bodyOf('s0'));
		api.set({ faults: () => fault });
		const reply = await sendInJumps(api, async () => await sendSigned(api, trigger, bodyOf('s1')));
		expect(reply).toMatchObject({ status: 200 });
		expect(idsOf(trigger)).toEqual(['s0', 's1']);
	});
});

test('300 hostile requests start no run, and cause one key fetch per minute', async () => {
	const start = Date.now();
	const { api, trigger } = await setUp(ALL);
	const unexpected: unknown[] = [];
	const requests = hostileRequests(300, (body) => api.webhooks.sign(body));
	for (const { body, headers, status: expected } of requests) {
		const { status, text } = await trigger.post(body, headers);
		if (status !== expected || /sessionId|polluted/.test(text)) {
			unexpected.push({ expected, status, headers, text, body: body.toString().slice(0, 200) });
		}
	}
	expect(unexpected.slice(0, 10)).toEqual([]);
	expectNothing(trigger);
	const minutes = Math.ceil((Date.now() - start) / 60_000);
	expect(api.stats.publicKeyFetches).toBeLessThanOrEqual(minutes);
});

test.each([
	['a fetched public key', {}],
	['an unused pasted key', options({ verifySignature: false, publicKey: 'none' })],
])('publishing registers nothing for session events with %s', async (_name, parameters) => {
	const { api, trigger } = await setUp(parameters);
	expect(await trigger.lifecycle('checkExists')).toBe(false);
	expect(await trigger.lifecycle('create')).toBe(true);
	expect(await trigger.lifecycle('delete')).toBe(true);
	expect(api.stats.requests.size).toBe(0);
	expect(trigger.staticData).toBe('{}');
});
