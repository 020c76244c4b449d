/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- the tests run in Node, never inside n8n */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { Fault, Options, VideoSdkApi } from '../../dev/videosdk-api';
import { Engine } from '../support/engine';
import { REAL, setTimeOfDay } from '../support/fakeTime';
import { hostileRequests } from '../support/hostile';
import type { Reply, TriggerUrl, TriggerSettings } from '../support/webhook';
import { useEngine } from './setup';
import { useTriggers } from './triggers';

const { engine, startApi } = useEngine();
const { openTriggerOf } = useTriggers(engine);

/** Most sessions here are none of the fake API's. */
const withoutFetch = (options: unknown = {}) => ({
	fetchSession: false,
	...(options as INodeParameters),
});

/** The parameters of a trigger with these options. */
const options = (triggerOptions: INodeParameters) => ({ triggerOptions });

async function openTrigger(
	api: VideoSdkApi,
	parameters: INodeParameters = {},
	settings?: Partial<TriggerSettings>,
	inEngine?: Engine,
): Promise<TriggerUrl> {
	const triggerOptions = withoutFetch(parameters.triggerOptions);
	return await openTriggerOf(api, { ...parameters, triggerOptions }, settings, inEngine);
}

/** A fake API and a trigger that takes its events. */
async function setUp(parameters?: INodeParameters, options?: Options) {
	const api = await startApi(options);
	return { api, trigger: await openTrigger(api, parameters) };
}

const realUptime = performance.now.bind(performance);
let skipped = 0;

/**
 * Lets time jump; timers run on.
 *
 * @param clock milliseconds by which the time of day jumps, where somebody sets the server's clock
 */
function later(milliseconds: number, clock = milliseconds): void {
	setTimeOfDay(Date.now() + clock);
	skipped += milliseconds;
	jest.spyOn(performance, 'now').mockImplementation(() => realUptime() + skipped);
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

const ALL = { events: ['starting', 'started', 'stopping', 'stopped', 'failed'] };

const json = { 'content-type': 'application/json' };

const eventOf = (sessionId: string, fields: IDataObject = {}, event = 'started') => ({
	webhookType: `ai-deployment-session-${event}`,
	data: { ...fields, sessionId },
});

const bodyOf = (sessionId: string, fields?: IDataObject, event?: string) =>
	JSON.stringify(eventOf(sessionId, fields, event));

/** Sends a body as VideoSDK does: signed with the key of the fake API. */
async function sendSigned(
	api: VideoSdkApi,
	trigger: TriggerUrl,
	body: string | Buffer,
	headers = {},
): Promise<Reply> {
	const signature = api.webhooks.sign(body);
	return await trigger.post(body, { ...json, 'videosdk-signature': signature, ...headers });
}

/** Milliseconds that the fake API waits for an answer; how long VideoSDK does is not documented. */
const PATIENCE_OF_VIDEOSDK = 10_000;

const nextTurn = async () => await new Promise((resolve) => setImmediate(resolve));

/**
 * Sends an event, and lets time pass in jumps until it is answered.
 *
 * @returns undefined when VideoSDK would have given up on the answer
 */
async function sendInJumps(api: VideoSdkApi, trigger: TriggerUrl): Promise<Reply | undefined> {
	jest.useFakeTimers({ doNotFake: REAL });
	const asked = () => [...api.stats.requests.values()].reduce((sum, { count }) => sum + count, 0);
	const askedBefore = asked();
	let reply: Reply | undefined;
	void sendSigned(api, trigger, bodyOf('s1')).then((answer) => (reply = answer));
	while (asked() === askedBefore) await nextTurn();
	for (let waited = 0; waited < PATIENCE_OF_VIDEOSDK && !reply; waited += 500) {
		await jest.advanceTimersByTimeAsync(500);
		// What is on its way on loopback arrives in real time.
		for (let turn = 0; turn < 200 && !reply; turn++) await nextTurn();
	}
	return reply;
}

const slowFaults: Array<[string, Fault]> = [
	[
		'asks for a pause of half a minute',
		{ kind: 'status', status: 429, headers: { 'retry-after': '30' } },
	],
	['never answers', { kind: 'stall' }],
];

describe('an event that VideoSDK signed', () => {
	test('is answered with 200, and starts a run with its fields between those that are always there', async () => {
		const { api, trigger } = await setUp();
		const before = Date.now();
		const event = eventOf('s1', { status: 'running', deploymentId: 'd1', cost: { amount: 1.5 } });
		expect(await api.webhooks.send(trigger.url, event)).toBe(200);
		expect(trigger.errors).toEqual([]);
		expect(trigger.runs).toEqual([
			{
				event: 'started',
				sessionId: 's1',
				status: 'running',
				deploymentId: 'd1',
				cost: { amount: 1.5 },
				receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
			},
		]);
		const [run = {}] = trigger.runs;
		expect(Object.keys(run)).toEqual([
			'event',
			'sessionId',
			'status',
			'deploymentId',
			'cost',
			'receivedAt',
		]);
		expect(Date.parse(String(run.receivedAt))).toBeGreaterThanOrEqual(before);
		expect(Date.parse(String(run.receivedAt))).toBeLessThanOrEqual(Date.now());
	});

	test('cannot put a field of its own in the place of one that is always there', async () => {
		const { api, trigger } = await setUp();
		const fields = { event: 'failed', receivedAt: 'never', status: 'running' };
		expect((await sendSigned(api, trigger, bodyOf('s1', fields))).status).toBe(200);
		expect(trigger.runs).toEqual([
			{ event: 'started', sessionId: 's1', status: 'running', receivedAt: expect.any(String) },
		]);
		expect(trigger.runs[0]?.receivedAt).not.toBe('never');
	});

	test.each(['ai-deployment-session', 'agent-session'] as const)(
		'is each event in the life of a session that VideoSDK spells %s',
		async (eventSpelling) => {
			const { api, trigger } = await setUp(ALL, { eventSpelling });
			const events = ALL.events.map((event) => `${eventSpelling}-${event}`);
			const { sessionId } = api.sessions.add({ webhook: { endpoint: trigger.url, events } });
			const life = ['queued', 'running', 'stopping', 'stopped', 'failed'];
			for (const status of life) api.sessions.setStatus(sessionId, status);
			while (api.stats.deliveries.length < life.length) await new Promise(setImmediate);
			expect(api.stats.deliveries.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
			expect(trigger.runs.map(({ event }) => event)).toEqual(ALL.events);
			expect(trigger.runs.map(({ status }) => status)).toEqual(life);
		},
	);

	test('starts no run if the trigger does not wait for it, and is answered with 200', async () => {
		const { api, trigger } = await setUp({ events: ['failed'] });
		const bodies = [
			bodyOf('s1'),
			JSON.stringify({ webhookType: 'meeting-started', data: { meetingId: 'm1' } }),
		];
		for (const body of bodies) {
			expect(await sendSigned(api, trigger, body)).toEqual({
				status: 200,
				text: '{"message":"The workflow is not waiting for this event."}',
			});
		}
		expect(trigger.runs).toEqual([]);
		expect(trigger.errors).toEqual([]);
	});

	test('may say that its body is anything, or nothing', async () => {
		const { api, trigger } = await setUp(options({ ignoreRepeats: false }));
		const types = ['application/json; charset=utf-8', 'text/plain', 'multipart/form-data', ''];
		for (const type of types) {
			const { status } = await sendSigned(api, trigger, bodyOf('s1'), { 'content-type': type });
			expect(status).toBe(200);
		}
		expect(trigger.runs).toHaveLength(types.length);
	});

	test('is one of 100 at the same time: each is answered with 200 and runs, for one fetch of the key', async () => {
		const { api, trigger } = await setUp();
		const sessionIds = Array.from({ length: 100 }, (_none, number) => `s${number}`);
		const statuses = await Promise.all(
			sessionIds.map(async (sessionId) => await api.webhooks.send(trigger.url, eventOf(sessionId))),
		);
		expect(statuses).toEqual(sessionIds.map(() => 200));
		expect(trigger.runs.map(({ sessionId }) => sessionId).sort()).toEqual([...sessionIds].sort());
		expect(api.stats.publicKeyFetches).toBe(1);
		expect(api.stats.deliveries.every(({ attempts }) => attempts === 1)).toBe(true);
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

describe('a wrong request', () => {
	const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const body = bodyOf(MARKER);

	interface WrongRequest {
		body?: string | Buffer;
		/** By default the right one. */
		signature?: string | null;
		headers?: Record<string, string>;
	}

	const wrongRequests: Array<[string, number, (api: VideoSdkApi) => WrongRequest]> = [
		['without a signature', 401, () => ({ signature: null })],
		['with an empty signature', 401, () => ({ signature: '' })],
		['with a signature that is none', 401, () => ({ signature: 'c2lnbmVk' })],
		[
			'signed with another key',
			401,
			() => ({
				signature: sign('RSA-SHA256', Buffer.from(body), attacker.privateKey).toString('base64'),
			}),
		],
		[
			'signed for another body',
			401,
			(api) => ({ signature: api.webhooks.sign(bodyOf('another session')) }),
		],
		[
			'altered by one byte',
			401,
			(api) => ({ body: body.replace('-body', '-Body'), signature: api.webhooks.sign(body) }),
		],
		[
			'written anew, though it means the same',
			401,
			(api) => ({
				body: JSON.stringify(JSON.parse(body), null, 1),
				signature: api.webhooks.sign(body),
			}),
		],
		['that is no JSON', 400, () => ({ body: MARKER })],
		['that is JSON of another kind', 400, () => ({ body: JSON.stringify([MARKER]) })],
		['that is null', 400, () => ({ body: 'null' })],
		['that breaks off', 400, () => ({ body: body.slice(0, -1) })],
		['with a byte order mark', 400, () => ({ body: `\uFEFF${body}` })],
		['without a body', 400, () => ({ body: '' })],
		['with a body without a type', 400, () => ({ body: JSON.stringify({ data: { MARKER } }) })],
		[
			'with an event of no session',
			400,
			() => ({ body: JSON.stringify({ ...eventOf(MARKER), data: { MARKER } }) }),
		],
		[
			'with a body that cannot be inflated',
			400,
			() => ({ headers: { 'content-encoding': 'gzip' } }),
		],
		['of one byte more than 1 MB', 413, () => ({ body: bodyOfLength(MEGABYTE + 1) })],
		['of more than n8n takes', 413, () => ({ body: bodyOfLength(16 * MEGABYTE + 1) })],
		[
			'that inflates to more than 1 MB',
			413,
			() => ({
				body: gzipSync(bodyOfLength(10 * MEGABYTE)),
				headers: { 'content-encoding': 'gzip' },
			}),
		],
	];

	test.each(wrongRequests)(
		'%s is answered with %i, starts nothing and leaves nothing',
		async (_name, status, make) => {
			const { api, trigger } = await setUp();
			const request = { body, ...make(api) };
			const { signature = api.webhooks.sign(request.body) } = request;
			const reply = await trigger.post(request.body, {
				...json,
				...(signature === null ? {} : { 'videosdk-signature': signature }),
				...request.headers,
			});
			expect(trigger.errors).toEqual([]);
			expect(reply.status).toBe(status);
			expect(JSON.parse(reply.text)).toEqual({ message: expect.stringMatching(/^The .+\.$/) });
			expect(reply.text).not.toContain(MARKER);
			expect(trigger.runs).toEqual([]);
			expect(trigger.staticData).toBe('{}');
		},
	);

	test('that breaks off on its way starts nothing and leaves nothing', async () => {
		const { trigger } = await setUp();
		const { hostname, port } = new URL(trigger.url);
		const socket = connect(Number(port), hostname);
		socket.write(`POST / HTTP/1.1\r\nHost: n8n\r\nContent-Length: 100\r\n\r\n${MARKER}`);
		while (!trigger.lastRequest) await new Promise(setImmediate);
		socket.destroy();
		while (!trigger.lastRequest.destroyed) await new Promise(setImmediate);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(trigger.errors).toEqual([]);
		expect(trigger.runs).toEqual([]);
	});

	test('does not use up the event that it is a copy of', async () => {
		const { api, trigger } = await setUp();
		expect((await trigger.post(body, json)).status).toBe(401);
		const forged = { ...json, 'videosdk-signature': api.webhooks.sign('') };
		expect((await trigger.post(body, forged)).status).toBe(401);
		expect((await sendSigned(api, trigger, body)).status).toBe(200);
		expect(trigger.runs).toHaveLength(1);
	});

	test('that comes 500 times at once, between 500 signed events, costs VideoSDK one request', async () => {
		const { api, trigger } = await setUp();
		const forged = { ...json, 'videosdk-signature': api.webhooks.sign('') };
		const replies = await Promise.all(
			Array.from({ length: 1_000 }, async (_none, number) =>
				number % 2 === 0
					? await trigger.post(bodyOf(`s${number}`), forged)
					: await sendSigned(api, trigger, bodyOf(`s${number}`)),
			),
		);
		expect(replies.map(({ status }) => status)).toEqual(
			replies.map((_reply, number) => (number % 2 === 0 ? 401 : 200)),
		);
		expect(trigger.runs).toHaveLength(500);
		expect(api.stats.publicKeyFetches).toBe(1);
	});

	test('is no event of exactly 1 MB', async () => {
		const { api, trigger } = await setUp();
		expect((await sendSigned(api, trigger, bodyOfLength(MEGABYTE))).status).toBe(200);
		expect(trigger.runs).toHaveLength(1);
	});
});

describe('the key that VideoSDK signs with', () => {
	test('is asked for with the credential, and kept for an hour', async () => {
		const { api, trigger } = await setUp();
		for (const [after, fetches] of [
			[0, 1],
			[HOUR - MINUTE, 1],
			[MINUTE, 2],
		] as const) {
			later(after);
			expect((await sendSigned(api, trigger, bodyOf(randomUUID()))).status).toBe(200);
			expect(api.stats.publicKeyFetches).toBe(fetches);
		}
		expect(api.stats.tokens.size).toBeGreaterThan(0);
	});

	test('may change: all that come then are accepted, and it is fetched once more', async () => {
		const { api, trigger } = await setUp();
		const signedBefore = api.webhooks.sign(bodyOf('late'));
		expect((await sendSigned(api, trigger, bodyOf('s'))).status).toBe(200);
		api.webhooks.rotateKey();
		later(MINUTE);
		const replies = await Promise.all(
			Array.from(
				{ length: 100 },
				async (_none, number) => await sendSigned(api, trigger, bodyOf(`s${number}`)),
			),
		);
		expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
		expect(trigger.runs).toHaveLength(101);
		expect(api.stats.publicKeyFetches).toBe(2);
		const late = { ...json, 'videosdk-signature': signedBefore };
		expect((await trigger.post(bodyOf('late'), late)).status).toBe(401);
	});

	test('is one for each credential', async () => {
		const [one, other] = [await setUp(), await setUp()];
		for (const { api, trigger } of [one, other]) {
			expect((await sendSigned(api, trigger, bodyOf('s1'))).status).toBe(200);
		}
		expect((await sendSigned(one.api, other.trigger, bodyOf('s2'))).status).toBe(401);
	});

	const ROUTE = '/v2/public/rsa-public-key';
	const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
	const pemOf = (key: typeof ecKey) => key.export({ type: 'spki', format: 'pem' }).toString();

	test.each<[string, Fault]>([
		['has a problem', { kind: 'status', status: 500 }],
		['does not accept the credential', { kind: 'status', status: 401 }],
		['is a server without a key', { kind: 'status', status: 404 }],
		['sends the request elsewhere', { kind: 'redirect', location: 'http://127.0.0.1:1/' }],
		['breaks the connection', { kind: 'reset' }],
		['answers no JSON', { kind: 'wrongJson', text: '<html>' }],
		['answers without a key', { kind: 'wrongJson', text: '{}' }],
		['answers a key that is none', { kind: 'wrongJson', text: '{"publicKey":"none"}' }],
	])(
		'is not available if VideoSDK %s: 503, and the event is accepted when it can',
		async (_name, fault) => {
			const { api, trigger } = await setUp();
			api.set({ faults: ({ route }) => (route === ROUTE ? fault : undefined) });
			expect(await sendSigned(api, trigger, bodyOf('s1'))).toEqual({
				status: 503,
				text: '{"message":"The key for checking the signature is not available. Send the event again later."}',
			});
			expect(trigger.errors).toEqual([]);
			expect(trigger.runs).toEqual([]);
			expect(trigger.staticData).toBe('{}');
			api.set({ faults: undefined });
			later(10_000);
			expect((await sendSigned(api, trigger, bodyOf('s1'))).status).toBe(200);
			expect(trigger.runs).toHaveLength(1);
		},
	);

	test('is available again when the clock of the server, which was wrong, has been set back', async () => {
		const { api, trigger } = await setUp();
		api.set({ faults: () => ({ kind: 'status', status: 401 }) });
		expect((await sendSigned(api, trigger, bodyOf('s1'))).status).toBe(503);
		api.set({ faults: undefined });
		later(10_000, -2 * HOUR);
		expect((await sendSigned(api, trigger, bodyOf('s1'))).status).toBe(200);
		expect(trigger.runs).toHaveLength(1);
	});

	test.each(slowFaults)(
		'is not waited for when VideoSDK %s: 503 before VideoSDK gives up on the answer',
		async (_name, fault) => {
			const { api, trigger } = await setUp();
			api.set({ faults: () => fault });
			expect(await sendInJumps(api, trigger)).toMatchObject({ status: 503 });
		},
	);

	test('that is known still serves when a new one is not available', async () => {
		const { api, trigger } = await setUp();
		expect((await sendSigned(api, trigger, bodyOf('s1'))).status).toBe(200);
		api.set({ faults: () => ({ kind: 'status', status: 500 }) });
		later(MINUTE);
		const forged = { ...json, 'videosdk-signature': api.webhooks.sign('') };
		const replies = await Promise.all([
			trigger.post(bodyOf('s2'), forged),
			sendSigned(api, trigger, bodyOf('s3')),
		]);
		expect(replies.map(({ status }) => status)).toEqual([503, 200]);
		expect((await sendSigned(api, trigger, bodyOf('s4'))).status).toBe(200);
		expect(trigger.runs.map(({ sessionId }) => sessionId)).toEqual(['s1', 's3', 's4']);
	});

	test('that is known serves on when its hour is over and a new one is not available', async () => {
		const { api, trigger } = await setUp();
		expect((await sendSigned(api, trigger, bodyOf('s0'))).status).toBe(200);
		const fetches = () => api.stats.requests.get(`GET ${ROUTE}`)?.count;
		const faults: Fault[] = [
			{ kind: 'status', status: 500 },
			{ kind: 'reset' },
			{ kind: 'status', status: 401 },
			{ kind: 'wrongJson', text: '{"publicKey":"none"}' },
		];
		later(HOUR - MINUTE);
		for (const [index, fault] of faults.entries()) {
			api.set({ faults: () => fault });
			later(MINUTE);
			const replies = await Promise.all(
				Array.from(
					{ length: 20 },
					async () => await sendSigned(api, trigger, bodyOf(randomUUID())),
				),
			);
			expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
			expect(fetches()).toBe(2 + index);
		}
		api.set({ faults: undefined });
		api.webhooks.rotateKey();
		later(MINUTE);
		expect((await sendSigned(api, trigger, bodyOf('new'))).status).toBe(200);
		expect(fetches()).toBe(2 + faults.length);
	});

	describe('when it is pasted', () => {
		const videoSdk = generateKeyPairSync('rsa', { modulusLength: 2048 });
		const signatureOf = (body: string) => ({
			...json,
			'videosdk-signature': sign('RSA-SHA256', Buffer.from(body), videoSdk.privateKey).toString(
				'base64',
			),
		});
		const pasted = (publicKey: string) => options({ publicKey });

		test('is the one that counts, and nothing is asked of VideoSDK', async () => {
			const { api, trigger } = await setUp(pasted(pemOf(videoSdk.publicKey)));
			const body = bodyOf('s1');
			expect((await trigger.post(body, signatureOf(body))).status).toBe(200);
			expect((await sendSigned(api, trigger, bodyOf('s2'))).status).toBe(401);
			expect(trigger.runs.map(({ sessionId }) => sessionId)).toEqual(['s1']);
			expect(api.stats.requests.size).toBe(0);
		});

		test.each([
			['is none', 'no key'],
			['is empty', ''],
			['is no RSA key', pemOf(ecKey)],
		])('opens nothing if it %s', async (_name, publicKey) => {
			const { api, trigger } = await setUp(pasted(publicKey));
			expect((await sendSigned(api, trigger, bodyOf('s1'))).status).toBe(401);
			expect(trigger.errors).toEqual([]);
			expect(trigger.runs).toEqual([]);
			expect(api.stats.requests.size).toBe(0);
		});
	});
});

describe('Events', () => {
	test.each<[string, unknown, string[]]>([
		['null, for which n8n gives the default', null, ['started', 'stopped', 'failed']],
		['an expression that gives a list', '={{ ["started", "failed"] }}', ['started', 'failed']],
		['an expression that gives a text', '={{ "failed" }}', ['failed']],
		[
			'an expression that gives several in a text',
			'={{ "started, failed" }}',
			['started', 'failed'],
		],
	])(
		'that are %s: each event is answered with 200, and those start runs',
		async (_name, events, expected) => {
			const { api, trigger } = await setUp({ events } as INodeParameters);
			for (const event of ALL.events) {
				expect((await sendSigned(api, trigger, bodyOf('s1', {}, event))).status).toBe(200);
			}
			expect(trigger.errors).toEqual([]);
			expect(trigger.runs.map(({ event }) => event)).toEqual(expected);
		},
	);

	test.each<[string, unknown]>([
		['nothing', '={{ undefined }}'],
		['an expression that gives null', '={{ null }}'],
		['a part of a name', '={{ "start" }}'],
		['a longer name', '={{ "restarted" }}'],
		['an object', { started: true }],
		['a list of all kinds', [null, 7, {}, ['failed'], 'started']],
		['an empty list', []],
	])('that are %s: no event starts a run, and each is to be sent again', async (_name, events) => {
		const { api, trigger } = await setUp({ events } as INodeParameters);
		expect((await sendSigned(api, trigger, bodyOf('s1'))).status).toBe(503);
		expect(trigger.errors).toEqual([]);
		expect(trigger.runs).toEqual([]);
	});
});

test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
	'%s, should n8n hand it on, is answered and starts nothing',
	async (method) => {
		for (const [parameters, status] of [
			[{}, 401],
			[options({ verifySignature: false }), 400],
		] as const) {
			const { trigger } = await setUp(parameters);
			expect((await trigger.request({ method })).status).toBe(status);
			expect(trigger.errors).toEqual([]);
			expect(trigger.runs).toEqual([]);
		}
	},
);

describe('Verify Signature off', () => {
	test('lets an event of anyone start a run, and asks for no key', async () => {
		const { api, trigger } = await setUp(options({ verifySignature: false }));
		expect((await trigger.post(bodyOf('s1'), json)).status).toBe(200);
		const forged = { ...json, 'videosdk-signature': 'forged' };
		expect((await trigger.post(bodyOf('s2'), forged)).status).toBe(200);
		expect(trigger.runs.map(({ sessionId }) => sessionId)).toEqual(['s1', 's2']);
		expect(api.stats.requests.size).toBe(0);
	});

	test.each([
		[400, 'no JSON', MARKER],
		[413, 'more than 1 MB', bodyOfLength(MEGABYTE + 1)],
	])('is no reason to start a run by what is no event: %i for %s', async (status, _name, body) => {
		const { trigger } = await setUp(options({ verifySignature: false }));
		const reply = await trigger.post(body, json);
		expect(trigger.errors).toEqual([]);
		expect(reply.status).toBe(status);
		expect(reply.text).not.toContain(MARKER);
		expect(trigger.runs).toEqual([]);
	});
});

describe('Ignore Repeats', () => {
	const statusesOf = async (api: VideoSdkApi, trigger: TriggerUrl, bodies: string[]) => {
		const statuses: number[] = [];
		for (const body of bodies) statuses.push((await sendSigned(api, trigger, body)).status);
		return statuses;
	};

	test('on: an event that is sent again is answered with 200 and starts nothing, for an hour', async () => {
		const { api, trigger } = await setUp();
		const again = [bodyOf('s1'), bodyOf('s1'), bodyOf('s1', { other: 'fields' })];
		expect(await statusesOf(api, trigger, again)).toEqual([200, 200, 200]);
		expect(trigger.runs).toHaveLength(1);
		later(HOUR - MINUTE);
		expect((await sendSigned(api, trigger, bodyOf('s1'))).text).toContain('already received');
		later(MINUTE);
		expect((await sendSigned(api, trigger, bodyOf('s1'))).status).toBe(200);
		expect(trigger.runs).toHaveLength(2);
	});

	test('on: the two spellings of an event are the same event', async () => {
		const { api, trigger } = await setUp();
		const spelled = [bodyOf('s1'), bodyOf('s1').replace('ai-deployment', 'agent')];
		expect(await statusesOf(api, trigger, spelled)).toEqual([200, 200]);
		expect(trigger.runs).toHaveLength(1);
	});

	test('on: other events and other sessions are no repeats', async () => {
		const { api, trigger } = await setUp(ALL);
		const bodies = ['s1', 's2'].flatMap((sessionId) =>
			ALL.events.map((event) => bodyOf(sessionId, {}, event)),
		);
		await statusesOf(api, trigger, bodies);
		expect(trigger.runs).toHaveLength(10);
	});

	test('on: a copy that comes at the same time starts nothing', async () => {
		const { api, trigger } = await setUp();
		await Promise.all(
			Array.from({ length: 100 }, async () => await sendSigned(api, trigger, bodyOf('s1'))),
		);
		expect(trigger.runs).toHaveLength(1);
	});

	test('on: an event that was not waited for has not come before', async () => {
		const { api, trigger } = await setUp({ events: ['failed'] });
		await sendSigned(api, trigger, bodyOf('s1'));
		trigger.parameters = { events: ['started'], ...options({ fetchSession: false }) };
		await sendSigned(api, trigger, bodyOf('s1'));
		expect(trigger.runs).toHaveLength(1);
	});

	test('on: two triggers in one workflow each start a run', async () => {
		const api = await startApi();
		const workflowId = randomUUID();
		for (const nodeId of ['one', 'other']) {
			const trigger = await openTrigger(api, {}, { workflowId, nodeId });
			await statusesOf(api, trigger, [bodyOf('s1'), bodyOf('s1')]);
			expect(trigger.runs).toHaveLength(1);
		}
	});

	test('on: what came before is still known after n8n was started again', async () => {
		const api = await startApi();
		const workflowId = randomUUID();
		const before = await openTrigger(api, {}, { workflowId });
		await Promise.all(
			Array.from(
				{ length: 20 },
				async (_none, number) => await sendSigned(api, before, bodyOf(`s${number}`)),
			),
		);
		await jest.isolateModulesAsync(async () => {
			const { staticData } = before;
			const settings = { workflowId, staticData };
			const after = await openTrigger(api, {}, settings, await Engine.load());
			for (let number = 0; number < 20; number++) {
				expect((await sendSigned(api, after, bodyOf(`s${number}`))).text).toContain(
					'already received',
				);
			}
			await sendSigned(api, after, bodyOf('new'));
			expect(after.runs.map(({ sessionId }) => sessionId)).toEqual(['new']);

			const elsewhere = await openTrigger(api, {}, { workflowId: randomUUID() });
			await sendSigned(api, elsewhere, bodyOf('s0'));
			expect(elsewhere.runs).toHaveLength(1);
		});
	});

	test('off: each copy starts a run, and nothing is kept', async () => {
		const { api, trigger } = await setUp(options({ ignoreRepeats: false }));
		await statusesOf(api, trigger, [bodyOf('s1'), bodyOf('s1'), bodyOf('s1')]);
		expect(trigger.runs).toHaveLength(3);
		expect(trigger.staticData).toBe('{}');
	});

	test('on at the test URL: who tries the workflow out sees each copy, and nothing is kept', async () => {
		const api = await startApi();
		const workflowId = randomUUID();
		const trying = await openTrigger(api, {}, { mode: 'manual', workflowId });
		await statusesOf(api, trying, [bodyOf('s1'), bodyOf('s1')]);
		expect(trying.runs).toHaveLength(2);
		expect(trying.staticData).toBe('{}');
		const active = await openTrigger(api, {}, { workflowId });
		await sendSigned(api, active, bodyOf('s1'));
		expect(active.runs).toHaveLength(1);
	});
});

describe('Fetch Session', () => {
	const fetches = options({ fetchSession: true });

	test('adds the fields of the session, and those of the event count for more', async () => {
		const { api, trigger } = await setUp(fetches);
		const session = api.sessions.add({ sessionId: 'a/b?', status: 'stopping', tag: 'v2' });
		await sendSigned(api, trigger, bodyOf('a/b?', { status: 'running', reason: 'hello' }));
		expect(trigger.runs).toEqual([
			{
				...session,
				event: 'started',
				status: 'running',
				reason: 'hello',
				receivedAt: expect.any(String),
			},
		]);
		const keys = Object.keys(trigger.runs[0] ?? {});
		expect(keys.slice(0, 2)).toEqual(['event', 'sessionId']);
		expect(keys.at(-1)).toBe('receivedAt');
	});

	test('finds a session that its event spells as VideoSDK’s samples of events do', async () => {
		const { api, trigger } = await setUp(fetches);
		const { sessionId } = api.sessions.add({ tag: 'v2' });
		await sendSigned(api, trigger, bodyOf(`session-${sessionId}`));
		expect(trigger.runs).toMatchObject([{ event: 'started', sessionId, tag: 'v2' }]);
	});

	test('off: the session is not requested', async () => {
		const { api, trigger } = await setUp();
		api.sessions.add({ sessionId: 's1' });
		await sendSigned(api, trigger, bodyOf('s1'));
		expect([...api.stats.requests.keys()]).toEqual(['GET /v2/public/rsa-public-key']);
	});

	test('is on where nothing else was chosen', async () => {
		const api = await startApi();
		const trigger = await openTriggerOf(api);
		const session = api.sessions.add({ sessionId: 's1', tag: 'v7' });
		await sendSigned(api, trigger, bodyOf('s1'));
		await sendSigned(api, trigger, bodyOf('s2'));
		expect(trigger.runs).toMatchObject([{ sessionId: 's1', tag: session.tag }]);
	});

	test('starts nothing for a session that the project does not have, and leaves nothing', async () => {
		const { api, trigger } = await setUp(fetches);
		const copies = Array.from({ length: 5 }, async () => {
			return await sendSigned(api, trigger, bodyOf('of another project'));
		});
		expect(new Set((await Promise.all(copies)).map(({ status }) => status))).toEqual(
			new Set([200]),
		);
		expect(await sendSigned(api, trigger, bodyOf('of another project'))).toEqual({
			status: 200,
			text: '{"message":"There is no such session in the project of the credential."}',
		});
		expect(trigger.errors).toEqual([]);
		expect(trigger.runs).toEqual([]);
		expect(trigger.staticData).not.toContain('another');

		api.sessions.add({ sessionId: 'of another project' });
		await sendSigned(api, trigger, bodyOf('of another project'));
		expect(trigger.runs).toHaveLength(1);
	});

	test('at the test URL leaves what the active workflow remembers', async () => {
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

	test('asks once for an event that comes twice, and not for one that is refused', async () => {
		const { api, trigger } = await setUp(fetches);
		api.sessions.add({ sessionId: 's1' });
		await sendSigned(api, trigger, bodyOf('s1'));
		await sendSigned(api, trigger, bodyOf('s1'));
		await trigger.post(bodyOf('s1'), json);
		const path = 'GET /ai/v1/ai-deployment-sessions/{sessionId}';
		expect(api.stats.requests.get(path)?.count).toBe(1);
	});

	test.each<[string, Fault, RegExp]>([
		['VideoSDK returns a server error', { kind: 'status', status: 500 }, /server error/],
		['VideoSDK asks for less', { kind: 'status', status: 429 }, /too many requests/],
		['the credential is not accepted', { kind: 'status', status: 401 }, /did not accept/],
		['the connection breaks', { kind: 'reset' }, /was lost/],
		['the answer is no JSON', { kind: 'wrongJson', text: '<html>' }, /not in the expected format/],
	])('that fails still starts a run, which says why: %s', async (_name, fault, reason) => {
		const { api, trigger } = await setUp(fetches);
		api.set({ faults: ({ sessionId }) => (sessionId ? fault : undefined) });
		const { status } = await sendSigned(api, trigger, bodyOf('s1', { status: 'running' }));
		expect(status).toBe(200);
		expect(trigger.errors).toEqual([]);
		expect(trigger.runs).toEqual([
			{
				event: 'started',
				sessionId: 's1',
				fetchError: expect.stringMatching(reason),
				status: 'running',
				receivedAt: expect.any(String),
			},
		]);
	});

	test.each(slowFaults)(
		'is not waited for when VideoSDK %s: 200 before VideoSDK gives up on the answer',
		async (_name, fault) => {
			const { api, trigger } = await setUp(fetches);
			// The key is there, so that only the session has to be looked up.
			api.sessions.add({ sessionId: 's0' });
			await sendSigned(api, trigger, bodyOf('s0'));
			api.set({ faults: () => fault });
			expect(await sendInJumps(api, trigger)).toMatchObject({ status: 200 });
			expect(trigger.runs).toMatchObject([{ sessionId: 's0' }, { sessionId: 's1' }]);
		},
	);
});

test('1,000 hostile requests start nothing, and cause one fetch of the key a minute', async () => {
	const start = Date.now();
	const { api, trigger } = await setUp(ALL);
	const unexpected: unknown[] = [];
	const requests = hostileRequests(1_000, (signed) => api.webhooks.sign(signed));
	for (const { body, headers, status: expected } of requests) {
		const { status, text } = await trigger.post(body, headers);
		if (status !== expected || /sessionId|polluted/.test(text)) {
			unexpected.push({ expected, status, headers, text, body: body.toString().slice(0, 200) });
		}
	}
	expect(unexpected.slice(0, 10)).toEqual([]);
	expect(trigger.runs).toEqual([]);
	expect(trigger.errors).toEqual([]);
	expect(trigger.staticData).toBe('{}');
	const minutes = Math.ceil((Date.now() - start) / MINUTE);
	expect(api.stats.publicKeyFetches).toBeLessThanOrEqual(minutes);
});

describe('what n8n calls when the workflow is activated', () => {
	const pasted = (publicKey: string) => options({ publicKey });

	const pemOf = (type: 'rsa' | 'ec') => {
		const { publicKey } =
			type === 'rsa'
				? generateKeyPairSync('rsa', { modulusLength: 2048 })
				: generateKeyPairSync('ec', { namedCurve: 'P-256' });
		return publicKey.export({ type: 'spki', format: 'pem' }).toString();
	};

	test.each([
		['a key that is fetched', {}],
		['a key that is pasted', pasted(pemOf('rsa'))],
		['a pasted key that is not used', options({ verifySignature: false, publicKey: 'none' })],
	])(
		'says that nothing is registered, registers nothing, and works: %s',
		async (_name, parameters) => {
			const { api, trigger } = await setUp(parameters);
			expect(await trigger.lifecycle('checkExists')).toBe(false);
			expect(await trigger.lifecycle('create')).toBe(true);
			expect(await trigger.lifecycle('delete')).toBe(true);
			expect(api.stats.requests.size).toBe(0);
			expect(trigger.staticData).toBe('{}');
		},
	);

	test.each([
		['is empty', ''],
		['is a text', 'my key'],
		['breaks off', pemOf('rsa').slice(0, 200)],
		['is no RSA key', pemOf('ec')],
	])('refuses a pasted key that %s, and says what to do', async (_name, publicKey) => {
		const { trigger } = await setUp(pasted(publicKey));
		const refusal = await trigger.lifecycle('create').catch((error: unknown) => error);
		expect(refusal).toMatchObject({
			message: expect.stringMatching(
				/^'Public Key \(PEM\)' is not an RSA public key\. .*from the line BEGIN PUBLIC KEY to the line/,
			),
		});
	});
});
