import { expect, test } from './support/account';
import { allExecutions, output } from './support/executions';
import { openOperation } from './support/openOperation';

test('End Session with Wait Until Ended returns the ended session', async ({ account, editor }) => {
	const { api } = account;
	api.set({ endTakesMs: 1_500 });
	const { sessionId } = api.sessions.add();
	const panel = await openOperation(editor, account, 'Agent Session', 'End Session');
	await panel.pick('sessionId', sessionId.slice(0, 8));
	await panel.add('Add option', 'Wait Until Ended');
	await panel.toggle('waitUntilEnded');
	// It is offered only now that there is something to wait for.
	await panel.add('Add option', 'Wait Timeout (Seconds)');

	const execution = await panel.execute();

	expect(output(execution, 'VideoSDK')).toMatchObject([{ json: { sessionId, status: 'stopped' } }]);
});

test('Get Many Sessions lists the sessions that match all filters', async ({ account, editor }) => {
	const { api } = account;
	const { id: deploymentId } = api.deployments.add({ name: 'Support line' });
	const wanted = [
		api.sessions.add({ deploymentId, tag: 'v2.0', status: 'running' }),
		api.sessions.add({ deploymentId, tag: 'v2.0', status: 'queued' }),
	];
	api.sessions.add({ deploymentId, tag: 'v2.0', status: 'failed' });
	api.sessions.add({ deploymentId, tag: 'v1.0', status: 'running' });
	api.sessions.add({ tag: 'v2.0', status: 'running' });
	const panel = await openOperation(editor, account, 'Agent Session', 'Get Many');
	await panel.toggle('returnAll');
	await panel.add('Add filter', 'Deployment');
	await panel.pick('deploymentId', 'Support line · any version');
	await panel.add('Add filter', 'Status');
	await panel.chooseSeveral('status', ['Queued', 'Running']);
	await panel.add('Add filter', 'Tag');
	await panel.fill('tag', 'v2.0');

	await panel.execute();

	const ids = wanted.map(({ sessionId }) => ({ sessionId })).reverse();
	await panel.expectRows(ids);
});

test('Start Session starts a session of the picked deployment', async ({ account, editor }) => {
	const { api } = account;
	const deployment = api.deployments.add({ name: 'Support line', tag: 'v1.4' });
	api.deployments.add({ name: 'Another' });
	const panel = await openOperation(editor, account, 'Agent Session', 'Start Session');
	await panel.add('Add field', 'Webhook URL');
	await panel.fill('webhookUrl', 'http://127.0.0.1:9/webhook/1');
	await panel.pick('deploymentId', 'Support line · v1.4');
	await expect(panel.field('tag')).toBeHidden();
	await panel.add('Add field', 'Webhook Events');
	await expect(panel.field('webhookEvents')).toContainText('Session Started');
	await panel.add('Add field', 'Environment Variables');
	await panel.addEntry('Add variable');
	await panel.fill('key', 'LANGUAGE');
	await panel.fill('value', 'a-value-to-hide');
	await expect(panel.field('value').locator('input')).toHaveAttribute('type', 'password');
	await panel.add('Add option', 'Wait Until Running');
	await panel.toggle('waitUntilRunning');

	const execution = await panel.execute();

	const [started] = output(execution, 'VideoSDK').map(({ json }) => json);
	expect(started).toMatchObject({ deploymentId: deployment.id, tag: 'v1.4', status: 'running' });
	expect(api.sessions.find(String(started?.sessionId))?.status).toBe('running');
	await panel.expectRows([{ sessionId: started?.sessionId, status: 'running' }]);
});

test('Start Session and Wait waits, and then returns the ended session', async ({
	world,
	account,
	editor,
}) => {
	const { api } = account;
	const { id: deploymentId } = api.deployments.add({ name: 'Support line' });
	const inTwoDays = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 19);
	const panel = await openOperation(editor, account, 'Agent Session', 'Start Session and Wait');
	await panel.pick('deploymentId', 'Support line · any version');
	await expect(panel.field('resumeOn').locator('input')).toHaveValue('Session Ended');
	await expect(panel.field('resumeAmount')).toBeVisible();
	await panel.toggle('limitWaitTime');
	await expect(panel.field('resumeAmount')).toBeHidden();
	await panel.toggle('limitWaitTime');
	await panel.choose('limitType', 'At Specified Time');
	await expect(panel.field('resumeAmount')).toBeHidden();
	await panel.fill('maxDateAndTime', inTwoDays);
	const executing = panel.execute();
	const newest = async () => (await allExecutions(world.rest))[0];
	await expect.poll(async () => (await newest())?.status).toBe('waiting');
	const waiting = await world.rest.execution(String((await newest())?.id));
	api.sessions.setStatus(String(output(waiting, 'VideoSDK')[0]?.json.sessionId), 'completed');

	const [ended] = output(await executing, 'VideoSDK').map(({ json }) => json);
	expect(ended).toMatchObject({ deploymentId, event: 'stopped', timedOut: false });
});

test('Start Session needs a deployment unless Start Without Deployment is on', async ({
	account,
	editor,
}) => {
	const { api } = account;
	const panel = await openOperation(
		editor,
		account,
		'Agent Session',
		'Start Session',
		'No deployment',
	);
	await panel.tryToExecute();
	// The message of the test before may still be there.
	await expect(editor.page.getByRole('alert').filter({ hasText: 'Deployment' })).toBeVisible();
	expect(api.stats.requests.size).toBe(0);

	await panel.add('Add option', 'Start Without Deployment');
	await panel.toggle('startWithoutDeployment');
	await expect(panel.field('deploymentId')).toBeHidden();
	await panel.execute();

	await panel.expectRows([{ status: 'queued' }]);
});

test('End Many Sessions ends exactly the sessions that its dry run shows', async ({
	account,
	editor,
}) => {
	const { api } = account;
	const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
	const old = api.sessions.add({ tag: 'v2.0', start: minutesAgo(90) });
	api.sessions.add({ tag: 'v2.0', start: minutesAgo(5) });
	api.sessions.add({ tag: 'v1.0', start: minutesAgo(90) });
	api.sessions.add({ tag: 'v2.0', start: minutesAgo(90), status: 'completed' });
	const panel = await openOperation(editor, account, 'Agent Session', 'End Many Sessions');
	await panel.add('Add filter', 'Running Longer Than (Minutes)');
	await panel.add('Add filter', 'Tag');
	await panel.fill('tag', 'v2.0');

	await panel.execute();
	await panel.expectRows([{ sessionId: old.sessionId, status: 'running', dryRun: 'true' }]);
	expect(api.stats.endRequests.size).toBe(0);

	await panel.toggle('dryRun');
	await panel.execute();
	await panel.expectRows([{ sessionId: old.sessionId, status: 'completed' }]);
	expect(api.stats.endRequests).toEqual(new Map([[old.sessionId, 1]]));
});

test('a deployment can be created, listed and looked up in the node panel', async ({
	account,
	editor,
}) => {
	const { api } = account;
	api.deployments.add({ name: 'First' });
	const { id } = api.deployments.add({ name: 'Second', tag: 'v1.4' });
	const panel = await openOperation(editor, account, 'Agent Deployment', 'Create Deployment');
	await panel.fill('name', 'Support line');
	await panel.fill('description', 'Answers at night');
	await panel.execute();
	await panel.expectRows([{ name: 'Support line', description: 'Answers at night' }]);

	await panel.choose('operation', 'Get Many');
	await panel.fill('limit', '2');
	await panel.execute();
	await panel.expectRows([{ name: 'Support line' }, { name: 'Second' }]);

	await panel.choose('operation', 'Get Deployment');
	const rows = await panel.openList('deploymentId');
	await expect(rows).toHaveCount(3);
	await panel.searchList('second');
	await expect(rows).toHaveText([/Second · v1\.4/]);
	await rows.click();
	await expect(panel.field('tag')).toBeHidden();
	await panel.execute();
	await panel.expectRows([{ id, name: 'Second' }]);
});
