/* eslint-disable @n8n/community-nodes/no-restricted-globals -- the tests run in Node, never inside n8n */
import { randomUUID } from 'node:crypto';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { WebhookPathTakenError } from 'n8n-workflow';
import { credentialOf, type Fault, type Options, type VideoSdkApi } from '../../dev/videosdk-api';
import { hostileRequests } from '../support/hostile';
import type { Reply, TriggerUrl, TriggerSettings } from '../support/webhook';
import { useEngine } from './setup';
import { useTriggers } from './triggers';

const { engine, run, startApi } = useEngine();
const { openTriggerOf } = useTriggers(engine);

const ALL = [
	'call-started',
	'call-ringing',
	'call-answered',
	'call-update',
	'call-transferred',
	'call-missed',
	'call-hangup',
];

const openTrigger = async (
	api: VideoSdkApi,
	parameters: INodeParameters = {},
	settings?: Partial<TriggerSettings>,
) => await openTriggerOf(api, { events: ALL, ...parameters }, settings);

/** A fake API and a trigger that takes call events. */
async function setUp(parameters?: INodeParameters, options?: Options) {
	const api = await startApi(options);
	return { api, trigger: await openTrigger(api, parameters) };
}

const json = { 'content-type': 'application/json' };

const bodyOf = (callId: unknown, event = 'call-hangup', data: IDataObject = {}) =>
	JSON.stringify({ webhookType: event, data: { callId, ...data } });

const signed = (api: VideoSdkApi, body: string) => ({
	...json,
	'videosdk-signature': api.webhooks.sign(body),
});

const NOT_OURS = '{"message":"There is no such call in the project of the credential."}';

/** How often the fake API got a request for something. */
const asked = (api: VideoSdkApi, request: string) => api.stats.requests.get(request)?.count ?? 0;

const GET_CALL = 'GET /v2/sip/call/{callId}';

describe('an event of a call', () => {
	test('starts a run with the call as VideoSDK has it; what came with the event stands apart', async () => {
		const { api, trigger } = await setUp();
		const call = api.calls.add({ status: 'ended', metadata: { customer: '4711' } });
		const fields = { to: '+19005550199', status: 'answered', event: 'x', reason: 'busy' };
		const body = bodyOf(call.callId, 'call-hangup', fields);

		const reply = await trigger.post(body, json);

		expect(reply.status).toBe(200);
		expect(trigger.errors).toEqual([]);
		expect(trigger.runs).toEqual([
			{
				...call,
				event: 'call-hangup',
				callId: call.callId,
				id: call.callId,
				eventData: { callId: call.callId, ...fields },
				isSigned: false,
				receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
			},
		]);
		expect(Object.keys(trigger.runs[0] ?? {}).slice(0, 2)).toEqual(['event', 'callId']);
	});

	test('may be signed, which the output says, and may spell the ID of the call id', async () => {
		const { api, trigger } = await setUp();
		const { callId } = api.calls.add({ status: 'ended' });
		const body = JSON.stringify({ webhookType: 'call-hangup', data: { id: callId } });
		expect((await trigger.post(body, signed(api, body))).status).toBe(200);
		expect(trigger.runs).toMatchObject([{ callId, isSigned: true }]);
		expect(api.stats.publicKeyFetches).toBe(1);
	});

	test.each<[string, (api: VideoSdkApi, body: string) => string]>([
		['of another body', (api) => api.webhooks.sign('another')],
		['that is none', () => 'c2lnbmVk'],
		['that is empty', () => ''],
	])(
		'with a signature %s is answered with 401, and its call is not requested',
		async (_name, sign) => {
			const { api, trigger } = await setUp();
			const { callId } = api.calls.add({ status: 'ended' });
			const body = bodyOf(callId);
			const reply = await trigger.post(body, { ...json, 'videosdk-signature': sign(api, body) });
			expect(reply.status).toBe(401);
			expect(trigger.runs).toEqual([]);
			expect(asked(api, GET_CALL)).toBe(0);
		},
	);

	test('about a call that the project does not have starts nothing and leaves nothing, signed or not', async () => {
		const { api, trigger } = await setUp();
		const body = bodyOf('of another project');
		for (const headers of [json, signed(api, body)]) {
			expect(await trigger.post(body, headers)).toEqual({ status: 200, text: NOT_OURS });
		}
		expect(trigger.errors).toEqual([]);
		expect(trigger.runs).toEqual([]);
		expect(trigger.staticData).toBe('{}');
		api.calls.add({ callId: 'of another project', status: 'ended' });
		expect((await trigger.post(body, json)).status).toBe(200);
		expect(trigger.runs).toHaveLength(1);
	});

	/** Which statuses a call may have when an event of it comes; the others make it a lie. */
	const live = ['initiated', 'ringing', 'incoming', 'verified', 'answered', 'transferring'];
	const unanswered = ['missed', 'not-answered', 'rejected', 'abandoned', 'failed'];
	const every = [...live, ...unanswered, 'transferred', 'ended', 'a-new-status'];
	const fitting: Record<string, string[]> = {
		'call-started': every,
		'call-update': every,
		'call-ringing': every.filter((status) => status !== 'initiated'),
		'call-answered': [
			...['answered', 'transferring', 'transferred', 'ended'],
			...['abandoned', 'failed', 'a-new-status'],
		],
		'call-transferred': ['transferring', 'transferred', 'ended', 'a-new-status'],
		'call-missed': [...unanswered, 'a-new-status'],
		'call-hangup': [...unanswered, 'transferred', 'ended', 'a-new-status'],
	};

	test.each(Object.entries(fitting))(
		'%s starts a run only if the status of the call fits',
		async (event, statuses) => {
			const { api, trigger } = await setUp();
			// The second look would take a second for each that does not fit.
			const replies = await Promise.all(
				[...every, ...every.map((status) => status.toUpperCase())].map(async (status) => {
					api.calls.add({ callId: status, status });
					return await trigger.post(bodyOf(status, event), json);
				}),
			);
			const started = trigger.runs.map(({ callId }) => String(callId)).sort();
			const expected = [...statuses, ...statuses.map((status) => status.toUpperCase())];
			expect(started).toEqual(expected.sort());
			// The status may be late, so VideoSDK may send the event again.
			const refused = replies.filter(({ status }) => status === 503);
			expect(refused).toHaveLength(replies.length - expected.length);
			expect(refused.every(({ text }) => text.includes('does not fit'))).toBe(true);
			expect(trigger.errors).toEqual([]);
		},
	);

	test('may come before its call can be seen, or has the status', async () => {
		const { api, trigger } = await setUp();
		const { callId } = api.calls.add();
		const replies = [
			trigger.post(bodyOf(callId), json),
			trigger.post(bodyOf('late', 'call-started'), json),
		];
		while (asked(api, GET_CALL) < 2) await new Promise(setImmediate);
		api.calls.setStatus(callId, 'ended');
		api.calls.add({ callId: 'late' });
		for (const reply of replies) expect((await reply).status).toBe(200);
		expect(trigger.runs.map(({ event }) => event).sort()).toEqual(['call-hangup', 'call-started']);
	});

	test('starts one run for an hour, however often it comes and whatever else it says', async () => {
		const { api, trigger } = await setUp();
		const { callId } = api.calls.add({ status: 'ended' });
		const copies = Array.from({ length: 20 }, async (_none, number) => {
			return await trigger.post(bodyOf(callId, 'call-hangup', { number }), json);
		});
		for (const copy of copies) expect((await copy).status).toBe(200);
		expect(trigger.runs).toHaveLength(1);
		expect((await trigger.post(bodyOf(callId), json)).text).toContain('already received');
		expect((await trigger.post(bodyOf(callId, 'call-answered'), json)).status).toBe(200);
		expect(trigger.runs).toHaveLength(2);
	});

	test('that tells of an update starts a run for each status of the call', async () => {
		const { api, trigger } = await setUp();
		const { callId } = api.calls.add({ status: 'ringing' });
		const update = async () => await trigger.post(bodyOf(callId, 'call-update'), json);
		await update();
		await update();
		api.calls.setStatus(callId, 'answered');
		await update();
		expect(trigger.runs.map(({ status }) => status)).toEqual(['ringing', 'answered']);
	});

	test('comes again with Ignore Repeats off if it is signed, and at the test URL', async () => {
		const api = await startApi();
		const body = bodyOf(api.calls.add({ status: 'ended' }).callId);
		const isSigned = signed(api, body);
		for (const [trigger, headers] of [
			[await openTrigger(api, { triggerOptions: { ignoreRepeats: false } }), isSigned],
			[await openTrigger(api, {}, { mode: 'manual' }), json],
		] as const) {
			for (let time = 0; time < 2; time++) await trigger.post(body, headers);
			expect(trigger.runs).toHaveLength(2);
			expect(trigger.staticData).toBe('{}');
		}
	});

	test('starts one run if it is unsigned, also with Ignore Repeats off', async () => {
		const { api, trigger } = await setUp({ triggerOptions: { ignoreRepeats: false } });
		const body = bodyOf(api.calls.add({ status: 'ended' }).callId);
		for (let time = 0; time < 3; time++) {
			expect((await trigger.post(body, json)).status).toBe(200);
		}
		expect(trigger.runs).toHaveLength(1);
	});

	test.each<[string, Fault]>([
		['returns a server error', { kind: 'status', status: 500 }],
		['asks for less', { kind: 'status', status: 429 }],
		['does not accept the credential', { kind: 'status', status: 401 }],
		['breaks the connection', { kind: 'reset' }],
		['answers no JSON', { kind: 'wrongJson', text: '<html>' }],
		['answers without a call', { kind: 'wrongJson', text: '{}' }],
	])(
		'is not believed while VideoSDK %s: 503, and a run when it comes again later',
		async (_name, fault) => {
			const { api, trigger } = await setUp();
			const { callId } = api.calls.add({ status: 'ended' });
			api.set({ faults: () => fault });
			const body = bodyOf(callId);
			expect(await trigger.post(body, json)).toEqual({
				status: 503,
				text: '{"message":"The call could not be looked up. Send the event again later."}',
			});
			expect(trigger.errors).toEqual([]);
			expect(trigger.runs).toEqual([]);
			api.set({ faults: undefined });
			expect((await trigger.post(body, json)).status).toBe(200);
			expect(trigger.runs).toHaveLength(1);
		},
	);

	test('is answered before VideoSDK gives up when its call is not answered for', async () => {
		const { api, trigger } = await setUp();
		api.set({ faults: () => ({ kind: 'stall' }) });
		const before = Date.now();
		expect((await trigger.post(bodyOf('c1'), json)).status).toBe(503);
		// What the fake API waits for an answer; how long VideoSDK does is not documented.
		expect(Date.now() - before).toBeLessThan(10_000);
	}, 20_000);

	test('starts its run though VideoSDK allows 20 requests a second, and 60 events come at once', async () => {
		const { api, trigger } = await setUp({}, { limit: { requests: 20, perMs: 1_000 } });
		const events = ['call-started', 'call-ringing', 'call-answered', 'call-update', 'call-hangup'];
		const ids = Array.from({ length: 12 }, () => api.calls.add({ status: 'ended' }).callId);
		const bodies = ids.flatMap((id) => events.map((event) => bodyOf(id, event)));
		const replies = await Promise.all(bodies.map(async (body) => await trigger.post(body, json)));
		expect(replies.map(({ status }) => status)).toEqual(Array<number>(60).fill(200));
		expect(trigger.runs).toHaveLength(60);
		expect(api.stats.throttled).toBeGreaterThan(0);
	}, 30_000);

	test('that the trigger does not wait for is what it was before: 401 unsigned, 200 signed', async () => {
		const { api, trigger } = await setUp({ events: ['call-answered', 'started'] });
		const { callId } = api.calls.add({ status: 'ended' });
		const body = bodyOf(callId);
		expect((await trigger.post(body, json)).status).toBe(401);
		expect((await trigger.post(body, signed(api, body))).status).toBe(200);
		expect(trigger.runs).toEqual([]);
		expect(asked(api, GET_CALL)).toBe(0);
	});

	test.each([
		['names no call', bodyOf(undefined)],
		['names it by an object', bodyOf({ $ne: null })],
		['names it by nothing', bodyOf(' ')],
		['names it by a path', bodyOf('..')],
		['names it by too long a text', bodyOf('x'.repeat(513))],
		['names it by what has no UTF-8', bodyOf('\ud800')],
		['has no data', JSON.stringify({ webhookType: 'call-hangup' })],
		['has data that is a list', JSON.stringify({ webhookType: 'call-hangup', data: ['c1'] })],
		['is of no known kind', bodyOf('c1', 'call-dropped')],
		['is no JSON', '{"webhookType":"call-hangup"'],
	])('that %s is answered with 401 as long as it is not signed', async (_name, body) => {
		const { api, trigger } = await setUp();
		expect((await trigger.post(body, json)).status).toBe(401);
		expect(trigger.runs).toEqual([]);
		expect(asked(api, GET_CALL)).toBe(0);
	});

	test('cannot be requested at another address, whatever its ID', async () => {
		const { api, trigger } = await setUp();
		const ids = ['../sessions', 'a/b?c', 'x'.repeat(512), '%2e%2e', 'für 1 €'];
		for (const callId of ids) api.calls.add({ callId, status: 'ended' });
		for (const callId of ids) expect((await trigger.post(bodyOf(callId), json)).status).toBe(200);
		expect(trigger.runs.map(({ callId }) => callId)).toEqual(ids);
		expect([...api.stats.requests.keys()]).toEqual([GET_CALL]);
	});

	test('does not open the trigger to unsigned events of sessions', async () => {
		const { api, trigger } = await setUp({ events: [...ALL, 'started'] });
		const { sessionId } = api.sessions.add();
		const body = JSON.stringify({
			webhookType: 'ai-deployment-session-started',
			data: { sessionId, callId: api.calls.add({ status: 'ended' }).callId },
		});
		expect((await trigger.post(body, json)).status).toBe(401);
		expect((await trigger.post(body, signed(api, body))).status).toBe(200);
		expect(trigger.runs).toMatchObject([{ event: 'started', sessionId }]);
	});

	test('is looked up also where signatures are not verified', async () => {
		const { api, trigger } = await setUp({
			triggerOptions: { verifySignature: false, fetchSession: false },
		});
		const { callId } = api.calls.add({ status: 'ended' });
		const forged = { ...json, 'videosdk-signature': 'forged' };
		expect((await trigger.post(bodyOf('unknown'), forged)).text).toBe(NOT_OURS);
		expect((await trigger.post(bodyOf(callId), forged)).status).toBe(200);
		expect(trigger.runs).toMatchObject([{ callId, isSigned: false }]);
	});
});

describe('strangers', () => {
	test('make us ask VideoSDK for at most 100 calls a minute, and signed events still start runs', async () => {
		const { api, trigger } = await setUp();
		const { callId } = api.calls.add({ status: 'ended' });
		await trigger.post(bodyOf(callId, 'call-started'), json);
		const replies = await Promise.all(
			Array.from({ length: 120 }, async () => await trigger.post(bodyOf(randomUUID()), json)),
		);
		const statuses = replies.map(({ status }) => status);
		expect(statuses.filter((status) => status === 200)).toHaveLength(100);
		expect(statuses.filter((status) => status === 503)).toHaveLength(20);
		expect(asked(api, GET_CALL)).toBe(1 + 100 * 2);

		const body = bodyOf(callId);
		expect((await trigger.post(body, json)).status).toBe(503);
		expect((await trigger.post(body, signed(api, body))).status).toBe(200);
		expect(trigger.runs).toHaveLength(2);
		expect((await (await openTrigger(api)).post(body, json)).status).toBe(200);

		const uptime = performance.now.bind(performance);
		jest.spyOn(performance, 'now').mockImplementation(() => uptime() + 60_000);
		expect((await trigger.post(bodyOf(callId, 'call-answered'), json)).status).toBe(200);
		expect(trigger.runs).toHaveLength(3);
	});

	test('get nothing by 500 hostile requests that open nothing in a trigger of sessions', async () => {
		const { api, trigger } = await setUp({ events: [...ALL, 'started', 'stopped'] });
		const unexpected: unknown[] = [];
		const requests = hostileRequests(500, (body) => api.webhooks.sign(body));
		for (const { body, headers, status: expected } of requests) {
			const { status, text } = await trigger.post(body, headers);
			if (status !== expected) unexpected.push({ expected, status, text, body: String(body) });
		}
		expect(unexpected.slice(0, 10)).toEqual([]);
		expect(trigger.runs).toEqual([]);
		expect(trigger.errors).toEqual([]);
		expect(trigger.staticData).toBe('{}');
		expect(asked(api, GET_CALL)).toBe(0);
	}, 60_000);

	test('and repeats of events of the project take nothing from its other events', async () => {
		const { api, trigger } = await setUp();
		const ids = Array.from({ length: 60 }, () => api.calls.add({ status: 'ended' }).callId);
		for (let time = 0; time < 3; time++) {
			const replies = await Promise.all(
				ids.map(async (id) => await trigger.post(bodyOf(id), json)),
			);
			expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
		}
		expect(trigger.runs).toHaveLength(60);
	});

	test('and 300 calls of the project at once each start their run', async () => {
		const { api, trigger } = await setUp();
		const ids = Array.from({ length: 300 }, () => api.calls.add({ status: 'ended' }).callId);
		const replies: Reply[] = [];
		for (let begin = 0; begin < ids.length; begin += 50) {
			const some = ids.slice(begin, begin + 50);
			replies.push(
				...(await Promise.all(some.map(async (id) => await trigger.post(bodyOf(id), json)))),
			);
		}
		expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
		expect(trigger.runs.map(({ callId }) => callId).sort()).toEqual([...ids].sort());
	});
});

describe('the registration with VideoSDK', () => {
	const PATH = '/v2/sip/webhooks';
	const onPost = (fault: Fault): Options => ({
		faults: ({ method, route }) => (method === 'POST' && route === PATH ? fault : undefined),
	});

	const memoryOf = ({ staticData }: TriggerUrl) =>
		(JSON.parse(staticData) as Record<string, IDataObject>)['node:VideoSDK Trigger'];

	const rememberedBy = (trigger: TriggerUrl) => memoryOf(trigger)?.callWebhook as IDataObject;

	const DELETE = 'DELETE /v2/sip/webhooks/{webhookId}';

	test.each([
		['of sessions', ['started', 'stopped', 'failed'], undefined],
		[
			'by an expression that finds nothing',
			'={{ undefined }}',
			"The expression in 'Trigger On' returned nothing",
		],
		['of nothing', [], "'Trigger On' is empty"],
	])('is not made for events %s: nothing is asked of VideoSDK', async (_name, events, problem) => {
		const { api, trigger } = await setUp({ events });
		const message = await trigger.publish().then(
			() => undefined,
			(error: Error) => error.message.split('. ')[0],
		);
		expect(message).toBe(problem);
		await trigger.lifecycle('delete');
		expect(api.stats.requests.size).toBe(0);
		expect(trigger.staticData).toBe('{}');
	});

	test('is made when the workflow is published, for the call events only, and removed when it is unpublished', async () => {
		const { api, trigger } = await setUp({ events: ['started', 'call-hangup', 'call-answered'] });
		await trigger.publish();
		const [webhook, ...others] = api.sipWebhooks.all();
		expect(others).toEqual([]);
		expect(webhook).toMatchObject({ url: trigger.url, events: ['call-hangup', 'call-answered'] });
		expect(rememberedBy(trigger)).toMatchObject({ id: webhook?.id });

		await trigger.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);
		expect(memoryOf(trigger)).toEqual({});
		expect(asked(api, DELETE)).toBe(1);
	});

	test('brings each event of a call that is made to the workflow', async () => {
		const { api, trigger } = await setUp({}, { startTakesMs: 40 });
		await trigger.publish();
		const number = '+14155550123';
		await run(api, {
			...{ resource: 'call', operation: 'make', to: number, from: number },
			...{ routeBy: 'routingRule', routingRuleId: 'rule-1' },
		});
		const callId = String(api.calls.all()[0]?.callId);
		const states = () => trigger.runs.map(({ event, status }) => `${event}: ${status}`);
		while (!states().includes('call-answered: answered')) await new Promise(setImmediate);
		api.calls.setStatus(callId, 'ended');
		while (!states().includes('call-hangup: ended')) await new Promise(setImmediate);
		expect(new Set(trigger.runs.map(({ event }) => event))).toEqual(
			new Set(['call-started', 'call-ringing', 'call-answered', 'call-update', 'call-hangup']),
		);
		expect(new Set(trigger.runs.map((one) => one.callId))).toEqual(new Set([callId]));
		expect(new Set(api.stats.deliveries.map(({ status }) => status))).toEqual(new Set([200]));
	});

	test('stays as it is when n8n starts again, and is replaced if n8n forgot its ID', async () => {
		const { api, trigger } = await setUp();
		await trigger.publish();
		const before = api.sipWebhooks.all();
		await trigger.publish();
		expect(api.sipWebhooks.all()).toEqual(before);
		expect(asked(api, 'POST /v2/sip/webhooks')).toBe(1);
		trigger.staticData = '{}';
		await trigger.publish();
		expect(api.sipWebhooks.all()).toMatchObject([{ url: trigger.url, events: ALL }]);
		expect(rememberedBy(trigger)).toMatchObject({ id: api.sipWebhooks.all()[0]?.id });
	});

	test('is made anew though VideoSDK still lists the one that was deleted', async () => {
		const { api, trigger } = await setUp({}, { listsDeletedWebhooks: true });
		for (let time = 0; time < 3; time++) {
			await trigger.publish();
			expect(api.sipWebhooks.all()).toMatchObject([{ url: trigger.url, events: ALL }]);
			await trigger.lifecycle('delete');
			expect(api.sipWebhooks.all()).toEqual([]);
		}
	});

	test('names each event once, and is found in an answer that wraps it', async () => {
		const { api, trigger } = await setUp({ events: ['call-hangup', 'call-hangup'] });
		await trigger.publish();
		expect(api.sipWebhooks.all()).toMatchObject([{ events: ['call-hangup'] }]);
		trigger.staticData = '{}';
		api.set(onPost({ kind: 'wrongJson', text: '{"data":{"id":"wrapped"}}' }));
		await trigger.publish();
		expect(rememberedBy(trigger)).toMatchObject({ id: 'wrapped' });
	});

	test('is removed though the ID that n8n has is an old one', async () => {
		const { api, trigger } = await setUp({ events: ['call-hangup'] });
		await trigger.publish();
		const { staticData } = trigger;
		trigger.parameters = { events: ALL };
		await trigger.publish();
		trigger.staticData = staticData;
		await trigger.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);
	});

	test('changes with the events, though n8n does not remove it before', async () => {
		const { api, trigger } = await setUp({ events: ['call-hangup'] });
		await trigger.publish();
		trigger.parameters = { events: ['call-missed', 'call-hangup'] };
		await trigger.publish();
		expect(api.sipWebhooks.all()).toMatchObject([
			{ url: trigger.url, events: ['call-missed', 'call-hangup'] },
		]);
		trigger.parameters = { events: ['call-hangup', 'call-missed'] };
		await trigger.publish();
		expect(asked(api, 'POST /v2/sip/webhooks')).toBe(2);
		trigger.parameters = { events: ['started'] };
		await trigger.publish();
		expect(api.sipWebhooks.all()).toEqual([]);
		expect(memoryOf(trigger)).toEqual({});
	});

	test('is removed though the events have changed, or n8n forgot its ID', async () => {
		const { api, trigger } = await setUp();
		await trigger.publish();
		trigger.parameters = { events: ['started'] };
		await trigger.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);

		trigger.parameters = { events: ALL };
		await trigger.publish();
		trigger.staticData = '{}';
		await trigger.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);
	});

	test('leaves those of others alone, and finds its own on the second page', async () => {
		const { api, trigger } = await setUp({}, { list: { capPerPage: 2 } });
		const other = await openTrigger(api, { events: ['call-hangup'] });
		await other.publish();
		const others = api.sipWebhooks.all();
		await trigger.publish();
		const more = [await openTrigger(api), await openTrigger(api)];
		for (const one of more) await one.publish();
		trigger.staticData = '{}';
		await trigger.publish();
		expect(api.sipWebhooks.all()).toHaveLength(4);
		for (const one of [trigger, ...more]) await one.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual(others);
	});

	test('moves with the address of n8n', async () => {
		const api = await startApi();
		const before = await openTrigger(api);
		await before.publish();
		const { workflowId, staticData } = before;
		const after = await openTrigger(api, {}, { workflowId, staticData });
		await after.publish();
		expect(api.sipWebhooks.all()).toMatchObject([{ url: after.url }]);
	});

	test.each<[string, (original: TriggerUrl) => Partial<TriggerSettings>]>([
		['in the same n8n, where it is another workflow', () => ({})],
		[
			'in another n8n, where it has the same ID',
			({ workflowId }) => ({ workflowId, instanceId: 'another' }),
		],
	])('is left to the original by a copy that knows its ID, %s', async (_name, settingsOf) => {
		const { api, trigger: original } = await setUp();
		await original.publish();
		const { staticData } = original;
		const originals = api.sipWebhooks.all();
		const copy = await openTrigger(api, {}, { staticData, ...settingsOf(original) });

		await copy.publish();
		expect(api.sipWebhooks.all()).toEqual([
			...originals,
			expect.objectContaining({ url: copy.url, events: ALL }),
		]);
		await copy.publish();
		expect(asked(api, 'POST /v2/sip/webhooks')).toBe(2);
		await copy.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual(originals);

		copy.staticData = staticData;
		await copy.lifecycle('delete');
		copy.parameters = { events: ['started'] };
		await copy.publish();
		expect(api.sipWebhooks.all()).toEqual(originals);
		await original.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);
	});

	test.each([
		'http://localhost:5678/webhook',
		'https://127.0.0.1/webhook',
		'http://[::1]:1/webhook',
	])(
		'is refused where n8n calls itself %s, which VideoSDK cannot reach',
		async (webhookBaseUrl) => {
			const api = await startApi();
			// Where nobody answers: nothing is to be asked for.
			const credential = { ...credentialOf(api), baseUrl: 'https://videosdk.invalid' };
			const trigger = await openTrigger(api, {}, { credential, webhookBaseUrl });
			const refusal = await trigger.publish().catch((error: unknown) => error);
			expect(refusal).toBeInstanceOf(WebhookPathTakenError);
			expect((refusal as WebhookPathTakenError).message).toMatch(
				/^The trigger is not registered for call events\. VideoSDK must be able to reach n8n at http.*\/videosdk from the internet\. .*WEBHOOK_URL/,
			);
			expect(trigger.staticData).toBe('{}');
		},
	);

	test('that VideoSDK does not know any more is removed', async () => {
		const { api, trigger } = await setUp();
		await trigger.publish();
		const { staticData } = trigger;
		await trigger.lifecycle('delete');
		trigger.staticData = staticData;
		expect(await trigger.lifecycle('delete')).toBe(true);
		expect(api.stats.requests.get(DELETE)?.lastStatus).toBe(404);
		expect(memoryOf(trigger)).toEqual({});
	});

	test.each<[string, Fault]>([
		['the answer is lost', { kind: 'reset', processed: true }],
		['VideoSDK says that it failed', { kind: 'status', status: 500, processed: true }],
		['the answer names none', { kind: 'wrongJson', text: '{}', processed: true }],
	])('is found, and there is one, where %s', async (_name, fault) => {
		const { api, trigger } = await setUp({}, onPost(fault));
		await trigger.publish();
		expect(api.sipWebhooks.all()).toMatchObject([{ url: trigger.url, events: ALL }]);
		expect(rememberedBy(trigger)).toMatchObject({ id: api.sipWebhooks.all()[0]?.id });
	});

	test.each<[string, Fault, RegExp]>([
		['has a problem', { kind: 'status', status: 500 }, /server error \(HTTP 500\)/],
		['does not accept the credential', { kind: 'status', status: 401 }, /did not accept the API/],
		[
			'refuses the address',
			{ kind: 'status', status: 400, body: { message: 'url must be public' } },
			/rejected the request \(HTTP 400\)\. VideoSDK said: "url must be public"\. VideoSDK must be able to reach n8n at http.*WEBHOOK_URL/,
		],
		[
			'says that there is one',
			{ kind: 'status', status: 409 },
			/VideoSDK must be able to reach n8n at http.*WEBHOOK_URL/,
		],
		['asks for less', { kind: 'status', status: 429 }, /\(HTTP 429\).*\. Try again in a minute\.$/],
		['answers without it', { kind: 'wrongJson', text: '{}' }, /has no webhook in it/],
	])('that cannot be made is an error that says why: VideoSDK %s', async (_name, fault, reason) => {
		const api = await startApi(onPost(fault));
		// An outage fails only while a user listens for a test event.
		const trigger = await openTrigger(api, {}, { mode: 'manual' });
		const refusal = await trigger.publish().catch((error: unknown) => error);
		expect(refusal).toBeInstanceOf(WebhookPathTakenError);
		const { message } = refusal as WebhookPathTakenError;
		expect(message).toMatch(/^The trigger is not registered for call events: /);
		expect(message).toMatch(reason);
		expect(trigger.staticData).toBe('{}');
		// n8n then removes what may have been made.
		await trigger.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);
	});

	test('is made later where VideoSDK is away while the workflow is published', async () => {
		const { api, trigger } = await setUp({}, { faults: () => ({ kind: 'status', status: 503 }) });
		await trigger.publish();
		expect(api.sipWebhooks.all()).toEqual([]);
		api.set({ faults: undefined });
		while (api.sipWebhooks.all().length === 0) await new Promise(setImmediate);
		expect(api.sipWebhooks.all()).toMatchObject([{ url: trigger.url, events: ALL }]);
		// Perhaps before the answer has arrived.
		await trigger.lifecycle('delete');
		while (api.sipWebhooks.all().length > 0) await new Promise(setImmediate);
	}, 60_000);

	test('leaves nothing to delete after VideoSDK refused it, so nothing is asked for', async () => {
		const { api, trigger } = await setUp({}, onPost({ kind: 'status', status: 403 }));
		await expect(trigger.publish()).rejects.toBeInstanceOf(WebhookPathTakenError);
		const before = [...api.stats.requests.keys()];
		await trigger.lifecycle('delete');
		expect([...api.stats.requests.keys()]).toEqual(before);
		expect(asked(api, 'GET /v2/sip/webhooks')).toBe(1);
	});

	test('that cannot be removed is no error, which would stop n8n from removing its own, and goes when the workflow is published again', async () => {
		const { api, trigger } = await setUp();
		await trigger.publish();
		const { staticData } = trigger;
		api.set({ faults: () => ({ kind: 'status', status: 500 }) });
		expect(await trigger.lifecycle('delete')).toBe(true);
		expect(trigger.staticData).toBe(staticData);
		expect(api.sipWebhooks.all()).toHaveLength(1);

		api.set({ faults: undefined });
		trigger.parameters = { events: ['started'] };
		await trigger.publish();
		expect(api.sipWebhooks.all()).toEqual([]);
	});

	test('is found by the other spelling of the list, which VideoSDK’s documentation has', async () => {
		const { api, trigger } = await setUp();
		await trigger.publish();
		const [webhook] = api.sipWebhooks.all();
		const text = JSON.stringify({ data: [webhook] });
		api.set({
			faults: ({ method }) => (method === 'GET' ? { kind: 'wrongJson', text } : undefined),
		});
		await trigger.publish();
		expect(asked(api, 'POST /v2/sip/webhooks')).toBe(1);
		expect(rememberedBy(trigger)).toMatchObject({ id: webhook?.id });
	});
});
