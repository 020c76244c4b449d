/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';
import {
	byId,
	fieldsNode,
	find,
	flow,
	node,
	sessionNode,
	withCredentials,
} from '../../dev/n8n/flow';
import type { N8nRest, Workflow, WorkflowFile } from '../../dev/n8n/rest';
import type { RunningN8n } from '../../dev/n8n/server';
import type { VideoSdkApi } from '../../dev/videosdk-api';
import { allExecutions, finishedExecutions, output, ranNode } from './support/executions';
import { expect, test } from './support/fixtures';
import { n8n3Defaults } from './support/n8n3';
import { post, triggerUrl, webhookUrl } from './support/outside';
import { type Undo, undoAll } from './support/ownN8n';
import { type QueueMode, startQueueMode } from './support/queueMode';
import { findSecrets, searchFolder } from './support/secrets';
import { AFTER, NODE, stored, waitingFlow } from './support/waiting';

const CALLS = 100;
const AT_ONCE = 20;
const WORKERS = 2;

/** Calls all at once, of which VideoSDK refuses many. */
const BURST = 60;

test.describe.serial('queue mode, with a main n8n, a webhook process and two workers', () => {
	test.setTimeout(240_000);

	const undo: Undo = [];
	let queueMode: QueueMode;
	let api: VideoSdkApi;
	let rest: N8nRest;
	let workflow: Workflow;
	let url: string;

	test.beforeAll(async ({ world }) => {
		test.setTimeout(240_000);
		queueMode = await startQueueMode(world, WORKERS, undo);
		({ api, rest } = queueMode);
		const example = await world.example('end-session-from-webhook');
		workflow = await publish(example);
		url = webhookUrl(queueMode.main, find(workflow, 'Webhook'));
	});

	test.afterAll(async () => await undoAll(undo));

	const save = async (file: WorkflowFile) =>
		await rest.createWorkflow(withCredentials(file, queueMode.credential));

	async function publish(file: WorkflowFile): Promise<Workflow> {
		const saved = await save(file);
		await rest.activate(saved);
		return saved;
	}

	test(`queue mode answers each of ${CALLS} calls with its own session, ended once`, async () => {
		const ids = Array.from({ length: CALLS }, () => api.sessions.add().sessionId);

		const answers = await pMap(ids, async (sessionId) => await post(url, { sessionId }), {
			concurrency: AT_ONCE,
		});

		for (const [index, answer] of answers.entries()) {
			expect(answer.status, answer.text).toBe(200);
			expect(JSON.parse(answer.text)).toMatchObject({
				sessionId: ids[index],
				status: 'completed',
			});
			expect(JSON.parse(answer.text)).not.toHaveProperty('alreadyEnded');
		}
		const once = new Map(ids.map((sessionId) => [sessionId, 1]));
		expect(api.stats.endings).toEqual(once);
		expect(api.stats.endRequests).toEqual(once);
	});

	test('every worker in queue mode runs a share of the executions', async () => {
		await expect
			.poll(async () => (await allExecutions(rest, workflow.id)).map(({ status }) => status))
			.toEqual(Array<string>(CALLS).fill('success'));

		const done: string[][] = [];
		for (const { logFile } of queueMode.workers) {
			const log = await readFile(logFile, 'utf8');
			done.push([...log.matchAll(/Worker finished execution (\d+)/g)].map(([, id = '']) => id));
		}
		for (const ids of done) expect(ids.length).toBeGreaterThan(CALLS / 10);
		const all = await allExecutions(rest, workflow.id);
		expect(
			done
				.flat()
				.map(Number)
				.sort((a, b) => b - a),
		).toEqual(all.map(({ id }) => Number(id)));
	});

	test('queue mode registers call events once, and each process ignores repeats', async () => {
		const { main, webhookProcess } = queueMode;
		const listener = node('VideoSDK Trigger', 'n8n-nodes-videosdk.videoSdkTrigger', {
			events: ['call-hangup'],
		});
		const saved = await publish(flow('Listen to calls', listener));
		const registered = api.sipWebhooks.all();
		expect(registered).toMatchObject([{ url: triggerUrl(main, listener) }]);

		const [first, second] = [
			api.calls.add({ status: 'ended' }),
			api.calls.add({ status: 'ended' }),
		];
		const tell = async (to: RunningN8n, { callId }: { callId: string }) => {
			const event = { webhookType: 'call-hangup', data: { callId } };
			return (await post(triggerUrl(to, listener), event)).status;
		};
		for (const to of [webhookProcess, webhookProcess]) expect(await tell(to, first)).toBe(200);
		await finishedExecutions(rest, saved.id, 1);
		for (const to of [main, main]) expect(await tell(to, second)).toBe(200);
		await finishedExecutions(rest, saved.id, 2);
		// It cannot know what the main process has taken since its own first event.
		expect(await tell(webhookProcess, second)).toBe(200);
		await finishedExecutions(rest, saved.id, 3);
		expect(api.sipWebhooks.all()).toEqual(registered);

		await rest.deactivate(saved.id);
		await expect.poll(() => api.sipWebhooks.all()).toEqual([]);
		for (const to of [main, webhookProcess]) {
			await expect.poll(async () => await tell(to, first)).toBe(404);
		}
	});

	test('a manual execution in queue mode waits for a session and resumes', async () => {
		const go = node('Go', 'n8n-nodes-base.manualTrigger');
		const wait = sessionNode('Wait', 'startAndWait', { options: { startWithoutDeployment: true } });
		const end = sessionNode('End', 'end', { sessionId: byId(api.sessions.add().sessionId) });
		const saved = await save(flow('By hand', go, end, wait, fieldsNode('Next', { ran: 'yes' })));

		const id = await rest.runManually(saved.id, 'Go');
		await expect.poll(async () => (await rest.execution(id)).status).toBe('waiting');
		const [waiting] = output(await rest.execution(id), 'Wait');
		api.sessions.setStatus(String(waiting?.json.sessionId), 'completed');
		const execution = await rest.finished(id);

		expect([execution.mode, execution.status]).toEqual(['manual', 'success']);
		expect(output(execution, 'End')[0]?.json.status).toBe('completed');
		expect(output(execution, 'Next')[0]?.json).toMatchObject({ event: 'stopped', ran: 'yes' });
		const logs = await Promise.all(
			queueMode.workers.map(async ({ logFile }) => await readFile(logFile, 'utf8')),
		);
		const isOnWorkers = logs.some((log) => log.includes(`Worker finished execution ${id} `));
		expect(isOnWorkers).toBe('OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS' in n8n3Defaults);
	});

	test('an event resumes an execution in queue mode, even of a failed session', async () => {
		const { workflow: waits, webhook } = waitingFlow();
		const saved = await publish(waits);
		const itsUrl = webhookUrl(queueMode.main, webhook);
		for (const customer of ['Ann', 'Bob']) {
			expect((await post(itsUrl, { customer })).status).toBe(200);
		}
		const [good, bad] = await stored(rest, saved.id, 2);
		if (!good || !bad) throw new Error('Two executions were started.');

		api.sessions.setStatus(good.sessionId, 'completed');
		api.sessions.setStatus(bad.sessionId, 'failed');

		const executions = await finishedExecutions(rest, saved.id, 2);
		const of = (id: string) => {
			const found = executions.find((execution) => execution.id === id);
			if (!found) throw new Error(`Execution ${id} is missing.`);
			return found;
		};
		expect(of(good.id).status).toBe('success');
		expect(output(of(good.id), AFTER)[0]?.json).toMatchObject({
			sessionId: good.sessionId,
			event: 'stopped',
			customer: expect.stringMatching(/^(Ann|Bob)$/) as unknown,
		});
		expect(of(bad.id).status).toBe('error');
		expect(ranNode(of(bad.id), NODE).error?.message).toBe(
			`Session "${bad.sessionId}" ended with an error: its status is failed`,
		);
		expect(output(of(bad.id), 'Webhook')).toHaveLength(1);

		// Before it is stored, the worker reports it to the main process.
		api.set({ delayMs: 500, failAfterMs: 20 });
		expect((await post(itsUrl, { customer: 'Eve' })).status).toBe(200);
		const [, , early] = await finishedExecutions(rest, saved.id, 3);
		expect(early?.status).toBe('error');
		expect([409, 500]).toContain(api.stats.deliveries.at(-1)?.status);
		api.set({ delayMs: 50, failAfterMs: undefined });
	});

	test(`${BURST} concurrent calls in queue mode all end sessions while throttled`, async () => {
		api.resetStats();
		api.set({ delayMs: 1_000, maxAtOnce: 10, retryAfterSeconds: 1 });
		const ids = Array.from({ length: BURST }, () => api.sessions.add().sessionId);

		const answers = await Promise.all(ids.map(async (sessionId) => await post(url, { sessionId })));

		const ok = answers.filter(({ status }) => status === 200);
		expect({ ok: ok.length, ended: api.stats.endings.size }).toEqual({ ok: BURST, ended: BURST });
		expect(
			answers.map(({ text }) => (JSON.parse(text) as { sessionId: unknown }).sessionId),
		).toEqual(ids);
		expect(api.stats.endings).toEqual(new Map(ids.map((sessionId) => [sessionId, 1])));
		// More than VideoSDK takes did come at once: two workers do ten executions each.
		expect(api.stats.throttled).toBeGreaterThan(0);
	});

	test('queue mode leaves no secret and no token in Redis, the database or a log', async ({
		world,
	}) => {
		const { findings, files } = await searchFolder(
			queueMode.home,
			api.secret,
			world.installed.node,
		);

		expect(findings).toEqual([]);
		const rows = await queueMode.postgres.dump();
		expect(findSecrets('PostgreSQL', rows, api.secret)).toEqual([]);
		// What was searched is what was used.
		expect(rows).toContain('Session stopped successfully');
		const queue = files.filter((file) => file.startsWith('redis') && file.endsWith('.aof'));
		const kept = await Promise.all(
			queue.map(async (file) => await readFile(join(queueMode.home, file), 'utf8')),
		);
		expect(kept.join('')).toContain('executionId');
	});
});
