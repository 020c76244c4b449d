import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Fault, Options } from '../../dev/videosdk-api';
import { asTool, itemsOf, stopsNever } from '../support/nodeRun';
import { addSessions, askedToEnd, countOf, idsIn, LIST, onceEach, session } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

describe('End Many', () => {
	const endMany = (parameters: IDataObject) =>
		session('endMany', { dryRun: false, allLiveSessions: false, filters: {}, ...parameters });

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

	test('asks exactly those that live and pass the filters, once each', async () => {
		const { api, runaway } = await fiveHundred();
		const { items } = await run(api, endMany({ filters: { tag: 'runaway' } }));
		expect(idsIn(items)).toEqual(runaway);
		expect(askedToEnd(api)).toEqual(onceEach(runaway));
		expect(items[0]).toEqual({
			json: { ...api.sessions.find(runaway[0] ?? ''), message: 'Session stopped successfully' },
			pairedItem: { item: 0 },
		});
	});

	test.each([
		[true, 'stopped'],
		[false, 'stopping'],
	])('Wait Until Ended %s: each comes out as %s', async (waitUntilEnded, status) => {
		const api = await startApi({ endTakesMs: 100 });
		const sessionIds = addSessions(api, 3);
		const parameters = endMany({ allLiveSessions: true, options: { waitUntilEnded } });
		const { items } = await run(api, parameters);
		expect(items.map(({ json }) => ({ sessionId: json.sessionId, status: json.status }))).toEqual(
			sessionIds.map((sessionId) => ({ sessionId, status })),
		);
	});

	test('Dry Run gives the same and asks none', async () => {
		const { api, runaway } = await fiveHundred();
		const { items } = await run(api, endMany({ dryRun: true, filters: { tag: 'runaway' } }));
		expect(idsIn(items).sort()).toEqual(runaway.sort());
		expect(items.every(({ json }) => json.dryRun === true)).toBe(true);
		expect(askedToEnd(api)).toEqual({});
	});

	test.each([['={{ "TRUE " }}'], ['={{ 1 }}'], ['={{ "1" }}']])(
		'Dry Run is on where an expression says so in another form: %s',
		async (dryRun) => {
			const { api, runaway } = await fiveHundred();
			const { items } = await run(api, endMany({ dryRun, filters: { tag: 'runaway' } }));
			expect(idsIn(items).sort()).toEqual(runaway.sort());
			expect(askedToEnd(api)).toEqual({});
		},
	);

	test.each([
		['={{ undefined }}', "The expression in 'Dry Run' returned nothing"],
		['={{ "no" }}', `'Dry Run' is neither on nor off: "no"`],
	])('Dry Run that is neither on nor off ends nothing: %s', async (dryRun, message) => {
		const { api } = await fiveHundred();
		const { error } = await run(api, endMany({ dryRun, filters: { tag: 'runaway' } }));
		expect(error).toMatchObject({ message });
		expect(api.stats.requests.size).toBe(0);
	});

	test.each<[string, unknown]>([
		['text', 'queued, running'],
		['names and case of the panel', 'Queued,RUNNING'],
		['a list in JSON', '["queued","running"]'],
		['an expression', "={{ ['queued', 'running'] }}"],
		['an expression with a blank behind the braces', "={{ ['queued', 'running'] }} "],
	])('Status may be %s', async (_form, status) => {
		const { api, runaway } = await fiveHundred();
		const filters = { tag: 'runaway', status } as IDataObject;
		const { error, items } = await run(api, endMany({ filters }));
		expect(error).toBeUndefined();
		expect(idsIn(items)).toEqual(runaway);
	});

	test.each<[IDataObject, string]>([
		[{ status: 'gone' }, `'Status' is not a valid choice: "gone"`],
		[
			{ tag: '{{ $json.tag }}' },
			`'Tag' contains an expression, but is set to Fixed: "{{ $json.tag }}"`,
		],
		[
			{ startedAfter: '2025-06-18T12:00:00Z', startedBefore: '2025-06-18T11:00:00Z' },
			"'Started After' (2025-06-18T12:00:00.000Z) is not before 'Started Before' (2025-06-18T11:00:00.000Z)",
		],
	])('a filter that nothing can match is an error: %j', async (filters, message) => {
		const { api } = await fiveHundred();
		const { error } = await run(api, endMany({ filters }));
		expect(error).toMatchObject({ message });
		expect(api.stats.requests.size).toBe(0);
	});

	test('what nobody sees of a tag does not count', async () => {
		const { api, runaway } = await fiveHundred();
		const { items } = await run(api, endMany({ filters: { tag: '\u200brun\u2068away\ufeff ' } }));
		expect(idsIn(items)).toEqual(runaway);
	});

	test.each<[IDataObject, unknown]>([
		[{ runningLongerThan: 0 }, 0],
		[{ runningLongerThan: '0' }, '0'],
		[{ runningLongerThan: 0.5 }, 0.5],
		[{ runningLongerThan: '={{ $json.minutes ?? 0 }}' }, 0],
		[{ runningLongerThan: 0, tag: 'runaway' }, 0],
	])('running longer than 0 minutes is no filter, and ends nothing: %j', async (filters, value) => {
		const { api } = await fiveHundred();
		for (const parameters of [{}, { dryRun: true }, { allLiveSessions: true }]) {
			const { error } = await run(api, endMany({ filters, ...parameters }));
			expect(error).toMatchObject({
				message: `'Running Longer Than (Minutes)' is ${String(value)}, so nearly every live session would match`,
				description:
					"Enter 1 or more. To end every live session, remove the filter and turn on 'All Live Sessions'. Nothing was ended.",
			});
		}
		expect(api.stats.requests.size).toBe(0);
	});

	test('All Live Sessions says that it has no effect because there is a filter', async () => {
		const { api, runaway } = await fiveHundred();
		const parameters = { allLiveSessions: true, filters: { tag: 'runaway' } };
		const { items, hint } = await run(api, endMany(parameters));
		expect(hint).toContain("'All Live Sessions' had no effect, because there is a filter.");
		expect(idsIn(items)).toEqual(runaway);
		const { hint: dry } = await run(api, endMany({ ...parameters, dryRun: true }));
		expect(dry).toBe(
			"Dry run: nothing would be ended, because none of the 170 live sessions match the filters (500 listed). 'All Live Sessions' had no effect, because there is a filter.",
		);
	});

	test('without a filter it refuses', async () => {
		const { api } = await fiveHundred();
		const { error } = await run(api, endMany({}));
		expect(error).toMatchObject({
			name: 'NodeOperationError',
			message: 'Nothing was ended: there is no filter',
			description: expect.stringContaining('All Live Sessions'),
		});
		expect(api.stats.requests.size).toBe(0);
	});

	test.each([['={{ "true" }}'], ['={{ 1 }}']])(
		'All Live Sessions has to be surely on: %s',
		async (allLiveSessions) => {
			const { api } = await fiveHundred();
			const { error } = await run(api, endMany({ allLiveSessions }));
			expect(error?.message).toContain("'All Live Sessions' is neither on nor off");
		},
	);

	test.each<[IDataObject, string]>([
		[{ tag: '={{ $json.none }}' }, "The expression in 'Tag' returned nothing"],
		[
			{ deploymentId: byId('={{ $json.none }}') },
			"The expression in 'Deployment' returned nothing",
		],
		[{ status: [] }, "'Status' is empty"],
		[
			{ runningLongerThan: '={{ $json.none }}' },
			"The expression in 'Running Longer Than (Minutes)' returned nothing",
		],
		[{ startedBefore: '={{ $json.none }}' }, "The expression in 'Started Before' returned nothing"],
	])('a filter that found nothing ends nothing: %j', async (filters, message) => {
		const { api } = await fiveHundred();
		const { error } = await run(api, endMany({ allLiveSessions: true, filters }));
		expect(error?.message).toBe(message);
		expect(api.stats.requests.size).toBe(0);
	});

	test.each(['order 4711', 'room-5012', 'P-2050', '99999', '06/18/2025', 0])(
		'a time that is none ends nothing: %j',
		async (startedBefore) => {
			const { api } = await fiveHundred();
			const { error } = await run(api, endMany({ filters: { startedBefore } }));
			expect(error?.message).toBe(`'Started Before' is not a time: "${startedBefore}"`);
			expect(api.stats.requests.size).toBe(0);
		},
	);

	test.each(["={{ $fromAI('All', '', 'boolean', true) }}", '={{ true }}'])(
		'All Live Sessions is not for the model of an AI agent to choose: %s',
		async (allLiveSessions) => {
			const { api } = await fiveHundred();
			const { error } = await run(api, endMany({ allLiveSessions }));
			expect(error?.message).toContain("'All Live Sessions' is neither on nor off");
			expect(api.stats.requests.size).toBe(0);
		},
	);

	test('neither is Dry Run', async () => {
		const { api } = await fiveHundred();
		const dryRun =
			"={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('Dry_Run', ``, 'boolean', false) }}";
		const parameters = endMany({ dryRun, filters: { tag: 'runaway' } });
		const { error } = await run(api, parameters, undefined, asTool);
		expect(error?.message).toBe("The AI model must not decide 'Dry Run'");
		expect(api.stats.requests.size).toBe(0);
	});

	test('All Live Sessions asks all that live', async () => {
		const { api } = await fiveHundred();
		const { items } = await run(api, endMany({ allLiveSessions: true }));
		expect(items).toHaveLength(200);
		expect(Object.values(askedToEnd(api))).toEqual(Array(200).fill(1));
	});

	test('Limit bounds how many are ended', async () => {
		const { api, runaway } = await fiveHundred();
		const parameters = { filters: { tag: 'runaway' }, options: { maxSessions: 7 } };
		const { items } = await run(api, endMany(parameters));
		expect(idsIn(items)).toEqual(runaway.slice(0, 7));
		expect(askedToEnd(api)).toEqual(onceEach(runaway.slice(0, 7)));
	});

	test.each([['ten'], [2.5]])('a Limit of %s does not end more', async (maxSessions) => {
		const { api } = await fiveHundred();
		const parameters = { filters: { tag: 'runaway' }, options: { maxSessions } };
		await run(api, endMany(parameters));
		expect(api.stats.endRequests.size).toBeLessThanOrEqual(2);
	});

	test('what starts meanwhile is ended in a second pass, and there is no third', async () => {
		const meanwhile = ['second', 'third', 'fourth'];
		const api = await startApi({
			// Whenever a new session is asked to end, another starts.
			faults: ({ method, sessionId }) => {
				if (method !== 'POST' || !sessionId || sessionId === 'bystander') return undefined;
				const [next] = meanwhile.splice(0, 1);
				if (next) api.sessions.add({ sessionId: next, tag: 'runaway' });
				return undefined;
			},
		});
		api.sessions.add({ sessionId: 'first', tag: 'runaway' });
		const parameters = { filters: { tag: 'runaway' }, options: { maxConcurrency: 1 } };
		const { items } = await run(api, endMany(parameters));
		expect(idsIn(items)).toEqual(['first', 'second']);
		expect(askedToEnd(api)).toEqual({ first: 1, second: 1 });
		expect(api.sessions.find('third')?.status).toBe('running');
		expect(countOf(api, LIST)).toBe(4);
	});

	test('a session that takes its time to end is not asked twice', async () => {
		const { api, runaway } = await fiveHundred({ endTakesMs: 60_000 });
		const { items } = await run(api, endMany({ filters: { tag: 'runaway' } }));
		expect(items.map(({ json }) => json.status)).toEqual(Array(30).fill('stopping'));
		expect(askedToEnd(api)).toEqual(onceEach(runaway));
	});

	test('a session that is stopping already is no failure', async () => {
		const api = await startApi();
		addSessions(api, 1, { sessionId: 'a', status: 'stopping' });
		addSessions(api, 1, { sessionId: 'b' });
		const { error } = await run(api, endMany({ allLiveSessions: true }));
		expect(error).toBeUndefined();
	});

	test('a failure inside is an item of the error output, and the others end', async () => {
		const refuses = ({ sessionId }: { sessionId?: string }): Fault | undefined =>
			sessionId === 'stubborn' ? { kind: 'status', status: 403 } : undefined;
		const api = await startApi({ faults: refuses });
		for (const sessionId of ['a', 'stubborn', 'c']) api.sessions.add({ sessionId });
		const parameters = endMany({ allLiveSessions: true });
		const { items, failed } = await run(api, parameters, itemsOf(['input']), stopsNever);
		expect(idsIn(items)).toEqual(['c', 'a']);
		expect(failed).toEqual([
			{
				json: {
					sessionId: 'input',
					error: expect.objectContaining({
						message: expect.stringMatching(/^Session "stubborn" was not ended: /),
						sessionId: 'stubborn',
						httpCode: '403',
					}),
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	test('with Stop Workflow, all others are ended first, and the summary says so', async () => {
		const refuses = ({ sessionId }: { sessionId?: string }): Fault | undefined =>
			sessionId === 'stubborn' ? { kind: 'status', status: 403 } : undefined;
		const api = await startApi({ faults: refuses });
		for (const sessionId of ['last', 'stubborn', 'first']) api.sessions.add({ sessionId });
		const parameters = endMany({ allLiveSessions: true, options: { maxConcurrency: 1 } });
		const { error } = await run(api, parameters);
		expect(error?.description).toMatch(
			/^Ended 2 of 3 sessions\. Still to do: "stubborn" – VideoSDK does not [^.]+\. Ended: "first", "last"\./,
		);
		expect(api.sessions.find('last')?.status).toBe('completed');
	});

	test('says that some may be live if the list cannot be read to its end', async () => {
		const breaks = ({ path = '' }): Fault | undefined =>
			path.includes('page=2') ? { kind: 'status', status: 403 } : undefined;
		const { api } = await fiveHundred({ faults: breaks });
		const { error } = await run(api, endMany({ allLiveSessions: true }));
		expect(error?.message).toMatch(
			/^Not all sessions could be listed, so some that match may still be live: /,
		);
		expect(error?.description).toMatch(/^Ended 100 of 100 sessions found\. Still to do: /);
		expect(Object.values(askedToEnd(api))).toEqual(Array(100).fill(1));
	});

	test.each([
		[0, 'Nothing was ended, because there are no live sessions (3 listed).'],
		[12, 'Nothing was ended, because none of the 12 live sessions match the filters (15 listed).'],
	])(
		'gives nothing where nothing matches, and says so: %i live sessions',
		async (live, expected) => {
			const api = await startApi();
			addSessions(api, live);
			addSessions(api, 3, { status: 'completed', tag: 'runaway' });
			const { items, error, hint } = await run(api, endMany({ filters: { tag: 'runaway' } }));
			expect(items).toEqual([]);
			expect(error).toBeUndefined();
			expect(hint).toBe(expected);
		},
	);

	test('Limit is for the run, not for each item, and says how many more match', async () => {
		const { api, runaway } = await fiveHundred();
		const parameters = endMany({ filters: { tag: 'runaway' }, options: { maxSessions: 2 } });
		const { items, hint } = await run(api, parameters, itemsOf(['a', 'b', 'c']));
		expect(idsIn(items)).toEqual(runaway.slice(0, 2));
		expect(askedToEnd(api)).toEqual(onceEach(runaway.slice(0, 2)));
		expect(hint).toMatch(
			/^Ended 2 of 30 matching sessions \(500 listed, 200 live\)\. 'Limit' is 2: at least 28 more match and are still live\. /,
		);
	});

	test('a session that several items match is ended once, for the first of them', async () => {
		const api = await startApi();
		const [second = '', first = ''] = addSessions(api, 2, { tag: 'a' });
		const [other = ''] = addSessions(api, 1, { tag: 'b' });
		api.sessions.setStatus(second, 'queued');
		const input = [{ tag: 'b' }, { tag: 'a' }, { tag: 'a' }].map((json) => ({ json }));
		const parameters = endMany({ filters: { tag: '={{ $json.tag }}' } });
		const { items } = await run(api, parameters, input);
		expect(items.map(({ json, pairedItem }) => [json.sessionId, pairedItem])).toEqual([
			[other, { item: 0 }],
			[second, { item: 1 }],
			[first, { item: 1 }],
		]);
		expect(askedToEnd(api)).toEqual(onceEach([first, second, other]));
	});

	test('one item whose filter is empty ends nothing with Stop Workflow, and only itself fails else', async () => {
		const input = [{ tag: 'a' }, { tag: '' }].map((json) => ({ json }));
		const parameters = endMany({ filters: { tag: '={{ $json.tag }}' } });
		const api = await startApi();
		const [sessionId] = addSessions(api, 1, { tag: 'a' });
		const stopped = await run(api, parameters, input);
		expect(stopped.error?.message).toBe("The expression in 'Tag' returned nothing [item 1]");
		expect(api.stats.requests.size).toBe(0);
		const { items, failed, hint } = await run(api, parameters, input, stopsNever);
		expect(idsIn(items)).toEqual([sessionId]);
		expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
		expect(hint).toMatch(
			/^Ended 1 of 1 matching session .* Failed: item 1 – The expression in 'Tag' returned nothing\.$/,
		);
	});

	describe('a dry run', () => {
		test('is unmistakable, in the panel and in the first field of each item', async () => {
			const { api, runaway } = await fiveHundred();
			const parameters = endMany({ dryRun: true, filters: { tag: 'runaway' } });
			const { items, hint } = await run(api, parameters);
			expect(hint).toBe(
				'Dry run: 30 sessions would be ended (500 listed, 200 live). Nothing was ended.',
			);
			expect(items).toHaveLength(runaway.length);
			for (const { json } of items) expect(Object.keys(json)[0]).toBe('dryRun');
		});

		test('counts no session where the list cannot be read', async () => {
			const api = await startApi({ faults: () => ({ kind: 'status', status: 403 }) });
			const { failed, hint } = await run(
				api,
				endMany({ dryRun: true }),
				itemsOf(['x']),
				stopsNever,
			);
			expect(failed).toHaveLength(1);
			expect(hint).toBe(
				'Failed: item 0 – Sessions could not be listed, so none was ended: VideoSDK does not allow this API key to do this ("A fault on purpose").',
			);
		});

		test.each([1, 2])(
			'says of no session that it ended if the list breaks off, items: %i',
			async (count) => {
				const { api } = await fiveHundred({
					faults: ({ path }) =>
						path.includes('page=2') ? { kind: 'status', status: 403 } : undefined,
				});
				const input = itemsOf(Array(count).fill('x'));
				const { error } = await run(api, endMany({ dryRun: true }), input);
				expect(error?.message).toMatch(/^Not all sessions could be listed/);
				expect(error?.description).not.toContain('Ended');
				expect(error?.description?.startsWith('No session was ended. ')).toBe(count > 1);
				expect(askedToEnd(api)).toEqual({});
			},
		);

		test('of several items says that no session was ended if the list cannot be read', async () => {
			const api = await startApi({ faults: () => ({ kind: 'status', status: 403 }) });
			const { hint } = await run(api, endMany({ dryRun: true }), itemsOf(['x', 'y']), stopsNever);
			expect(hint).toMatch(
				/^No session was ended\. Failed: item 0, item 1 – Sessions could not be listed/,
			);
		});

		test.each([
			['on in a new node', undefined, 0],
			['off in a new tool of an AI agent', asTool, 30],
		])('is %s', async (_name, settings, ended) => {
			const { api } = await fiveHundred();
			const parameters = session('endMany', { filters: { tag: 'runaway' } });
			const { items } = await run(api, parameters, undefined, settings);
			expect(items).toHaveLength(30);
			expect(Object.keys(askedToEnd(api))).toHaveLength(ended);
		});

		test('needs no filter', async () => {
			const { api } = await fiveHundred();
			const { items, error } = await run(api, endMany({ dryRun: true }));
			expect(error).toBeUndefined();
			expect(items).toHaveLength(200);
			expect(askedToEnd(api)).toEqual({});
		});

		test('of one item holds for the run: the other may match the same sessions', async () => {
			const { api } = await fiveHundred();
			const input = [{ dry: false }, { dry: true }].map((json) => ({ json }));
			const parameters = endMany({ dryRun: '={{ $json.dry }}', filters: { tag: 'runaway' } });
			const { hint } = await run(api, parameters, input);
			expect(hint).toBe(
				'Dry run: 30 sessions would be ended (500 listed, 200 live). Nothing was ended.',
			);
			expect(askedToEnd(api)).toEqual({});
		});
	});

	test('of 350 live, one vanishes meanwhile: 349 are ended, and it counts as ended', async () => {
		const vanishes: Options['faults'] = ({ sessionId }) =>
			sessionId === 'vanished' ? { kind: 'status', status: 404 } : undefined;
		const api = await startApi({ delayMs: 20, faults: vanishes });
		const sessionIds = addSessions(api, 349);
		api.sessions.add({ sessionId: 'vanished' });
		const { items, error, hint } = await run(api, endMany({ allLiveSessions: true }));
		expect(error).toBeUndefined();
		expect(items).toHaveLength(350);
		expect(items[0]?.json).toMatchObject({ sessionId: 'vanished', alreadyEnded: true });
		expect(hint).toMatch(/^Ended 350 of 350 .* 1 session had already ended\.$/);
		for (const id of sessionIds) expect(api.sessions.find(id)?.status).toBe('completed');
	});

	test('what cannot be listed to its last page is no list of which some match', async () => {
		const breaks = ({ path = '' }): Fault | undefined =>
			path.includes('page=2') ? { kind: 'status', status: 403 } : undefined;
		const { api } = await fiveHundred({ faults: breaks });
		const parameters = endMany({ filters: { tag: 'none' } });
		const { hint } = await run(api, parameters, itemsOf(['x']), stopsNever);
		expect(hint).toBe(
			'Failed: item 0 – Not all sessions could be listed, so some that match may still be live: VideoSDK does not allow this API key to do this ("A fault on purpose").',
		);
	});

	test.each<[string, Options['faults']]>([
		[
			'rejects a page of 100',
			({ path }) =>
				path.includes('perPage=100')
					? { kind: 'status', status: 400, body: { message: 'perPage must not exceed 50' } }
					: undefined,
		],
		[
			'has no page after the last one',
			({ path }) => (path.includes('page=4&') ? { kind: 'status', status: 404 } : undefined),
		],
	])('ends all where VideoSDK %s', async (_name, faults) => {
		const api = await startApi({ faults });
		const sessionIds = addSessions(api, 250);
		const { items, error } = await run(api, endMany({ allLiveSessions: true }));
		expect(error).toBeUndefined();
		expect(idsIn(items)).toEqual(sessionIds);
		expect(askedToEnd(api)).toEqual(onceEach(sessionIds));
	});

	test('one that is gone once it was told to end has ended', async () => {
		const api = await startApi({
			endTakesMs: 60_000,
			faults: ({ method, sessionId }) =>
				method === 'GET' && sessionId ? { kind: 'status', status: 404 } : undefined,
		});
		const [sessionId] = addSessions(api, 1);
		const options = { waitUntilEnded: true, waitTimeout: 5 };
		const { items, error } = await run(api, endMany({ allLiveSessions: true, options }));
		expect(error).toBeUndefined();
		expect(items).toMatchObject([{ json: { sessionId, status: 'stopped' } }]);
	});

	test('one that is unknown where it is only named stays an error', async () => {
		const api = await startApi();
		const end = session('end', { sessionId: byId('vanished') });
		expect((await run(api, end)).error).toMatchObject({ httpCode: '404' });
	});

	test('looks once more only when the first sessions have settled, with default options', async () => {
		const order: string[] = [];
		let ends = 0;
		const api = await startApi({
			delayMs: 300,
			faults: ({ method, route }) => {
				if (method === 'POST') order.push('end');
				else order.push(route.endsWith('sessions') ? 'list' : 'get');
				// The last of the eight is asked to end when another session starts.
				if (method === 'POST' && ++ends === 8)
					api.sessions.add({ sessionId: 'late', tag: 'runaway' });
				return undefined;
			},
		});
		addSessions(api, 8, { tag: 'runaway' });
		const { items } = await run(api, endMany({ filters: { tag: 'runaway' } }));
		expect(idsIn(items)).toHaveLength(9);
		expect(api.sessions.find('late')?.status).toBe('completed');
		expect(order).toEqual(['list', 'list', ...Array(8).fill('end'), 'list', 'list', 'end']);
	});

	test('looks once more though it found none at first', async () => {
		let lists = 0;
		const api = await startApi({
			faults: ({ method }) => {
				if (method === 'GET' && ++lists === 2) api.sessions.add({ sessionId: 'slipped' });
				return undefined;
			},
		});
		const { items, hint } = await run(api, endMany({ allLiveSessions: true }));
		expect(idsIn(items)).toEqual(['slipped']);
		expect(hint).toMatch(/^Ended 1 of 1 matching session \(1 listed, 1 live\)\. /);
	});

	test('that the second look fails is told, and what was ended stays so', async () => {
		const breaks: Options['faults'] = ({ method, attempt }) =>
			method === 'GET' && attempt > 2 ? { kind: 'status', status: 403 } : undefined;
		const api = await startApi({ faults: breaks });
		addSessions(api, 3);
		const stopped = await run(api, endMany({ allLiveSessions: true }));
		expect(stopped.error?.message).toMatch(
			/^Sessions could not be listed again, to find those that started in the meantime: /,
		);
		expect(stopped.error?.description).toMatch(
			/^Ended 3 of 3 sessions found\. Still to do: item 0 – /,
		);
	});

	test('a listed session without an ID is reported once, and never requested', async () => {
		const api = await startApi();
		api.sessions.add({ sessionId: 'a' });
		api.set({
			faults: ({ method, path }) =>
				method === 'GET' && path.includes('page=1&')
					? {
							kind: 'wrongJson',
							text: JSON.stringify({
								data: [
									{ status: 'running' },
									{ sessionId: 'a', status: 'running' },
									{ sessionId: '', status: 'running' },
								],
							}),
						}
					: undefined,
		});
		const { items, failed } = await run(
			api,
			endMany({ allLiveSessions: true }),
			itemsOf(['x']),
			stopsNever,
		);
		expect(idsIn(items)).toEqual(['a']);
		expect(failed.map(({ json }) => (json.error as IDataObject).message)).toEqual(
			Array(2).fill(
				'A live session was not ended: the response from VideoSDK lists it without an ID',
			),
		);
		expect(askedToEnd(api)).toEqual({ a: 1 });
	});
});
