import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Fault, VideoSdkApi } from '../../dev/videosdk-api';
import { itemsOf, type RunSettings, stopsNever } from '../support/nodeRun';
import { batchCall, call, countOf, deployment, LIST, room, session, START } from './sessions';
import { useEngine } from './setup';

const { startApi, run, refused } = useEngine();

const id = byId('={{ $json.sessionId }}');

/** The operations that do something new each time: what they say of it, its request, and how to find out. */
const starting: Array<[string, IDataObject, string, RegExp]> = [
	[
		'The call to +14155550123 may not have been made',
		call('make', { to: '+14155550123', routeBy: 'gateway', gatewayId: 'g' }),
		'POST /v2/sip/call',
		/may have rung.*use 'Get Many'/,
	],
	[
		'The session may not have been started',
		session('start', { deploymentId: byId('d') }),
		START,
		/^A session may have started anyway.* use 'Get Many' with the filter 'Started After' to look for it\./,
	],
	[
		'Agent "a" may not have been sent to room "r"',
		room('dispatchAgent', { roomId: byId('r'), agentId: 'a' }),
		'POST /v2/agent/dispatch',
		/may have joined.*Check the room/,
	],
	[
		'Deployment "Line" may not have been created',
		deployment('create', { name: 'Line' }),
		'POST /ai/v1/ai-deployments',
		/^It may have been created anyway\. Look for it with 'Get Many'/,
	],
];

const lost: Array<[string, Fault]> = [
	['the connection breaks', { kind: 'reset', processed: true }],
	['no response arrives', { kind: 'stall', processed: true }],
	['VideoSDK returns 500', { kind: 'status', status: 500 }],
	['a gateway returns 503', { kind: 'status', status: 503 }],
	['the response is cut', { kind: 'truncated' }],
	['an HTML page arrives', { kind: 'wrongJson', text: '<html>', processed: true }],
	['the response is {}', { kind: 'wrongJson', text: '{}', processed: true }],
];

describe.each(starting)('%s', (message, parameters, request, findOut) => {
	test.each(lost)(`${request} is not retried if %s`, async (_name, fault) => {
		const api = await startApi({ faults: () => fault });
		const options = { timeout: 300 };
		const { failed } = await run(api, { ...parameters, options }, undefined, stopsNever);
		expect(countOf(api, request)).toBe(1);
		expect(failed[0]?.json.error).toMatchObject({
			message: expect.stringMatching(`^${message.replaceAll('+', '\\+')}: `),
			description: expect.stringMatching(findOut),
		});
	});

	test(`${request} is retried after HTTP 429`, async () => {
		const api = await startApi({
			faults: ({ attempt }) => (attempt === 1 ? { kind: 'status', status: 429 } : undefined),
		});
		api.deployments.add({ id: 'd' });
		const { items, hint } = await run(api, parameters);
		expect(items).toHaveLength(1);
		expect(countOf(api, request)).toBe(2);
		expect(hint).toMatch(
			/ 1 of 1 .*\. 1 retry was needed because VideoSDK received too many requests or was unavailable\.$/,
		);
	});
});

const notTwice =
	"'Retry On Fail' must be off for this operation, because a retry could, for example, start a second session or make a second call";

describe("n8n's Retry On Fail", () => {
	const node = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

	const operations = starting.map(([, parameters]) => parameters);
	test.each([...operations, session('startAndWait', { deploymentId: byId('d') })])(
		'$resource $operation rejects Retry On Fail before anything is sent',
		async (parameters) => {
			expect((await refused(parameters, undefined, { node }))?.message).toBe(notTwice);
		},
	);

	test('Start Session rejects Retry On Fail for each item with Continue', async () => {
		const api = await startApi();
		const parameters = session('start', { deploymentId: byId('d') });
		const settings: RunSettings = { node: { ...node, onError: 'continueErrorOutput' } };
		const { failed } = await run(api, parameters, itemsOf(['x', 'y']), settings);
		const message = notTwice;
		expect(failed.map(({ json }) => json.error)).toMatchObject([{ message }, { message }]);
		expect(api.stats.requests.size).toBe(0);
	});

	test('End Session accepts Retry On Fail, because it is idempotent', async () => {
		const api = await startApi();
		const { sessionId } = api.sessions.add();
		const { items } = await run(api, session('end', { sessionId: byId(sessionId) }), undefined, {
			node,
		});
		expect(items[0]?.json.status).toBe('completed');
	});
});

test.each<[string, IDataObject, (api: VideoSdkApi, id: string) => unknown]>([
	[
		`${LIST}/{sessionId}`,
		session('get', { sessionId: id }),
		(api, sessionId) => api.sessions.add({ sessionId }),
	],
	[
		'POST /ai/v1/ai-deployment-sessions/end',
		session('end', { sessionId: id }),
		(api, sessionId) => api.sessions.add({ sessionId }),
	],
	[
		'GET /ai/v1/ai-deployments/{deploymentId}/{tag}',
		deployment('get', { deploymentId: id, tag: 'v1' }),
		(api, one) => api.deployments.add({ id: one, tag: 'v1' }),
	],
	[
		'GET /v2/sip/call/{callId}',
		call('get', { callId: id }),
		(api, callId) => api.calls.add({ callId }),
	],
	[
		'POST /v2/sip/call/end',
		call('end', { callId: id }),
		(api, callId) => api.calls.add({ callId }),
	],
	[
		'POST /v2/sessions/end',
		room('endSession', { roomId: id }),
		(api, roomId) => api.rooms.add({ roomId }),
	],
	[
		'POST /v2/batch-calls/{batchId}/cancel',
		batchCall('cancel', { batchId: id }),
		(api, batchId) => api.batchCalls.add({ batchId }),
	],
])('%s is sent once per ID', async (request, parameters, add) => {
	const api = await startApi();
	for (const one of ['a', 'b']) add(api, one);
	const { items, failed } = await run(api, parameters, itemsOf(['a', 'b', ' a ']), stopsNever);
	expect(failed).toEqual([]);
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	expect(items[2]?.json).toEqual(items[0]?.json);
	expect(items[2]?.json).not.toBe(items[0]?.json);
	expect(countOf(api, request)).toBe(2);
});

test('an unknown operation fails with an error that names it', async () => {
	expect(await refused(session('restart'))).toMatchObject({
		message: 'This version of the VideoSDK node does not have the selected operation',
		description: expect.stringContaining('the operation "restart" of the resource "agentSession"'),
	});
});
