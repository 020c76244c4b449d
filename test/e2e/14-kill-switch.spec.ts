import type { INode, INodeParameters } from 'n8n-workflow';
import { expect, test, type Account } from './support/account';
import type { World } from './support/fixtures';
import { onlyExecution, output, ranNode } from './support/executions';
import { byId, flow, node, sessionNode, webhookNode } from '../../dev/n8n/flow';
import { post, webhookUrl } from './support/outside';

// A VideoSDK that takes its time, so that much happens while sessions are being ended.
const slow = { delayMs: 50 };

/** Starts a workflow through its webhook, and waits until it is over. */
async function run(
	{ world, account }: { world: World; account: Account },
	body: object,
	...steps: INode[]
) {
	const webhook = webhookNode();
	const workflow = await account.activate(flow('Kill switch', webhook, ...steps));
	const { status } = await post(webhookUrl(world.n8n, webhook), body);
	expect(status).toBe(200);
	return await onlyExecution(world.rest, workflow.id, 120_000);
}

const endMany = (parameters: INodeParameters, more: Partial<INode> = {}) =>
	sessionNode('End many', 'endMany', { dryRun: false, ...parameters }, more);

const hintsOf = (execution: Awaited<ReturnType<typeof run>>, name: string) =>
	(ranNode(execution, name).hints ?? []).map(({ message }) => message);

test('End Many Sessions ends 349 sessions, and counts one that vanishes as ended', async ({
	world,
	account,
}) => {
	const { api } = account;
	const ids = Array.from({ length: 350 }, () => api.sessions.add().sessionId);
	const vanished = ids[100];
	const faults = ({ sessionId }: { sessionId?: string }) =>
		sessionId === vanished ? ({ kind: 'status', status: 404 } as const) : undefined;
	api.set({ ...slow, faults });

	const execution = await run({ world, account }, {}, endMany({ allLiveSessions: true }));

	const rows = output(execution, 'End many').map(({ json }) => json);
	expect(rows).toHaveLength(350);
	expect(rows.filter(({ alreadyEnded }) => alreadyEnded).map(({ sessionId }) => sessionId)).toEqual(
		[vanished],
	);
	expect(api.stats.endings.size).toBe(349);
	expect(execution.status).toBe('success');
	expect(hintsOf(execution, 'End many')).toEqual([
		expect.stringContaining('1 session had already ended'),
	]);
});

test('End Many Sessions also ends a session that starts meanwhile', async ({ world, account }) => {
	const { api } = account;
	const ids = Array.from({ length: 8 }, () => api.sessions.add().sessionId);
	let late: string | undefined;
	api.set({
		...slow,
		faults: ({ route }) => {
			if (route.endsWith('/end')) late ??= api.sessions.add().sessionId;
			return undefined;
		},
	});

	const execution = await run({ world, account }, {}, endMany({ allLiveSessions: true }));

	expect(new Set(output(execution, 'End many').map(({ json }) => json.sessionId))).toEqual(
		new Set([...ids, late]),
	);
	expect([...api.stats.endings.values()]).toEqual(Array(9).fill(1));
});

test('End Many Sessions with an invalid time ends nothing, and says so', async ({
	world,
	account,
}) => {
	const { api } = account;
	for (let count = 0; count < 3; count++) api.sessions.add();
	const times = ['order 4711', 'room-5012', 'P-2050', '99999'];

	const execution = await run(
		{ world, account },
		{ times },
		node('Times', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'body.times' }),
		endMany(
			{ filters: { startedBefore: "={{ $json['body.times'] }}" } },
			{ onError: 'continueRegularOutput' },
		),
	);

	const rows = output(execution, 'End many').map(({ json }) => json);
	expect(rows.map(({ error }) => error)).toEqual(
		times.map((time, index) => ({
			message: `'Started Before' is not a time: "${time}" [item ${index}]`,
			description: expect.stringContaining('Choose a time'),
		})),
	);
	expect(api.stats.endRequests.size).toBe(0);
});

test('End Session rejects 100 session IDs of 20 kB in less than half a second', async ({
	world,
	account,
}) => {
	const ids = Array.from({ length: 100 }, () => 'eyJ'.repeat(6_700));
	const execution = await run(
		{ world, account },
		{ ids },
		node('IDs', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'body.ids' }),
		sessionNode(
			'End session',
			'end',
			{ sessionId: byId("={{ $json['body.ids'] }}") },
			{ onError: 'continueErrorOutput' },
		),
	);

	const failed = output(execution, 'End session', 1);
	expect(failed).toHaveLength(100);
	expect(account.api.stats.requests.size).toBe(0);
	// No wire is involved: it is all reading. A bound, not a measure: it took 15 s once.
	const { executionTime } = ranNode(execution, 'End session');
	test.info().annotations.push({ type: 'milliseconds', description: String(executionTime) });
	expect(executionTime).toBeLessThan(500);
});

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
	const options = { waitUntilEnded: true };
	const execution = await run({ world, account }, {}, endMany({ allLiveSessions: true, options }));

	const rows = output(execution, 'End many');
	expect(rows).toHaveLength(1_000);
	expect(rows.every(({ json }) => json.status === 'stopped')).toBe(true);
	expect(asked.filter((request) => request === 'POST end')).toHaveLength(1_000);
	expect(asked.indexOf('GET {sessionId}')).toBeGreaterThan(asked.lastIndexOf('POST end'));
});
