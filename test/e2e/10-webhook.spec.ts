/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';
import { byId, find, flow, node, sessionNode, webhookNode } from '../../dev/n8n/flow';
import type { Options } from '../../dev/videosdk-api';
import { expect, test, type Account } from './support/account';
import { onlyExecution, output, ranNode } from './support/executions';
import { post, webhookUrl } from './support/outside';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

test.describe('the example with a webhook', () => {
	let url: string;

	test.beforeEach(async ({ world, account }) => {
		const example = await world.example('end-session-from-webhook');
		await account.activate(example);
		url = webhookUrl(world.n8n, find(example, 'Webhook'));
	});

	test('the webhook example responds with the session that it ended @every-n8n', async ({
		account: { api },
	}) => {
		const { sessionId } = api.sessions.add({ extra: { nested: ['kept'] } });

		const answer = await post(url, { sessionId });

		expect(answer.status).toBe(200);
		expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
		expect(JSON.parse(answer.text)).toEqual({
			...api.sessions.find(sessionId),
			message: 'Session stopped successfully',
		});
		expect(api.sessions.find(sessionId)?.status).toBe('completed');
		expect(api.stats.endings).toEqual(new Map([[sessionId, 1]]));
	});

	test('the webhook example responds 422 to an unknown session ID @every-n8n', async ({
		account: { api },
	}) => {
		const answer = await post(url, { sessionId: UNKNOWN });

		expect(answer.status).toBe(422);
		expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
		expect(JSON.parse(answer.text)).toEqual({
			error: {
				message: `Session "${UNKNOWN}" was not ended: there is no such session in this VideoSDK project`,
				sessionId: UNKNOWN,
				httpCode: '404',
				videoSdkMessage: 'Session not found',
				requestId: expect.stringMatching(/^[\da-f-]{36}$/),
				description: expect.stringMatching(
					/^If this is the ID of a room or a call, .*Request ID: /,
				),
			},
		});
		expect(api.stats.endRequests).toEqual(new Map([[UNKNOWN, 1]]));
	});
});

/** Each call is an execution of its own, so they have to find their places among each other. */
test.describe('many concurrent webhook calls, one session each', () => {
	interface Burst {
		ids: string[];
		/** Per call: the status, and the session that the answer is about. */
		answered: Array<{ status: number; sessionId?: unknown }>;
	}

	/** Calls a workflow whose node has its default options. */
	async function burst(
		{ world, account }: { world: { n8n: { url: string } }; account: Account },
		calls: number,
		options: Options,
	): Promise<Burst> {
		const { api } = account;
		api.set(options);
		const webhook = webhookNode({ responseMode: 'lastNode' });
		const sessionId = byId('={{ $json.body.sessionId }}');
		await account.activate(
			flow('Many calls at once', webhook, sessionNode('End session', 'end', { sessionId })),
		);
		const ids = Array.from({ length: calls }, () => api.sessions.add().sessionId);
		const url = webhookUrl(world.n8n, webhook);
		const answers = await Promise.all(ids.map(async (id) => await post(url, { sessionId: id })));
		const answered = answers.map(({ status, text }) => {
			const { sessionId } = JSON.parse(text) as { sessionId?: unknown };
			return { status, sessionId };
		});
		return { ids, answered };
	}

	/** Asked again were only those that were refused, as often as they were. */
	function expectAllEnded({ api }: Account, { ids, answered }: Burst): void {
		const { endings, endRequests, endsThrottled } = api.stats;
		const ok = answered.filter(({ status }) => status === 200);
		expect({ ok: ok.length, ended: endings.size }).toEqual({ ok: ids.length, ended: ids.length });
		expect(answered).toEqual(ids.map((sessionId) => ({ status: 200, sessionId })));
		expect(endings).toEqual(new Map(ids.map((id) => [id, 1])));
		const asked = ids.map((id) => (endRequests.get(id) ?? 0) - (endsThrottled.get(id) ?? 0));
		expect(asked).toEqual(ids.map(() => 1));
	}

	test('60 concurrent webhook calls all end sessions, limited to 20 concurrent requests', async ({
		world,
		account,
	}) => {
		const limit = { delayMs: 2_000, maxAtOnce: 20, retryAfterSeconds: 1 };

		const result = await burst({ world, account }, 60, limit);

		expectAllEnded(account, result);
	});

	test('60 concurrent webhook calls all end sessions after an initial full throttle', async ({
		world,
		account,
	}) => {
		const { api } = account;
		// n8n takes all the calls meanwhile, and they wait: only some requests look whether it is open.
		const open = async () => {
			await sleep(8_000);
			expect(api.stats.throttled).toBeGreaterThan(3);
			expect(api.stats.throttled).toBeLessThan(40);
			api.set({ maxAtOnce: 20 });
		};
		const closed = { delayMs: 500, maxAtOnce: 0, retryAfterSeconds: 1 };

		const [result] = await Promise.all([burst({ world, account }, 60, closed), open()]);

		expectAllEnded(account, result);
	});
});

test.describe('n8n’s own HTTP Request node with our credential', () => {
	/** Runs the node once with an address, in a workflow that is called from outside. */
	async function request(
		{ world, account }: { world: { n8n: { url: string } }; account: Account },
		url: string,
	) {
		const webhook = webhookNode();
		const workflow = await account.activate(
			flow(
				'HTTP Request with our credential',
				webhook,
				node(
					'HTTP Request',
					'n8n-nodes-base.httpRequest',
					{ url, authentication: 'predefinedCredentialType', nodeCredentialType: 'videoSdkApi' },
					{ typeVersion: 4.2 },
				),
			),
		);
		expect((await post(webhookUrl(world.n8n, webhook), {})).status).toBe(200);
		return workflow;
	}

	test("n8n's HTTP Request node reaches VideoSDK with the VideoSDK credential", async ({
		world,
		account,
	}) => {
		const { sessionId } = account.api.sessions.add();
		const path = `/ai/v1/ai-deployment-sessions/${sessionId}`;

		const { id } = await request({ world, account }, account.api.url + path);
		const execution = await onlyExecution(world.rest, id);

		expect(execution.status).toBe('success');
		expect(output(execution, 'HTTP Request')[0]?.json).toEqual(
			account.api.sessions.find(sessionId),
		);
		expect(account.api.stats.tokens.size).toBe(1);
	});

	test('the VideoSDK credential rejects a request to another server before sending', async ({
		world,
		account,
		stranger,
	}) => {
		const { id } = await request({ world, account }, `${stranger.url}/mine`);
		const execution = await onlyExecution(world.rest, id);

		expect(execution.status).toBe('error');
		const { error } = ranNode(execution, 'HTTP Request');
		expect(JSON.stringify(error)).toContain(
			`The VideoSDK credential is only for ${account.api.url}, but the request goes to ${stranger.url}. Nothing was sent.`,
		);
		expect(stranger.requests).toEqual([]);
	});

	test("n8n's HTTP Request node does not send the token to the target of a redirect", async ({
		world,
		account,
		stranger,
	}) => {
		account.api.set({ faults: () => ({ kind: 'redirect', location: `${stranger.url}/mine` }) });
		const path = '/ai/v1/ai-deployment-sessions';

		const { id } = await request({ world, account }, account.api.url + path);
		await onlyExecution(world.rest, id);

		expect(account.api.stats.requests.get(`GET ${path}`)).toEqual({ count: 1, lastStatus: 307 });
		expect(stranger.requests).toEqual([]);
	});
});
