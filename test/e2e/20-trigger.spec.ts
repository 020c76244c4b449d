/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { randomUUID } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import type { INodeParameters } from 'n8n-workflow';
import pMap from 'p-map';
import { byId, changed, fieldsNode, find, flow, node, sessionNode } from '../../dev/n8n/flow';
import { eventBody, hostileRequests, signAsStranger } from '../support/hostile';
import { expect, test as base, type Account } from './support/account';
import { allExecutions, finishedExecutions, onlyExecution, output } from './support/executions';
import { post, triggerUrl, type Answer } from './support/outside';

const TRIGGER = 'VideoSDK Trigger';

/** Most requests from outside at once. */
const AT_ONCE = 25;

/** The engine tests send more: here each costs n8n 30 ms, whatever the node does. */
const HOSTILE_REQUESTS = 100;

/** A workflow that waits for events. */
interface Listening {
	workflowId: string;
	url: string;
	/** Sends a body with the signature that VideoSDK would give it. */
	send(body: string | Buffer, headers?: Record<string, string>): Promise<Answer>;
}

/** Most events here are of sessions that the fake API does not have. */
function triggerNode({ triggerOptions = {}, ...parameters }: INodeParameters = {}) {
	const type = 'n8n-nodes-videosdk.videoSdkTrigger';
	const options = { fetchSession: false, ...(triggerOptions as INodeParameters) };
	return node(TRIGGER, type, { ...parameters, triggerOptions: options });
}

const signed = ({ api }: Account, body: string | Buffer) => ({
	'videosdk-signature': api.webhooks.sign(body),
});

const test = base.extend<{ listen(parameters?: INodeParameters): Promise<Listening> }>({
	listen: async ({ world, account }, use) =>
		await use(async (parameters) => {
			const trigger = triggerNode(parameters);
			const { id } = await account.activate(
				flow(
					'Listen to VideoSDK',
					trigger,
					fieldsNode('Heard', { heard: '={{ $json.event }} {{ $json.sessionId }}' }),
				),
			);
			const url = triggerUrl(world.n8n, trigger);
			return {
				workflowId: id,
				url,
				send: async (body, headers = {}) =>
					await post(url, body, { ...signed(account, body), ...headers }),
			};
		}),
});

test('each event of a started session starts one run, a forged one none @every-n8n', async ({
	world: { rest },
	account,
	listen,
}) => {
	const { api } = account;
	api.set({ endTakesMs: 200 });
	const events = ['starting', 'started', 'stopping', 'stopped', 'failed'];
	const { workflowId, url } = await listen({ events, triggerOptions: { fetchSession: true } });
	const { id: deploymentId } = api.deployments.add();
	const starter = await account.save(
		flow(
			'Start a session that tells us',
			node('Go', 'n8n-nodes-base.manualTrigger'),
			sessionNode('Start', 'start', {
				deploymentId: byId(deploymentId),
				additionalFields: { webhookUrl: url },
				options: { waitUntilRunning: true },
			}),
			sessionNode('End', 'end', {
				sessionId: byId('={{ $json.sessionId }}'),
				options: { waitUntilEnded: true },
			}),
		),
	);

	const run = await rest.finished(await rest.runManually(starter.id, 'Go'));

	expect(run.status).toBe('success');
	const sessionId = String(output(run, 'End')[0]?.json.sessionId);
	const executions = await finishedExecutions(rest, workflowId, 4);
	const told = executions.flatMap((execution) => output(execution, TRIGGER));
	expect(told.map(({ json }) => json.event)).toEqual([
		'starting',
		'started',
		'stopping',
		'stopped',
	]);
	for (const { json } of told) {
		expect(json).toMatchObject({ sessionId, deploymentId });
		expect(Date.now() - Date.parse(String(json.receivedAt))).toBeLessThan(60_000);
	}
	expect(told.at(-1)?.json).toMatchObject({ ...api.sessions.find(sessionId) });
	for (const execution of executions) {
		expect(execution.status).toBe('success');
		expect(execution.mode).toBe('webhook');
	}
	expect(api.stats.deliveries.map(({ status, attempts }) => [status, attempts])).toEqual(
		Array(4).fill([200, 1]),
	);

	const forged = eventBody(randomUUID(), 'stopped');
	const answer = await post(url, forged, { 'videosdk-signature': signAsStranger(forged) });
	expect(answer.status).toBe(401);
	await finishedExecutions(rest, workflowId, 4);
});

test('only a request that VideoSDK signed gets 200 and starts a run @every-n8n', async ({
	world: { rest },
	account,
	listen,
}) => {
	const { workflowId, url, send } = await listen();
	const body = eventBody(randomUUID());

	for (const [what, answer] of [
		['no header', await post(url, body)],
		['the key of somebody else', await send(body, { 'videosdk-signature': signAsStranger(body) })],
		['another body', await post(url, body.replace('v1.0', 'v1.1'), signed(account, body))],
		['malformed JSON', await post(url, body.slice(0, -1))],
		['no body', await post(url, '')],
	] as const) {
		expect(answer.status, what).toBe(401);
		expect(answer.headers.get('content-type'), what).toMatch(/^application\/json\b/);
		expect(Object.keys(JSON.parse(answer.text) as object), what).toEqual(['message']);
		expect(answer.text, what).not.toContain('sessionId');
	}
	expect(await allExecutions(rest, workflowId)).toEqual([]);

	expect((await send(body)).status).toBe(200);
	const execution = await onlyExecution(rest, workflowId);
	expect(output(execution, 'Heard')[0]?.json.heard).toBe(
		`started ${(JSON.parse(body) as { data: { sessionId: string } }).data.sessionId}`,
	);
	expect(account.api.stats.publicKeyFetches).toBe(1);
});

test('a signed body that is not an event gets 400, whatever its content type', async ({
	world: { rest },
	listen,
}) => {
	const { workflowId, send } = await listen();
	const bodies = ['{"webhookType":', '', '{}'];
	const labels = [
		'application/json',
		'application/xml',
		'text/plain',
		'application/x-www-form-urlencoded',
		'multipart/form-data; boundary=b',
	];
	for (const body of bodies) {
		for (const label of labels) {
			const answer = await send(body, { 'content-type': label });
			expect(answer.status, `${body} as ${label}`).toBe(400);
			expect(JSON.parse(answer.text)).toEqual({ message: 'The body is not a VideoSDK event.' });
		}
	}

	// The label says nothing about the event either.
	for (const label of labels) {
		const answer = await send(eventBody(randomUUID()), { 'content-type': label });
		expect(answer.status, `an event as ${label}`).toBe(200);
	}
	await finishedExecutions(rest, workflowId, labels.length);
});

test('compressed events are accepted, and damaged ones get 400', async ({
	world: { rest },
	account,
	listen,
}) => {
	const { workflowId, url } = await listen();
	const events = [eventBody(randomUUID()), eventBody(randomUUID())] as const;
	const gzip = { 'content-encoding': 'gzip' };
	const deflate = { 'content-encoding': 'deflate' };

	const forged = await post(url, gzipSync(events[0]), {
		...gzip,
		'videosdk-signature': signAsStranger(events[0]),
	});
	expect(forged.status).toBe(401);
	const damaged = gzipSync(events[0]).subarray(0, -9);
	expect((await post(url, damaged, { ...gzip, ...signed(account, events[0]) })).status).toBe(400);
	const notPacked = { ...gzip, ...signed(account, events[0]) };
	expect((await post(url, events[0], notPacked)).status).toBe(400);
	const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2));
	expect((await post(url, bomb, { ...gzip, ...signed(account, bomb) })).status).toBe(413);
	expect(await allExecutions(rest, workflowId)).toEqual([]);

	const good = { ...gzip, ...signed(account, events[0]) };
	expect((await post(url, gzipSync(events[0]), good)).status).toBe(200);
	const alsoGood = { ...deflate, ...signed(account, events[1]) };
	expect((await post(url, deflateSync(events[1]), alsoGood)).status).toBe(200);
	await finishedExecutions(rest, workflowId, 2);
});

test('an event of 1 MB is accepted, and a larger one gets 413', async ({
	world: { rest },
	listen,
}) => {
	const { workflowId, send } = await listen();
	const ofSize = (bytes: number) => {
		const event = eventBody(randomUUID());
		return `${event.slice(0, -2)},"filler":"${'x'.repeat(bytes - event.length - 12)}"}}`;
	};
	const megabyte = 1024 ** 2;
	const largest = ofSize(megabyte);
	expect(Buffer.byteLength(largest)).toBe(megabyte);

	expect((await send(ofSize(megabyte + 1))).status).toBe(413);
	// Above what n8n itself reads.
	expect((await send(Buffer.alloc(17 * megabyte, 'x'))).status).toBe(413);
	expect(await allExecutions(rest, workflowId)).toEqual([]);

	expect((await send(largest)).status).toBe(200);
	await onlyExecution(rest, workflowId);
});

test(`${AT_ONCE} concurrent events each start a run, with one fetch of the public key`, async ({
	world: { rest },
	account: { api },
	listen,
}) => {
	const { workflowId, send } = await listen();
	const ids = Array.from({ length: AT_ONCE }, () => randomUUID());

	const answers = await Promise.all(ids.map(async (id) => await send(eventBody(id))));

	expect(answers.map(({ status }) => status)).toEqual(Array<number>(AT_ONCE).fill(200));
	const executions = await finishedExecutions(rest, workflowId, AT_ONCE);
	const heard = executions.flatMap((execution) => output(execution, 'Heard'));
	expect(heard.map(({ json }) => json.heard).sort()).toEqual(
		ids.map((id) => `started ${id}`).sort(),
	);
	expect(new Set(executions.map(({ status }) => status))).toEqual(new Set(['success']));
	expect(api.stats.publicKeyFetches).toBe(1);
});

test(`${HOSTILE_REQUESTS} hostile requests start no run, and leak nothing`, async ({
	world: { rest },
	account: { api },
	listen,
}) => {
	const { workflowId, url, send } = await listen();
	const started = Date.now();
	expect((await send(eventBody(randomUUID()))).status).toBe(200);

	const requests = hostileRequests(HOSTILE_REQUESTS, (body) => api.webhooks.sign(body));
	const unexpected: unknown[] = [];
	await pMap(
		requests,
		async ({ body, headers, status: expected }) => {
			const { status, text } = await post(url, body, headers);
			if (status !== expected || /sessionId|polluted/.test(text)) {
				unexpected.push({ expected, status, headers, text, body: body.toString().slice(0, 200) });
			}
		},
		{ concurrency: AT_ONCE },
	);
	expect(unexpected.slice(0, 10)).toEqual([]);
	await onlyExecution(rest, workflowId);
	const minutes = Math.ceil((Date.now() - started) / 60_000);
	expect(api.stats.publicKeyFetches).toBeLessThanOrEqual(1 + minutes);
	expect((await fetch(`${rest.url}/healthz`)).status).toBe(200);
});

test('the test URL accepts one event while someone listens, even a repeated one', async ({
	world: { n8n, rest },
	account,
}) => {
	const trigger = triggerNode();
	const { id } = await account.save(flow('Try out the trigger', trigger));
	const url = triggerUrl(n8n, trigger, 'webhook-test');
	const event = eventBody(randomUUID());
	const headers = signed(account, event);
	expect((await post(url, event, headers)).status).toBe(404);

	for (let time = 1; time <= 2; time++) {
		const waiting = await rest.call('POST', `/rest/workflows/${id}/run`, {
			triggerToStartFrom: { name: TRIGGER },
		});
		expect(waiting).toEqual({ waitingForWebhook: true });
		const forged = { 'videosdk-signature': signAsStranger(event) };
		expect((await post(url, event, forged)).status).toBe(401);
		expect((await post(url, event, headers)).status).toBe(200);
		const executions = await finishedExecutions(rest, id, time);
		expect(executions.map(({ mode }) => mode)).toEqual(Array(time).fill('manual'));
	}
});

test('the example end-if-still-live ends only sessions that are still live', async ({
	world,
	account,
}) => {
	const { api } = account;
	let example = await world.example('end-if-still-live');
	example = changed(example, 'Wait', { amount: 2, unit: 'seconds' });
	const { id } = await account.activate(example);
	const url = triggerUrl(world.n8n, find(example, 'Session started'));
	const events = ['ai-deployment-session-started', 'ai-deployment-session-stopped'];
	const webhook = { endpoint: url, events };
	const add = () => api.sessions.add({ status: 'queued', webhook }).sessionId;
	const [live, hungUp] = [add(), add()];

	api.sessions.setStatus(live, 'running');
	api.sessions.setStatus(hungUp, 'running');
	await expect.poll(() => api.stats.deliveries.map(({ status }) => status)).toEqual([200, 200]);
	api.sessions.setStatus(hungUp, 'completed');
	expect(api.sessions.find(live)?.status).toBe('running');

	const executions = await finishedExecutions(world.rest, id, 2);
	expect(executions.map(({ status }) => status)).toEqual(['success', 'success']);
	const ended = executions.flatMap((execution) => output(execution, 'End session'));
	expect(ended.map(({ json }) => json)).toHaveLength(2);
	expect(ended.map(({ json }) => json)).toEqual(
		expect.arrayContaining([
			expect.objectContaining({ sessionId: live, status: 'completed' }),
			expect.objectContaining({ sessionId: hungUp, status: 'completed', alreadyEnded: true }),
		]),
	);
	expect(api.stats.endings).toEqual(new Map([[live, 1]]));
});
