import type { INode } from 'n8n-workflow';
import pMap from 'p-map';
import {
	byId,
	changed,
	fieldsNode,
	flow,
	node,
	sessionNode,
	webhookNode,
} from '../../dev/n8n/flow';
import type { VideoSdkApi } from '../../dev/videosdk-api';
import { eventBody, signAsStranger } from '../support/hostile';
import { type Account, expect, test } from './support/account';
import { finishedExecutions, output, ranNode } from './support/executions';
import type { World } from './support/fixtures';
import { post, type Recorder, webhookUrl } from './support/outside';
import { AFTER, callAndReport, NODE, stored, WAITS, waitingFlow } from './support/waiting';

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
	const [{ sessionId = '' } = {}] = await stored(rest, saved.id, 1, 'Second');
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
const COUNT = 30;

test(`${COUNT} waiting executions each resume once, with ${AT_ONCE} concurrent events`, async ({
	world: { n8n, rest },
	account,
	stranger,
}) => {
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
	const waiting = await stored(rest, id, COUNT);

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

	const executions = await finishedExecutions(rest, id, COUNT);
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

test('“Start a session, wait for its end, report” reports ended and failed sessions', async ({
	world,
	account,
	stranger: chat,
}) => {
	const { api } = account;
	const { id: deploymentId } = api.deployments.add();
	const parameters = { deploymentId: byId(deploymentId) };
	const { workflow, webhook } = await callAndReport(world, chat, parameters);
	const { id } = await account.activate(workflow);
	const begin = async () => {
		expect((await post(webhookUrl(world.n8n, webhook), { name: 'Ada' })).status).toBe(200);
		const [{ sessionId = '' } = {}] = await stored(world.rest, id, 1, WAITS);
		return sessionId;
	};
	const reports = () => chat.requests.map(({ body }) => JSON.parse(body) as object);
	api.sessions.setStatus(await begin(), 'completed');
	const text: unknown = expect.stringMatching(/^Session with Ada ended after \d+ seconds\.$/);
	await expect.poll(reports).toEqual([{ text }]);

	const failed = await begin();
	api.sessions.setStatus(failed, 'failed');
	await expect
		.poll(() => reports()[1])
		.toEqual({
			text: `Session with Ada failed. Session "${failed}" ended with an error: its status is failed`,
		});
	expect(api.stats.endRequests.size).toBe(0);
});
