/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';
import type { INodeParameters } from 'n8n-workflow';
import { byId, flow, node, sessionNode, webhookNode } from '../../dev/n8n/flow';
import type { Options, Stats } from '../../dev/videosdk-api';
import { expect, test } from './support/account';
import { allExecutions } from './support/executions';
import { post, webhookUrl } from './support/outside';

interface Wait {
	api: Options;
	options?: INodeParameters;
	/** Whether the run waits by now. */
	hasBegun(stats: Stats): boolean;
}

const sent = ({ requests }: Stats) => [...requests.values()].reduce((a, { count }) => a + count, 0);

/** What a run of 100 sessions can be waiting for when somebody stops it. */
const waits: Record<string, Wait> = {
	'in the request queue': {
		api: { delayMs: 200, maxAtOnce: 2 },
		hasBegun: ({ throttled, endings }) => throttled > 0 && endings.size > 5,
	},
	'for a Retry-After time': {
		api: { maxAtOnce: 0, retryAfterSeconds: 30 },
		hasBegun: ({ throttled }) => throttled > 0,
	},
	'for a response': {
		api: { delayMs: 20_000 },
		hasBegun: (stats) => sent(stats) > 0,
	},
	'for sessions to end': {
		api: { endTakesMs: 60_000 },
		options: { waitUntilEnded: true },
		hasBegun: ({ requests }) => requests.has('GET /ai/v1/ai-deployment-sessions/{sessionId}'),
	},
};

for (const [what, { api, options = {}, hasBegun }] of Object.entries(waits)) {
	test(`an execution that waits ${what} stops within two seconds`, async ({ world, account }) => {
		account.api.set(api);
		const ids = Array.from({ length: 100 }, () => account.api.sessions.add().sessionId);
		const webhook = webhookNode();
		const workflow = await account.activate(
			flow(
				`Stopped while it waits ${what}`,
				webhook,
				node('IDs', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'body.ids' }),
				sessionNode('End session', 'end', {
					sessionId: byId("={{ $json['body.ids'] }}"),
					options,
				}),
			),
		);
		await post(webhookUrl(world.n8n, webhook), { ids });
		await expect.poll(() => hasBegun(account.api.stats)).toBe(true);
		const [execution] = await allExecutions(world.rest, workflow.id);
		expect(execution?.status).toBe('running');

		const stoppedAt = performance.now();
		await world.rest.call('POST', `/rest/executions/${execution?.id}/stop`);
		await expect
			.poll(async () => (await allExecutions(world.rest, workflow.id))[0]?.status, {
				intervals: [100],
			})
			.toBe('canceled');
		expect(performance.now() - stoppedAt).toBeLessThan(2_000);

		const { data } = await world.rest.finished(String(execution?.id), 5_000);
		const before = sent(account.api.stats);
		await sleep(2_000);
		expect(sent(account.api.stats)).toBe(before);
		// What was ended by then is not kept: n8n drops the output of a node that was running.
		expect(data.resultData.runData['End session']).toBeUndefined();
	});
}
