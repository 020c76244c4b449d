import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import type { Fault, Options, VideoSdkApi } from '../../dev/videosdk-api';
import type { TriggerSettings, TriggerUrl } from '../support/webhook';
import { call, countOf } from './sessions';
import { useEngine } from './setup';
import { json, signed, useTriggers } from './triggers';

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
		['rejects the credential', { kind: 'status', status: 401 }],
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
		let left = 10;
		const faults = (): Fault | undefined =>
			left-- > 0 ? { kind: 'status', status: 429 } : undefined;
		const { api, trigger } = await setUp({}, { faults });
		const events = ['call-started', 'call-ringing', 'call-answered', 'call-update', 'call-hangup'];
		const ids = Array.from({ length: 6 }, () => ended(api));
		const bodies = ids.flatMap((id) => events.map((event) => bodyOf(id, event)));
		const replies = await Promise.all(bodies.map(async (body) => await trigger.post(body, json)));
		expect(replies.map(({ status }) => status)).toEqual(Array<number>(30).fill(200));
		expect(trigger.runs).toHaveLength(30);
		expect(left).toBeLessThanOrEqual(0);
	});

	test('a call event that is not selected gets 401 unsigned and 200 signed', async () => {
		const { api, trigger } = await setUp({ events: ['call-answered', 'started'] });
		const body = bodyOf(ended(api));
		expect((await trigger.post(body, json)).status).toBe(401);
		expect((await trigger.post(body, signed(api, body))).status).toBe(200);
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

	const memoryOf = ({ staticData }: TriggerUrl) =>
		(JSON.parse(staticData) as Record<string, IDataObject>)['node:VideoSDK Trigger'];

	/** There is one webhook, for this trigger and these events, and the trigger knows it. */
	function expectRegistered(api: VideoSdkApi, trigger: TriggerUrl, events = ALL) {
		const webhooks = api.sipWebhooks.all();
		expect(webhooks).toMatchObject([{ url: trigger.url, events }]);
		expect(memoryOf(trigger)?.callWebhook).toMatchObject({ id: webhooks[0]?.id });
	}

	test('publishing registers a webhook for call events, and unpublishing removes it', async () => {
		const { api, trigger } = await setUp({
			events: ['started', 'call-hangup', 'call-answered', 'call-hangup'],
		});
		await trigger.publish();
		expectRegistered(api, trigger, ['call-hangup', 'call-answered']);
		await trigger.lifecycle('delete');
		expect(api.sipWebhooks.all()).toEqual([]);
		expect(memoryOf(trigger)).toEqual({});
		expect(countOf(api, DELETE)).toBe(1);
	});

	test('publishing again replaces the webhook only for new events or if its ID is lost', async () => {
		const { api, trigger } = await setUp({ events: ['call-missed', 'call-hangup'] });
		await trigger.publish();
		trigger.parameters = { events: ['call-hangup', 'call-missed'] };
		await trigger.publish();
		expect(countOf(api, CREATE)).toBe(1);
		trigger.parameters = { events: ALL };
		await trigger.publish();
		expectRegistered(api, trigger);
		trigger.staticData = '{}';
		await trigger.publish();
		expectRegistered(api, trigger);
		expect(countOf(api, CREATE)).toBe(3);
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

	test('publishing registers a new webhook if VideoSDK still lists a deleted one', async () => {
		const { api, trigger } = await setUp({}, { listsDeletedWebhooks: true });
		for (let time = 0; time < 3; time++) {
			await trigger.publish();
			expectRegistered(api, trigger);
			await trigger.lifecycle('delete');
			expect(api.sipWebhooks.all()).toEqual([]);
		}
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

	test.each<[string, Fault]>([
		['the response is lost', { kind: 'reset', processed: true }],
		['the response names none', { kind: 'wrongJson', text: '{}', processed: true }],
	])('publishing registers exactly one webhook if %s', async (_name, fault) => {
		const { api, trigger } = await setUp(
			{},
			{ faults: ({ method }) => (method === 'POST' ? fault : undefined) },
		);
		await trigger.publish();
		expectRegistered(api, trigger);
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
});
