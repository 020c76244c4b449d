/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import type { Options, VideoSdkApi } from '../../dev/videosdk-api';
import { hostileRequests } from '../support/hostile';
import type { Reply, TriggerSettings, TriggerUrl } from '../support/webhook';
import { useEngine } from './setup';
import { json, later, signed, useTriggers } from './triggers';

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
) => await openTriggerOf(api, { ...options(), ...parameters }, settings);

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

/** Sends as many events, each of a session of its own, at the same time. */
const sendMany = async (api: VideoSdkApi, trigger: TriggerUrl, count: number) =>
	await Promise.all(
		Array.from(
			{ length: count },
			async (_none, number) => await sendSigned(api, trigger, bodyOf(`s${number}`)),
		),
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

	test('each event in the life of a session starts a run with its status', async () => {
		const { api, trigger } = await setUp(ALL, { eventSpelling: 'agent-session' });
		const events = ALL.events.map((event) => `agent-session-${event}`);
		const { sessionId } = api.sessions.add({ webhook: { endpoint: trigger.url, events } });
		const life = ['queued', 'running', 'stopping', 'stopped', 'failed'];
		for (const status of life) api.sessions.setStatus(sessionId, status);
		while (api.stats.deliveries.length < life.length) await sleep(5);
		expect(api.stats.deliveries.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
		expect(trigger.runs.map(({ event }) => event)).toEqual(ALL.events);
		expect(trigger.runs.map(({ status }) => status)).toEqual(life);
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

	interface WrongRequest {
		body?: string | Buffer;
		/** What was signed in its place. */
		signedBody?: string;
		headers?: Record<string, string>;
	}

	test.each<[string, number, WrongRequest]>([
		['signed for another body', 401, { signedBody: bodyOf('another session') }],
		['that is not JSON', 400, { body: MARKER }],
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
		const reply = await trigger.post(sent, { ...signed(api, signedBody), ...headers });
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

test('an event gets 503 until VideoSDK returns its public key, and then starts a run', async () => {
	const { api, trigger } = await setUp();
	api.set({ faults: () => ({ kind: 'reset' }) });
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

test.each<[string, unknown, string[]]>([
	['null (the default)', null, ['started', 'stopped', 'failed']],
	['text from an expression', '={{ "started, failed" }}', ['started', 'failed']],
	['nothing from an expression', '={{ undefined }}', []],
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

describe('Ignore Repeats', () => {
	test('Ignore Repeats starts one run for copies that arrive concurrently', async () => {
		const { api, trigger } = await setUp();
		const copies = Array.from(
			{ length: 20 },
			async () => await sendSigned(api, trigger, bodyOf('s1')),
		);
		await Promise.all(copies);
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
			for (let time = 0; time < 2; time++) await sendSigned(api, trigger, bodyOf('s1'));
			expect(trigger.runs).toHaveLength(1);
		}
	});

	test('Ignore Repeats remembers events after a restart of n8n', async () => {
		const api = await startApi();
		const before = await openTrigger(api);
		await sendMany(api, before, 5);
		// In another workflow, it knows only what was saved.
		const after = await openTrigger(api, {}, { staticData: before.staticData });
		await sendMany(api, after, 6);
		expect(idsOf(after)).toEqual(['s5']);
		const elsewhere = await openTrigger(api);
		await sendMany(api, elsewhere, 1);
		expect(elsewhere.runs).toHaveLength(1);
	});
});

describe('Fetch Session', () => {
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

	test('Fetch Session at the test URL does not change what the active workflow stored', async () => {
		const api = await startApi();
		const workflowId = randomUUID();
		const active = await openTrigger(api, {}, { workflowId });
		await sendSigned(api, active, bodyOf('s1'));
		const trying = await openTriggerOf(api, {}, { workflowId, mode: 'manual' });
		await sendSigned(api, trying, bodyOf('s1'));
		expect(trying.runs).toEqual([]);
		await sendSigned(api, active, bodyOf('s1'));
		expect(active.runs).toHaveLength(1);
	});
});

test('300 hostile requests start no run, and cause one key fetch per minute', async () => {
	const start = Date.now();
	const { api, trigger } = await setUp({ events: [...ALL.events, 'call-hangup'] });
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
	expect([...api.stats.requests.keys()]).toEqual(['GET /v2/public/rsa-public-key']);
	const minutes = Math.ceil((Date.now() - start) / 60_000);
	expect(api.stats.publicKeyFetches).toBeLessThanOrEqual(minutes);
});
