/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { INodeParameters } from 'n8n-workflow';
import { byId, changed, find } from '../../dev/n8n/flow';
import { checkout } from '../../dev/n8n/packed';
import { type Account, expect, test } from './support/account';
import { output, ranNode } from './support/executions';
import type { World } from './support/fixtures';
import { post, type Recorder, webhookUrl } from './support/outside';

const MINUTE = 60_000;

test('n8n has every node of the examples in the required version', async ({ world }) => {
	const response = await fetch(`${world.n8n.url}/types/nodes.json`, {
		headers: { cookie: world.rest.cookie },
	});
	const types = (await response.json()) as Array<{ name: string; version: number | number[] }>;
	const known = new Set(
		types.flatMap(({ name, version }) => [version].flat().map((one) => `${name} ${one}`)),
	);

	const files = (await readdir(join(checkout, 'examples'))).filter((name) =>
		name.endsWith('.json'),
	);
	expect(files.length).toBeGreaterThan(0);
	for (const file of files) {
		const { nodes } = await world.example(file.replace(/\.json$/, ''));
		for (const { name, type, typeVersion } of nodes) {
			expect(known, `"${name}" of ${file}`).toContain(`${type} ${typeVersion}`);
		}
	}
});

test('“Start a session, wait, end it” ends the session that it started', async ({
	world,
	account,
}) => {
	const { api } = account;
	const { id: deploymentId, tag } = api.deployments.add({ name: 'Support line' });
	api.deployments.add({ name: 'Another' });
	// Slow enough for what comes out of each node to show that the node waited.
	api.set({ startTakesMs: 1_500, endTakesMs: 1_500 });
	let example = await world.example('start-wait-end');
	example = changed(example, 'Start session', { deploymentId: byId(deploymentId) });
	example = changed(example, 'Wait', { amount: 1, unit: 'seconds' });
	const { id } = await account.save(example);

	const execution = await world.rest.finished(await world.rest.runManually(id, 'Start manually'));

	expect(execution.status).toBe('success');
	const [started] = output(execution, 'Start session');
	expect(started?.json).toMatchObject({ status: 'running', deploymentId, tag });
	const sessionId = String(started?.json.sessionId);
	expect(output(execution, 'End session').map(({ json }) => json)).toEqual([
		expect.objectContaining({ ...api.sessions.find(sessionId), status: 'stopped' }),
	]);
	const ended = Date.parse(String(api.sessions.find(sessionId)?.end));
	expect(ended - Date.parse(String(api.sessions.find(sessionId)?.start))).toBeGreaterThan(2_500);
	const starts = api.stats.requests.get('POST /ai/v1/ai-deployment-sessions/start');
	expect(starts?.count).toBe(1);
	expect(api.stats.endRequests).toEqual(new Map([[sessionId, 1]]));
});

test('“Start a session, wait, end it” ends a session that never runs, and fails', async ({
	world,
	account,
}) => {
	const { api } = account;
	const { id: deploymentId } = api.deployments.add({ name: 'Support line' });
	api.set({ startTakesMs: 600_000 });
	let example = await world.example('start-wait-end');
	example = changed(example, 'Start session', {
		deploymentId: byId(deploymentId),
		options: { waitUntilRunning: true, waitTimeout: 2 },
	});
	const { id } = await account.save(example);

	const execution = await world.rest.finished(await world.rest.runManually(id, 'Start manually'));

	expect(execution.status).toBe('error');
	const [ended] = output(execution, 'End the stuck session');
	const sessionId = String(ended?.json.sessionId);
	expect(api.sessions.find(sessionId)?.status).toBe('completed');
	expect(ranNode(execution, 'Stop with error').error?.message).toBe(
		`Session "${sessionId}" was started but is not running: after 2 seconds, its status is still queued`,
	);
	expect(Object.keys(execution.data.resultData.runData)).not.toContain('Wait');
});

test.describe('“End sessions older than an hour and report”', () => {
	const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString();

	async function run(
		{ world, account, chat }: { world: World; account: Account; chat: Recorder },
		parameters: INodeParameters = {},
	) {
		const url = `${chat.url}/incoming-webhook`;
		let example = changed(await world.example('end-old-sessions'), 'Report to chat', { url });
		example = changed(example, 'End old sessions', parameters);
		const { id } = await account.save(example);
		return await world.rest.finished(await world.rest.runManually(id, 'Every 15 minutes'));
	}

	test('“End sessions older than an hour and report” ends and reports only those', async ({
		world,
		account,
		stranger: chat,
	}) => {
		const { api } = account;
		const add = (minutes: number, status: string) =>
			api.sessions.add({ start: ago(minutes), createdAt: ago(minutes), status }).sessionId;
		const old = [
			...Array.from({ length: 25 }, (_, index) => add(61 + index, 'running')),
			add(61, 'queued'),
		];
		const others = [
			...Array.from({ length: 25 }, (_, index) => add(59 - index, 'running')),
			add(500, 'completed'),
			add(500, 'failed'),
		];
		const [stubborn = ''] = old;
		api.set({
			faults: ({ method, sessionId }) =>
				method === 'POST' && sessionId === stubborn ? { kind: 'status', status: 403 } : undefined,
		});

		const execution = await run({ world, account, chat });

		expect(execution.status).toBe('success');
		expect(output(execution, 'End old sessions')).toHaveLength(old.length);
		const ended = old.filter((sessionId) => sessionId !== stubborn);
		expect(new Set(api.stats.endings.keys())).toEqual(new Set(ended));
		for (const sessionId of others) expect(api.stats.endRequests.has(sessionId)).toBe(false);
		expect(chat.requests.map(({ method, path, body }) => [method, path, JSON.parse(body)])).toEqual(
			[
				[
					'POST',
					'/incoming-webhook',
					{
						text: `Ended ${ended.length} voice agent sessions that ran for more than an hour. 1 could not be ended.`,
					},
				],
			],
		);
		// The chat gets no token, and it could not be anybody's.
		expect(chat.requests[0]?.headers).not.toHaveProperty('authorization');
	});

	test('“End sessions older than an hour and report” reports that a dry run ended none', async ({
		world,
		account,
		stranger: chat,
	}) => {
		const { api } = account;
		for (const minutes of [61, 62, 63]) {
			api.sessions.add({ start: ago(minutes), createdAt: ago(minutes) });
		}

		const execution = await run({ world, account, chat }, { dryRun: true });

		expect(execution.status).toBe('success');
		expect(api.stats.endRequests.size).toBe(0);
		expect(chat.requests.map(({ body }) => JSON.parse(body))).toEqual([
			{
				text: 'Dry run: 3 voice agent sessions ran for more than an hour. None was ended.',
			},
		]);
	});

	test('“End sessions older than an hour and report” reports nothing if none match', async ({
		world,
		account,
		stranger: chat,
	}) => {
		account.api.sessions.add({ start: ago(5), createdAt: ago(5) });

		const execution = await run({ world, account, chat });

		expect(execution.status).toBe('success');
		expect(account.api.stats.endRequests.size).toBe(0);
		expect(chat.requests).toEqual([]);
	});
});

test.describe('“Full stop: end a room with its calls”', () => {
	let url: string;

	test.beforeEach(async ({ world, account }) => {
		const example = await world.example('full-stop');
		await account.activate(example);
		url = webhookUrl(world.n8n, find(example, 'Webhook'));
	});

	test('“Full stop” ends a room with its calls, and responds with both @every-n8n', async ({
		account: { api },
	}) => {
		const { roomId } = api.rooms.add();
		const { callId } = api.calls.add({ roomId });
		const others = [api.calls.add({ roomId: 'other' }).callId, api.rooms.add().roomId];

		const answer = await post(url, { roomId });

		expect(JSON.parse(answer.text)).toMatchObject({
			roomId,
			status: 'ended',
			calls: [{ callId, status: 'ended' }],
		});
		expect(answer.status).toBe(200);
		expect([...api.stats.endings]).toEqual([callId, roomId].map((id) => [id, 1]));
		for (const id of others) expect(api.stats.endRequests.has(id)).toBe(false);

		const again = await post(url, { roomId });
		expect(JSON.parse(again.text)).toMatchObject({ roomId, alreadyEnded: true, calls: [] });
	});

	test('“Full stop” responds 422 to a body without a room ID', async ({ account: { api } }) => {
		const answer = await post(url, { session: 'x' });

		expect(answer.status).toBe(422);
		expect(api.stats.requests.size).toBe(0);
	});
});

test.describe('“Customer follow-up: call, agent, result, report”', () => {
	const phone = '+14155550123';
	const reports = (chat: Recorder) => chat.requests.map(({ body }) => JSON.parse(body) as object);

	/** Publishes the example and sends it a customer. */
	async function followUp(
		{ world, account, chat }: { world: World; account: Account; chat: Recorder },
		customer: object = { name: 'Ada', phone },
	) {
		let example = await world.example('customer-follow-up');
		example = changed(example, 'Make call', { routingRuleId: 'rule-1', from: '+14155550100' });
		example = changed(example, 'Dispatch agent', { agentId: 'follow-up' });
		example = changed(example, 'Wait', { amount: 1 });
		const url = `${chat.url}/incoming-webhook`;
		example = changed(example, 'Report to chat', { url });
		await account.activate(example);
		account.api.rooms.add({ roomId: 'room-1' });
		const answer = await post(webhookUrl(world.n8n, find(example, 'Webhook')), customer);
		// While the call goes on, nobody waits for the answer.
		expect(answer.status).toBe(200);
	}

	test('“Customer follow-up” calls, dispatches an agent and reports the end @every-n8n', async ({
		world,
		account,
		stranger: chat,
	}) => {
		const { api } = account;
		await followUp({ world, account, chat });

		await expect
			.poll(() => api.stats.dispatches)
			.toEqual([{ roomId: 'room-1', agentId: 'follow-up' }]);
		const [{ callId = '', ...call } = {}, ...others] = api.calls.all();
		expect(call).toMatchObject({ to: phone, roomId: 'room-1', metadata: { customer: 'Ada' } });
		expect(others).toEqual([]);
		const gets = () => api.stats.requests.get('GET /v2/sip/call/{callId}')?.count ?? 0;
		await expect.poll(gets).toBeGreaterThan(1);
		expect(api.calls.find(callId)?.status).toBe('answered');
		expect(chat.requests).toEqual([]);

		api.calls.setStatus(callId, 'ended');

		await expect
			.poll(() => reports(chat))
			.toEqual([
				{ text: expect.stringMatching(/^Call to Ada: ended after \d+ seconds\.$/) as unknown },
			]);
		expect([...api.stats.endRequests]).toEqual([['room-1', 1]]);
		expect(api.rooms.find('room-1')?.status).toBe('ended');
	});

	test('“Customer follow-up” reports a call that nobody answers', async ({
		world,
		account,
		stranger: chat,
	}) => {
		const { api } = account;
		api.set({ startTakesMs: 600_000 });
		await followUp({ world, account, chat });
		await expect.poll(() => api.stats.dispatches.length).toBe(1);

		api.calls.setStatus(String(api.calls.all()[0]?.callId), 'missed');

		await expect.poll(() => reports(chat)).toEqual([{ text: 'Call to Ada: missed.' }]);
	});

	test('“Customer follow-up” hangs up if no agent can join, and reports why @every-n8n', async ({
		world,
		account,
		stranger: chat,
	}) => {
		const { api } = account;
		api.set({ hasWorkers: false });

		await followUp({ world, account, chat });

		await expect
			.poll(() => reports(chat))
			.toEqual([
				{
					text: 'Call to Ada failed. Agent "follow-up" was not sent to room "room-1": no worker is available to run the agent',
				},
			]);
		expect(api.calls.all()).toMatchObject([{ to: phone, status: 'ended' }]);
		expect(api.rooms.find('room-1')?.status).toBe('ended');
	});

	test('“Customer follow-up” reports a number that cannot be called', async ({
		world,
		account,
		stranger: chat,
	}) => {
		await followUp({ world, account, chat }, { name: 'Ada', phone: '4155550123' });

		await expect
			.poll(() => reports(chat))
			.toEqual([
				{
					text: 'Call to Ada failed. \'To\' does not start with a plus sign and a country code: "4155550123"',
				},
			]);
		expect(account.api.stats.callsTo.size).toBe(0);
		expect(account.api.stats.dispatches).toEqual([]);
	});
});
