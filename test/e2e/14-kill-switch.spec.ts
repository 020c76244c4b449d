import { flow, sessionNode, webhookNode } from '../../dev/n8n/flow';
import { expect, test } from './support/account';
import { onlyExecution, output } from './support/executions';
import { post, webhookUrl } from './support/outside';

test('End Many Sessions ends all 1,000 sessions before it polls any of them', async ({
	world,
	account,
}) => {
	test.setTimeout(240_000);
	const { api } = account;
	const asked: string[] = [];
	const faults = ({ method, route }: { method: string; route: string }) => {
		asked.push(`${method} ${route.split('/').at(-1)}`);
		return undefined;
	};
	api.set({ delayMs: 500, endTakesMs: 3_000, faults });
	for (let count = 0; count < 1_000; count++) api.sessions.add();
	const webhook = webhookNode();
	const parameters = { dryRun: false, allLiveSessions: true, options: { waitUntilEnded: true } };
	const { id } = await account.activate(
		flow('Kill switch', webhook, sessionNode('End many', 'endMany', parameters)),
	);
	expect((await post(webhookUrl(world.n8n, webhook), {})).status).toBe(200);
	const execution = await onlyExecution(world.rest, id, 120_000);

	const rows = output(execution, 'End many');
	expect(rows).toHaveLength(1_000);
	expect(rows.every(({ json }) => json.status === 'stopped')).toBe(true);
	expect(asked.filter((request) => request === 'POST end')).toHaveLength(1_000);
	expect(asked.indexOf('GET {sessionId}')).toBeGreaterThan(asked.lastIndexOf('POST end'));
});
