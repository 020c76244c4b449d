import { randomUUID } from 'node:crypto';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { sleep, WebhookPathTakenError } from 'n8n-workflow';
import { credentialOf, type Fault, type Options, type VideoSdkApi } from '../../dev/videosdk-api';
import { hostileRequests } from '../support/hostile';
import type { TriggerSettings, TriggerUrl } from '../support/webhook';
import { call, countOf } from './sessions';
import { useEngine } from './setup';
import { json, later, signed, useTriggers } from './triggers';

const { engine, run, startApi } = useEngine();
const { openTriggerOf } = useTriggers(engine);

const ALL = [
	...['call-started', 'call-ringing', 'call-answered', 'call-update'],
	...['call-transferred', 'call-missed', 'call-hangup'],
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

const bodyOf = (callId: unknown, event = 'call-hangup', data: IDataObject = {}) =>
	JSON.stringify({ webhookType: event, data: { callId, ...data } });

const ended = (api: VideoSdkApi) => api.calls.add({ status: 'ended' }).callId;

const NOT_OURS = '{"message":"There is no such call in this VideoSDK project."}';

const UNFIT =
	'{"message":"The status of the call does not fit the event yet. Send the event again later."}';

const GET_CALL = 'GET /v2/sip/call/{callId}';

describe('a call event', () => {
	test('a call event starts a run with the call from VideoSDK and its own eventData', async () => {
		const { api, trigger } = await setUp();
		const { callId, ...fields } = api.calls.add({ status: 'ended', metadata: { customer: '1' } });
		const data = { to: '+19005550199', status: 'answered', event: 'x', reason: 'busy' };
		const reply = await trigger.post(bodyOf(callId, 'call-hangup', data), json);
		expect(reply.status).toBe(200);
		expect(trigger.errors).toEqual([]);
		const eventData = { callId, ...data };
		const receivedAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string;
		expect(trigger.runs).toEqual([
			{
				...fields,
				event: 'call-hangup',
				callId,
				id: callId,
				eventData,
				isSigned: false,
				receivedAt,
			},
		]);
		expect(Object.keys(trigger.runs[0] ?? {}).slice(0, 2)).toEqual(['event', 'callId']);
	});

	test('a signed call event outputs isSigned: true, and may name the call ID id', async () => {
		const { api, trigger } = await setUp();
		const callId = ended(api);
		const body = JSON.stringify({ webhookType: 'call-hangup', data: { id: callId } });
		expect((await trigger.post(body, signed(api, body))).status).toBe(200);
		expect(trigger.runs).toMatchObject([{ callId, isSigned: true }]);
		expect(api.stats.publicKeyFetches).toBe(1);
	});

	test.each([
		['the signature of another body', (api: VideoSdkApi) => api.webhooks.sign('another')],
		['an invalid signature', () => 'c2lnbmVk'],
		['an empty signature', () => ''],
	])('a call event with %s gets 401 without a lookup', async (_name, signatureOf) => {
		const { api, trigger } = await setUp();
		const headers = { ...json, 'videosdk-signature': signatureOf(api) };
		expect((await trigger.post(bodyOf(ended(api)), headers)).status).toBe(401);
		expect(trigger.runs).toEqual([]);
		expect(countOf(api, GET_CALL)).toBe(0);
	});

	test('an event of an unknown call starts no run and stores nothing', async () => {
		const { api, trigger } = await setUp();
		const body = bodyOf('of another project');
		for (const headers of [json, signed(api, body)]) {
			expect(await trigger.post(body, headers)).toEqual({ status: 200, text: NOT_OURS });
		}
		const { errors, runs, staticData } = trigger;
		expect({ errors, runs, staticData }).toEqual({ errors: [], runs: [], staticData: '{}' });
		api.calls.add({ callId: 'of another project', status: 'ended' });
		expect((await trigger.post(body, json)).status).toBe(200);
		expect(trigger.runs).toHaveLength(1);
	});

	test('a call event starts a run only if the status of the call fits it', async () => {
		const live = ['initiated', 'ringing', 'incoming', 'verified', 'answered', 'transferring'];
		const unanswered = ['missed', 'not-answered', 'rejected', 'abandoned', 'failed'];
		const every = [...live, ...unanswered, 'transferred', 'ended', 'a-new-status', 'ENDED'];
		const over = ['transferred', 'ended', 'a-new-status', 'ENDED'];
		const fitting: Record<string, string[]> = {
			'call-started': every,
			'call-update': every,
			'call-ringing': every.filter((status) => status !== 'initiated'),
			'call-answered': ['answered', 'transferring', 'abandoned', 'failed', ...over],
			'call-transferred': ['transferring', ...over],
			'call-missed': [...unanswered, 'a-new-status'],
			'call-hangup': [...unanswered, ...over],
		};
		const api = await startApi();
		for (const status of every) api.calls.add({ callId: status, status });
		const startedBy = async (event: string) => {
			const trigger = await openTrigger(api);
			const replies = await Promise.all(
				every.map(async (status) => await trigger.post(bodyOf(status, event), json)),
			);
			// The status may be late, so VideoSDK may send the event again.
			const unfit = replies.filter(({ status }) => status !== 200).map(({ text }) => text);
			const fit = trigger.runs.map(({ callId }) => callId).sort();
			expect(unfit).toEqual(Array(every.length - fit.length).fill(UNFIT));
			return [event, fit];
		};
		// Some together, since the second look at a call comes a second later.
		const started = await Promise.all(ALL.slice(0, 3).map(startedBy));
		started.push(...(await Promise.all(ALL.slice(3).map(startedBy))));
		expect(Object.fromEntries(started)).toEqual(
			Object.fromEntries(Object.entries(fitting).map(([event, fit]) => [event, [...fit].sort()])),
		);
	});

	test('a call event may arrive before VideoSDK has the call or its new status', async () => {
		const { api, trigger } = await setUp();
		const { callId } = api.calls.add();
		const replies = [
			trigger.post(bodyOf(callId), json),
			trigger.post(bodyOf('late', 'call-started'), json),
		];
		while (countOf(api, GET_CALL) < 2) await sleep(5);
		api.calls.setStatus(callId, 'ended');
		api.calls.add({ callId: 'late' });
		for (const reply of replies) expect((await reply).status).toBe(200);
		expect(trigger.runs.map(({ event }) => event).sort()).toEqual(['call-hangup', 'call-started']);
	});

	test('a repeated call event starts one run, even if its other fields differ', async () => {
		const { api, trigger } = await setUp();
		const callId = ended(api);
		const copies = Array.from({ length: 20 }, async (_none, number) => {
			return await trigger.post(bodyOf(callId, 'call-hangup', { number }), json);
		});
		for (const copy of copies) expect((await copy).status).toBe(200);
		expect(trigger.runs).toHaveLength(1);
		expect((await trigger.post(bodyOf(callId), json)).text).toContain('already received');
		expect((await trigger.post(bodyOf(callId, 'call-answered'), json)).status).toBe(200);
		expect(trigger.runs).toHaveLength(2);
	});

	test('a repeated call event is accepted without a request, even during an outage', async () => {
		const { api, trigger } = await setUp();
		const callId = ended(api);
		expect((await trigger.post(bodyOf(callId), json)).status).toBe(200);
		const lookUps = countOf(api, GET_CALL);
		api.set({ faults: () => ({ kind: 'status', status: 503 }) });
		expect((await trigger.post(bodyOf(callId), json)).text).toContain('already received');
		expect(countOf(api, GET_CALL)).toBe(lookUps);
		expect(trigger.runs).toHaveLength(1);
	});

	test('a call-update event starts one run per status of the call', async () => {
		const { api, trigger } = await setUp();
		const { callId } = api.calls.add({ status: 'ringing' });
		const update = async () => await trigger.post(bodyOf(callId, 'call-update'), json);
		await update();
		await update();
		api.calls.setStatus(callId, 'answered');
		await update();
		expect(trigger.runs.map(({ status }) => status)).toEqual(['ringing', 'answered']);
	});

	test('Ignore Repeats can be turned off only for signed call events and in tests', async () => {
		const api = await startApi();
		const body = bodyOf(ended(api));
		const repeats = { triggerOptions: { ignoreRepeats: false } };
		for (const [trigger, headers, runs] of [
			[await openTrigger(api, repeats), signed(api, body), 2],
			[await openTrigger(api, repeats), json, 1],
			[await openTrigger(api, {}, { mode: 'manual' }), json, 2],
		] as const) {
			for (let time = 0; time < 2; time++) {
				expect((await trigger.post(body, headers)).status).toBe(200);
			}
			expect(trigger.runs).toHaveLength(runs);
			if (runs === 2) expect(trigger.staticData).toBe('{}');
		}
	});

	test.each<[string, Fault]>([
		['returns a server error', { kind: 'status', status: 500 }],
		['rejects the credential', { kind: 'status', status: 401 }],
		['breaks the connection', { kind: 'reset' }],
		['returns no call', { kind: 'wrongJson', text: '{}' }],
	])('a call event gets 503 if VideoSDK %s, but can be resent', async (_name, fault) => {
		const { api, trigger } = await setUp();
		const body = bodyOf(ended(api));
		api.set({ faults: () => fault });
		expect(await trigger.post(body, json)).toEqual({
			status: 503,
			text: '{"message":"The call could not be looked up. Send the event again later."}',
		});
		expect([trigger.errors, trigger.runs]).toEqual([[], []]);
		api.set({ faults: undefined });
		expect((await trigger.post(body, json)).status).toBe(200);
		expect(trigger.runs).toHaveLength(1);
	});

	test('30 concurrent call events all start runs while VideoSDK is throttling', async () => {
		const { api, trigger } = await setUp({}, { limit: { requests: 10, perMs: 1_000 } });
		const events = ['call-started', 'call-ringing', 'call-answered', 'call-update', 'call-hangup'];
		const ids = Array.from({ length: 6 }, () => ended(api));
		const bodies = ids.flatMap((id) => events.map((event) => bodyOf(id, event)));
		const replies = await Promise.all(bodies.map(async (body) => await trigger.post(body, json)));
		expect(replies.map(({ status }) => status)).toEqual(Array<number>(30).fill(200));
		expect(trigger.runs).toHaveLength(30);
		expect(api.stats.throttled).toBeGreaterThan(0);
	}, 30_000);

	test('a call event that is not selected gets 401 unsigned and 200 signed', async () => {
		const { api, trigger } = await setUp({ events: ['call-answered', 'started'] });
		const body = bodyOf(ended(api));
		expect((await trigger.post(body, json)).status).toBe(401);
		expect((await trigger.post(body, signed(api, body))).status).toBe(200);
		expect(trigger.runs).toEqual([]);
		expect(countOf(api, GET_CALL)).toBe(0);
	});

	test.each([
		['names no call', bodyOf(undefined)],
		['has an object as its call ID', bodyOf({ $ne: null })],
		['has a path as its call ID', bodyOf('..')],
		['has no data', JSON.stringify({ webhookType: 'call-hangup' })],
		['is of an unknown type', bodyOf('c1', 'call-dropped')],
		['is not valid JSON', '{"webhookType":"call-hangup"'],
	])('an unsigned call event that %s gets 401', async (_name, body) => {
		const { api, trigger } = await setUp();
		expect((await trigger.post(body, json)).status).toBe(401);
		expect(trigger.runs).toEqual([]);
		expect(countOf(api, GET_CALL)).toBe(0);
	});

	test('a call ID in an event cannot change the path of the lookup', async () => {
		const { api, trigger } = await setUp();
		const ids = ['../sessions', 'a/b?c', 'x'.repeat(512), '%2e%2e', 'für 1 €'];
		for (const callId of ids) api.calls.add({ callId, status: 'ended' });
		for (const callId of ids) expect((await trigger.post(bodyOf(callId), json)).status).toBe(200);
		expect(trigger.runs.map(({ callId }) => callId)).toEqual(ids);
		expect([...api.stats.requests.keys()]).toEqual([GET_CALL]);
	});

	test('a trigger on call events still rejects unsigned session events', async () => {
		const { api, trigger } = await setUp({ events: [...ALL, 'started'] });
		const { sessionId } = api.sessions.add();
		const webhookType = 'ai-deployment-session-started';
		const body = JSON.stringify({ webhookType, data: { sessionId, callId: ended(api) } });
		expect((await trigger.post(body, json)).status).toBe(401);
		expect((await trigger.post(body, signed(api, body))).status).toBe(200);
		expect(trigger.runs).toMatchObject([{ event: 'started', sessionId }]);
	});

	test('a call event is looked up even if Verify Signature is off', async () => {
		const triggerOptions = { verifySignature: false, fetchSession: false };
		const { api, trigger } = await setUp({ triggerOptions });
		const callId = ended(api);
		const forged = { ...json, 'videosdk-signature': 'forged' };
		expect((await trigger.post(bodyOf('unknown'), forged)).text).toBe(NOT_OURS);
		expect((await trigger.post(bodyOf(callId), forged)).status).toBe(200);
		expect(trigger.runs).toMatchObject([{ callId, isSigned: false }]);
	});
});

describe('requests from strangers', () => {
	test('events of unknown calls cause at most 100 lookups a minute', async () => {
		const { api, trigger } = await setUp();
		const callId = ended(api);
		await trigger.post(bodyOf(callId, 'call-started'), json);
		const replies = await Promise.all(
			Array.from({ length: 120 }, async () => await trigger.post(bodyOf(randomUUID()), json)),
		);
		const countWith = (wanted: number) => replies.filter(({ status }) => status === wanted).length;
		expect([countWith(200), countWith(503)]).toEqual([100, 20]);
		expect(countOf(api, GET_CALL)).toBe(1 + 100 * 2);

		const body = bodyOf(callId);
		expect((await trigger.post(body, json)).status).toBe(503);
		expect((await trigger.post(body, signed(api, body))).status).toBe(200);
		expect(trigger.runs).toHaveLength(2);
		expect((await (await openTrigger(api)).post(body, json)).status).toBe(200);

		later(60_000);
		expect((await trigger.post(bodyOf(callId, 'call-answered'), json)).status).toBe(200);
		expect(trigger.runs).toHaveLength(3);
	});

	test('100 hostile requests to a trigger on calls and sessions start no run', async () => {
		const { api, trigger } = await setUp({ events: [...ALL, 'started', 'stopped'] });
		for (const request of hostileRequests(100, (body) => api.webhooks.sign(body))) {
			const { status } = await trigger.post(request.body, request.headers);
			expect([status, String(request.body)]).toEqual([request.status, String(request.body)]);
		}
		expect([trigger.errors, trigger.runs, trigger.staticData]).toEqual([[], [], '{}']);
		expect(countOf(api, GET_CALL)).toBe(0);
	});

	test("150 concurrent events of the project's own calls each start a run", async () => {
		const { api, trigger } = await setUp();
		const ids = Array.from({ length: 150 }, () => ended(api));
		const replies = await Promise.all(ids.map(async (id) => await trigger.post(bodyOf(id), json)));
		expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
		expect(trigger.runs.map(({ callId }) => callId).sort()).toEqual([...ids].sort());
	});
});

describe('the registration with VideoSDK', () => {
	const CREATE = 'POST /v2/sip/webhooks';
	const DELETE = 'DELETE /v2/sip/webhooks/{webhookId}';

	const onPost = (fault: Fault): Options => ({
		faults: ({ method }) => (method === 'POST' ? fault : undefined),
	});

	const memoryOf = ({ staticData }: TriggerUrl) =>
		(JSON.parse(staticData) as Record<string, IDataObject>)['node:VideoSDK Trigger'];

	/** There is one webhook, for this trigger and these events, and the trigger knows it. */
	function expectRegistered(api: VideoSdkApi, trigger: TriggerUrl, events = ALL) {
		const webhooks = api.sipWebhooks.all();
		expect(webhooks).toMatchObject([{ url: trigger.url, events }]);
		expect(memoryOf(trigger)?.callWebhook).toMatchObject({ id: webhooks[0]?.id });
	}

	const refusalOf = async (trigger: TriggerUrl) =>
		await trigger.publish().then(
			() => undefined,
			(error: unknown) => error,
		);

	test.each([
		['session events', ['started', 'stopped', 'failed'], undefined],
		['an expression without a value', '={{ undefined }}', /^The expression in 'Trigger On'/],
		['no events', [], /^'Trigger On' is empty/],
	])('publishing a trigger on %s registers no webhook', async (_name, events, problem) => {
		const { api, trigger } = await setUp({ events });
		const refusal = (await refusalOf(trigger)) as Error | undefined;
		if (problem) expect(refusal?.message).toMatch(problem);
		else expect(refusal).toBeUndefined();
		await trigger.lifecycle('delete');
		expect(api.stats.requests.size).toBe(0);
		expect(trigger.staticData).toBe('{}');
	});

	test('publishing registers a webhook for call events, and unpublishing removes it', async () => {
		const { api, trigger } = await setUp({
			events: ['started', 'call-hangup', 'call-answered', 'call-hangup'],
		});
		await trigger.publish();
		expectRegistered(api, trigger, ['call-hangup', 'call-answered']);
		const { staticData } = trigger;
		await trigger.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);
		expect(memoryOf(trigger)).toEqual({});
		expect(countOf(api, DELETE)).toBe(1);
		// One that VideoSDK does not know any more is removed, too.
		trigger.staticData = staticData;
		expect(await trigger.lifecycle('delete')).toBe(true);
		expect(api.stats.requests.get(DELETE)?.lastStatus).toBe(404);
		expect(memoryOf(trigger)).toEqual({});
	});

	test('a published trigger receives every event of a new call', async () => {
		const { api, trigger } = await setUp({}, { startTakesMs: 40 });
		await trigger.publish();
		const numbers = { to: '+14155550123', from: '+14155550123' };
		await run(api, call('make', { ...numbers, routeBy: 'routingRule', routingRuleId: 'rule-1' }));
		const callId = String(api.calls.all()[0]?.callId);
		const states = () => trigger.runs.map(({ event, status }) => `${event}: ${status}`);
		while (!states().includes('call-answered: answered')) await sleep(5);
		api.calls.setStatus(callId, 'ended');
		while (!states().includes('call-hangup: ended')) await sleep(5);
		const events = ['call-started', 'call-ringing', 'call-answered', 'call-update', 'call-hangup'];
		expect(new Set(trigger.runs.map(({ event }) => event))).toEqual(new Set(events));
		expect(new Set(trigger.runs.map((one) => one.callId))).toEqual(new Set([callId]));
		expect(new Set(api.stats.deliveries.map(({ status }) => status))).toEqual(new Set([200]));
	});

	test('a restart of n8n keeps the webhook, or replaces it if n8n has lost its ID', async () => {
		const { api, trigger } = await setUp();
		await trigger.publish();
		const before = api.sipWebhooks.all();
		await trigger.publish();
		expect(api.sipWebhooks.all()).toEqual(before);
		expect(countOf(api, CREATE)).toBe(1);
		trigger.staticData = '{}';
		await trigger.publish();
		expectRegistered(api, trigger);
		trigger.staticData = '{}';
		await trigger.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);
	});

	test('publishing registers a new webhook if VideoSDK still lists a deleted one', async () => {
		const { api, trigger } = await setUp({}, { listsDeletedWebhooks: true });
		for (let time = 0; time < 3; time++) {
			await trigger.publish();
			expectRegistered(api, trigger);
			await trigger.lifecycle('delete');
			expect(api.sipWebhooks.all()).toEqual([]);
		}
	});

	test('publishing replaces the webhook if the selected call events have changed', async () => {
		const { api, trigger } = await setUp({ events: ['call-hangup'] });
		await trigger.publish();
		const { staticData } = trigger;
		trigger.parameters = { events: ['call-missed', 'call-hangup'] };
		await trigger.publish();
		expectRegistered(api, trigger, ['call-missed', 'call-hangup']);
		trigger.parameters = { events: ['call-hangup', 'call-missed'] };
		await trigger.publish();
		expect(countOf(api, CREATE)).toBe(2);
		trigger.parameters = { events: ['started'] };
		await trigger.publish();
		expect(api.sipWebhooks.all()).toEqual([]);
		expect(memoryOf(trigger)).toEqual({});

		// It is removed, too, where the ID that n8n has is an old one.
		trigger.parameters = { events: ALL };
		await trigger.publish();
		trigger.staticData = staticData;
		await trigger.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);
	});

	test('publishing finds its own webhook on page 2, and leaves other webhooks alone', async () => {
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

	test('publishing moves the webhook to a new address of n8n', async () => {
		const api = await startApi();
		const before = await openTrigger(api);
		await before.publish();
		const { workflowId, staticData } = before;
		const after = await openTrigger(api, {}, { workflowId, staticData });
		await after.publish();
		expectRegistered(api, after);
	});

	test.each<[string, (workflowId: string) => Partial<TriggerSettings>]>([
		['another workflow of the same n8n', () => ({})],
		['another n8n with the same ID', (workflowId) => ({ workflowId, instanceId: 'another' })],
	])('a copied trigger in %s leaves the original alone', async (_name, settingsOf) => {
		const { api, trigger: original } = await setUp();
		await original.publish();
		const { staticData, workflowId } = original;
		const originals = api.sipWebhooks.all();
		const copy = await openTrigger(api, {}, { staticData, ...settingsOf(workflowId) });

		await copy.publish();
		const ofCopy = expect.objectContaining({ url: copy.url, events: ALL }) as object;
		expect(api.sipWebhooks.all()).toEqual([...originals, ofCopy]);
		await copy.publish();
		expect(countOf(api, CREATE)).toBe(2);
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

	test.each(['http://localhost:5678/webhook', 'https://127.0.0.1/webhook'])(
		'publishing fails if VideoSDK cannot reach n8n at %s',
		async (webhookBaseUrl) => {
			const api = await startApi();
			// Where nobody answers: nothing is to be asked for.
			const credential = { ...credentialOf(api), baseUrl: 'https://videosdk.invalid' };
			const trigger = await openTrigger(api, {}, { credential, webhookBaseUrl });
			const refusal = await refusalOf(trigger);
			expect(refusal).toBeInstanceOf(WebhookPathTakenError);
			expect((refusal as Error).message).toMatch(
				/^The trigger is not registered for call events\. VideoSDK must be able to reach n8n at http.*\/videosdk from the internet\. .*WEBHOOK_URL/,
			);
			expect(trigger.staticData).toBe('{}');
		},
	);

	test.each<[string, Fault]>([
		['the response is lost', { kind: 'reset', processed: true }],
		['the response names none', { kind: 'wrongJson', text: '{}', processed: true }],
	])('publishing registers exactly one webhook if %s', async (_name, fault) => {
		const { api, trigger } = await setUp({}, onPost(fault));
		await trigger.publish();
		expectRegistered(api, trigger);
	});

	test.each<[string, Fault, RegExp]>([
		['has a server error', { kind: 'status', status: 500 }, /server error \(HTTP 500\)/],
		[
			'rejects the address',
			{ kind: 'status', status: 400, body: { message: 'url must be public' } },
			/rejected the request \(HTTP 400\)\. VideoSDK said: "url must be public"\. VideoSDK must be able to reach n8n at http.*WEBHOOK_URL/,
		],
		['returns no webhook', { kind: 'wrongJson', text: '{}' }, /has no webhook in it/],
	])('a failed webhook registration says why: VideoSDK %s', async (_name, fault, reason) => {
		const api = await startApi(onPost(fault));
		// An outage fails only while a user listens for a test event.
		const trigger = await openTrigger(api, {}, { mode: 'manual' });
		const refusal = await refusalOf(trigger);
		expect(refusal).toBeInstanceOf(WebhookPathTakenError);
		const { message } = refusal as Error;
		expect(message).toMatch(/^The trigger is not registered for call events: /);
		expect(message).toMatch(reason);
		expect(trigger.staticData).toBe('{}');
		// n8n then removes what may have been made.
		await trigger.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);
	});

	test('the webhook is registered later if VideoSDK is unavailable when publishing', async () => {
		const { api, trigger } = await setUp({}, { faults: () => ({ kind: 'status', status: 503 }) });
		await trigger.publish();
		expect(api.sipWebhooks.all()).toEqual([]);
		api.set({ faults: undefined });
		while (api.sipWebhooks.all().length === 0) await sleep(5);
		expect(api.sipWebhooks.all()).toMatchObject([{ url: trigger.url, events: ALL }]);
		// Perhaps before the answer has arrived.
		await trigger.lifecycle('delete');
		while (api.sipWebhooks.all().length > 0) await sleep(5);
	});

	test('a webhook that cannot be removed is deleted the next time that n8n publishes', async () => {
		const { api, trigger } = await setUp();
		await trigger.publish();
		const { staticData } = trigger;
		api.set({ faults: () => ({ kind: 'status', status: 500 }) });
		// An error would stop n8n from removing its own.
		expect(await trigger.lifecycle('delete')).toBe(true);
		expect(trigger.staticData).toBe(staticData);
		expect(api.sipWebhooks.all()).toHaveLength(1);

		api.set({ faults: undefined });
		trigger.parameters = { events: ['started'] };
		await trigger.publish();
		expect(api.sipWebhooks.all()).toEqual([]);
	});
});
