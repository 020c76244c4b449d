/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';
import type { INodeParameters } from 'n8n-workflow';
import { byId, flow, node, sessionNode, webhookNode } from '../../dev/n8n/flow';
import type { Options } from '../../dev/videosdk-api';
import { expect, test } from './support/account';
import { allExecutions } from './support/executions';
import { post, webhookUrl } from './support/outside';

/** What a run of 100 sessions can be waiting for when somebody stops it. */
const waits: Array<[string, Options, INodeParameters]> = [
	['for its turn', { delayMs: 200, maxAtOnce: 2 }, {}],
	['for the end of a pause', { maxAtOnce: 0, retryAfterSeconds: 30 }, {}],
	['for an answer', { delayMs: 20_000 }, {}],
	['for sessions to end', { endTakesMs: 60_000 }, { waitUntilEnded: true }],
];

for (const [what, api, options] of waits) {
	test(`an execution that waits ${what} is stopped within two seconds, and nothing more is sent`, async ({
		world,
		account,
	}) => {
		account.api.set(api);
		const ids = Array.from({ length: 100 }, () => account.api.addSession().sessionId);
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
		await sleep(3_000);
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

		const sent = () => [...account.api.stats.requests.values()].reduce((a, b) => a + b.count, 0);
		const { data } = await world.rest.finished(String(execution?.id), 5_000);
		const before = sent();
		await sleep(2_000);
		expect(sent()).toBe(before);
		// What was ended by then is not kept: n8n drops the output of a node that was running.
		expect(data.resultData.runData['End session']).toBeUndefined();
	});
}
