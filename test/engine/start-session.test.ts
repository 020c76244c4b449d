import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import { credentialOf, type Fault } from '../../dev/videosdk-api';
import { itemsOf, leaksIn } from '../support/nodeRun';
import { countOf, session, START } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const withoutDeployment = (additionalFields: IDataObject) =>
	session('start', { additionalFields, options: { startWithoutDeployment: true } });

test('Start Session starts one session per item with the deployment and tag', async () => {
	const api = await startApi();
	const { id } = api.deployments.add({ tag: 'v2.0' });
	const parameters = session('start', { deploymentId: byId(id), tag: 'v2.0' });
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

test('Start Session with Stop Workflow names the sessions that were started', async () => {
	const started: string[] = [];
	const api = await startApi({
		startTakesMs: 10,
		// The second session never runs.
		faults: ({ method, sessionId = '' }) => {
			if (method !== 'GET') return undefined;
			if (!started.includes(sessionId)) started.push(sessionId);
			return sessionId === started[1]
				? { kind: 'wrongJson', text: JSON.stringify({ sessionId, status: 'queued' }) }
				: undefined;
		},
	});
	const { id } = api.deployments.add();
	const options = { waitUntilRunning: true, waitTimeout: 1 };
	const parameters = session('start', { deploymentId: byId(id), options });
	const { error } = await run(api, parameters, itemsOf(['x', 'y', 'z']));
	expect(error?.message).toBe(
		`Session "${started[1]}" was started but is not running: after 1 second, its status is still queued`,
	);
	expect(error?.description).toMatch(
		new RegExp(
			`^Started 2 of 3 sessions. Failed: "${started[1]}" – it was started, but after 1 second, its status is still queued. Started: "[^"]+", "[^"]+"\\. .*do not start it again\\. Check its status with 'Get Session'`,
		),
	);
});

const secret = 'very-secret-value';

test.each<[string, IDataObject, Fault | undefined, string]>([
	[
		'VideoSDK',
		{},
		{ kind: 'status', status: 400, body: { message: `Bad ${secret}` } },
		'rejected the request',
	],
	['the network', {}, { kind: 'reset' }, 'was lost'],
	['another field', { metadataJson: 'oops' }, undefined, "'Metadata (JSON)' is not a JSON object"],
])(
	'an error from %s contains no values of environment variables',
	async (_name, more, fault, message) => {
		const api = await startApi({ faults: () => fault });
		const env = { entries: [{ key: 'API_TOKEN', value: secret }] };
		const { run: ran, error } = await run(api, withoutDeployment({ env, ...more }));
		expect(error?.message).toContain(message);
		const { resultData } = ran.data;
		const fields = { apiKey: secret, secretKey: '', baseUrl: '' };
		expect(leaksIn({ data: { resultData } } as typeof ran, fields)).toEqual([]);
	},
);

test('Start Session rejects a Webhook URL that VideoSDK cannot reach', async () => {
	const api = await startApi();
	// Where nobody answers: nothing is to be asked for.
	const credential = { ...credentialOf(api), baseUrl: 'https://videosdk.invalid' };
	const webhookUrl = ' HTTP://localhost:5678/webhook/1\u200b';
	const { error } = await run(credential, withoutDeployment({ webhookUrl }));
	expect(error).toMatchObject({
		message:
			"The session was not started: VideoSDK cannot reach the address in 'Webhook URL', http://localhost:5678",
		description: expect.stringContaining('set the environment variable WEBHOOK_URL'),
	});
});
