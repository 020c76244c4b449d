import { byId, flow, sessionNode, webhookNode } from '../../dev/n8n/flow';
import { type Account, expect, test } from './support/account';
import { output, ranNode } from './support/executions';
import type { Editor } from './support/ui';

/** Opens a workflow with five items, of which the first and the third can succeed. */
async function openBatch(editor: Editor, account: Account, onError: string) {
	const { api } = account;
	const good = api.sessions.add().sessionId;
	const ended = api.sessions.add({ status: 'completed' }).sessionId;
	const garbage = api.sessions.add().sessionId;
	api.set({
		faults: ({ sessionId }) =>
			sessionId === garbage ? { kind: 'wrongJson', text: '<html>' } : undefined,
	});
	const bodies = [good, 'no-such-session', ended, garbage, { id: 1 }].map((sessionId) => ({
		sessionId,
	}));
	const end = sessionNode('VideoSDK', 'end', {
		sessionId: byId('={{ $json.body.sessionId }}'),
		options: { maxRetries: 0 },
	});
	const workflow = flow(`On Error: ${onError}`, webhookNode(), end);
	const pinData = { Webhook: bodies.map((body) => ({ json: { body } })) };
	await editor.open(await account.save({ ...workflow, pinData }));

	const panel = await editor.openNode('VideoSDK');
	await panel.openSettings();
	await panel.choose('onError', onError);
	await panel.close();

	// What is expected of each item, in their order.
	const results = [
		{ sessionId: good, status: 'completed', message: 'Session stopped successfully' },
		{
			error: {
				message:
					'Session "no-such-session" was not ended: there is no such session in this VideoSDK project',
				sessionId: 'no-such-session',
				httpCode: '404',
			},
		},
		{ sessionId: ended, status: 'completed', alreadyEnded: true },
		{
			error: {
				message: `Session "${garbage}" may not have been ended: the response from VideoSDK is not in the expected format`,
				sessionId: garbage,
			},
		},
		{
			error: {
				message: 'The session ID is a group of fields, not text [item 4]',
				description: expect.stringContaining("In 'Session', enter the ID of one session"),
			},
		},
	];
	return { good, ended, garbage, bodies, results };
}

test('Stop Workflow shows the first failure and a summary of all items @every-n8n', async ({
	account,
	editor,
}) => {
	const { good, ended, garbage, results } = await openBatch(editor, account, 'Stop Workflow');

	const execution = await editor.run();

	expect(execution.status).toBe('error');
	const { error, data } = ranNode(execution, 'VideoSDK');
	expect(data).toBeUndefined();
	expect(error?.message).toBe(results[1]?.error?.message);
	const panel = await editor.openNode('VideoSDK');
	await expect(panel.error).toContainText(String(results[1]?.error?.message));
	for (const sentence of [
		'Ended 2 of 5 sessions. Failed: "no-such-session"',
		`"${garbage}"`,
		'item 4 – ',
		`Ended: "${good}", "${ended}".`,
	]) {
		await expect(panel.errorDescription).toContainText(sentence);
	}
});

test('Continue returns all items in order, failed ones with their error', async ({
	account,
	editor,
}) => {
	const { results } = await openBatch(editor, account, 'Continue');

	const execution = await editor.run();

	expect(execution.status).toBe('success');
	expect(output(execution, 'VideoSDK')).toMatchObject(
		results.map((json, item) => ({ json, pairedItem: { item } })),
	);
	const panel = await editor.openNode('VideoSDK');
	await expect.poll(async () => await panel.rows()).toHaveLength(5);
	// Above the table, whose column with the reasons may be off the screen.
	await expect(panel.output).toContainText(
		'Failed: "no-such-session" – there is no such session in this VideoSDK project; ',
	);
	const rows = await panel.rows();
	// n8n's table says so where an item lacks a field that another has.
	const lacking = 'undefined';
	for (const [index, { error }] of results.entries()) {
		expect(rows[index]?.error).toContain(error?.message ?? lacking);
	}
});

test('Continue (using error output) separates failed items in order @every-n8n', async ({
	account,
	editor,
}) => {
	const onError = 'Continue (using error output)';
	const { results, bodies } = await openBatch(editor, account, onError);

	const execution = await editor.run();

	expect(execution.status).toBe('success');
	const expected = results.map((json, item) => ({ json, pairedItem: { item } }));
	expect(output(execution, 'VideoSDK', 0)).toMatchObject(
		expected.filter(({ json }) => !json.error),
	);
	expect(output(execution, 'VideoSDK', 1)).toMatchObject(
		expected
			.filter(({ json }) => json.error)
			// With the fields of the input item.
			.map(({ json, pairedItem }) => ({
				json: { ...json, body: bodies[pairedItem.item] },
				pairedItem,
			})),
	);
	const panel = await editor.openNode('VideoSDK');
	await panel.openBranch('Success Branch (2 items)');
	await expect.poll(async () => await panel.rows()).toHaveLength(2);
	await panel.openBranch('Error Branch (3 items)');
	await expect.poll(async () => await panel.rows()).toHaveLength(3);
	const rows = await panel.rows();
	for (const [index, error] of results.flatMap((result) => result.error ?? []).entries()) {
		expect(rows[index]?.error).toContain(error.message);
	}
});
