import { Expression, sleep } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Fault, VideoSdkApi } from '../../dev/videosdk-api';
import { endSession, itemsOf, stopsNever } from '../support/nodeRun';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const FETCH = 'GET /ai/v1/ai-deployment-sessions/{sessionId}';

const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

/** Adds running sessions and gives their IDs. */
function addSessions(api: VideoSdkApi, count: number): string[] {
	const sessionIds = namesOf(count);
	for (const sessionId of sessionIds) api.sessions.add({ sessionId });
	return sessionIds;
}

const endedIn = (api: VideoSdkApi, sessionIds: string[]) =>
	sessionIds.filter((sessionId) => api.sessions.find(sessionId)?.status === 'completed');

/** Makes the first so many requests to End of each session go wrong. */
const failsFirst =
	(times: number, fault: (sessionId: string) => Fault) =>
	({ method = '', attempt = 0, sessionId = '' }) =>
		method === 'POST' && attempt <= times ? fault(sessionId) : undefined;

const resetAfterwards: Fault = { kind: 'reset', processed: true };

/** Chance makes each wait a tenth of the longest that is possible. */
const hurry = () => jest.spyOn(Math, 'random').mockReturnValue(0.1);

afterEach(() => jest.restoreAllMocks());

describe('concurrency', () => {
	test.each([
		[1, 1],
		[7, 7],
		[100, 100],
	])(
		'with Max Concurrency %s, %i requests are in progress at once',
		async (maxConcurrency, most) => {
			// Long enough for all of them to arrive before the first is answered, on a busy machine too.
			const api = await startApi({ delayMs: most * 20 });
			const sessionIds = addSessions(api, Math.min(120, most * 3));
			const { items } = await run(api, endSession({ maxConcurrency }), itemsOf(sessionIds));
			expect(items).toHaveLength(sessionIds.length);
			expect(api.stats.mostInFlight).toBe(most);
		},
	);

	test('by default it begins with 50, and allows more while nothing is refused', async () => {
		const api = await startApi({ delayMs: 1_500 });
		const sessionIds = addSessions(api, 300);
		const running = run(api, endSession(), itemsOf(sessionIds));
		const openAtFirst = await new Promise<number>((resolve) => {
			const look = () =>
				api.stats.mostInFlight > 0 ? resolve(api.stats.mostInFlight) : void sleep(5).then(look);
			look();
		});
		expect(openAtFirst).toBeLessThanOrEqual(50);
		expect((await running).items).toHaveLength(300);
		expect(api.stats.mostInFlight).toBeGreaterThan(100);
	});

	test('the output has the order of the input, whichever answer comes first', async () => {
		const stalls = ({ sessionId = '', attempt = 0 }): Fault | undefined =>
			attempt === 1 && Number(sessionId.slice(1)) % 3 === 0 ? { kind: 'stall' } : undefined;
		const api = await startApi({ faults: stalls });
		const sessionIds = addSessions(api, 30);
		const options = { timeout: 200, maxConcurrency: 4 };
		const { items } = await run(api, endSession(options), itemsOf(sessionIds));
		expect(items.map(({ json }) => json.sessionId)).toEqual(sessionIds);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(
			sessionIds.map((_, item) => ({ item })),
		);
	});
});

describe('a session that is named several times', () => {
	test('is asked for once and answered each time, with an object of its own', async () => {
		const api = await startApi();
		addSessions(api, 2);
		const { items } = await run(api, endSession(), itemsOf(['s0', 's1', 's0', ' s0 ']));
		expect(items.map(({ json }) => json.sessionId)).toEqual(['s0', 's1', 's0', 's0']);
		expect(new Set(items.map(({ json }) => json)).size).toBe(4);
		expect(api.stats.endRequests.get('s0')).toBe(1);
	});

	test('gets an object of its own all the way down', async () => {
		const api = await startApi();
		api.sessions.add({ sessionId: 's0', cost: { amount: 1 } });
		const { items } = await run(api, endSession(), itemsOf(['s0', 's0']));
		expect(items[0]?.json.cost).not.toBe(items[1]?.json.cost);
	});

	test('fails each time if it fails', async () => {
		const api = await startApi();
		const { failed } = await run(api, endSession(), itemsOf(['none', 'none']), stopsNever);
		expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		expect(api.stats.endRequests.get('none')).toBe(1);
	});

	test('is waited for once', async () => {
		const api = await startApi({ endTakesMs: 20 });
		addSessions(api, 1);
		const { items } = await run(api, endSession({ waitUntilEnded: true }), itemsOf(['s0', 's0']));
		expect(items.map(({ json }) => json.status)).toEqual(['stopped', 'stopped']);
		expect(api.stats.requests.get(FETCH)?.count).toBe(1);
	});
});

describe('a failure that passes', () => {
	const faults: Record<string, Fault> = {
		...Object.fromEntries(
			[408, 425, 429, 500, 502, 503, 504, 520, 599].map((status) => [
				`${status}`,
				{ kind: 'status', status },
			]),
		),
		html: { kind: 'status', status: 502, body: '<html>Bad Gateway</html>' },
		reset: { kind: 'reset' },
		resetAfterwards,
		stall: { kind: 'stall' },
		stallAfterwards: { kind: 'stall', processed: true },
		truncated: { kind: 'truncated' },
	};

	test.each(Object.keys(faults))('%s: the session ends anyway', async (sessionId) => {
		hurry();
		const chosen = faults[sessionId] ?? resetAfterwards;
		const api = await startApi({ faults: failsFirst(1, () => chosen) });
		api.sessions.add({ sessionId });
		const { items, error, hint } = await run(
			api,
			endSession({ timeout: 200 }),
			itemsOf([sessionId]),
		);
		expect(error).toBeUndefined();
		expect(items).toHaveLength(1);
		expect(endedIn(api, [sessionId])).toEqual([sessionId]);
		expect(api.stats.endRequests.get(sessionId)).toBe(2);
		expect(api.stats.endings.get(sessionId)).toBe(1);
		expect(hint).toMatch(
			/^(The session had already ended|Ended 1 of 1 session)\. 1 retry was needed( because VideoSDK was busy)?\.$/,
		);
	});

	test('a gateway that fails twice with a page: all end and nothing is an error', async () => {
		hurry();
		const page: Fault = { kind: 'status', status: 502, body: '<html>Bad Gateway</html>' };
		const api = await startApi({ faults: failsFirst(2, () => page) });
		const sessionIds = addSessions(api, 200);
		const { items, error, hint } = await run(api, endSession(), itemsOf(sessionIds));
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json.status)).toEqual(sessionIds.map(() => 'completed'));
		expect(hint).toBe('Ended 200 of 200 sessions. 400 retries were needed.');
	});

	test('a certain failure is not repeated', async () => {
		const api = await startApi({ faults: () => ({ kind: 'status', status: 403 }) });
		await run(api, endSession(), itemsOf(['s0']));
		expect(api.stats.endRequests.get('s0')).toBe(1);
	});

	test('Max Retries bounds how often it is tried', async () => {
		hurry();
		const api = await startApi({ faults: () => ({ kind: 'status', status: 500 }) });
		addSessions(api, 1);
		const { error } = await run(api, endSession({ maxRetries: 2 }), itemsOf(['s0']));
		expect(error).toMatchObject({ httpCode: '500' });
		expect(api.stats.endRequests.get('s0')).toBe(3);
	});
});

describe('an API that refuses', () => {
	test('is sent nothing for as long as it asks', async () => {
		const started = Date.now();
		const refuses: Fault = { kind: 'status', status: 429, headers: { 'retry-after': '1' } };
		const api = await startApi({ faults: failsFirst(1, () => refuses) });
		addSessions(api, 1);
		const { items, hint } = await run(api, endSession(), itemsOf(['s0']));
		expect(items).toHaveLength(1);
		expect(Date.now() - started).toBeGreaterThanOrEqual(1_000);
		expect(hint).toBe('Ended 1 of 1 session. 1 retry was needed because VideoSDK was busy.');
	});

	test('takes 20 at once: 300 sessions end, none is lost, and few are refused', async () => {
		const api = await startApi({ delayMs: 100, maxAtOnce: 20, retryAfterSeconds: 1 });
		const sessionIds = addSessions(api, 300);
		const { items, error, hint } = await run(api, endSession(), itemsOf(sessionIds));
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json.sessionId)).toEqual(sessionIds);
		expect(endedIn(api, sessionIds)).toEqual(sessionIds);
		// The 30 of the first moment cannot be helped; each time it grows too far costs a few more.
		expect(api.stats.throttled).toBeGreaterThan(0);
		expect(api.stats.throttled).toBeLessThanOrEqual(60);
		expect(hint).toContain(`${api.stats.throttled} retries were needed because VideoSDK was busy.`);
	});
});

describe('the clock of the server', () => {
	/** @returns sets the clock by so many milliseconds */
	function setClock() {
		const now = Date.now.bind(Date);
		let ahead = 0;
		jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
		return (by: number) => {
			ahead += by;
		};
	}

	test('may be set back by an hour between two runs', async () => {
		const set = setClock();
		const api = await startApi();
		addSessions(api, 2);
		await run(api, endSession(), itemsOf(['s0']));
		set(-3_600_000);
		const { items } = await run(api, endSession(), itemsOf(['s1']));
		expect(items.map(({ json }) => json.status)).toEqual(['completed']);
	});

	test.each([
		['back by an hour', -3_600_000],
		['forward by more than the time after which is given up', 90_000],
	])('may be set %s while VideoSDK refuses', async (_name, by) => {
		const set = setClock();
		const refuses: Fault = { kind: 'status', status: 429, headers: { 'retry-after': '1' } };
		// As many as are sent at first; the others wait.
		let toRefuse = 50;
		const api = await startApi({ faults: () => (toRefuse-- > 0 ? refuses : undefined) });
		const sessionIds = addSessions(api, 60);
		const ending = run(api, endSession({ giveUpAfter: 1 }), itemsOf(sessionIds));
		while (toRefuse > 0) await sleep(10);
		await sleep(300);
		set(by);
		expect((await ending).error).toBeUndefined();
		expect(endedIn(api, sessionIds)).toEqual(sessionIds);
	});

	test('may be set back by an hour while a session is waited for', async () => {
		const set = setClock();
		const api = await startApi({ endTakesMs: 1_500 });
		addSessions(api, 1);
		const options = { waitUntilEnded: true };
		const ending = run(api, endSession(options), itemsOf(['s0']));
		await sleep(500);
		set(-3_600_000);
		expect((await ending).items.map(({ json }) => json.status)).toEqual(['stopped']);
	});
});

describe('a session that has ended before', () => {
	test.each([200, 400, 402, 404, 409] as const)(
		'is success if ending it is refused with %i',
		async (status) => {
			const api = await startApi({ endOfEnded: status });
			const { sessionId } = api.sessions.add({ status: 'stopped', duration: 43, other: 'kept' });
			const { items, hint } = await run(api, endSession(), itemsOf([sessionId]));
			expect(items[0]?.json).toEqual({ ...api.sessions.find(sessionId), alreadyEnded: true });
			expect(hint).toBe('The session had already ended.');
		},
	);

	test('is success if ending it is answered like any other', async () => {
		const api = await startApi({ endOfEnded: 'success' });
		const { sessionId } = api.sessions.add({ status: 'failed' });
		const { items, hint } = await run(api, endSession(), itemsOf([sessionId]));
		expect(items[0]?.json).toMatchObject({ sessionId, status: 'failed' });
		expect(hint).toBeUndefined();
	});

	test('is an error if that is wanted', async () => {
		const api = await startApi();
		const end = '2025-06-18T11:16:54.314Z';
		const { sessionId } = api.sessions.add({ status: 'stopped', end });
		const { error } = await run(api, endSession({ ifAlreadyEnded: 'fail' }), itemsOf([sessionId]));
		expect(error).toMatchObject({
			message: `Session "${sessionId}" was not ended: it had already ended on Jun 18, 2025, 11:16 UTC (status stopped)`,
			description: expect.stringContaining('If Already Ended'),
		});
	});

	test.each(['return', 'fail'])(
		'because of a request whose answer got lost, is success: If Already Ended is %s',
		async (ifAlreadyEnded) => {
			hurry();
			const api = await startApi({ faults: failsFirst(1, () => resetAfterwards) });
			addSessions(api, 1);
			const { items } = await run(api, endSession({ ifAlreadyEnded }), itemsOf(['s0']));
			expect(items[0]?.json).toMatchObject({ status: 'completed', alreadyEnded: true });
		},
	);

	test('is counted', async () => {
		const api = await startApi();
		const sessionIds = addSessions(api, 4);
		api.sessions.setStatus('s1', 'stopped');
		const { hint } = await run(api, endSession(), itemsOf(sessionIds));
		expect(hint).toBe('Ended 4 of 4 sessions. 1 session had already ended.');
	});

	test('is not one that is unknown', async () => {
		const api = await startApi({ endOfEnded: 404 });
		const { error } = await run(api, endSession(), itemsOf(['none']));
		expect(error).toMatchObject({ httpCode: '404' });
	});
});

describe('Wait Until Ended', () => {
	test('gives the final fields', async () => {
		const api = await startApi({ endTakesMs: 100 });
		const [sessionId = ''] = addSessions(api, 1);
		const options = { waitUntilEnded: true };
		const { items } = await run(api, endSession(options), itemsOf([sessionId]));
		expect(items[0]?.json).toEqual({
			...api.sessions.find(sessionId),
			status: 'stopped',
			message: 'Session stopped successfully',
		});
	});

	test('asks nothing more of a session that has', async () => {
		const api = await startApi();
		addSessions(api, 1);
		const { hint } = await run(api, endSession({ waitUntilEnded: true }), itemsOf(['s0']));
		expect(api.stats.requests.has(FETCH)).toBe(false);
		expect(hint).toBeUndefined();
	});

	test('past its time is an error that says the last status', async () => {
		const api = await startApi({ endTakesMs: 60_000 });
		addSessions(api, 1);
		const options = { waitUntilEnded: true, waitTimeout: 1 };
		const { error } = await run(api, endSession(options), itemsOf(['s0']));
		expect(error).toMatchObject({
			message: expect.stringMatching(
				/^Session "s0" was told to end but has not ended yet: after 1 seconds? its status is still stopping$/,
			),
			description: expect.stringContaining('Wait Timeout'),
		});
	});

	test('holds up no session that is still to be ended', async () => {
		const api = await startApi({ endTakesMs: 50 });
		const sessionIds = addSessions(api, 40);
		const started = Date.now();
		const options = { waitUntilEnded: true, maxConcurrency: 4 };
		const { items } = await run(api, endSession(options), itemsOf(sessionIds));
		expect(items.map(({ json }) => json.status)).toEqual(sessionIds.map(() => 'stopped'));
		expect(Date.now() - started).toBeLessThan(5_000);
		expect(api.stats.mostInFlight).toBeLessThanOrEqual(4);
	});
});

describe('Stop Workflow loses nothing', () => {
	async function stopped() {
		const faults = ({ sessionId = '' }): Fault | undefined =>
			sessionId === 's5' ? { kind: 'status', status: 403 } : undefined;
		const api = await startApi({ delayMs: 40, faults });
		const sessionIds = addSessions(api, 30);
		const { error } = await run(api, endSession({ maxConcurrency: 3 }), itemsOf(sessionIds));
		const description = error?.description ?? '';
		const names = (ids: string[]) => {
			const more = ids.length > 10 ? ` and ${ids.length - 10} more` : '';
			return (
				ids
					.slice(0, 10)
					.map((id) => `"${id}"`)
					.join(', ') + more
			);
		};
		return { api, sessionIds, error, description, names };
	}

	test('the first failure is the error, and its description sums up all', async () => {
		const { error, description } = await stopped();
		expect(error?.message).toBe(
			'Session "s5" was not ended: VideoSDK does not allow this API key to do this ("A fault on purpose")',
		);
		expect(description).toMatch(
			/^Ended \d+ of 30 sessions\. Still to do: "s5" – VideoSDK does not allow .* Check the API key /,
		);
	});

	test('what it lists as ended has ended, and is all that has', async () => {
		const { api, sessionIds, names, description } = await stopped();
		const ended = endedIn(api, sessionIds);
		expect(description).toContain(`. Ended: ${names(ended)}. `);
		expect(description).toContain(`Ended ${ended.length} of 30 sessions. `);
	});

	test('what it lists as not attempted was never requested, and is most of them', async () => {
		const { api, sessionIds, names, description } = await stopped();
		const neverAsked = sessionIds.filter((sessionId) => !api.stats.endRequests.has(sessionId));
		expect(description).toContain(`; ${names(neverAsked)} – not attempted. `);
		expect(neverAsked.length).toBeGreaterThan(15);
	});

	test('with default options, none is begun after the first failure', async () => {
		const faults = ({ sessionId = '' }): Fault | undefined =>
			sessionId === 's5' ? { kind: 'status', status: 403 } : undefined;
		const api = await startApi({ delayMs: 1_000, faults });
		const { error } = await run(api, endSession(), itemsOf(addSessions(api, 400)));
		const asked = api.stats.endRequests.size;
		expect(asked).toBeLessThan(300);
		expect(error?.description).toContain(`Ended ${asked - 1} of 400 sessions. `);
		expect(error?.description).toContain(` and ${400 - asked - 10} more – not attempted. `);
	});

	test('an item that cannot be sent stops it too', async () => {
		const api = await startApi();
		const { error } = await run(api, endSession({ maxConcurrency: 1 }), itemsOf(['', 's1']));
		expect(error?.message).toBe("The expression in 'Session' returned nothing [item 0]");
		expect(error?.description).toContain('; "s1" – not attempted.');
		expect(api.stats.requests.size).toBe(0);
	});

	test('a single failure needs no summary', async () => {
		const api = await startApi();
		const { error } = await run(api, endSession(), itemsOf(['none']));
		expect(error?.description).not.toContain('in this run');
	});
});

describe('stopping the execution', () => {
	/** Stops a run of 60 sessions. `took` is how many milliseconds it went on after that. */
	async function stop(
		api: VideoSdkApi,
		options: Parameters<typeof endSession>[0],
		stopAfter = 500,
		sessions = 60,
	) {
		const sessionIds = addSessions(api, sessions);
		const started = Date.now();
		const running = run(api, endSession(options), itemsOf(sessionIds), { stopAfter });
		const over = new AbortController();
		const tooLong = sleep(stopAfter + 2_000, over.signal).catch(() => undefined);
		const result = await Promise.race([running, tooLong]);
		over.abort();
		return { result, took: Date.now() - started - stopAfter };
	}

	test.each<[string, Parameters<typeof startApi>[0], Parameters<typeof endSession>[0]]>([
		['while requests are in progress', { delayMs: 100 }, { maxConcurrency: 5 }],
		[
			'while VideoSDK asks for a pause',
			{ faults: () => ({ kind: 'status', status: 429, headers: { 'retry-after': '60' } }) },
			{ maxConcurrency: 5 },
		],
		['while an answer does not come', { faults: () => ({ kind: 'stall' }) }, { maxConcurrency: 5 }],
		['while sessions are waited for', { endTakesMs: 60_000 }, { waitUntilEnded: true }],
	])(
		'%s: within a second it is over and nothing new is asked',
		async (_name, behaviour, options) => {
			const api = await startApi(behaviour);
			const { result, took } = await stop(api, options);
			// What comes out was truly told to end.
			for (const { json } of result?.items ?? []) {
				expect(api.stats.endings.get(String(json.sessionId))).toBe(1);
			}
			expect(result?.run.finished).toBeUndefined();
			expect(took).toBeLessThan(1_000);
			// What was on the wire may still arrive.
			await sleep(200);
			const asked = [...api.stats.requests];
			await sleep(500);
			expect([...api.stats.requests]).toEqual(asked);
		},
	);

	test('is no error of the workflow: n8n would start its error workflow', async () => {
		const api = await startApi({ delayMs: 100 });
		const { result } = await stop(api, { maxConcurrency: 5 });
		expect(result?.run.status).toBe('canceled');
		expect(result?.error?.name).toMatch(/Cancelled/);
	});

	test('while sessions that are waited for wait for each other', async () => {
		const stalls = ({ method = '' }): Fault | undefined =>
			method === 'GET' ? { kind: 'stall' } : undefined;
		const api = await startApi({ endTakesMs: 60_000, faults: stalls });
		const options = { waitUntilEnded: true, maxConcurrency: 1 };
		// So few that all are told to end, one after the other, well before the execution is stopped.
		const { result } = await stop(api, options, 2_000, 5);
		expect(api.stats.requests.has(FETCH)).toBe(true);
		expect(result?.run.status).toBeDefined();
	});
});

describe('cheap', () => {
	test('the credential is decrypted twice, however many items share it', async () => {
		hurry();
		const api = await startApi({ faults: failsFirst(1, () => ({ kind: 'status', status: 503 })) });
		const { decryptions } = await run(api, endSession(), itemsOf(addSessions(api, 100)));
		expect(decryptions).toBe(2);
	});

	test('the expression of a field is evaluated once an item', async () => {
		const evaluate = jest.spyOn(Expression.prototype, 'resolveSimpleParameterValue');
		const api = await startApi();
		await run(
			api,
			{ ...endSession(), sessionId: byId('={{ $json.sessionId }}') },
			itemsOf(addSessions(api, 40)),
		);
		const evaluated = evaluate.mock.calls.filter(([value]) => value === '={{ $json.sessionId }}');
		expect(evaluated).toHaveLength(40);
	});
});
