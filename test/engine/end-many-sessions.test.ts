import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Options } from '../../dev/videosdk-api';
import { asTool, itemsOf, type RunSettings, stopsNever } from '../support/nodeRun';
import { addSessions, askedToEnd, failing, idsIn, onceEach, session } from './sessions';
import { useEngine } from './setup';

const { startApi, run, refused } = useEngine();

const endMany = (parameters: IDataObject) =>
	session('endMany', { dryRun: false, allLiveSessions: false, filters: {}, ...parameters });

const all = endMany({ allLiveSessions: true });

const runaways = { filters: { tag: 'runaway' } };

/** Five hundred sessions, of which 200 live, of which 30 have the tag; and the IDs of the 30. */
async function fiveHundred(options?: Options) {
	const api = await startApi(options);
	addSessions(api, 250, { status: 'completed' });
	const runaway = addSessions(api, 20, { tag: 'runaway' });
	addSessions(api, 50, { status: 'stopped', tag: 'runaway' });
	addSessions(api, 170);
	const queued = addSessions(api, 10, { tag: 'runaway', status: 'queued' });
	return { api, runaway: [...queued, ...runaway] };
}

const page2Fails: Options = {
	faults: ({ path }) => (path.includes('page=2') ? { kind: 'status', status: 403 } : undefined),
};

const forbidden = 'VideoSDK does not allow this API key to do this ("A fault on purpose")';

test('End Many Sessions ends each live session that matches the filters once', async () => {
	const { api, runaway } = await fiveHundred();
	const { items } = await run(api, endMany(runaways));
	expect(idsIn(items)).toEqual(runaway);
	expect(askedToEnd(api)).toEqual(onceEach(runaway));
	const json = { ...api.sessions.find(runaway[0] ?? ''), message: 'Session stopped successfully' };
	expect(items[0]).toEqual({ json, pairedItem: { item: 0 } });
});

test('a dry run returns the matching sessions and ends none', async () => {
	const { api, runaway } = await fiveHundred();
	const { items, hint } = await run(api, endMany({ dryRun: true, ...runaways }));
	expect(idsIn(items).sort()).toEqual(runaway.sort());
	for (const { json } of items) expect(Object.entries(json)[0]).toEqual(['dryRun', true]);
	expect(askedToEnd(api)).toEqual({});
	expect(hint).toBe(
		'Dry run: 30 sessions would be ended (VideoSDK listed 500 sessions, 200 of them live). Nothing was ended.',
	);
});

describe('invalid parameters', () => {
	const none = '={{ $json.none }}';
	const notByExpression = "'All Live Sessions' is neither on nor off";

	test.each<[IDataObject, string]>([
		[{}, 'Nothing was ended: there is no filter'],
		// Some versions of n8n give the expression of a field that takes none without its equals sign.
		[{ allLiveSessions: '={{ "true" }}' }, notByExpression],
		[{ allLiveSessions: '={{ 1 }}' }, notByExpression],
		[{ allLiveSessions: "={{ $fromAI('All') }}" }, notByExpression],
		[
			{ allLiveSessions: true, filters: { deploymentId: byId(none) } },
			"The expression in 'Deployment' returned nothing",
		],
		[
			{ filters: { runningLongerThan: none } },
			"The expression in 'Running Longer Than (Minutes)' returned nothing",
		],
	])('End Many Sessions rejects %j', async (parameters, message) => {
		const error = await refused(endMany(parameters));
		expect(error).toMatchObject({ name: 'NodeOperationError' });
		expect(error?.message).toContain(message);
	});

	test('End Many Sessions sends nothing if an AI model would decide on Dry Run', async () => {
		const dryRun =
			"={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('Dry_Run', ``, 'boolean', false) }}";
		const error = await refused(endMany({ dryRun, ...runaways }), undefined, asTool);
		expect(error?.message).toBe("The AI model must not set 'Dry Run'");
	});

	test.each<[IDataObject, unknown]>([
		[{ runningLongerThan: 0.5 }, 0.5],
		[{ runningLongerThan: '={{ $json.minutes ?? 0 }}' }, 0],
		[{ runningLongerThan: '0', tag: 'runaway' }, '0'],
	])('End Many rejects the filter %j', async (filters, value) => {
		for (const more of [{}, { dryRun: true }, { allLiveSessions: true }]) {
			expect(await refused(endMany({ filters, ...more }))).toMatchObject({
				message: `'Running Longer Than (Minutes)' is ${String(value)}, so nearly every live session would match`,
				description:
					"Enter 1 or more. To end every live session, remove the filter and turn on 'All Live Sessions'. Nothing was ended.",
			});
		}
	});
});

test('the hint says that All Live Sessions has no effect if there is a filter', async () => {
	const { api, runaway } = await fiveHundred();
	const parameters = { allLiveSessions: true, ...runaways };
	const { items, hint } = await run(api, endMany(parameters));
	expect(hint).toContain("'All Live Sessions' had no effect, because there is a filter.");
	expect(idsIn(items)).toEqual(runaway);
});

describe('sessions that change meanwhile', () => {
	test('End Many Sessions looks for new sessions only after the first pass', async () => {
		const order: string[] = [];
		const api = await startApi({
			delayMs: 100,
			faults: ({ method }) => {
				const count = order.push(method === 'POST' ? 'end' : 'list');
				// Two lists, and the last of the eight is told to end when another session starts.
				if (count === 10) api.sessions.add({ sessionId: 'late', tag: 'runaway' });
				return undefined;
			},
		});
		addSessions(api, 8, { tag: 'runaway' });
		const { items } = await run(api, endMany(runaways));
		expect(new Set(idsIn(items)).size).toBe(9);
		expect(api.sessions.find('late')?.status).toBe('completed');
		expect(order).toEqual(['list', 'list', ...Array(8).fill('end'), 'list', 'list', 'end']);
	});

	test('End Many Sessions does not fail if a session is already stopping', async () => {
		const api = await startApi();
		addSessions(api, 1, { status: 'stopping' });
		addSessions(api, 1);
		expect((await run(api, all)).error).toBeUndefined();
	});
});

describe('failures', () => {
	test('a session that cannot be ended is an error item, and the others end', async () => {
		const api = await startApi({
			faults: ({ sessionId }) =>
				sessionId === 'stubborn' ? { kind: 'status', status: 403 } : undefined,
		});
		for (const sessionId of ['a', 'stubborn', 'c']) api.sessions.add({ sessionId });
		const { items, failed } = await run(api, all, itemsOf(['input']), stopsNever);
		expect(idsIn(items)).toEqual(['c', 'a']);
		const message = expect.stringMatching(/^Session "stubborn" was not ended: /) as string;
		expect(failed).toMatchObject([
			{
				json: { sessionId: 'input', error: { message, sessionId: 'stubborn', httpCode: '403' } },
				pairedItem: { item: 0 },
			},
		]);
	});

	test('End Many Sessions says that some may still be live if a later page fails', async () => {
		const { api } = await fiveHundred(page2Fails);
		const { error } = await run(api, all);
		expect(error?.message).toMatch(
			/^Not all sessions could be listed, so some that match may still be live: /,
		);
		expect(error?.description).toMatch(/^Ended 100 of 100 sessions found\. Failed: /);
		expect(Object.values(askedToEnd(api))).toEqual(Array(100).fill(1));
		const none = endMany({ filters: { tag: 'none' } });
		const { hint } = await run(api, none, itemsOf(['x']), stopsNever);
		expect(hint).toBe(
			`Failed: item 0 – Not all sessions could be listed, so some that match may still be live: ${forbidden}.`,
		);
	});

	test.each([
		[1, `Failed: item 0 – Sessions could not be listed, so none was ended: ${forbidden}.`],
		[2, 'No session was ended. Failed: item 0, item 1 – Sessions could not be listed'],
	])(
		'a dry run of %i items counts no sessions if they cannot be listed',
		async (count, expected) => {
			const input = itemsOf(Array(count).fill('x'));
			const api = await startApi(failing(403));
			const { failed, hint } = await run(api, endMany({ dryRun: true }), input, stopsNever);
			expect(failed).toHaveLength(count);
			expect(hint?.slice(0, expected.length)).toBe(expected);

			const { api: other } = await fiveHundred(page2Fails);
			const { error } = await run(other, endMany({ dryRun: true }), input);
			expect(error?.message).toMatch(/^Not all sessions could be listed/);
			expect(error?.description).not.toContain('Ended');
			expect(error?.description?.startsWith('No session was ended. ')).toBe(count > 1);
			expect(askedToEnd(other)).toEqual({});
		},
	);
});

test('the hint says so if there are no live sessions', async () => {
	const api = await startApi();
	addSessions(api, 3, { status: 'completed', tag: 'runaway' });
	const { items, hint } = await run(api, endMany(runaways));
	expect(items).toEqual([]);
	expect(hint).toBe(
		'Nothing was ended, because there are no live sessions (VideoSDK listed 3 sessions).',
	);
});

test.each<[string, RunSettings | undefined, number]>([
	['on in a new node', undefined, 0],
	['off in a new tool of an AI agent', asTool, 30],
])('Dry Run is %s', async (_name, settings, ended) => {
	const { api } = await fiveHundred();
	const { items } = await run(api, session('endMany', runaways), undefined, settings);
	expect(items).toHaveLength(30);
	expect(Object.keys(askedToEnd(api))).toHaveLength(ended);
});
