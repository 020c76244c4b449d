import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { credentialOf, type Options, type VideoSdkApi } from '../../dev/videosdk-api';
import { eventBody, signAsStranger } from '../support/hostile';
import { leaksIn, stopsNever } from '../support/nodeRun';
import { WaitingExecution, type WaitingSettings } from '../support/waiting';
import { session, SESSIONS, START } from './sessions';
import { useEngine } from './setup';

const { engine, startApi, run } = useEngine();

const open: WaitingExecution[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map(async (execution) => await execution.close()));
});

const asked = ({ stats }: VideoSdkApi) =>
	Object.fromEntries([...stats.requests].map(([name, { count }]) => [name, count]));

const startAndWait = (fields: IDataObject = {}) =>
	session('startAndWait', { options: { startWithoutDeployment: true }, ...fields });

interface SetUp extends Partial<WaitingSettings> {
	api?: Options;
	fields?: IDataObject;
}

/** An execution that waits for a session of a new fake API. */
async function setUp({ api: options, fields, ...settings }: SetUp = {}) {
	const api = await startApi(options);
	// It makes its key at the first use, which can take longer than the answer to a start.
	api.webhooks.sign('');
	const execution = await WaitingExecution.start(engine(), {
		credential: credentialOf(api),
		parameters: startAndWait(fields),
		...settings,
	});
	open.push(execution);
	const sessionId = String(execution.output()[0]?.json.sessionId);
	const send = async (body: string, signature = api.webhooks.sign(body), headers = {}) =>
		await execution.post('/videosdk', body, { 'videosdk-signature': signature, ...headers });
	return { api, execution, sessionId, send };
}

/** Waits for something that happens soon; the test fails by its own time otherwise. */
async function until(isTrue: () => boolean): Promise<void> {
	while (!isTrue()) await sleep(10);
}

/** The input that an item of the VideoSDK node came from. */
const pairOf = ([item]: INodeExecutionData[]) => item?.pairedItem;

describe('the stored execution', () => {
	test('Start Session and Wait waits an hour and subscribes to end events by default', async () => {
		const before = Date.now();
		const { api, execution, sessionId } = await setUp();

		expect(execution.status).toBe('waiting');
		const end = execution.run?.waitTill?.getTime() ?? 0;
		expect(end - before).toBeGreaterThanOrEqual(3_600_000);
		expect(end - Date.now()).toBeLessThanOrEqual(3_600_000);
		expect(asked(api)).toEqual({ [START]: 1 });
		expect(execution.output().map(({ json }) => json)).toEqual([
			{
				...api.sessions.find(sessionId),
				status: 'queued',
				updatedAt: expect.any(String),
				message: 'Session started successfully',
			},
		]);
		api.sessions.setStatus(sessionId, 'running');
		api.sessions.setStatus(sessionId, 'stopping');
		api.sessions.setStatus(sessionId, 'stopped');
		await execution.over();
		await until(() => api.stats.deliveries.length > 0);
		expect(api.stats.deliveries.map(({ type }) => type)).toEqual(['ai-deployment-session-stopped']);
	});

	test('Start Session and Wait subscribes to end events even if it resumes on start', async () => {
		const { api, execution, sessionId } = await setUp({
			fields: { resumeOn: 'started' },
			api: { startTakesMs: 500 },
		});

		expect(execution.status).toBe('waiting');
		await execution.over();
		const session = { sessionId, event: 'started', status: 'running' };
		expect(execution.output()[0]?.json).toMatchObject(session);
		api.sessions.setStatus(sessionId, 'stopping');
		api.sessions.setStatus(sessionId, 'failed');
		await until(() => api.stats.deliveries.length === 2);
		expect(api.stats.deliveries.map(({ type, status }) => [type, status])).toEqual([
			['ai-deployment-session-started', 200],
			['ai-deployment-session-failed', 409],
		]);
	});

	test('Start Session and Wait reads Max Date and Time in the workflow time zone', async () => {
		const end = Math.floor(Date.now() / 1000 + 2 * 24 * 3600) * 1000;
		// n8n's zone, where the workflow has none.
		const zoned = new Date(end).toLocaleString('sv', { timeZone: 'America/New_York' });
		const maxDateAndTime = zoned.replace(' ', 'T');
		const { execution } = await setUp({ fields: { limitType: 'atSpecifiedTime', maxDateAndTime } });
		expect(execution.run?.waitTill).toEqual(new Date(end));
	});
});

test('Start Session and Wait shows the session ID in the output panel while it waits', async () => {
	const { execution, sessionId } = await setUp();
	expect(execution.runOf('VideoSDK')?.hints).toMatchObject([
		{
			message: `Session "${sessionId}" was started. If you stop this execution, the session stays live: end it with 'End Session'.`,
		},
	]);
});

describe('the event that resumes the execution', () => {
	test('an end event resumes the execution with the session, paired with its item', async () => {
		const { api, execution, sessionId } = await setUp({ items: [{ json: { customer: 'Ann' } }] });

		api.sessions.setStatus(sessionId, 'completed');
		await execution.over();

		expect(execution.errors).toEqual([]);
		const waited = { timedOut: false, waitedSeconds: expect.any(Number) as number };
		expect(execution.output().map(({ json }) => json)).toEqual([
			{ event: 'stopped', ...api.sessions.find(sessionId), ...waited },
		]);
		expect(execution.output()[0]?.json.waitedSeconds).toBeLessThan(5);
		expect(pairOf(execution.output())).toEqual({ item: 0 });
		expect(execution.runOf('Trigger')?.data?.main?.[0]?.[0]?.json).toEqual({ customer: 'Ann' });
		expect(asked(api)).toEqual({
			[START]: 1,
			'GET /v2/public/rsa-public-key': 1,
			[`GET ${SESSIONS}/{sessionId}`]: 1,
		});
		expect(leaksIn(execution.run as never, credentialOf(api))).toEqual([]);
	});

	test('an end event with meetingId resumes the execution with a roomId', async () => {
		const { execution, sessionId, send } = await setUp();
		const data = { sessionId, meetingId: 'room-1' };
		await send(JSON.stringify({ webhookType: 'agent-session-stopped', data }));
		await execution.over();
		expect(execution.output()[0]?.json).toMatchObject({ ...data, roomId: 'room-1' });
	});

	test('copies of an event that arrive concurrently resume the execution once', async () => {
		const { execution, sessionId, send } = await setUp({ api: { delayMs: 100 } });
		const body = eventBody(sessionId, 'stopped');

		const answers = await Promise.all([send(body), send(body), send(body)]);
		await execution.over();

		expect(answers.map(({ status }) => status).sort()).toEqual([200, 503, 503]);
		expect(execution.resumes).toBe(1);
		expect((await send(body)).status).toBe(409);
	});

	test('only a signed end event of the right session resumes the execution', async () => {
		const { api, execution, sessionId, send } = await setUp();
		const body = eventBody(sessionId, 'stopped');
		const unwanted = '{"message":"The workflow is not waiting for this event."}';

		const answers = [
			await execution.post('/videosdk', body),
			await send(body, signAsStranger(body)),
			await send(body, api.webhooks.sign(`${body} `)),
			await execution.post('/videosdk', body, { 'n8n-videosdk-seal': 'c2VhbA==' }),
			await execution.post('/videosdk', body, { 'n8n-videosdk-seal': '' }),
			await send('{}'),
			await send(`${body}${' '.repeat(1_048_576)}`),
			await execution.post('', body, { 'videosdk-signature': api.webhooks.sign(body) }),
		];
		expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 400, 413, 404]);
		for (const other of [
			eventBody('another', 'stopped'),
			eventBody(sessionId, 'started'),
			eventBody(sessionId, 'stopping'),
			JSON.stringify({ webhookType: 'meeting-ended', data: { sessionId } }),
		]) {
			expect(await send(other)).toEqual({ status: 200, text: unwanted });
		}
		expect(execution.status).toBe('waiting');
		expect(execution.errors).toEqual([]);

		api.webhooks.rotateKey();
		expect((await send(body)).status).toBe(401);
		expect(execution.status).toBe('waiting');
	});

	test('an event that arrives before the execution is stored still resumes it', async () => {
		const { api, execution, sessionId } = await setUp({
			api: { delayMs: 300, failAfterMs: 10 },
			node: { onError: 'continueRegularOutput' },
		});

		expect(execution.status).toBe('waiting');
		await until(() => api.stats.deliveries.length > 0);
		expect(api.stats.deliveries.map(({ status }) => status)).toEqual([409]);
		await execution.over();

		expect(execution.resumes).toBe(1);
		expect(execution.output()[0]?.json).toMatchObject({
			error: { sessionId, session: { event: 'failed' } },
		});
	});
});

describe('a session that failed', () => {
	async function failed(node: Partial<INode> = {}) {
		const started = await setUp({ node, items: [{ json: { customer: 'Ann' } }] });
		started.api.sessions.setStatus(started.sessionId, 'failed');
		await started.execution.over();
		return started;
	}
	const errorOf = (sessionId: string) => ({
		message: `Session "${sessionId}" ended with an error: its status is failed`,
		description: 'Check the logs of the deployment in the VideoSDK dashboard.',
	});
	const itemOf = ({ api, sessionId }: { api: VideoSdkApi; sessionId: string }) => ({
		error: {
			...errorOf(sessionId),
			sessionId,
			session: {
				event: 'failed',
				...api.sessions.find(sessionId),
				timedOut: false,
				waitedSeconds: expect.any(Number),
			},
		},
	});

	test('Start Session and Wait stops the workflow if its session fails', async () => {
		const { execution, sessionId, api } = await failed();
		await until(() => api.stats.deliveries.length > 0);
		expect(api.stats.deliveries.map(({ status }) => status)).toEqual([200]);
		expect(execution.run?.data.resultData.error).toMatchObject(errorOf(sessionId));
		expect(execution.runOf('VideoSDK')?.error).toMatchObject(errorOf(sessionId));
		expect(execution.output()).toEqual([]);
		expect(execution.runOf('Trigger')?.data?.main?.[0]?.[0]?.json).toEqual({ customer: 'Ann' });
	});

	test("Start Session and Wait keeps its input for n8n's Retry if its session fails", async () => {
		const { execution } = await failed();
		const [entry] = execution.run?.data.executionData?.nodeExecutionStack ?? [];
		expect([entry?.node.name, entry?.node.disabled]).toEqual(['VideoSDK', false]);
		expect(entry?.data.main).toMatchObject([[{ json: { customer: 'Ann' } }]]);
	});

	test('Start Session and Wait with Continue returns a failed session as an error item', async () => {
		const started = await failed({ onError: 'continueRegularOutput' });
		const { execution } = started;
		expect(execution.run?.data.resultData.error).toBeUndefined();
		expect(execution.output().map(({ json }) => json)).toEqual([itemOf(started)]);
		expect(pairOf(execution.output())).toEqual({ item: 0 });
	});

	test('Start Session and Wait sends a failed session to the error output', async () => {
		const started = await failed({ onError: 'continueErrorOutput' });
		const { execution } = started;
		expect(execution.output()).toEqual([]);
		expect(execution.output(1).map(({ json }) => json)).toEqual([
			{ customer: 'Ann', ...itemOf(started) },
		]);
	});
});

test('Start Session and Wait returns timedOut: true if the wait times out', async () => {
	const { api, execution, sessionId } = await setUp({ items: [{ json: { customer: 'Ann' } }] });

	await execution.timeOut();

	expect(execution.status).toBe('over');
	expect(execution.output().map(({ json }) => json)).toEqual([
		{
			...api.sessions.find(sessionId),
			status: 'queued',
			updatedAt: expect.any(String),
			message: 'Session started successfully',
			timedOut: true,
			waitingSince: expect.stringMatching(/^\d{4}-/),
		},
	]);
	expect(pairOf(execution.output())).toEqual({ item: 0 });
});

test('Start Session and Wait with Continue fails each of several items', async () => {
	const api = await startApi();
	const { failed } = await run(api, startAndWait(), [{ json: {} }, { json: {} }], stopsNever);
	const message = "'Start Session and Wait' accepts one input item, but received 2";
	expect(failed.map(({ json }) => json)).toMatchObject(Array(2).fill({ error: { message } }));
	expect(asked(api)).toEqual({});
});

test('Start Session and Wait fails without waiting if the session cannot be started', async () => {
	const { execution } = await setUp({ api: { faults: () => ({ kind: 'status', status: 402 }) } });
	expect(execution.status).toBe('over');
	expect(execution.runOf('VideoSDK')?.error?.message).toBe(
		'The session was not started: there is no such deployment in this VideoSDK project, or the plan of the project does not include this feature ("A fault on purpose")',
	);
});
