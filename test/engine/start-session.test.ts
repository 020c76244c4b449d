import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import { credentialOf, type Fault, type Options } from '../../dev/videosdk-api';
import { itemsOf, leaksIn, stopsNever } from '../support/nodeRun';
import { countOf, session, START } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

describe('Start', () => {
	const start = ({ options, ...parameters }: IDataObject = {}) =>
		session('start', {
			tag: '',
			additionalFields: {},
			...parameters,
			options: {
				startWithoutDeployment: !('deploymentId' in parameters),
				...(options as IDataObject),
			},
		});

	const startFault =
		(fault: Fault, times = Number.POSITIVE_INFINITY): Options['faults'] =>
		({ route, attempt }) =>
			route.endsWith('/start') && attempt <= times ? fault : undefined;

	const secretEnv = {
		env: { entries: [{ key: 'API_TOKEN', value: 'very-secret-value' }] },
	};

	test('starts one session for each item, of the deployment and tag', async () => {
		const api = await startApi();
		const { id } = api.deployments.add({ tag: 'v2.0' });
		const parameters = start({ deploymentId: byId(id), tag: 'v2.0' });
		const { items } = await run(api, parameters, itemsOf(['x', 'y']));
		expect(items.map(({ json, pairedItem }) => [json.deploymentId, json.tag, pairedItem])).toEqual([
			[id, 'v2.0', { item: 0 }],
			[id, 'v2.0', { item: 1 }],
		]);
		expect(items[0]?.json).toMatchObject({
			status: 'queued',
			message: 'Session started successfully',
		});
		expect(countOf(api, START)).toBe(2);
	});

	describe('tells what it started, whatever fails later', () => {
		/** Sessions start, but the second never runs. */
		async function secondNeverRuns() {
			const api = await startApi();
			const { id } = api.deployments.add();
			const parameters = start({
				deploymentId: byId(id),
				options: { waitUntilRunning: true, waitTimeout: 2 },
			});
			const started: string[] = [];
			api.set({
				startTakesMs: 10,
				faults: ({ method, sessionId = '' }) => {
					if (method !== 'GET') return undefined;
					if (!started.includes(sessionId)) started.push(sessionId);
					return sessionId === started[1]
						? { kind: 'wrongJson', text: JSON.stringify({ sessionId, status: 'queued' }) }
						: undefined;
				},
			});
			return { api, parameters, second: () => started[1] };
		}

		test('with Stop Workflow, the summary names the sessions', async () => {
			const { api, parameters, second } = await secondNeverRuns();
			const { error } = await run(api, parameters, itemsOf(['x', 'y', 'z']));
			expect(error?.message).toBe(
				`Session "${second()}" was started but is not running: after 2 seconds its status is still queued`,
			);
			expect(error?.description).toMatch(
				new RegExp(
					`^Started 2 of 3 sessions. Still to do: "${second()}" – after 2 seconds its status is still queued. Started: "[^"]+", "[^"]+"\\. `,
				),
			);
		});

		test('with Continue, a session that does not run is named in the failed item', async () => {
			const { api, parameters, second } = await secondNeverRuns();
			const { items, failed } = await run(
				api,
				parameters,
				itemsOf(['x', 'y', 'z']).map(({ json }) => ({ json: { input: json.sessionId } })),
				stopsNever,
			);
			expect(items).toHaveLength(2);
			expect(failed).toHaveLength(1);
			expect(failed[0]?.json.error).toMatchObject({ sessionId: second() });
		});
	});

	describe('with Retry On Fail, which runs the node again for all items', () => {
		const retries = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

		test.each<[string, Options, string]>([
			[
				'an answer gets lost',
				{ faults: startFault({ kind: 'reset', processed: true }) },
				'stopWorkflow',
			],
			[
				'one of three gets a 503',
				{ faults: startFault({ kind: 'status', status: 503 }, 1) },
				'stopWorkflow',
			],
			['all goes well', {}, 'stopWorkflow'],
			[
				'an answer gets lost',
				{ faults: startFault({ kind: 'reset', processed: true }) },
				'continueErrorOutput',
			],
			[
				'one of three gets a 503',
				{ faults: startFault({ kind: 'status', status: 503 }, 1) },
				'continueRegularOutput',
			],
		])('nothing is started, and it says why: %s, %s %s', async (_name, options, onError) => {
			const api = await startApi(options);
			const node = { ...retries, onError } as NonNullable<Parameters<typeof run>[3]>['node'];
			const { items, failed, error } = await run(api, start(), itemsOf(['x', 'y', 'z']), { node });
			expect(api.stats.requests.size).toBe(0);
			const messages = [...items, ...failed].map(({ json }) => (json.error as IDataObject).message);
			expect(error ? [error.message] : messages).toEqual(
				Array(error ? 1 : 3).fill(
					"'Retry On Fail' must be off for this operation, because it could do the same thing twice",
				),
			);
		});

		test('a session is ended anyway: ending it twice does no harm', async () => {
			const api = await startApi();
			const { sessionId } = api.sessions.add();
			const end = session('end', { sessionId: byId(sessionId) });
			const { items } = await run(api, end, itemsOf(['x']), { node: retries });
			expect(items[0]?.json.status).toBe('completed');
		});
	});

	test.each<[string, Fault]>([
		['the connection drops', { kind: 'reset', processed: true }],
		['no answer comes', { kind: 'stall', processed: true }],
		['a gateway times out', { kind: 'status', status: 504, processed: true }],
		['the answer is a page', { kind: 'wrongJson', text: '<html>', processed: true }],
		['half the answer comes', { kind: 'truncated' }],
		['the answer has no session in it', { kind: 'wrongJson', text: '{}', processed: true }],
	])('is never sent twice: %s, and one session was started', async (_name, fault) => {
		const api = await startApi({ faults: startFault(fault) });
		const { error } = await run(api, start({ options: { timeout: 200 } }));
		expect(error).toMatchObject({
			message: expect.stringMatching(/^The session may not have been started: /),
			description: expect.stringMatching(
				/^A session may have started anyway.* use Get Many .* created just now\./,
			),
		});
		expect(countOf(api, START)).toBe(1);
		const { items } = await run(api, session('getAll', { returnAll: true, filters: {} }));
		expect(items).toHaveLength(1);
	});

	test('is sent again after 429, which surely did nothing', async () => {
		const api = await startApi({ faults: startFault({ kind: 'status', status: 429 }, 1) });
		const { items, hint } = await run(api, start());
		expect(items).toHaveLength(1);
		expect(countOf(api, START)).toBe(2);
		expect(hint).toBe('Started 1 of 1 session. 1 retry was needed because VideoSDK was busy.');
	});

	test.each([400, 401, 409])(
		'%i says nothing of a session that may have started',
		async (status) => {
			const api = await startApi({ faults: startFault({ kind: 'status', status }) });
			const { error } = await run(api, start());
			expect(error?.description).not.toContain('may have started');
		},
	);

	test('without a deployment nothing is sent, and the error says how to do so on purpose', async () => {
		const api = await startApi();
		const parameters = start({ deploymentId: byId('={{ $json.deployment }}') });
		const { error } = await run(api, parameters, itemsOf(['x']));
		expect(error?.description).toContain("turn on the option 'Start Without Deployment'");
		expect(api.stats.requests.size).toBe(0);
	});

	test('n8n itself does not begin with an empty deployment', async () => {
		const api = await startApi();
		await expect(run(api, start({ deploymentId: byId('') }))).rejects.toThrow();
		expect(api.stats.requests.size).toBe(0);
	});

	test('a deployment that does not exist is said to', async () => {
		const { error } = await run(await startApi(), start({ deploymentId: byId('none') }));
		expect(error).toMatchObject({
			message: 'The session was not started: there is no such deployment in this VideoSDK project',
			httpCode: '404',
		});
	});

	const secretIn = (
		{ run: { data } }: Awaited<ReturnType<typeof run>>,
		secret = 'very-secret-value',
	) =>
		leaksIn({ data: { resultData: data.resultData } } as Parameters<typeof leaksIn>[0], {
			apiKey: secret,
			secretKey: '',
			baseUrl: '',
		});

	test.each<[string, IDataObject, Fault | undefined, string]>([
		['VideoSDK', secretEnv, { kind: 'status', status: 400 }, 'rejected the request'],
		['the network', secretEnv, { kind: 'reset' }, 'was lost'],
		[
			'the node',
			{ env: { entries: [{ key: 'A', value: { very: 'very-secret-value' } }] } },
			undefined,
			'The value of "A" in \'Environment Variables\' is not text',
		],
		[
			'the node, for another field',
			{ ...secretEnv, metadataJson: 'oops' },
			undefined,
			"'Metadata (JSON)' is not a JSON object",
		],
	])(
		'an environment value is in no error of %s',
		async (_name, additionalFields, fault, message) => {
			const api = await startApi({ faults: fault && startFault(fault) });
			const result = await run(api, start({ additionalFields }));
			expect(result.error?.message).toContain(message);
			expect(secretIn(result)).toEqual([]);
		},
	);

	test('an environment value that VideoSDK repeats is in no error', async () => {
		const body = { message: 'env.API_TOKEN must not be "very-secret-value"' };
		const api = await startApi({ faults: startFault({ kind: 'status', status: 400, body }) });
		const result = await run(api, start({ additionalFields: secretEnv }));
		expect(result.error?.message).toContain('rejected the request');
		expect(secretIn(result)).toEqual([]);
	});

	describe('environment values that VideoSDK repeats are in no error', () => {
		const pem = '-----BEGIN KEY-----\r\nLINE-ONE+/=\r\nLINE-TWO\r\n-----END KEY-----\r\n';
		const values = ['MARK"ED\\', 'MARKED-W', 'KED-WITHIN', 'MARKED-WITHIN', 'é-MARK', pem];
		const env = Object.fromEntries(values.map((value, index) => [`KEY_${index}`, value]));
		const entries = Object.entries(env).map(([key, value]) => ({ key, value }));
		const long = `${'x'.repeat(280)} ${pem}`;

		test.each<[string, unknown]>([
			['as they are', values.join(', ')],
			['as JSON', JSON.stringify(env)],
			['as JSON within JSON', JSON.stringify(JSON.stringify(env))],
			['one within another', 'MARKED-WITHIN'],
			['one half of another', 'xMARKED-WITHINx MARKED-WITHI MARKED-WITHIN'],
			['a key, on several lines', `The key ${pem} is wrong`],
			['a key, where a message is cut', long],
			['a key, as JSON, where a message is cut', JSON.stringify(long)],
			['a list', values.map((value) => `${value} is wrong`)],
			['a list of objects', values.map((value) => ({ message: `${value} is wrong` }))],
			['a list of JSON', [JSON.stringify(env)]],
		])('%s', async (_name, message) => {
			const body = { message } as IDataObject;
			const api = await startApi({ faults: startFault({ kind: 'status', status: 400, body }) });
			const result = await run(api, start({ additionalFields: { env: { entries } } }));
			const { error } = result;
			expect(error?.message).toContain('rejected the request');
			expect(error?.description).toContain('VideoSDK said: "');
			expect(error?.description).toContain('[hidden]');
			for (const part of ['MARK', 'WITHIN', 'LINE-ONE', 'LINE-TWO', 'BEGIN']) {
				expect(secretIn(result, part)).toEqual([]);
			}
		});
	});

	test('short environment values blank out neither words nor the request ID', async () => {
		const entries = Object.entries({ DEBUG: '1', LANG: 'en', PIN: '7142' });
		const env = { entries: entries.map(([key, value]) => ({ key, value })) };
		const body = { message: 'No agent took 1 session when PIN 7142 was sent' };
		const headers = { 'x-request-id': '7142-1-en' };
		const fault: Fault = { kind: 'status', status: 400, body, headers };
		const api = await startApi({ faults: startFault(fault) });
		const { error } = await run(api, start({ additionalFields: { env } }));
		expect(error?.description).toContain('"No agent took 1 session when PIN [hidden] was sent"');
		expect(error?.description).toContain('Request ID: 7142-1-en.');
	});

	test.each<[string, IDataObject, string]>([
		[
			'a key is missing',
			{ env: { entries: [{ value: 'a' }] } },
			"'Key (Environment Variables)' is empty",
		],
		['metadata is a list', { metadataJson: '[1]' }, "'Metadata (JSON)' is not a JSON object"],
		['the webhook is no address', { webhookUrl: 'n8n' }, "'Webhook URL' is not a web address"],
		['the webhook is empty', { webhookUrl: '' }, "'Webhook URL' is empty"],
		[
			'the webhook has no events',
			{ webhookUrl: 'https://n8n.example', webhookEvents: [] },
			"'Webhook Events' is empty",
		],
	])('nothing is sent if %s', async (_name, additionalFields, message) => {
		const api = await startApi();
		const { error } = await run(api, start({ additionalFields }));
		expect(error).toMatchObject({ name: 'NodeOperationError', message });
		expect(api.stats.requests.size).toBe(0);
	});

	test.each(['http://localhost:5678/webhook/1', ' HTTPS://127.0.0.1/\u200b', 'http://[::1]:1/'])(
		'nothing is started for a webhook that VideoSDK cannot reach: %s',
		async (webhookUrl) => {
			const api = await startApi();
			// Where nobody answers: nothing is to be asked for.
			const credential = { ...credentialOf(api), baseUrl: 'https://videosdk.invalid' };
			const { error } = await run(credential, start({ additionalFields: { webhookUrl } }));
			expect(error).toMatchObject({
				message: expect.stringMatching(
					/^No session was started: VideoSDK cannot reach 'Webhook URL' at https?:\/\/[\d.:a-z[\]]+$/,
				),
				description: expect.stringContaining('set the environment variable WEBHOOK_URL'),
			});
		},
	);

	describe('Wait Until Running', () => {
		const waiting = start({ options: { waitUntilRunning: true, waitTimeout: 1 } });

		test('gives the session once it runs', async () => {
			const api = await startApi({ startTakesMs: 50 });
			const { items } = await run(api, waiting);
			expect(items[0]?.json).toMatchObject({
				status: 'running',
				message: 'Session started successfully',
			});
		});

		test('is an error if it does not run in time', async () => {
			const api = await startApi({ startTakesMs: 60_000 });
			const { error } = await run(api, waiting);
			expect(error?.message).toMatch(
				/^Session "[\w-]+" was started but is not running: after 1 seconds? its status is still queued$/,
			);
		});
	});
});
