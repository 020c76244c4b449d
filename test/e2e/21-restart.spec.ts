import type { INode } from 'n8n-workflow';
import { byId, flow, node, withCredentials } from '../../dev/n8n/flow';
import type { WorkflowFile } from '../../dev/n8n/rest';
import { credentialOf } from '../../dev/videosdk-api';
import { allExecutions, finishedExecutions, onlyExecution, output } from './support/executions';
import { expect, test } from './support/fixtures';
import { n8n3Defaults } from './support/n8n3';
import { post, type Recorder, startRecorder, triggerUrl, webhookUrl } from './support/outside';
import { type OwnN8n, startOwnN8n, type Undo, undoAll } from './support/ownN8n';
import { AFTER, callAndReport, stored, WAITS, waitingFlow } from './support/waiting';

test.describe.serial('an n8n that was restarted', () => {
	const undo: Undo = [];
	let own: OwnN8n;
	let chat: Recorder;
	/** The workflows that wait, one for an event and one until its time is over, and their sessions. */
	let [forEvent, forTime] = ['', ''];
	let [eventSession, timeSession] = ['', ''];
	let listening: string;
	let registered: unknown[];

	const listener = node('VideoSDK Trigger', 'n8n-nodes-videosdk.videoSdkTrigger', {
		events: ['call-hangup'],
	});

	// One restart for all, since it takes longer than they do.
	test.beforeAll(async ({ world }) => {
		test.setTimeout(300_000);
		const { installed, tarball } = world;
		own = await startOwnN8n(installed, undo, { tarball, env: n8n3Defaults });
		chat = await startRecorder();
		undo.push(chat.close);
		const { api, n8n, rest } = own;
		const credential = await rest.createCredential('VideoSDK', 'videoSdkApi', credentialOf(api));
		const publish = async (workflow: WorkflowFile) => {
			const saved = await rest.createWorkflow(withCredentials(workflow, credential));
			await rest.activate(saved);
			return saved.id;
		};
		const call = async (webhook: INode, body: object) =>
			expect((await post(webhookUrl(n8n, webhook), body)).status).toBe(200);

		listening = await publish(flow('Listen to calls', listener));
		registered = api.sipWebhooks.all();
		expect(registered).toHaveLength(1);

		const waiting = waitingFlow();
		forEvent = await publish(waiting.workflow);
		await call(waiting.webhook, { customer: 'Ann' });
		[{ sessionId: eventSession } = { sessionId: '' }] = await stored(rest, forEvent);

		const deploymentId = byId(api.deployments.add().id);
		const limit = { resumeAmount: 10, resumeUnit: 'seconds' };
		const reporting = await callAndReport(world, chat, { deploymentId, ...limit });
		forTime = await publish(reporting.workflow);
		await call(reporting.webhook, { name: 'Ada' });
		[{ sessionId: timeSession } = { sessionId: '' }] = await stored(rest, forTime, 1, WAITS);

		await n8n.stop();
		// The trigger cannot see whether it is registered while n8n starts.
		api.set({
			faults: ({ route }) =>
				route.startsWith('/v2/sip/webhooks') ? { kind: 'status', status: 500 } : undefined,
		});
		await own.startAgain();
		api.set({ faults: undefined });
	});

	test.afterAll(async () => await undoAll(undo));

	test('an event that arrives after a restart of n8n resumes the execution @every-n8n', async () => {
		const { api, rest } = own;
		expect((await allExecutions(rest, forEvent)).map(({ status }) => status)).toEqual(['waiting']);
		api.sessions.setStatus(eventSession, 'completed');

		const execution = await onlyExecution(rest, forEvent);
		expect(execution.status).toBe('success');
		expect(output(execution, AFTER)[0]?.json).toMatchObject({
			sessionId: eventSession,
			event: 'stopped',
			status: 'completed',
			customer: 'Ann',
		});
	});

	test('“Start a session, wait for its end, report” ends a long session @every-n8n', async () => {
		test.setTimeout(180_000);
		// n8n looks whose time is over when it starts, and then once a minute.
		await expect
			.poll(() => chat.requests.map(({ body }) => JSON.parse(body) as object), { timeout: 90_000 })
			.toEqual([{ text: 'Session with Ada took longer than an hour and was ended.' }]);
		expect(own.api.stats.endings).toEqual(new Map([[timeSession, 1]]));
	});

	test('call events stay registered after a restart, even in an outage @every-n8n', async () => {
		const { api, rest, n8n } = own;
		const { callId } = api.calls.add({ status: 'ended' });
		const event = { webhookType: 'call-hangup', data: { callId } };
		await expect
			.poll(async () => (await post(triggerUrl(n8n, listener), event)).status, { timeout: 60_000 })
			.toBe(200);
		await finishedExecutions(rest, listening, 1);
		expect(api.sipWebhooks.all()).toEqual(registered);
		expect(api.stats.requests.get('POST /v2/sip/webhooks')?.count).toBe(1);
		await rest.deactivate(listening);
		await expect.poll(() => api.sipWebhooks.all()).toEqual([]);
	});
});
