import { flow, node, sessionNode, webhookNode } from '../../dev/n8n/flow';
import { expect, test } from './support/account';
import { output } from './support/executions';

const start = node('Start', 'n8n-nodes-base.manualTrigger');

test('the session list starts with live sessions that can be ended @every-n8n', async ({
	account,
	editor,
}) => {
	const { api } = account;
	const { id: deploymentId } = api.deployments.add({ name: 'Support line' });
	// VideoSDK lists the newest first.
	const old = api.sessions.add({ deploymentId, status: 'running' });
	api.sessions.add({ deploymentId, status: 'failed' });
	const live = api.sessions.add({ deploymentId, status: 'running' });
	api.sessions.add({ deploymentId, status: 'completed' });
	await editor.open(
		await account.save(flow('Pick a session', start, sessionNode('VideoSDK', 'end'))),
	);
	const panel = await editor.openNode('VideoSDK');

	const rows = await panel.openList('sessionId');
	await expect(rows).toHaveText([
		/^running · .* · since .* · Support line$/,
		/^running · .* · since .* · Support line$/,
		/^completed · .* · Support line$/,
		/^failed · .* · Support line$/,
	]);
	await rows.filter({ hasText: live.sessionId.slice(0, 8) }).click();
	// The field is narrow, so the status and the short ID come first.
	await expect(panel.picked('sessionId')).toHaveValue(
		new RegExp(`^running · ${live.sessionId.slice(0, 8)} · since .* · Support line$`),
	);
	const execution = await panel.execute();

	expect(execution.status).toBe('success');
	const ended = { ...api.sessions.find(live.sessionId), message: 'Session stopped successfully' };
	expect(ended).toMatchObject({ status: 'completed' });
	expect(output(execution, 'VideoSDK').map(({ json }) => json)).toEqual([ended]);
	const shown = Object.entries(ended).map(([name, value]) => [name, String(value)]);
	await expect.poll(async () => await panel.rows()).toEqual([Object.fromEntries(shown)]);
	expect(api.sessions.find(old.sessionId)?.status).toBe('running');
});

test('the session list is searchable by deployment, caller, ID and tag @every-n8n', async ({
	account,
	editor,
}) => {
	const { api } = account;
	const { id: deploymentId } = api.deployments.add({ name: 'Support line' });
	api.sessions.add({ tag: 'v1.0' });
	const wanted = api.sessions.add({ tag: 'v2.0', deploymentId });
	const other = api.sessions.add({ tag: 'v2.1', metadata: { caller: '+1 212 555 0142' } });
	const short = ({ sessionId }: { sessionId: string }) => new RegExp(sessionId.slice(0, 8));
	await editor.open(
		await account.save(flow('Search a session', start, sessionNode('VideoSDK', 'get'))),
	);
	const panel = await editor.openNode('VideoSDK');
	const rows = await panel.openList('sessionId');
	await expect(rows).toHaveCount(3);

	await panel.searchList('V2.');
	await expect(rows).toHaveText([short(other), short(wanted)]);
	await panel.searchList('555 0142');
	await expect(rows).toHaveText([short(other)]);
	await panel.searchList(wanted.sessionId);
	await expect(rows).toHaveText([short(wanted)]);
	await panel.searchList('support');
	await expect(rows).toHaveText([short(wanted)]);
	await rows.click();

	const execution = await panel.execute();
	expect(output(execution, 'VideoSDK').map(({ json }) => json.sessionId)).toEqual([
		wanted.sessionId,
	]);
});

test('End Session takes the session ID from a webhook body by expression', async ({
	account,
	editor,
}) => {
	const { api } = account;
	const { sessionId } = api.sessions.add();
	const workflow = flow('By expression', webhookNode(), sessionNode('VideoSDK', 'end'));
	const pinData = { Webhook: [{ json: { body: { sessionId } } }] };
	await editor.open(await account.save({ ...workflow, pinData }));
	const panel = await editor.openNode('VideoSDK');

	await panel.fillExpression('sessionId', '{{ $json.body.sessionId }}', sessionId);
	await panel.execute();

	await panel.expectRows([{ sessionId, status: 'completed' }]);
	expect(api.stats.endings).toEqual(new Map([[sessionId, 1]]));
});
