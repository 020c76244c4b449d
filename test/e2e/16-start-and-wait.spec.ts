/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import type { INode, INodeParameters } from 'n8n-workflow';
import pMap, { pMapSkip } from 'p-map';
import {
	byId,
	changed,
	fieldsNode,
	find,
	flow,
	node,
	sessionNode,
	webhookNode,
	withCredentials,
} from '../../dev/n8n/flow';
import { N8nRest, type Workflow } from '../../dev/n8n/rest';
import { startN8n } from '../../dev/n8n/server';
import { credentialOf, startVideoSdkApi, type VideoSdkApi } from '../../dev/videosdk-api';
import { eventBody, signAsStranger } from '../support/hostile';
import { type Account, expect, test } from './support/account';
import { allExecutions, finishedExecutions, output, ranNode } from './support/executions';
import type { World } from './support/fixtures';
import { post, type Recorder, webhookUrl } from './support/outside';
import { AFTER, NODE, readStored, stored, waitingFlow } from './support/waiting';

/** Where VideoSDK was told to send the events of a session. */
function addressOf(api: VideoSdkApi, sessionId: string): string {
	return String(api.sessions.webhookOf(sessionId)?.endpoint);
}

test('only a signed event of its own session resumes an execution @every-n8n', async ({
	world: { n8n, rest },
	account,
}) => {
	const { api } = account;
	const { workflow, webhook } = waitingFlow();
	const { id } = await account.activate(workflow);
	expect((await post(webhookUrl(n8n, webhook), { customer: 'Ann' })).status).toBe(200);
	const [{ sessionId = '' } = {}] = await stored(rest, id);
	const url = addressOf(api, sessionId);
	const send = async (body: string, signature = api.webhooks.sign(body)) =>
		(await post(url, body, { 'videosdk-signature': signature })).status;

	const body = eventBody(sessionId, 'stopped');
	expect((await post(url, body)).status).toBe(401);
	expect(await send(body, signAsStranger(body))).toBe(401);
	expect(await send(body, api.webhooks.sign(`${body} `))).toBe(401);
	const sealed = { 'n8n-videosdk-seal': api.webhooks.sign(body) };
	expect((await post(url, body, sealed)).status).toBe(401);
	expect(await send('{}')).toBe(400);
	// n8n itself reads the body before the node does.
	expect(await send('{"webhookType":')).toBe(422);
	expect(await send(eventBody(api.sessions.add().sessionId, 'stopped'))).toBe(200);
	expect(await send(eventBody(sessionId, 'started'))).toBe(200);
	expect((await stored(rest, id)).map((waiting) => waiting.sessionId)).toEqual([sessionId]);

	api.sessions.setStatus(sessionId, 'stopped');
	const [execution] = await finishedExecutions(rest, id, 1);
	if (!execution) throw new Error('There is no execution.');
	expect(execution.status).toBe('success');
	expect(output(execution, AFTER).map(({ json }) => json)).toEqual([
		{
			event: 'stopped',
			...api.sessions.find(sessionId),
			timedOut: false,
			waitedSeconds: expect.any(Number) as unknown,
			customer: 'Ann',
		},
	]);
	expect(await send(body)).toBe(409);
});

test('a session that fails before its execution is stored is reported @every-n8n', async ({
	world: { n8n, rest },
	account,
}) => {
	const { api } = account;
	api.set({ delayMs: 500, failAfterMs: 20 });
	// It makes its key at the first use, which can take longer than the answer to a start.
	api.webhooks.sign('');
	const { workflow, webhook } = waitingFlow();
	const { id } = await account.activate(workflow);

	expect((await post(webhookUrl(n8n, webhook), { customer: 'Ann' })).status).toBe(200);

	const [execution] = await finishedExecutions(rest, id, 1);
	if (!execution) throw new Error('There is no execution.');
	// n8n refuses it: 409, or 500 where it has not stored anything of the execution yet.
	expect(api.stats.deliveries).toHaveLength(1);
	expect([409, 500]).toContain(api.stats.deliveries[0]?.status);
	expect(execution.status).toBe('error');
	expect(ranNode(execution, NODE).error?.message).toMatch(
		/^Session "[\w-]+" ended with an error: its status is failed$/,
	);
	expect(output(execution, 'Webhook')).toHaveLength(1);
	expect(Object.keys(execution.data.resultData.runData)).not.toContain(AFTER);
});

test('an event that arrives after a restart of n8n resumes the execution @every-n8n', async ({
	world,
}) => {
	test.setTimeout(240_000);
	const undo: Array<() => Promise<unknown>> = [];
	try {
		const home = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-restart-'));
		undo.push(async () => await rm(home, { recursive: true, force: true, maxRetries: 3 }));
		const api = await startVideoSdkApi();
		undo.push(async () => await api.close());
		const { installed: n8n, tarball } = world;
		const options = { n8n, home, tarball, port: await getPort({ host: '127.0.0.1' }) };
		const first = await startN8n(options);
		undo.push(first.stop);
		const rest = new N8nRest(first.url);
		await rest.setUpOwner();
		const credential = await rest.createCredential('VideoSDK', 'videoSdkApi', credentialOf(api));
		const { workflow, webhook } = waitingFlow();
		const saved = await rest.createWorkflow(withCredentials(workflow, credential));
		await rest.activate(saved);
		expect((await post(webhookUrl(first, webhook), { customer: 'Ann' })).status).toBe(200);
		const [{ sessionId = '' } = {}] = await stored(rest, saved.id);

		await first.stop();
		const second = await startN8n(options);
		undo.push(second.stop);
		expect((await allExecutions(rest, saved.id)).map(({ status }) => status)).toEqual(['waiting']);
		api.sessions.setStatus(sessionId, 'completed');

		const [execution] = await finishedExecutions(rest, saved.id, 1);
		expect(execution?.status).toBe('success');
		expect(execution && output(execution, AFTER)[0]?.json).toMatchObject({
			sessionId,
			event: 'stopped',
			status: 'completed',
			customer: 'Ann',
		});
	} finally {
		for (const step of undo.reverse()) await step();
	}
});

test("n8n's Retry starts a new session with the original input @every-n8n", async ({
	world: { n8n, rest },
	account,
}) => {
	const { api } = account;
	const { workflow, webhook } = waitingFlow();
	const saved = await account.activate(
		changed(workflow, NODE, { tag: '={{ $json.body.customer }}' }),
	);
	expect((await post(webhookUrl(n8n, webhook), { customer: 'Ann' })).status).toBe(200);
	const [{ id = '', sessionId = '' } = {}] = await stored(rest, saved.id);
	api.sessions.setStatus(sessionId, 'failed');
	await finishedExecutions(rest, saved.id, 1);
	const { name, connections, settings, versionId } = saved;
	const { nodes } = changed(saved, AFTER, fieldsNode(AFTER, { customer: 'Edited' }).parameters);
	const edited = { name, nodes, connections, settings, versionId };
	await rest.call('PATCH', `/rest/workflows/${saved.id}`, edited);

	for (const [before, loadWorkflow, customer] of [
		[1, false, 'Ann'],
		[2, true, 'Edited'],
	] as const) {
		await rest.call('POST', `/rest/executions/${id}/retry`, { loadWorkflow });
		const [{ sessionId: another = '' } = {}] = await stored(rest, saved.id);
		expect(another).not.toBe(sessionId);
		expect(api.sessions.find(another)?.tag).toBe('Ann');
		api.sessions.setStatus(another, 'completed');
		const executions = await finishedExecutions(rest, saved.id, before + 1);
		const retried = executions.at(-1);
		expect(retried?.status).toBe('success');
		expect(retried && output(retried, AFTER)[0]?.json).toMatchObject({
			sessionId: another,
			event: 'stopped',
			customer,
		});
	}
});

test('an event of the first waiting node does not resume the second @every-n8n', async ({
	world: { n8n, rest },
	account,
}) => {
	const { api } = account;
	const options = { startWithoutDeployment: true };
	const { workflow, webhook } = waitingFlow(sessionNode('Second', 'startAndWait', { options }));
	const saved = await account.activate(workflow);
	expect((await post(webhookUrl(n8n, webhook), { customer: 'Ann' })).status).toBe(200);
	const [{ id = '', sessionId: first = '' } = {}] = await stored(rest, saved.id);
	api.sessions.setStatus(first, 'completed');
	let sessionId = '';
	await expect
		.poll(async () => {
			const waiting = await readStored(rest, id, 'Second');
			if (waiting !== pMapSkip) ({ sessionId } = waiting);
			return sessionId;
		})
		.not.toBe('');
	expect(addressOf(api, sessionId)).toBe(addressOf(api, first));

	const again = eventBody(first, 'stopped');
	const signature = { 'videosdk-signature': api.webhooks.sign(again) };
	expect((await post(addressOf(api, first), again, signature)).status).toBe(200);
	expect((await rest.execution(id)).status).toBe('waiting');
	api.sessions.setStatus(sessionId, 'completed');

	const [execution] = await finishedExecutions(rest, saved.id, 1);
	expect(execution?.status).toBe('success');
	const sessionsOf = [NODE, 'Second'].map(
		(name) => execution && output(execution, name)[0]?.json.sessionId,
	);
	expect(sessionsOf).toEqual([first, sessionId]);
});

/** A list in random order. */
function shuffled<Element>(list: Element[]): Element[] {
	return list
		.map((element) => ({ element, at: Math.random() }))
		.sort((a, b) => a.at - b.at)
		.map(({ element }) => element);
}

/** Events at the same moment. n8n drops what it cannot read in time: docs/reliability.md, bursts. */
const AT_ONCE = 20;

test(`60 waiting executions each resume once, with ${AT_ONCE} concurrent events`, async ({
	world: { n8n, rest },
	account,
	stranger,
}) => {
	test.setTimeout(300_000);
	const COUNT = 60;
	const { api } = account;
	const told = `=${stranger.url}/{{ $json.sessionId }}/{{ $json.customer }}`;
	const request = 'n8n-nodes-base.httpRequest';
	const tell = node('Tell', request, { url: told }, { typeVersion: 4.2 });
	const { workflow, webhook } = waitingFlow(tell);
	const { id } = await account.activate(workflow);
	const url = webhookUrl(n8n, webhook);
	await pMap(
		Array.from({ length: COUNT }, (_none, number) => `customer-${number}`),
		async (customer) => expect((await post(url, { customer })).status).toBe(200),
		{ concurrency: 20 },
	);
	const waiting = await stored(rest, id, COUNT, 120_000);

	const twice = new Set(shuffled(waiting).slice(0, COUNT / 4));
	const heard = (sessionId: string) =>
		api.stats.deliveries.filter(({ id: about }) => about === sessionId).length;
	await pMap(
		shuffled(waiting),
		async (one) => {
			const { sessionId } = one;
			api.sessions.setStatus(sessionId, 'completed');
			const again = { webhookType: 'ai-deployment-session-stopped', data: { sessionId } };
			if (twice.has(one)) await api.webhooks.send(addressOf(api, sessionId), again);
			await expect
				.poll(() => heard(sessionId), { intervals: [50], timeout: 60_000 })
				.toBe(twice.has(one) ? 2 : 1);
		},
		{ concurrency: AT_ONCE },
	);

	const executions = await finishedExecutions(rest, id, COUNT, 180_000);
	const sessionOf = new Map(waiting.map((one) => [one.id, one.sessionId]));
	for (const execution of executions) {
		expect(execution.status).toBe('success');
		const [{ json: { sessionId, timedOut } = {} } = {}] = output(execution, NODE);
		expect({ sessionId, timedOut }).toEqual({
			sessionId: sessionOf.get(execution.id),
			timedOut: false,
		});
	}
	const expected = executions.map((execution) => {
		const { sessionId, customer } = output(execution, AFTER)[0]?.json ?? {};
		return `/${String(sessionId)}/${String(customer)}`;
	});
	expect(new Set(expected).size).toBe(COUNT);
	expect(stranger.requests.map(({ path }) => path).sort()).toEqual(expected.sort());
});

/** Sends three customers in one call, and gives what comes to a recorder once all their sessions ended. */
async function endOneByOne(
	{ world, account, stranger }: { world: World; account: Account; stranger: Recorder },
	{ webhook, id, atOnce }: { webhook: INode; id: string; atOnce: number },
): Promise<string[]> {
	const { api } = account;
	const customers = ['Ann', 'Bob', 'Eve'].map((customer) => ({ customer }));
	expect((await post(webhookUrl(world.n8n, webhook), { customers })).status).toBe(200);
	const isLive = ({ sessionId }: { sessionId: string }) =>
		api.sessions.find(sessionId)?.status === 'running';
	for (let ended = 0; ended < customers.length; ended += atOnce) {
		let live: Array<{ sessionId: string }> = [];
		await expect
			.poll(async () => (live = (await stored(world.rest, id, atOnce)).filter(isLive)).length)
			.toBe(atOnce);
		for (const { sessionId } of live) api.sessions.setStatus(sessionId, 'completed');
	}
	await expect.poll(() => stranger.requests.length).toBe(customers.length);
	return stranger.requests.map(({ path }) => path);
}

test('Start Session and Wait takes items one by one in Loop Over Items @every-n8n', async ({
	world,
	account,
	stranger,
}) => {
	const webhook = webhookNode();
	const split = node('Each', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'body.customers' });
	const loop = node('Loop', 'n8n-nodes-base.splitInBatches', {}, { typeVersion: 3 });
	const wait = sessionNode(NODE, 'startAndWait', { options: { startWithoutDeployment: true } });
	const url = `=${stranger.url}/{{ $('Loop').item.json.customer }}/{{ $json.sessionId }}`;
	const tell = node('Tell', 'n8n-nodes-base.httpRequest', { url }, { typeVersion: 4.2 });
	const main = (name: string) => [{ node: name, type: 'main' as const, index: 0 }];
	const { id } = await account.activate({
		...flow('Loop', webhook, split, loop, wait, tell),
		connections: {
			Webhook: { main: [main('Each')] },
			Each: { main: [main('Loop')] },
			Loop: { main: [[], main(NODE)] },
			[NODE]: { main: [main('Tell')] },
			Tell: { main: [main('Loop')] },
		},
	});

	const paths = await endOneByOne({ world, account, stranger }, { webhook, id, atOnce: 1 });

	const [execution, ...others] = await finishedExecutions(world.rest, id, 1);
	expect([execution?.status, others]).toEqual(['success', []]);
	expect(paths.map((path) => path.split('/')[1])).toEqual(['Ann', 'Bob', 'Eve']);
	expect(new Set(paths.map((path) => path.split('/')[2])).size).toBe(3);
});

test('Start Session and Wait takes several items concurrently in sub-workflows', async ({
	world,
	account,
	stranger,
}) => {
	const url = `=${stranger.url}/{{ $('Called').item.json.customer }}/{{ $json.sessionId }}`;
	const called = node(
		'Called',
		'n8n-nodes-base.executeWorkflowTrigger',
		{ inputSource: 'passthrough' },
		{ typeVersion: 1.1 },
	);
	const sub = await account.activate(
		flow(
			'For each',
			called,
			sessionNode(NODE, 'startAndWait', { options: { startWithoutDeployment: true } }),
			node('Tell', 'n8n-nodes-base.httpRequest', { url }, { typeVersion: 4.2 }),
		),
	);
	const webhook = webhookNode();
	await account.activate(
		flow(
			'Calls it',
			webhook,
			node('Each', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'body.customers' }),
			node(
				'Call',
				'n8n-nodes-base.executeWorkflow',
				{
					workflowId: { __rl: true, mode: 'id', value: sub.id },
					mode: 'each',
					options: { waitForSubWorkflow: false },
				},
				{ typeVersion: 1.2 },
			),
		),
	);

	const which = { webhook, id: sub.id, atOnce: 3 };
	const paths = await endOneByOne({ world, account, stranger }, which);

	expect(paths.map((path) => path.split('/')[1]).sort()).toEqual(['Ann', 'Bob', 'Eve']);
	expect(new Set(paths.map((path) => path.split('/')[2])).size).toBe(3);
});

test.describe('“Start a session, wait for its end, report”', () => {
	/** Publishes the example, sends it a customer, and gives the session once it is waited for. */
	async function begin(
		{ world, account, chat }: { world: World; account: Account; chat: Recorder },
		parameters: INodeParameters = {},
	): Promise<{ saved: Workflow; sessionId: string }> {
		const { id: deploymentId } = account.api.deployments.add();
		const name = 'Start session and wait';
		let example = await world.example('call-and-report');
		example = changed(example, name, { deploymentId: byId(deploymentId), ...parameters });
		example = changed(example, 'Report to chat', { url: `${chat.url}/incoming-webhook` });
		const saved = await account.activate(example);
		const url = webhookUrl(world.n8n, find(example, 'Webhook'));
		expect((await post(url, { name: 'Ada' })).status).toBe(200);
		await expect
			.poll(async () => (await allExecutions(world.rest, saved.id)).map(({ status }) => status))
			.toEqual(['waiting']);
		const [{ id = '' } = {}] = await allExecutions(world.rest, saved.id);
		const [item] = output(await world.rest.execution(id), name);
		return { saved, sessionId: String(item?.json.sessionId) };
	}
	const reports = (chat: Recorder) => chat.requests.map(({ body }) => JSON.parse(body) as object);

	test('“Start a session, wait for its end, report” reports ended and failed sessions', async ({
		world,
		account,
		stranger: chat,
	}) => {
		const { api } = account;
		const { saved, sessionId } = await begin({ world, account, chat });
		api.sessions.setStatus(sessionId, 'completed');
		await expect
			.poll(() => reports(chat))
			.toEqual([
				{ text: expect.stringMatching(/^Session with Ada ended after \d+ seconds\.$/) as unknown },
			]);
		await world.rest.deactivate(saved.id);

		const failed = await begin({ world, account, chat });
		api.sessions.setStatus(failed.sessionId, 'failed');
		await expect
			.poll(() => reports(chat)[1])
			.toEqual({
				text: `Session with Ada failed. Session "${failed.sessionId}" ended with an error: its status is failed`,
			});
		expect(api.stats.endRequests.size).toBe(0);
	});

	test('“Start a session, wait for its end, report” ends a long session @every-n8n', async ({
		world,
		account,
		stranger: chat,
	}) => {
		test.setTimeout(180_000);
		const limit = { resumeAmount: 2, resumeUnit: 'seconds' };
		const { sessionId } = await begin({ world, account, chat }, limit);
		// n8n looks once a minute whose time is over.
		await expect
			.poll(() => reports(chat), { timeout: 90_000 })
			.toEqual([{ text: 'Session with Ada took longer than an hour and was ended.' }]);
		expect(account.api.stats.endings).toEqual(new Map([[sessionId, 1]]));
	});
});
