import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import { credentialOf, type Fault } from '../../dev/videosdk-api';
import { itemsOf, leaksIn, type NodeRun, stopsNever } from '../support/nodeRun';
import { countOf, failing, session, START } from './sessions';
import { useEngine } from './setup';

const { startApi, run, refused } = useEngine();

describe('Start Session', () => {
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

	const envOf = (variables: IDataObject) => ({
		env: { entries: Object.entries(variables).map(([key, value]) => ({ key, value })) },
	});

	const secretEnv = envOf({ API_TOKEN: 'very-secret-value' });

	test('Start Session starts one session per item with the deployment and tag', async () => {
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

	describe('a session that starts but never runs', () => {
		/** Sessions start, but the second never runs. */
		async function secondNeverRuns() {
			const api = await startApi();
			const { id } = api.deployments.add();
			const parameters = start({
				deploymentId: byId(id),
				options: { waitUntilRunning: true, waitTimeout: 1 },
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

		test('Start Session with Stop Workflow names the sessions that were started', async () => {
			const { api, parameters, second } = await secondNeverRuns();
			const { error } = await run(api, parameters, itemsOf(['x', 'y', 'z']));
			expect(error?.message).toBe(
				`Session "${second()}" was started but is not running: after 1 second, its status is still queued`,
			);
			expect(error?.description).toMatch(
				new RegExp(
					`^Started 2 of 3 sessions. Failed: "${second()}" – it was started, but after 1 second, its status is still queued. Started: "[^"]+", "[^"]+"\\. .*do not start it again\\. Check its status with 'Get Session'`,
				),
			);
		});

		test('Start Session with Continue names the session that started but does not run', async () => {
			const { api, parameters, second } = await secondNeverRuns();
			const input = ['x', 'y', 'z'].map((one) => ({ json: { input: one } }));
			const { items, failed } = await run(api, parameters, input, stopsNever);
			expect(items).toHaveLength(2);
			expect(failed).toHaveLength(1);
			expect(failed[0]?.json.error).toMatchObject({ sessionId: second() });
		});
	});

	test.each([400, 401, 409])(
		'Start Session does not say that a session may have started after HTTP %i',
		async (status) => {
			const api = await startApi(failing(status));
			const { error } = await run(api, start());
			expect(error?.description).not.toContain('may have started');
		},
	);

	test('Start Session without a deployment fails, and names the option that allows it', async () => {
		const parameters = start({ deploymentId: byId('={{ $json.deployment }}') });
		const error = await refused(parameters);
		expect(error?.description).toContain("turn on the option 'Start Without Deployment'");
	});

	test('n8n itself rejects Start Session with an empty Deployment', async () => {
		const api = await startApi();
		await expect(run(api, start({ deploymentId: byId('') }))).rejects.toThrow();
		expect(api.stats.requests.size).toBe(0);
	});

	test('Start Session says that a deployment does not exist', async () => {
		const { error } = await run(await startApi(), start({ deploymentId: byId('none') }));
		expect(error).toMatchObject({
			message: 'The session was not started: there is no such deployment in this VideoSDK project',
			httpCode: '404',
		});
	});

	const secretIn = ({ run: ran }: NodeRun, secret = 'very-secret-value') => {
		const { resultData } = ran.data;
		const fields = { apiKey: secret, secretKey: '', baseUrl: '' };
		return leaksIn({ data: { resultData } } as Parameters<typeof leaksIn>[0], fields);
	};

	test.each<[string, IDataObject, Fault | undefined, string]>([
		['VideoSDK', secretEnv, { kind: 'status', status: 400 }, 'rejected the request'],
		['the network', secretEnv, { kind: 'reset' }, 'was lost'],
		[
			'the node',
			envOf({ A: { very: 'very-secret-value' } }),
			undefined,
			'The value of "A" in \'Environment Variables\' is not text',
		],
		[
			'another field',
			{ ...secretEnv, metadataJson: 'oops' },
			undefined,
			"'Metadata (JSON)' is not a JSON object",
		],
	])(
		'an error from %s contains no values of environment variables',
		async (_name, additionalFields, fault, message) => {
			const api = await startApi({ faults: () => fault });
			const result = await run(api, start({ additionalFields }));
			expect(result.error?.message).toContain(message);
			expect(secretIn(result)).toEqual([]);
		},
	);

	describe('environment values', () => {
		const pem = '-----BEGIN KEY-----\r\nLINE-ONE+/=\r\nLINE-TWO\r\n-----END KEY-----\r\n';
		const values = ['MARK"ED\\', 'MARKED-W', 'KED-WITHIN', 'MARKED-WITHIN', 'é-MARK', pem];
		const env = Object.fromEntries(values.map((value, index) => [`KEY_${index}`, value]));
		const long = `${'x'.repeat(280)} ${pem}`;

		test.each<[string, unknown]>([
			['unchanged', values.join(', ')],
			['as JSON', JSON.stringify(env)],
			['as JSON within JSON', JSON.stringify(JSON.stringify(env))],
			['as parts of each other', 'xMARKED-WITHINx MARKED-WITHI MARKED-WITHIN'],
			['in a message that is cut', long],
			['in a list of objects', values.map((value) => ({ message: `${value} is wrong` }))],
			['in a list of JSON', [JSON.stringify(env)]],
		])('environment values that VideoSDK repeats %s are redacted', async (_name, message) => {
			const body = { message } as IDataObject;
			const api = await startApi(failing(400, body));
			const result = await run(api, start({ additionalFields: envOf(env) }));
			const { error } = result;
			expect(error?.message).toContain('rejected the request');
			expect(error?.description).toContain('VideoSDK said: "');
			expect(error?.description).toContain('[hidden]');
			for (const part of ['MARK', 'WITHIN', 'LINE-ONE', 'LINE-TWO', 'BEGIN']) {
				expect(secretIn(result, part)).toEqual([]);
			}
		});
	});

	test('short environment values do not redact other words or the request ID', async () => {
		const additionalFields = envOf({ DEBUG: '1', LANG: 'en', PIN: '7142' });
		const body = { message: 'No agent took 1 session when PIN 7142 was sent' };
		const headers = { 'x-request-id': '7142-1-en' };
		const fault: Fault = { kind: 'status', status: 400, body, headers };
		const api = await startApi({ faults: () => fault });
		const { error } = await run(api, start({ additionalFields }));
		expect(error?.description).toContain('"No agent took 1 session when PIN [hidden] was sent"');
		expect(error?.description).toContain('Request ID: 7142-1-en.');
	});

	const webhookUrl = 'https://n8n.example';

	test.each<[string, IDataObject, string]>([
		['a key is missing', envOf({ '': 'a' }), "'Key (Environment Variables)' is empty"],
		['Metadata is a list', { metadataJson: '[1]' }, "'Metadata (JSON)' is not a JSON object"],
		['Webhook URL is not a URL', { webhookUrl: 'n8n' }, "'Webhook URL' is not a web address"],
		['Webhook URL is empty', { webhookUrl: '' }, "'Webhook URL' is empty"],
		['Webhook Events is empty', { webhookUrl, webhookEvents: [] }, "'Webhook Events' is empty"],
	])('Start Session sends nothing if %s', async (_name, additionalFields, message) => {
		const error = await refused(start({ additionalFields }));
		expect(error).toMatchObject({ name: 'NodeOperationError', message });
	});

	test.each(['http://localhost:5678/webhook/1', ' HTTPS://127.0.0.1/\u200b'])(
		'Start Session rejects unreachable Webhook URL %s',
		async (webhookUrl) => {
			const api = await startApi();
			// Where nobody answers: nothing is to be asked for.
			const credential = { ...credentialOf(api), baseUrl: 'https://videosdk.invalid' };
			const { error } = await run(credential, start({ additionalFields: { webhookUrl } }));
			expect(error).toMatchObject({
				message: expect.stringMatching(
					/^The session was not started: VideoSDK cannot reach the address in 'Webhook URL', https?:\/\/[\d.:a-z[\]]+$/,
				),
				description: expect.stringContaining('set the environment variable WEBHOOK_URL'),
			});
		},
	);

	describe('Wait Until Running', () => {
		const waiting = start({ options: { waitUntilRunning: true, waitTimeout: 1 } });

		test('Wait Until Running returns the session once it is running', async () => {
			const api = await startApi({ startTakesMs: 50 });
			const { items } = await run(api, waiting);
			expect(items[0]?.json).toMatchObject({
				status: 'running',
				message: 'Session started successfully',
			});
		});

		test('Wait Until Running fails if the session is not running in time', async () => {
			const api = await startApi({ startTakesMs: 60_000 });
			const { error } = await run(api, waiting);
			expect(error?.message).toMatch(
				/^Session "[\w-]+" was started but is not running: after 1 second, its status is still queued$/,
			);
		});
	});
});
