import { byId, flow, node } from '../../dev/n8n/flow';
import type { Workflow } from '../../dev/n8n/rest';
import { eventBody, signAsStranger } from '../support/hostile';
import { expect, test } from './support/account';
import {
	allExecutions,
	finishedExecutions,
	output,
	problemOfPublishing,
} from './support/executions';
import { openOperation } from './support/openOperation';
import { post, triggerUrl } from './support/outside';

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

test('a call can be made, looked up and ended in the node panel @every-n8n', async ({
	account,
	editor,
}) => {
	const { api } = account;
	api.rooms.add({ roomId: 'support-room' });
	const other = api.calls.add({ to: '+14155550199' });
	const panel = await openOperation(
		editor,
		account,
		'Call',
		'Make Call',
		'Make, get and end a call',
	);
	await panel.fill('to', '+14155550123');
	await panel.fill('routingRuleId', 'rule-1');
	await panel.fill('from', '+14155550100');
	await panel.pick('roomId', 'support-room');
	await panel.add('Add field', 'Wait Until Answered');
	await panel.toggle('waitUntilAnswered');

	const execution = await panel.execute();

	const [made] = output(execution, 'VideoSDK').map(({ json }) => json);
	const numbers = { from: '+14155550100', to: '+14155550123', roomId: 'support-room' };
	expect(made).toMatchObject({ ...numbers, status: 'answered' });
	const callId = String(made?.callId);
	expect(api.calls.find(callId)).toMatchObject({ ...numbers, ruleId: 'rule-1' });
	expect(api.stats.callsTo).toEqual(new Map([['+14155550123', 1]]));

	await panel.choose('operation', 'Get Call');
	const rows = await panel.openList('callId');
	await expect(rows).toHaveText([
		/^answered · [\da-f]{8} · to \+14155550123 · since .* · from \+14155550100$/,
		/^answered · [\da-f]{8} · to \+14155550199 · since .* · from \+14155550100$/,
	]);
	await rows.filter({ hasText: '+14155550199' }).click();
	await panel.execute();
	await panel.expectRows([{ callId: other.callId, to: '+14155550199', status: 'answered' }]);
	expect(api.stats.endRequests.size).toBe(0);

	await panel.choose('operation', 'End Call');
	await panel.pick('callId', '+14155550123');
	await panel.add('Add option', 'Also End Room');
	await panel.toggle('endRoom');
	const ending = await panel.execute();
	expect(output(ending, 'VideoSDK')[0]?.json).toMatchObject({
		callId,
		status: 'ended',
		room: { roomId: 'support-room', status: 'ended' },
	});
	expect(Object.fromEntries(api.stats.endings)).toEqual({ [callId]: 1, 'support-room': 1 });
	expect(api.calls.find(other.callId)?.status).toBe('answered');
});

test('calls can be listed with filters and ended together in the panel', async ({
	account,
	editor,
}) => {
	const { api } = account;
	const from = '+14155550111';
	const ended = api.calls.add({ from, status: 'missed', start: minutesAgo(90) });
	const live = api.calls.add({ from, start: minutesAgo(90) });
	api.calls.add({ from, type: 'inbound', start: minutesAgo(90) });
	api.calls.add({ start: minutesAgo(90) });
	const panel = await openOperation(editor, account, 'Call', 'Get Many', 'List and end calls');
	await panel.add('Add filter', 'Direction');
	await panel.add('Add filter', 'From');
	await panel.fill('from', from);
	await panel.execute();
	await panel.expectRows([{ callId: live.callId }, { callId: ended.callId, status: 'missed' }]);

	// n8n empties the filters when another operation is chosen.
	await panel.choose('operation', 'End Many Calls');
	await panel.add('Add filter', 'Direction');
	await panel.add('Add filter', 'From');
	await panel.fill('from', from);
	await panel.execute();
	await panel.expectRows([{ callId: live.callId, status: 'answered', dryRun: 'true' }]);
	expect(api.stats.endRequests.size).toBe(0);

	await panel.toggle('dryRun');
	await panel.execute();
	await panel.expectRows([{ callId: live.callId, status: 'ended' }]);
	expect(api.stats.endRequests).toEqual(new Map([[live.callId, 1]]));
});

test('rooms can be listed, given an agent and ended in the node panel', async ({
	account,
	editor,
}) => {
	const { api } = account;
	api.rooms.add({ roomId: 'over', status: 'ended', end: minutesAgo(5) });
	api.rooms.add({ roomId: 'support-room' });
	api.rooms.add({ roomId: 'sales-room' });
	const panel = await openOperation(editor, account, 'Room', 'Get Many', 'List and end rooms');
	await panel.execute();
	await panel.expectRows([
		{ roomId: 'sales-room', status: 'ongoing' },
		{ roomId: 'support-room', status: 'ongoing' },
	]);

	await panel.choose('operation', 'Dispatch Agent');
	await panel.pick('roomId', 'support-room');
	await panel.fill('agentId', 'support-agent');
	await panel.execute();
	await panel.expectRows([
		{ roomId: 'support-room', agentId: 'support-agent', status: 'assigned' },
	]);
	expect(api.stats.dispatches).toEqual([{ roomId: 'support-room', agentId: 'support-agent' }]);

	await panel.choose('operation', 'End Room');
	await panel.pick('roomId', 'sales-room');
	await panel.execute();
	await panel.expectRows([{ roomId: 'sales-room', status: 'ended' }]);
	expect(api.stats.endings).toEqual(new Map([['sales-room', 1]]));

	await panel.choose('operation', 'End Many Rooms');
	await panel.toggle('dryRun');
	await panel.toggle('allLiveRooms');
	await panel.execute();
	await panel.expectRows([{ roomId: 'support-room', status: 'ended' }]);
});

test('Cancel Batch Call cancels the batch call that is picked', async ({ account, editor }) => {
	const { batchId } = account.api.batchCalls.add({ batchName: 'Runaway' });
	const panel = await openOperation(editor, account, 'Batch Call', 'Cancel Batch Call');
	await panel.pick('batchId', 'Runaway');
	await panel.choose('mode', 'Immediate');
	await panel.execute();
	await panel.expectRows([{ batchId, status: 'cancelled' }]);
});

test.describe('Call events', () => {
	const events = ['call-answered', 'call-hangup'];
	const trigger = () => node('VideoSDK Trigger', 'n8n-nodes-videosdk.videoSdkTrigger', { events });
	/** n8n 1 calls itself localhost. */
	const at = (url: string) => expect.stringContaining(new URL(url).pathname) as unknown;
	const body = (callId: string, event = 'call-hangup') => ({
		webhookType: event,
		data: { callId },
	});

	test('call events stay registered if an imported copy fails to publish @every-n8n', async ({
		world: { rest },
		account,
	}) => {
		// The export has the URL of the trigger.
		const exported = flow('Exported', trigger());
		await account.activate(exported);
		const registered = account.api.sipWebhooks.all();
		expect(registered).toHaveLength(1);
		const imported = await account.save(exported);

		await expect(rest.activate(imported)).rejects.toThrow(/conflict|already taken/);

		expect(account.api.sipWebhooks.all()).toEqual(registered);
	});

	test('publishing registers call events, and unpublishing removes them @every-n8n', async ({
		world: { n8n, rest },
		account,
	}) => {
		const { api } = account;
		const listener = trigger();
		const listen = await account.activate(flow('Listen to calls', listener));
		const url = triggerUrl(n8n, listener);
		expect(api.sipWebhooks.all()).toMatchObject([{ url: at(url), events }]);

		const maker = await account.save(
			flow(
				'Make a call',
				node('Go', 'n8n-nodes-base.manualTrigger'),
				node('Make', 'n8n-nodes-videosdk.videoSdk', {
					...{ resource: 'call', operation: 'make', routingRuleId: 'rule-1' },
					...{ to: '+14155550123', from: '+14155550100' },
				}),
				node('Hang up', 'n8n-nodes-videosdk.videoSdk', {
					...{ resource: 'call', operation: 'end', callId: byId('={{ $json.callId }}') },
				}),
			),
		);
		api.set({ startTakesMs: 1 });
		const made = await rest.finished(await rest.runManually(maker.id, 'Go'));
		const callId = String(output(made, 'Make')[0]?.json.callId);
		const executions = await finishedExecutions(rest, listen.id, 2);
		const told = executions.flatMap((execution) => output(execution, 'VideoSDK Trigger'));
		expect(told.map(({ json }) => json.event).sort()).toEqual(events);
		for (const { json } of told) {
			expect(json).toMatchObject({ callId, to: '+14155550123', isSigned: false });
		}

		// Copies, forged ones, those of other projects, and those that nobody waits for.
		const live = api.calls.add().callId;
		const forged = { 'videosdk-signature': signAsStranger(JSON.stringify(body(callId))) };
		expect((await post(url, body(callId))).status).toBe(200);
		expect((await post(url, body(callId), forged)).status).toBe(401);
		expect((await post(url, body('of another project'))).status).toBe(200);
		// Its status may be late.
		expect((await post(url, body(live))).status).toBe(503);
		expect((await post(url, body(live, 'call-started'))).status).toBe(401);
		expect((await post(url, eventBody('session'))).status).toBe(401);
		await finishedExecutions(rest, listen.id, 2);

		await rest.deactivate(listen.id);
		await expect.poll(() => api.sipWebhooks.all()).toEqual([]);
		await expect.poll(async () => (await post(url, body(live))).status).toBe(404);
	});

	test('publishing registers call events again if the selection changed @every-n8n', async ({
		world: { n8n, rest },
		account,
	}) => {
		const { api } = account;
		const listener = trigger();
		const { id } = await account.activate(flow('Listen to other calls', listener));
		const url = triggerUrl(n8n, listener);
		const [before] = api.sipWebhooks.all();

		/** As the editor saves and publishes. */
		const publish = async (chosen: string[]) => {
			const saved = await rest.call<Workflow>('GET', `/rest/workflows/${id}`);
			const nodes = saved.nodes.map((one) => ({ ...one, parameters: { events: chosen } }));
			await rest.activate(await rest.call('PATCH', `/rest/workflows/${id}`, { ...saved, nodes }));
		};
		await publish(['started', 'call-missed']);
		await expect
			.poll(() => api.sipWebhooks.all())
			.toMatchObject([{ url: at(url), events: ['call-missed'] }]);
		expect(api.sipWebhooks.all()[0]?.id).not.toBe(before?.id);

		await publish(['started']);
		await expect.poll(() => api.sipWebhooks.all()).toEqual([]);
		expect((await post(url, eventBody('session'))).status).toBe(401);

		await publish(['call-hangup']);
		await expect
			.poll(() => api.sipWebhooks.all())
			.toMatchObject([{ url: at(url), events: ['call-hangup'] }]);
		await rest.deactivate(id);
		await expect.poll(() => api.sipWebhooks.all()).toEqual([]);
	});

	test('the test URL and production URL register call events separately @every-n8n', async ({
		world: { n8n, rest },
		account,
	}) => {
		const { api } = account;
		const listener = trigger();
		const { id } = await account.activate(flow('Listen and try out', listener));
		const registered = api.sipWebhooks.all();
		expect(registered).toMatchObject([{ url: at(triggerUrl(n8n, listener)) }]);
		const listenForTest = async () => {
			const workflowData = await rest.call('GET', `/rest/workflows/${id}`);
			const triggerToStartFrom = { name: listener.name };
			await rest.call('POST', `/rest/workflows/${id}/run`, { workflowData, triggerToStartFrom });
			const url = at(triggerUrl(n8n, listener, 'webhook-test'));
			expect(api.sipWebhooks.all()).toMatchObject([...registered, { url }]);
		};

		await listenForTest();
		await rest.call('DELETE', `/rest/test-webhook/${id}`);
		await expect.poll(() => api.sipWebhooks.all()).toEqual(registered);

		await listenForTest();
		api.calls.setStatus(api.calls.add().callId, 'ended');
		const executions = await finishedExecutions(rest, id, 2);
		expect(executions.map(({ mode }) => mode).sort()).toEqual(['manual', 'webhook']);
		await expect.poll(() => api.sipWebhooks.all()).toEqual(registered);

		await rest.deactivate(id);
		await expect.poll(() => api.sipWebhooks.all()).toEqual([]);
	});

	test('call events that cannot be removed do not block unpublishing @every-n8n', async ({
		world: { n8n, rest },
		account,
	}) => {
		const { api } = account;
		const listener = trigger();
		const listen = await account.activate(flow('Listen while VideoSDK is away', listener));
		const { callId } = api.calls.add({ status: 'ended' });
		api.set({ faults: () => ({ kind: 'status', status: 500 }) });

		await rest.deactivate(listen.id);

		await expect
			.poll(async () => (await post(triggerUrl(n8n, listener), body(callId))).status)
			.toBe(404);
		expect(api.sipWebhooks.all()).toHaveLength(1);
		expect(await allExecutions(rest, listen.id)).toEqual([]);

		api.set({ faults: undefined });
		await rest.activate(listen);
		expect(api.sipWebhooks.all()).toHaveLength(1);
		await rest.deactivate(listen.id);
		await expect.poll(() => api.sipWebhooks.all()).toEqual([]);
	});

	test('publishing fails with the reason if call events are rejected @every-n8n', async ({
		world: { rest },
		account,
	}) => {
		const { api } = account;
		api.set({
			faults: ({ method, route }) =>
				method === 'POST' && route === '/v2/sip/webhooks'
					? { kind: 'status', status: 400, body: { message: 'url must be public' } }
					: undefined,
		});
		const workflow = await account.save(flow('Cannot listen to calls', trigger()));
		const reason =
			/The trigger is not registered for call events: VideoSDK rejected the request .*url must be public/;
		await expect
			.poll(async () => await problemOfPublishing(rest, workflow), { timeout: 60_000 })
			.toMatch(reason);
		await rest.deactivate(workflow.id);
	});
});
