import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Fault, ListOptions, Options, VideoSdkApi } from '../../dev/videosdk-api';
import { itemsOf, leaksIn, stopsNever } from '../support/nodeRun';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const SESSIONS = '/ai/v1/ai-deployment-sessions';
const LIST = `GET ${SESSIONS}`;
const START = `POST ${SESSIONS}/start`;

const session = (operation: string, parameters: IDataObject = {}): IDataObject => ({
	resource: 'agentSession',
	operation,
	...parameters,
});

const deployment = (operation: string, parameters: IDataObject = {}): IDataObject => ({
	resource: 'agentDeployment',
	operation,
	...parameters,
});

const idsIn = (items: Array<{ json: IDataObject }>) => items.map(({ json }) => json.sessionId);

const countOf = (api: VideoSdkApi, request: string) => api.stats.requests.get(request)?.count ?? 0;

const askedToEnd = (api: VideoSdkApi) => Object.fromEntries(api.stats.endRequests);

const onceEach = (sessionIds: string[]) =>
	Object.fromEntries(sessionIds.map((sessionId) => [sessionId, 1]));

/** Adds so many sessions and gives their IDs, newest first, as the list has them. */
function addSessions(api: VideoSdkApi, count: number, fields: IDataObject = {}): string[] {
	return Array.from({ length: count }, () => api.addSession(fields).sessionId).reverse();
}

test('an operation that the package does not know is named', async () => {
	const { error } = await run(await startApi(), session('restart'));
	expect(error).toMatchObject({
		message: 'This node has no such operation',
		description: expect.stringContaining('"restart" of "agentSession"'),
	});
});

describe('Get Session', () => {
	const get = session('get', { sessionId: byId('={{ $json.sessionId }}') });

	test('gives every field of the session as it came', async () => {
		const api = await startApi();
		const { sessionId } = api.addSession({ cost: { amount: 1 } });
		const { items, hint } = await run(api, get, itemsOf([sessionId]));
		expect(items).toEqual([{ json: api.session(sessionId), pairedItem: { item: 0 } }]);
		expect(hint).toBeUndefined();
	});

	test('says that there is no such session, on the side of its item', async () => {
		const api = await startApi();
		const { sessionId } = api.addSession();
		const { items, failed } = await run(api, get, itemsOf(['none', sessionId]), stopsNever);
		expect(items[0]?.pairedItem).toEqual({ item: 1 });
		expect(failed[0]?.json).toMatchObject({
			error: {
				message:
					'Session "none" could not be read: there is no such session in this VideoSDK project',
				sessionId: 'none',
				httpCode: '404',
			},
		});
	});

	test('asks once for a session that is named twice', async () => {
		const api = await startApi();
		const { sessionId } = api.addSession();
		const { items } = await run(api, get, itemsOf([sessionId, sessionId]));
		expect(idsIn(items)).toEqual([sessionId, sessionId]);
		expect(countOf(api, `GET ${SESSIONS}/{sessionId}`)).toBe(1);
	});
});

describe('Get Many', () => {
	const all = session('getAll', { returnAll: true, filters: {} });

	test('Return All gives each session once, with what only the list has', async () => {
		const api = await startApi();
		const sessionIds = addSessions(api, 250, { metadata: { customer: '4711' } });
		const { items } = await run(api, all);
		expect(idsIn(items)).toEqual(sessionIds);
		expect(items[0]?.json.metadata).toEqual({ customer: '4711' });
		expect(countOf(api, LIST)).toBe(4);
	});

	test.each([
		[1, 1],
		[100, 1],
		[101, 2],
		[250, 3],
	])('with Limit %i, VideoSDK is asked %i times', async (limit, requests) => {
		const api = await startApi();
		const sessionIds = addSessions(api, 400);
		const { items } = await run(api, session('getAll', { limit, filters: {} }));
		expect(idsIn(items)).toEqual(sessionIds.slice(0, limit));
		expect(countOf(api, LIST)).toBe(requests);
	});

	test('Limit counts the sessions that pass the filters', async () => {
		const api = await startApi();
		const wanted = addSessions(api, 3, { tag: 'wanted' });
		addSessions(api, 150);
		const { items } = await run(api, session('getAll', { limit: 2, filters: { tag: 'wanted' } }));
		expect(idsIn(items)).toEqual(wanted.slice(0, 2));
	});

	test.each([['={{ $json.none }}'], ['many'], [0], [-1]])(
		'a Limit of %s does not stand for another number',
		async (limit) => {
			const api = await startApi();
			addSessions(api, 60);
			const { items, error } = await run(api, session('getAll', { limit, filters: {} }));
			expect(items).toEqual([]);
			expect(error?.message).toMatch(/limit/i);
		},
	);

	const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

	test.each<[string, IDataObject, string[]]>([
		['no filter', {}, ['old', 'queued', 'ended', 'new']],
		['one status', { status: ['running'] }, ['old', 'new']],
		['several statuses', { status: ['queued', 'completed'] }, ['queued', 'ended']],
		['a deployment', { deploymentId: byId('d2') }, ['old']],
		['a deployment by an expression', { deploymentId: byId('={{ "d" + 2 }}') }, ['old']],
		['a tag', { tag: 'v2' }, ['queued', 'new']],
		['started after', { startedAfter: ago(45) }, ['queued', 'new']],
		['started before', { startedBefore: '={{ $now.minus({ minutes: 45 }) }}' }, ['old', 'ended']],
		[
			'started before a Date',
			{ startedBefore: '={{ new Date(Date.now() - 45 * 60000) }}' },
			['old', 'ended'],
		],
		[
			'started before milliseconds',
			{ startedBefore: '={{ $now.minus({ minutes: 45 }).toMillis() }}' },
			['old', 'ended'],
		],
		['running longer than', { runningLongerThan: 45 }, ['old']],
		['several filters', { tag: 'v2', status: ['running'] }, ['new']],
		['filters that none passes', { tag: 'v3' }, []],
	])('gives what passes %s', async (_name, filters, expected) => {
		const api = await startApi();
		api.addSession({ sessionId: 'new', tag: 'v2', start: ago(1) });
		api.addSession({ sessionId: 'ended', status: 'completed', start: ago(60) });
		api.addSession({ sessionId: 'queued', tag: 'v2', status: 'queued', start: ago(2) });
		api.addSession({ sessionId: 'old', deploymentId: 'd2', start: ago(60) });
		const { items, error } = await run(api, { ...all, filters });
		expect(error).toBeUndefined();
		expect(idsIn(items)).toEqual(expected);
	});

	test.each<[string, ListOptions]>([
		['a page holds 20 at most', { capPerPage: 20 }],
		['the list grows while it is read', { shift: true }],
		['both', { capPerPage: 20, shift: true }],
		['nothing is said of pages', { emptyPageInfo: true }],
		['all of it', { capPerPage: 20, shift: true, emptyPageInfo: true }],
	])('gives each session once and ends: %s', async (_name, list) => {
		const api = await startApi({ list });
		const sessionIds = addSessions(api, 205);
		const { items } = await run(api, all);
		const given = idsIn(items);
		expect(new Set(given).size).toBe(given.length);
		expect(given.filter((sessionId) => sessionIds.includes(String(sessionId)))).toEqual(sessionIds);
		expect(given.length - sessionIds.length).toBe(list.shift ? 1 : 0);
	});

	test('gives the first page once and ends where the server knows no other', async () => {
		const api = await startApi({ list: { ignorePage: true } });
		const sessionIds = addSessions(api, 205);
		const { items } = await run(api, all);
		expect(idsIn(items)).toEqual(sessionIds.slice(0, 100));
		expect(countOf(api, LIST)).toBe(2);
	});

	test('reads ten thousand sessions', async () => {
		const api = await startApi();
		const sessionIds = addSessions(api, 10_000);
		const { items } = await run(api, all);
		expect(idsIn(items)).toEqual(sessionIds);
		expect(countOf(api, LIST)).toBe(101);
	});

	test('lists for each item, paired with it', async () => {
		const api = await startApi();
		addSessions(api, 1, { tag: 'a' });
		addSessions(api, 2, { tag: 'b' });
		const parameters = { ...all, filters: { tag: '={{ $json.sessionId }}' } };
		const { items, failed } = await run(api, parameters, itemsOf(['b', '', 'a']), stopsNever);
		expect(items.map(({ json, pairedItem }) => [json.tag, pairedItem])).toEqual([
			['b', { item: 0 }],
			['b', { item: 0 }],
			['a', { item: 2 }],
		]);
		expect(failed[0]?.json.error).toMatchObject({ message: 'The filter Tag of item 1 is empty' });
	});
});

describe('End Many Sessions', () => {
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
			json: { ...api.session(runaway[0] ?? ''), message: 'Session stopped successfully' },
			pairedItem: { item: 0 },
		});
	});

	test('Dry Run gives the same and asks none', async () => {
		const { api, runaway } = await fiveHundred();
		const { items } = await run(api, endMany({ dryRun: true, filters: { tag: 'runaway' } }));
		expect(idsIn(items)).toEqual(runaway);
		expect(items.every(({ json }) => json.dryRun === true)).toBe(true);
		expect(askedToEnd(api)).toEqual({});
	});

	test.each([['={{ "true" }}'], ['={{ undefined }}'], ['={{ 1 }}']])(
		'Dry Run ends nothing unless it is surely off: %s',
		async (dryRun) => {
			const { api } = await fiveHundred();
			await run(api, endMany({ dryRun, filters: { tag: 'runaway' } }));
			expect(askedToEnd(api)).toEqual({});
		},
	);

	test('without a filter it refuses', async () => {
		const { api } = await fiveHundred();
		const { error } = await run(api, endMany({}));
		expect(error).toMatchObject({
			name: 'NodeOperationError',
			message: 'Item 0 has no filter, so every live session would be ended',
			description: expect.stringContaining('All Live Sessions'),
		});
		expect(api.stats.requests.size).toBe(0);
	});

	test.each([['={{ "true" }}'], ['={{ 1 }}']])(
		'All Live Sessions has to be surely on: %s',
		async (allLiveSessions) => {
			const { api } = await fiveHundred();
			const { error } = await run(api, endMany({ allLiveSessions }));
			expect(error?.message).toContain('has no filter');
		},
	);

	test.each<[IDataObject, string]>([
		[{ tag: '={{ $json.none }}' }, 'The filter Tag of item 0 is empty'],
		[{ deploymentId: byId('={{ $json.none }}') }, 'The filter Deployment of item 0 is empty'],
		[{ status: [] }, 'The filter Status of item 0 is empty'],
		[
			{ runningLongerThan: '={{ $json.none }}' },
			'The filter Running Longer Than of item 0 is not a number',
		],
		[{ startedBefore: '={{ $json.none }}' }, 'The filter Started Before of item 0 is not a time'],
	])('a filter that found nothing ends nothing: %j', async (filters, message) => {
		const { api } = await fiveHundred();
		const { error } = await run(api, endMany({ allLiveSessions: true, filters }));
		expect(error?.message).toBe(message);
		expect(api.stats.requests.size).toBe(0);
	});

	test.each(['order 4711', 'room-5012', 'P-2050', '99999', '06/18/2025', '', 0])(
		'a time that is none ends nothing: %j',
		async (startedBefore) => {
			const { api } = await fiveHundred();
			const { error } = await run(api, endMany({ filters: { startedBefore } }));
			expect(error?.message).toBe('The filter Started Before of item 0 is not a time');
			expect(api.stats.requests.size).toBe(0);
		},
	);

	test.each(["={{ $fromAI('All', '', 'boolean', true) }}", '={{ true }}'])(
		'All Live Sessions is not for the model of an AI agent to choose: %s',
		async (allLiveSessions) => {
			const { api } = await fiveHundred();
			const { error } = await run(api, endMany({ allLiveSessions }));
			expect(error?.message).toContain('has no filter');
			expect(api.stats.requests.size).toBe(0);
		},
	);

	test('neither is Dry Run', async () => {
		const { api } = await fiveHundred();
		const dryRun =
			"={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('Dry_Run', ``, 'boolean', false) }}";
		const { error } = await run(api, endMany({ dryRun, filters: { tag: 'runaway' } }));
		expect(error?.message).toContain("'Dry Run' is left to the AI model");
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
				if (next) api.addSession({ sessionId: next, tag: 'runaway' });
				return undefined;
			},
		});
		api.addSession({ sessionId: 'first', tag: 'runaway' });
		const parameters = { filters: { tag: 'runaway' }, options: { maxConcurrency: 1 } };
		const { items } = await run(api, endMany(parameters));
		expect(idsIn(items)).toEqual(['first', 'second']);
		expect(askedToEnd(api)).toEqual({ first: 1, second: 1 });
		expect(api.session('third')?.status).toBe('running');
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
		for (const sessionId of ['a', 'stubborn', 'c']) api.addSession({ sessionId });
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
		for (const sessionId of ['last', 'stubborn', 'first']) api.addSession({ sessionId });
		const parameters = endMany({ allLiveSessions: true, options: { maxConcurrency: 1 } });
		const { error } = await run(api, parameters);
		expect(error?.description).toContain(
			'Of 3 in this run, 2 ended, 1 failed, 0 not attempted. Failed: "stubborn". Ended: "first", "last".',
		);
		expect(api.session('last')?.status).toBe('completed');
	});

	test('ends nothing if the list cannot be read to its end', async () => {
		const breaks = ({ path = '' }): Fault | undefined =>
			path.includes('page=2') ? { kind: 'status', status: 403 } : undefined;
		const { api } = await fiveHundred({ faults: breaks });
		const { error } = await run(api, endMany({ allLiveSessions: true }));
		expect(error?.message).toMatch(/^Sessions could not be listed: /);
		expect(askedToEnd(api)).toEqual({});
	});

	test.each([
		[0, '0 of 0 live sessions match the filters.'],
		[12, '0 of 12 live sessions match the filters.'],
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
		expect(hint).toBe('Limit of 2 reached: at least 28 more match.');
	});

	test('a session that several items match is ended once, for the first of them', async () => {
		const api = await startApi();
		const [second = '', first = ''] = addSessions(api, 2, { tag: 'a' });
		const [other = ''] = addSessions(api, 1, { tag: 'b' });
		api.setStatus(second, 'queued');
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
		expect(stopped.error?.message).toBe('The filter Tag of item 1 is empty');
		expect(api.stats.requests.size).toBe(0);
		const { items, failed, hint } = await run(api, parameters, input, stopsNever);
		expect(idsIn(items)).toEqual([sessionId]);
		expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
		expect(hint).toBe('1 of 2 failed: see the field error.');
	});

	describe('a dry run', () => {
		test('is unmistakable, in the panel and in the first field of each item', async () => {
			const { api, runaway } = await fiveHundred();
			const parameters = endMany({ dryRun: true, filters: { tag: 'runaway' } });
			const { items, hint } = await run(api, parameters);
			expect(hint).toBe('Dry run: 30 sessions would be ended, none was.');
			expect(items).toHaveLength(runaway.length);
			for (const { json } of items) expect(Object.keys(json)[0]).toBe('dryRun');
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
			expect(hint).toBe('Dry run: 30 sessions would be ended, none was.');
			expect(askedToEnd(api)).toEqual({});
		});
	});

	test('of 350 live, one vanishes meanwhile: 349 are ended, and it counts as ended', async () => {
		const vanishes: Options['faults'] = ({ sessionId }) =>
			sessionId === 'vanished' ? { kind: 'status', status: 404 } : undefined;
		const api = await startApi({ delayMs: 20, faults: vanishes });
		const sessionIds = addSessions(api, 349);
		api.addSession({ sessionId: 'vanished' });
		const { items, error, hint } = await run(api, endMany({ allLiveSessions: true }));
		expect(error).toBeUndefined();
		expect(items).toHaveLength(350);
		expect(items[0]?.json).toMatchObject({ sessionId: 'vanished', alreadyEnded: true });
		expect(hint).toBe('1 of 350 sessions had already ended.');
		for (const id of sessionIds) expect(api.session(id)?.status).toBe('completed');
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
					api.addSession({ sessionId: 'late', tag: 'runaway' });
				return undefined;
			},
		});
		addSessions(api, 8, { tag: 'runaway' });
		const { items } = await run(api, endMany({ filters: { tag: 'runaway' } }));
		expect(idsIn(items)).toHaveLength(9);
		expect(api.session('late')?.status).toBe('completed');
		expect(order).toEqual(['list', 'list', ...Array(8).fill('end'), 'list', 'list', 'end']);
	});

	test('looks once more though it found none at first', async () => {
		let lists = 0;
		const api = await startApi({
			faults: ({ method }) => {
				if (method === 'GET' && ++lists === 2) api.addSession({ sessionId: 'slipped' });
				return undefined;
			},
		});
		const { items, hint } = await run(api, endMany({ allLiveSessions: true }));
		expect(idsIn(items)).toEqual(['slipped']);
		expect(hint).toBeUndefined();
	});

	test('that the second look fails is told, and what was ended stays so', async () => {
		const breaks: Options['faults'] = ({ method, attempt }) =>
			method === 'GET' && attempt > 2 ? { kind: 'status', status: 403 } : undefined;
		const api = await startApi({ faults: breaks });
		addSessions(api, 3);
		const stopped = await run(api, endMany({ allLiveSessions: true }));
		expect(stopped.error?.message).toMatch(/^Sessions could not be listed: /);
		expect(stopped.error?.description).toMatch(/^Of 4 in this run, 3 ended, 1 failed, /);
	});

	test('a listed session without an ID is reported once, and never asked for', async () => {
		const api = await startApi();
		api.addSession({ sessionId: 'a' });
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
			Array(2).fill('A live session was not ended: the answer of VideoSDK lists it without an ID'),
		);
		expect(askedToEnd(api)).toEqual({ a: 1 });
	});
});

describe('Start Session', () => {
	const start = (parameters: IDataObject = {}) =>
		session('start', { deploymentId: byId(''), tag: '', additionalFields: {}, ...parameters });

	const startFault =
		(fault: Fault, times = Number.POSITIVE_INFINITY): Options['faults'] =>
		({ route, attempt }) =>
			route.endsWith('/start') && attempt <= times ? fault : undefined;

	const secretEnv = {
		env: { entries: [{ key: 'API_TOKEN', value: 'very-secret-value' }] },
	};

	test('starts one session for each item, of the deployment and tag', async () => {
		const api = await startApi();
		const { id } = api.addDeployment({ tag: 'v2.0' });
		const parameters = start({ deploymentId: byId(id), tag: 'v2.0' });
		const { items } = await run(api, parameters, itemsOf(['x', 'y']));
		expect(items.map(({ json, pairedItem }) => [json.deploymentId, json.tag, pairedItem])).toEqual([
			[id, 'v2.0', { item: 0 }],
			[id, 'v2.0', { item: 1 }],
		]);
		expect(items[0]?.json).toMatchObject({
			status: 'queued',
			message: 'Session started successfully',
		});
		expect(countOf(api, START)).toBe(2);
	});

	describe('tells what it started, whatever fails later', () => {
		/** Sessions start, but the second never runs. */
		async function secondNeverRuns() {
			const api = await startApi();
			const { id } = api.addDeployment();
			const parameters = start({
				deploymentId: byId(id),
				options: { waitUntilRunning: true, waitTimeout: 2 },
			});
			const started: string[] = [];
			api.set({
				startTakesMs: 10,
				faults: ({ method, sessionId = '' }) => {
					if (method !== 'GET') return undefined;
					if (!started.includes(sessionId)) started.push(sessionId);
					return sessionId === started[1]
						? { kind: 'wrongJson', text: '{"status":"queued"}' }
						: undefined;
				},
			});
			return { api, parameters, second: () => started[1] };
		}

		test('with Stop Workflow, the summary names the sessions', async () => {
			const { api, parameters, second } = await secondNeverRuns();
			const { error } = await run(api, parameters, itemsOf(['x', 'y', 'z']));
			expect(error?.message).toBe(
				`Session "${second()}" was started but does not run: after 2 seconds its status is queued`,
			);
			expect(error?.description).toMatch(
				new RegExp(
					`^Of 3 in this run, 2 started, 1 failed, 0 not attempted. Failed: "${second()}". Started: "[^"]+", "[^"]+"\\. `,
				),
			);
		});

		test('with Continue, a session that does not run is named in the failed item', async () => {
			const { api, parameters, second } = await secondNeverRuns();
			const { items, failed } = await run(
				api,
				parameters,
				itemsOf(['x', 'y', 'z']).map(({ json }) => ({ json: { input: json.sessionId } })),
				stopsNever,
			);
			expect(items).toHaveLength(2);
			expect(failed).toHaveLength(1);
			expect(failed[0]?.json.error).toMatchObject({ sessionId: second() });
		});
	});

	describe('with Retry On Fail, which runs the node again for all items', () => {
		const retries = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

		test.each<[string, Options, string]>([
			[
				'an answer gets lost',
				{ faults: startFault({ kind: 'reset', processed: true }) },
				'stopWorkflow',
			],
			[
				'one of three gets a 503',
				{ faults: startFault({ kind: 'status', status: 503 }, 1) },
				'stopWorkflow',
			],
			['all goes well', {}, 'stopWorkflow'],
			[
				'an answer gets lost',
				{ faults: startFault({ kind: 'reset', processed: true }) },
				'continueErrorOutput',
			],
			[
				'one of three gets a 503',
				{ faults: startFault({ kind: 'status', status: 503 }, 1) },
				'continueRegularOutput',
			],
		])('nothing is started, and it says why: %s, %s %s', async (_name, options, onError) => {
			const api = await startApi(options);
			const node = { ...retries, onError } as NonNullable<Parameters<typeof run>[3]>['node'];
			const { items, failed, error } = await run(api, start(), itemsOf(['x', 'y', 'z']), { node });
			expect(api.stats.requests.size).toBe(0);
			const messages = [...items, ...failed].map(({ json }) => (json.error as IDataObject).message);
			expect(error ? [error.message] : messages).toEqual(
				Array(error ? 1 : 3).fill(
					"'Retry On Fail' cannot be used with this operation, since it could do the same thing twice",
				),
			);
		});

		test('a session is ended all the same: ending it twice does no harm', async () => {
			const api = await startApi();
			const { sessionId } = api.addSession();
			const end = session('end', { sessionId: byId(sessionId) });
			const { items } = await run(api, end, itemsOf(['x']), { node: retries });
			expect(items[0]?.json.status).toBe('completed');
		});
	});

	test.each<[string, Fault]>([
		['the connection drops', { kind: 'reset', processed: true }],
		['no answer comes', { kind: 'stall', processed: true }],
		['a gateway times out', { kind: 'status', status: 504, processed: true }],
		['the answer is a page', { kind: 'wrongJson', text: '<html>', processed: true }],
		['half the answer comes', { kind: 'truncated' }],
		['the answer has no session in it', { kind: 'wrongJson', text: '{}', processed: true }],
	])('is never sent twice: %s, and one session was started', async (_name, fault) => {
		const api = await startApi({ faults: startFault(fault) });
		const { error } = await run(api, start({ options: { timeout: 200 } }));
		expect(error).toMatchObject({
			message: expect.stringMatching(/^The session was not started: /),
			description: expect.stringMatching(
				/^A session may have started all the same.* use Get Many .* created just now\./,
			),
		});
		expect(countOf(api, START)).toBe(1);
		const { items } = await run(api, session('getAll', { returnAll: true, filters: {} }));
		expect(items).toHaveLength(1);
	});

	test('is sent again after 429, which surely did nothing', async () => {
		const api = await startApi({ faults: startFault({ kind: 'status', status: 429 }, 1) });
		const { items, hint } = await run(api, start());
		expect(items).toHaveLength(1);
		expect(countOf(api, START)).toBe(2);
		expect(hint).toBe('1 request had to be repeated; VideoSDK asked to slow down 1 time.');
	});

	test.each([400, 401, 409])(
		'%i says nothing of a session that may have started',
		async (status) => {
			const api = await startApi({ faults: startFault({ kind: 'status', status }) });
			const { error } = await run(api, start());
			expect(error?.description).not.toContain('may have started');
		},
	);

	test('a deployment that does not exist is said to', async () => {
		const { error } = await run(await startApi(), start({ deploymentId: byId('none') }));
		expect(error).toMatchObject({
			message: 'The session was not started: there is no such deployment in this VideoSDK project',
			httpCode: '404',
		});
	});

	const secretIn = (
		{ run: { data } }: Awaited<ReturnType<typeof run>>,
		secret = 'very-secret-value',
	) =>
		leaksIn({ data: { resultData: data.resultData } } as Parameters<typeof leaksIn>[0], {
			apiKey: secret,
			secretKey: '',
			baseUrl: '',
		});

	test.each<[string, IDataObject, Fault | undefined, string]>([
		['VideoSDK', secretEnv, { kind: 'status', status: 400 }, 'rejected the request'],
		['the network', secretEnv, { kind: 'reset' }, 'broke off'],
		[
			'the node',
			{ env: { entries: [{ key: 'A', value: { very: 'very-secret-value' } }] } },
			undefined,
			'The value of "A" in Environment Variables of item 0 is not text',
		],
		[
			'the node, for another field',
			{ ...secretEnv, metadataJson: 'oops' },
			undefined,
			'Metadata (JSON) of item 0 is not a JSON object',
		],
	])(
		'an environment value is in no error of %s',
		async (_name, additionalFields, fault, message) => {
			const api = await startApi({ faults: fault && startFault(fault) });
			const result = await run(api, start({ additionalFields }));
			expect(result.error?.message).toContain(message);
			expect(secretIn(result)).toEqual([]);
		},
	);

	test('an environment value that VideoSDK repeats is in no error', async () => {
		const body = { message: 'env.API_TOKEN must not be "very-secret-value"' };
		const api = await startApi({ faults: startFault({ kind: 'status', status: 400, body }) });
		const result = await run(api, start({ additionalFields: secretEnv }));
		expect(result.error?.message).toContain('rejected the request');
		expect(secretIn(result)).toEqual([]);
	});

	describe('environment values that VideoSDK repeats are in no error', () => {
		const pem = '-----BEGIN KEY-----\r\nLINE-ONE+/=\r\nLINE-TWO\r\n-----END KEY-----\r\n';
		const values = ['MARK"ED\\', 'MARK', 'KED-WITHIN', 'MARKED-WITHIN', 'é-MARK', pem];
		const env = Object.fromEntries(values.map((value, index) => [`KEY_${index}`, value]));
		const entries = Object.entries(env).map(([key, value]) => ({ key, value }));
		const long = `${'x'.repeat(280)} ${pem}`;

		test.each<[string, unknown]>([
			['as they are', values.join(', ')],
			['as JSON', JSON.stringify(env)],
			['as JSON within JSON', JSON.stringify(JSON.stringify(env))],
			['one within another', 'MARKED-WITHIN'],
			['one half of another', 'xMARKED-WITHINx MARKED-WITHI MARKED-WITHIN'],
			['a key, on several lines', `The key ${pem} is wrong`],
			['a key, where a message is cut', long],
			['a key, as JSON, where a message is cut', JSON.stringify(long)],
			['a list', values.map((value) => `${value} is wrong`)],
			['a list of objects', values.map((value) => ({ message: `${value} is wrong` }))],
			['a list of JSON', [JSON.stringify(env)]],
		])('%s', async (_name, message) => {
			const body = { message } as IDataObject;
			const api = await startApi({ faults: startFault({ kind: 'status', status: 400, body }) });
			const result = await run(api, start({ additionalFields: { env: { entries } } }));
			const { error } = result;
			expect(error?.message).toContain('rejected the request');
			expect(error?.description).toContain('VideoSDK said: "');
			expect(error?.description).toContain('[hidden]');
			for (const part of ['MARK', 'WITHIN', 'LINE-ONE', 'LINE-TWO', 'BEGIN']) {
				expect(secretIn(result, part)).toEqual([]);
			}
		});
	});

	test.each<[string, IDataObject, string]>([
		[
			'a key is missing',
			{ env: { entries: [{ value: 'a' }] } },
			'The key of Environment Variables of item 0 is empty',
		],
		[
			'metadata is a list',
			{ metadataJson: '[1]' },
			'Metadata (JSON) of item 0 is not a JSON object',
		],
		[
			'the webhook is no address',
			{ webhook: { target: { url: 'n8n', events: ['ai-deployment-session-failed'] } } },
			'The webhook URL of item 0 is not a web address',
		],
		[
			'the webhook is empty',
			{ webhook: { target: { url: '', events: ['ai-deployment-session-failed'] } } },
			'The webhook URL of item 0 is empty',
		],
		[
			'the webhook has no events',
			{ webhook: { target: { url: 'https://n8n.example', events: [] } } },
			'The webhook of item 0 has no events',
		],
	])('nothing is sent if %s', async (_name, additionalFields, message) => {
		const api = await startApi();
		const { error } = await run(api, start({ additionalFields }));
		expect(error).toMatchObject({ name: 'NodeOperationError', message });
		expect(api.stats.requests.size).toBe(0);
	});

	describe('Wait Until Running', () => {
		const waiting = start({ options: { waitUntilRunning: true, waitTimeout: 1 } });

		test('gives the session once it runs', async () => {
			const api = await startApi({ startTakesMs: 50 });
			const { items, hint } = await run(api, waiting);
			expect(items[0]?.json).toMatchObject({
				status: 'running',
				message: 'Session started successfully',
			});
			expect(hint).toBe('1 session had to be waited for.');
		});

		test('is an error if it does not run in time', async () => {
			const api = await startApi({ startTakesMs: 60_000 });
			const { error } = await run(api, waiting);
			expect(error?.message).toMatch(
				/^Session "[\w-]+" was started but does not run: after 1 seconds? its status is queued$/,
			);
		});
	});
});

describe('deployments', () => {
	test('Create gives the deployment', async () => {
		const api = await startApi();
		const { items } = await run(
			api,
			deployment('create', { name: ' Line ', description: 'Night' }),
		);
		expect(items[0]?.json).toMatchObject({
			id: expect.any(String),
			name: 'Line',
			description: 'Night',
			createdAt: expect.any(String),
		});
	});

	test('Create needs no description', async () => {
		const { items } = await run(await startApi(), deployment('create', { name: 'Line' }));
		expect(items[0]?.json).toMatchObject({ name: 'Line' });
	});

	test('Create needs a name', async () => {
		const api = await startApi();
		const { error } = await run(api, deployment('create', { name: ' ' }));
		expect(error?.message).toBe('The deployment name of item 0 is empty');
		expect(api.stats.requests.size).toBe(0);
	});

	test('Create is never sent twice, and says how to find out', async () => {
		const api = await startApi({ faults: () => ({ kind: 'reset', processed: true }) });
		const { error } = await run(api, deployment('create', { name: 'Line', description: 'Night' }));
		expect(error).toMatchObject({
			message: 'Deployment "Line" was not created: the connection to VideoSDK broke off',
			description: expect.stringMatching(/^It may exist all the same: .* Get Many/),
		});
		expect(countOf(api, 'POST /ai/v1/ai-deployments')).toBe(1);
	});

	test('Get gives one version of a deployment', async () => {
		const api = await startApi();
		const { id } = api.addDeployment({ name: 'Line', tag: 'v 2/0' });
		const { items } = await run(api, deployment('get', { deploymentId: byId(id), tag: 'v 2/0' }));
		expect(items[0]?.json).toMatchObject({ id, name: 'Line', tag: 'v 2/0' });
	});

	test('Get says that there is no such deployment', async () => {
		const parameters = deployment('get', { deploymentId: byId('d1'), tag: 'v1' });
		const { error } = await run(await startApi(), parameters);
		expect(error?.message).toBe(
			'Deployment "d1" with tag "v1" could not be read: there is no such deployment in this VideoSDK project',
		);
	});

	test.each<[string, IDataObject, string]>([
		[
			'deployment',
			{ deploymentId: byId('={{ $json.none }}'), tag: 'v1' },
			'The deployment ID of item 0 is empty',
		],
		['tag', { deploymentId: byId('d1'), tag: '={{ $json.none }}' }, 'The tag of item 0 is empty'],
	])('Get needs a %s', async (_name, parameters, message) => {
		const { error } = await run(await startApi(), deployment('get', parameters));
		expect(error?.message).toBe(message);
	});

	test('Get Many gives all, or as many as wanted', async () => {
		const api = await startApi();
		const ids = Array.from({ length: 120 }, () => api.addDeployment().id).reverse();
		const { items } = await run(api, deployment('getAll', { returnAll: true }));
		expect(items.map(({ json }) => json.id)).toEqual(ids);
		const { items: some } = await run(api, deployment('getAll', { returnAll: false, limit: 3 }));
		expect(some.map(({ json }) => json.id)).toEqual(ids.slice(0, 3));
	});

	test('Get Many gives what has no ID as it came, each of several', async () => {
		const rows = [{ name: 'Nameless' }, {}, { id: 'd1', tag: 'v1' }, {}, { id: 'undefined' }];
		const page = (data: IDataObject[]): Fault => ({
			kind: 'wrongJson',
			text: JSON.stringify({ data }),
		});
		const api = await startApi({ faults: ({ attempt }) => page(attempt === 1 ? rows : []) });
		const { items } = await run(api, deployment('getAll', { returnAll: true }));
		expect(items.map(({ json }) => json)).toEqual(rows);
	});
});
