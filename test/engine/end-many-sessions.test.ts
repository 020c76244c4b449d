import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Fault, FaultRequest, Options } from '../../dev/videosdk-api';
import { asTool, itemsOf, type RunSettings, stopsNever } from '../support/nodeRun';
import {
	addSessions,
	askedToEnd,
	countOf,
	failing,
	idsIn,
	LIST,
	onceEach,
	pageOf,
	session,
} from './sessions';
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

const stubborn: Options = {
	faults: ({ sessionId }) =>
		sessionId === 'stubborn' ? { kind: 'status', status: 403 } : undefined,
};

const forbidden = 'VideoSDK does not allow this API key to do this ("A fault on purpose")';

const itemsWith = (...items: IDataObject[]) => items.map((json) => ({ json }));

test('End Many Sessions ends each live session that matches the filters once', async () => {
	const { api, runaway } = await fiveHundred();
	const { items } = await run(api, endMany(runaways));
	expect(idsIn(items)).toEqual(runaway);
	expect(askedToEnd(api)).toEqual(onceEach(runaway));
	const json = { ...api.sessions.find(runaway[0] ?? ''), message: 'Session stopped successfully' };
	expect(items[0]).toEqual({ json, pairedItem: { item: 0 } });
});

test.each([
	[true, 'stopped'],
	[false, 'stopping'],
])('Wait Until Ended %s returns sessions with the status %s', async (waitUntilEnded, status) => {
	const api = await startApi({ endTakesMs: 100 });
	const sessionIds = addSessions(api, 3);
	const { items } = await run(api, { ...all, options: { waitUntilEnded } });
	expect(items.map(({ json }) => [json.sessionId, json.status])).toEqual(
		sessionIds.map((sessionId) => [sessionId, status]),
	);
});

test.each([[true], ['={{ "TRUE " }}'], ['={{ 1 }}'], ['={{ "1" }}']])(
	'Dry Run %s returns the matching sessions and ends none',
	async (dryRun) => {
		const { api, runaway } = await fiveHundred();
		const { items, hint } = await run(api, endMany({ dryRun, ...runaways }));
		expect(idsIn(items).sort()).toEqual(runaway.sort());
		for (const { json } of items) expect(Object.entries(json)[0]).toEqual(['dryRun', true]);
		expect(askedToEnd(api)).toEqual({});
		expect(hint).toBe(
			'Dry run: 30 sessions would be ended (VideoSDK listed 500 sessions, 200 of them live). Nothing was ended.',
		);
	},
);

describe('invalid parameters', () => {
	const nothing = (field: string) => `The expression in '${field}' returned nothing`;
	const onOrOff = (field: string, value: string) => `'${field}' is neither on nor off: "${value}"`;
	const none = '={{ $json.none }}';
	const late = '2025-06-18T12:00:00Z';

	test.each<[IDataObject, string]>([
		[{}, 'Nothing was ended: there is no filter'],
		[{ dryRun: '={{ undefined }}', ...runaways }, nothing('Dry Run')],
		[{ dryRun: '={{ "no" }}', ...runaways }, onOrOff('Dry Run', 'no')],
		// Some versions of n8n give the expression of a field that takes none without its equals sign.
		[{ allLiveSessions: '={{ "true" }}' }, "'All Live Sessions' is neither on nor off"],
		[{ allLiveSessions: '={{ 1 }}' }, "'All Live Sessions' is neither on nor off"],
		[{ allLiveSessions: "={{ $fromAI('All') }}" }, "'All Live Sessions' is neither on nor off"],
		[{ filters: { status: 'gone' } }, `'Status' does not have this choice: "gone"`],
		[{ filters: { status: [] } }, "'Status' is empty"],
		[
			{ filters: { tag: '{{ $json.tag }}' } },
			`'Tag' contains an expression, but is set to Fixed: "{{ $json.tag }}"`,
		],
		[{ allLiveSessions: true, filters: { tag: none } }, nothing('Tag')],
		[{ allLiveSessions: true, filters: { deploymentId: byId(none) } }, nothing('Deployment')],
		[{ filters: { runningLongerThan: none } }, nothing('Running Longer Than (Minutes)')],
		[{ filters: { startedBefore: none } }, nothing('Started Before')],
		[{ filters: { startedBefore: 'order 4711' } }, `'Started Before' is not a time: "order 4711"`],
		[{ filters: { startedBefore: 0 } }, `'Started Before' is not a time: "0"`],
		[
			{ filters: { startedAfter: late, startedBefore: '2025-06-18T11:00:00Z' } },
			"'Started After' (2025-06-18T08:00:00.000-04:00) is not earlier than the latest start time that 'Started Before' allows (2025-06-18T07:00:00.000-04:00)",
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
		[{ runningLongerThan: 0 }, 0],
		[{ runningLongerThan: '0' }, '0'],
		[{ runningLongerThan: 0.5 }, 0.5],
		[{ runningLongerThan: '={{ $json.minutes ?? 0 }}' }, 0],
		[{ runningLongerThan: 0, tag: 'runaway' }, 0],
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

test.each<[string, unknown]>([
	['option names in any case', 'Queued,RUNNING'],
	['a JSON list', '["queued","running"]'],
	['an expression followed by a space', "={{ ['queued', 'running'] }} "],
])('the Status filter accepts %s', async (_form, status) => {
	const { api, runaway } = await fiveHundred();
	const filters = { tag: 'runaway', status } as IDataObject;
	const { error, items } = await run(api, endMany({ filters }));
	expect(error).toBeUndefined();
	expect(idsIn(items)).toEqual(runaway);
});

test('the Tag filter ignores invisible characters', async () => {
	const { api, runaway } = await fiveHundred();
	const { items } = await run(api, endMany({ filters: { tag: '\u200brun\u2068away\ufeff ' } }));
	expect(idsIn(items)).toEqual(runaway);
});

test('the hint says that All Live Sessions has no effect if there is a filter', async () => {
	const { api, runaway } = await fiveHundred();
	const parameters = { allLiveSessions: true, ...runaways };
	const { items, hint } = await run(api, endMany(parameters));
	expect(hint).toContain("'All Live Sessions' had no effect, because there is a filter.");
	expect(idsIn(items)).toEqual(runaway);
	const { hint: dry } = await run(api, endMany({ ...parameters, dryRun: true }));
	expect(dry).toBe(
		"Dry run: nothing would be ended, because none of the 170 live sessions match the filters (VideoSDK listed 500 sessions). 'All Live Sessions' had no effect, because there is a filter.",
	);
});

test('All Live Sessions ends every live session once', async () => {
	const { api } = await fiveHundred();
	const { items } = await run(api, all);
	expect(items).toHaveLength(200);
	expect(Object.values(askedToEnd(api))).toEqual(Array(200).fill(1));
});

test('Limit applies to the run, not to each item, and the hint says how many remain', async () => {
	const { api, runaway } = await fiveHundred();
	const parameters = endMany({ ...runaways, options: { maxSessions: 2 } });
	const { items, hint } = await run(api, parameters, itemsOf(['a', 'b', 'c']));
	expect(idsIn(items)).toEqual(runaway.slice(0, 2));
	expect(askedToEnd(api)).toEqual(onceEach(runaway.slice(0, 2)));
	expect(hint).toMatch(
		/^Ended 2 of 30 matching sessions \(VideoSDK listed 500 sessions, 200 of them live\)\. 'Limit' is 2: at least 28 more match and are still live\. /,
	);
});

describe('sessions that change meanwhile', () => {
	test('End Many Sessions makes a second pass for new sessions, but no third', async () => {
		const meanwhile = ['second', 'third', 'fourth'];
		const api = await startApi({
			// Whenever a session is told to end, another starts.
			faults: ({ method }) => {
				const [next] = method === 'POST' ? meanwhile.splice(0, 1) : [];
				if (next) api.sessions.add({ sessionId: next, tag: 'runaway' });
				return undefined;
			},
		});
		api.sessions.add({ sessionId: 'first', tag: 'runaway' });
		const { items } = await run(api, endMany({ ...runaways, options: { maxConcurrency: 1 } }));
		expect(idsIn(items)).toEqual(['first', 'second']);
		expect(askedToEnd(api)).toEqual({ first: 1, second: 1 });
		expect(api.sessions.find('third')?.status).toBe('running');
		expect(countOf(api, LIST)).toBe(4);
	});

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

	test('End Many Sessions looks for new sessions even if it found none at first', async () => {
		let lists = 0;
		const api = await startApi({
			faults: ({ method }) => {
				if (method === 'GET' && ++lists === 2) api.sessions.add({ sessionId: 'slipped' });
				return undefined;
			},
		});
		const { items, hint } = await run(api, all);
		expect(idsIn(items)).toEqual(['slipped']);
		expect(hint).toMatch(/^Ended 1 of 1 matching session \(VideoSDK listed 1 session\)\. /);
	});

	test('End Many Sessions says so if it cannot list new sessions', async () => {
		const breaks: Options['faults'] = ({ method, attempt }) =>
			method === 'GET' && attempt > 2 ? { kind: 'status', status: 403 } : undefined;
		const api = await startApi({ faults: breaks });
		addSessions(api, 3);
		const { error } = await run(api, all);
		expect(error?.message).toMatch(
			/^Sessions could not be listed again, so sessions that started in the meantime may still be live: /,
		);
		expect(error?.description).toMatch(/^Ended 3 of 3 sessions found\. Failed: item 0 – /);
	});

	test('End Many Sessions does not end a session twice if it is slow to end', async () => {
		const { api, runaway } = await fiveHundred({ endTakesMs: 60_000 });
		const { items } = await run(api, endMany(runaways));
		expect(items.map(({ json }) => json.status)).toEqual(Array(30).fill('stopping'));
		expect(askedToEnd(api)).toEqual(onceEach(runaway));
	});

	test('End Many Sessions does not fail if a session is already stopping', async () => {
		const api = await startApi();
		addSessions(api, 1, { status: 'stopping' });
		addSessions(api, 1);
		expect((await run(api, all)).error).toBeUndefined();
	});

	test('End Many Sessions counts a session that vanishes as ended', async () => {
		const vanishes: Options['faults'] = ({ sessionId }) =>
			sessionId === 'vanished' ? { kind: 'status', status: 404 } : undefined;
		const api = await startApi({ faults: vanishes });
		const sessionIds = addSessions(api, 49);
		api.sessions.add({ sessionId: 'vanished' });
		const { items, error, hint } = await run(api, all);
		expect(error).toBeUndefined();
		expect(items).toHaveLength(50);
		expect(items[0]?.json).toMatchObject({ sessionId: 'vanished', alreadyEnded: true });
		expect(hint).toMatch(/^Ended 50 of 50 .* 1 session had already ended\.$/);
		for (const id of sessionIds) expect(api.sessions.find(id)?.status).toBe('completed');
	});

	test('Wait Until Ended treats a session that no longer exists as ended', async () => {
		const api = await startApi({
			endTakesMs: 60_000,
			faults: ({ method, sessionId }) =>
				method === 'GET' && sessionId ? { kind: 'status', status: 404 } : undefined,
		});
		const [sessionId] = addSessions(api, 1);
		const options = { waitUntilEnded: true, waitTimeout: 5 };
		const { items, error } = await run(api, { ...all, options });
		expect(error).toBeUndefined();
		expect(items).toMatchObject([{ json: { sessionId, status: 'stopped' } }]);
	});
});

describe('failures', () => {
	test('a session that cannot be ended is an error item, and the others end', async () => {
		const api = await startApi(stubborn);
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

	test('Stop Workflow ends all other sessions before it fails with a summary', async () => {
		const api = await startApi(stubborn);
		for (const sessionId of ['last', 'stubborn', 'first']) api.sessions.add({ sessionId });
		const { error } = await run(api, { ...all, options: { maxConcurrency: 1 } });
		expect(error?.description).toMatch(
			/^Ended 2 of 3 sessions\. Failed: "stubborn" – VideoSDK does not [^.]+\. Ended: "first", "last"\./,
		);
		expect(api.sessions.find('last')?.status).toBe('completed');
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

	test('an empty filter in one item ends nothing, or fails only it with Continue', async () => {
		const input = itemsWith({ tag: 'a' }, { tag: '' });
		const parameters = endMany({ filters: { tag: '={{ $json.tag }}' } });
		const error = await refused(parameters, input);
		expect(error?.message).toBe("The expression in 'Tag' returned nothing [item 1]");
		const api = await startApi();
		const [sessionId] = addSessions(api, 1, { tag: 'a' });
		const { items, failed, hint } = await run(api, parameters, input, stopsNever);
		expect(idsIn(items)).toEqual([sessionId]);
		expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
		expect(hint).toMatch(
			/^Ended 1 of 1 matching session .* Failed: item 1 – The expression in 'Tag' returned nothing\.$/,
		);
	});
});

test.each([
	[0, 'Nothing was ended, because there are no live sessions (VideoSDK listed 3 sessions).'],
	[
		12,
		'Nothing was ended, because none of the 12 live sessions match the filters (VideoSDK listed 15 sessions).',
	],
])('the hint says if none of %i live sessions match', async (live, expected) => {
	const api = await startApi();
	addSessions(api, live);
	addSessions(api, 3, { status: 'completed', tag: 'runaway' });
	const { items, error, hint } = await run(api, endMany(runaways));
	expect({ items, error, hint }).toEqual({ items: [], error: undefined, hint: expected });
});

test('a session that several items match is ended once, for the first of them', async () => {
	const api = await startApi();
	const [second = '', first = ''] = addSessions(api, 2, { tag: 'a' });
	const [other = ''] = addSessions(api, 1, { tag: 'b' });
	api.sessions.setStatus(second, 'queued');
	const input = itemsWith({ tag: 'b' }, { tag: 'a' }, { tag: 'a' });
	const { items } = await run(api, endMany({ filters: { tag: '={{ $json.tag }}' } }), input);
	expect(items.map(({ json, pairedItem }) => [json.sessionId, pairedItem])).toEqual([
		[other, { item: 0 }],
		[second, { item: 1 }],
		[first, { item: 1 }],
	]);
	expect(askedToEnd(api)).toEqual(onceEach([first, second, other]));
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

test('a dry run needs no filter', async () => {
	const { api } = await fiveHundred();
	const { items, error } = await run(api, endMany({ dryRun: true }));
	expect(error).toBeUndefined();
	expect(items).toHaveLength(200);
	expect(askedToEnd(api)).toEqual({});
});

test('Dry Run in one item makes the whole run a dry run', async () => {
	const { api } = await fiveHundred();
	const parameters = endMany({ dryRun: '={{ $json.dry }}', ...runaways });
	const { hint } = await run(api, parameters, itemsWith({ dry: false }, { dry: true }));
	expect(hint).toMatch(/^Dry run: 30 sessions would be ended/);
	expect(askedToEnd(api)).toEqual({});
});

test.each<[string, (request: FaultRequest) => Fault | undefined]>([
	[
		'rejects pages of 100',
		({ path }) => (path.includes('perPage=100') ? { kind: 'status', status: 400 } : undefined),
	],
	[
		'has no page after the last one',
		({ path }) => (path.includes('page=4&') ? { kind: 'status', status: 404 } : undefined),
	],
])('End Many Sessions ends all sessions if VideoSDK %s', async (_name, faults) => {
	const api = await startApi({ faults });
	const sessionIds = addSessions(api, 250);
	const { items, error } = await run(api, all);
	expect(error).toBeUndefined();
	expect(idsIn(items)).toEqual(sessionIds);
	expect(askedToEnd(api)).toEqual(onceEach(sessionIds));
});

test('a listed session without an ID is reported once, and never requested', async () => {
	const status = 'running';
	const first = pageOf([{ status }, { sessionId: 'a', status }, { sessionId: '', status }]);
	const api = await startApi({
		faults: ({ path }) => (path.includes('page=1&') ? first : undefined),
	});
	api.sessions.add({ sessionId: 'a' });
	const { items, failed } = await run(api, all, itemsOf(['x']), stopsNever);
	expect(idsIn(items)).toEqual(['a']);
	const message = 'A live session was not ended: VideoSDK listed it without an ID';
	expect(failed.map(({ json }) => json.error)).toMatchObject([{ message }, { message }]);
	expect(askedToEnd(api)).toEqual({ a: 1 });
});
