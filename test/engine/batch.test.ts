import type { IDataObject } from 'n8n-workflow';
import { Expression, sleep } from 'n8n-workflow';
import type { Fault, Options, VideoSdkApi } from '../../dev/videosdk-api';
import { endSession, itemsOf, stopsNever } from '../support/nodeRun';
import { countOf, failing, idsIn, onceEach, SESSIONS } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const FETCH = `GET ${SESSIONS}/{sessionId}`;

/** Adds running sessions and gives their IDs. */
function addSessions(api: VideoSdkApi, count: number): string[] {
	const sessionIds = Array.from({ length: count }, (_, index) => `s${index}`);
	for (const sessionId of sessionIds) api.sessions.add({ sessionId });
	return sessionIds;
}

const endedIn = (api: VideoSdkApi, sessionIds: string[]) =>
	sessionIds.filter((sessionId) => api.sessions.find(sessionId)?.status === 'completed');

/** Makes the first so many requests to End of each session go wrong. */
const failsFirst =
	(times: number, faultOf: (sessionId: string) => Fault | undefined): Options['faults'] =>
	({ method, attempt, sessionId = '' }) =>
		method === 'POST' && attempt <= times ? faultOf(sessionId) : undefined;

const forbids =
	(wanted: string): Options['faults'] =>
	({ sessionId }) =>
		sessionId === wanted ? { kind: 'status', status: 403 } : undefined;

const throttles: Fault = { kind: 'status', status: 429, headers: { 'retry-after': '1' } };

/** Chance makes each wait a tenth of the longest that is possible. */
const hurry = () => jest.spyOn(Math, 'random').mockReturnValue(0.1);

afterEach(() => jest.restoreAllMocks());

describe('concurrency', () => {
	test.each([1, 7, 30])('Max Concurrency %i is reached but not exceeded', async (most) => {
		// Long enough for all of them to arrive before the first is answered, on a busy machine too.
		const api = await startApi({ delayMs: most * 20 });
		const sessionIds = addSessions(api, most * 2);
		const { items } = await run(api, endSession({ maxConcurrency: most }), itemsOf(sessionIds));
		expect(items).toHaveLength(sessionIds.length);
		expect(api.stats.mostInFlight).toBe(most);
	});

	test('concurrency starts at 50 by default, and rises while nothing is throttled', async () => {
		const api = await startApi({ delayMs: 1_500 });
		const running = run(api, endSession(), itemsOf(addSessions(api, 200)));
		while (api.stats.mostInFlight === 0) await sleep(5);
		expect(api.stats.mostInFlight).toBeLessThanOrEqual(50);
		expect((await running).items).toHaveLength(200);
		expect(api.stats.mostInFlight).toBeGreaterThan(100);
	});

	test('output items keep the order of the input, whichever response arrives first', async () => {
		const stalls = failsFirst(1, (id) => (/[0369]$/.test(id) ? { kind: 'stall' } : undefined));
		const api = await startApi({ faults: stalls });
		const sessionIds = addSessions(api, 30);
		const options = { timeout: 200, maxConcurrency: 4 };
		const { items } = await run(api, endSession(options), itemsOf(sessionIds));
		expect(idsIn(items)).toEqual(sessionIds);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(
			sessionIds.map((_, item) => ({ item })),
		);
	});
});

describe('items that name the same session', () => {
	test('items that name the same session get separate deep copies of its data', async () => {
		const api = await startApi();
		api.sessions.add({ sessionId: 's0', cost: { amount: 1 } });
		const { items } = await run(api, endSession(), itemsOf(['s0', 's0']));
		expect(items[0]?.json.cost).toEqual({ amount: 1 });
		expect(items[0]?.json.cost).not.toBe(items[1]?.json.cost);
	});

	test('if a session cannot be ended, every item that names it fails', async () => {
		const api = await startApi();
		const { failed } = await run(api, endSession(), itemsOf(['none', 'none']), stopsNever);
		expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		expect(api.stats.endRequests.get('none')).toBe(1);
	});

	test('Wait Until Ended polls a session once, however many items name it', async () => {
		const api = await startApi({ endTakesMs: 20 });
		addSessions(api, 1);
		const { items } = await run(api, endSession({ waitUntilEnded: true }), itemsOf(['s0', 's0']));
		expect(items.map(({ json }) => json.status)).toEqual(['stopped', 'stopped']);
		expect(countOf(api, FETCH)).toBe(1);
	});
});

describe('a request that fails', () => {
	const passing: Record<string, Fault> = {
		...Object.fromEntries(
			[408, 425, 429, 500, 502, 503, 504, 520, 599].map((status) => [
				`${status}`,
				{ kind: 'status', status },
			]),
		),
		html: { kind: 'status', status: 502, body: '<html>Bad Gateway</html>' },
		reset: { kind: 'reset' },
		resetAfterwards: { kind: 'reset', processed: true },
		stall: { kind: 'stall' },
		stallAfterwards: { kind: 'stall', processed: true },
		truncated: { kind: 'truncated' },
	};

	test('transient failures are retried until each session has ended exactly once', async () => {
		hurry();
		const api = await startApi({ faults: failsFirst(2, (kind) => passing[kind]) });
		const kinds = Object.keys(passing);
		for (const sessionId of kinds) api.sessions.add({ sessionId });
		const { items, error, hint } = await run(api, endSession({ timeout: 300 }), itemsOf(kinds));
		expect(error).toBeUndefined();
		expect(idsIn(items)).toEqual(kinds);
		expect(endedIn(api, kinds)).toEqual(kinds);
		expect(Object.fromEntries(api.stats.endings)).toEqual(onceEach(kinds));
		expect([...api.stats.endRequests.values()]).toEqual(
			// What had its effect the first time is known to have ended the second time.
			kinds.map((kind) => (kind.endsWith('Afterwards') ? expect.any(Number) : 3) as number),
		);
		expect(hint).toMatch(
			/^Ended 15 of 15 sessions\. 3 sessions? had already ended\. \d+ retries were/,
		);
	});

	test.each<[number, IDataObject, number]>([
		[403, {}, 1],
		[500, { maxRetries: 2 }, 3],
	])('End Session with HTTP %i and %j stops after attempt %i', async (status, options, count) => {
		hurry();
		const api = await startApi(failing(status));
		const { error } = await run(api, endSession(options), itemsOf(['s0']));
		expect(error).toMatchObject({ httpCode: String(status) });
		expect(api.stats.endRequests.get('s0')).toBe(count);
	});

	test('a throttled request is not retried before its Retry-After time is over', async () => {
		const started = Date.now();
		const api = await startApi({ faults: failsFirst(1, () => throttles) });
		const { items, hint } = await run(api, endSession(), itemsOf(addSessions(api, 1)));
		expect(items).toHaveLength(1);
		expect(Date.now() - started).toBeGreaterThanOrEqual(1_000);
		expect(hint).toBe(
			'Ended 1 of 1 session. 1 retry was needed because VideoSDK received too many requests or was unavailable.',
		);
	});

	test('all 100 sessions end if VideoSDK allows 20 concurrent requests', async () => {
		const api = await startApi({ delayMs: 100, maxAtOnce: 20, retryAfterSeconds: 1 });
		const sessionIds = addSessions(api, 100);
		const { items, error, hint } = await run(api, endSession(), itemsOf(sessionIds));
		expect(error).toBeUndefined();
		expect(idsIn(items)).toEqual(sessionIds);
		expect(endedIn(api, sessionIds)).toEqual(sessionIds);
		// How many depends on the machine: requestQueue-simulated.test.ts has a bound.
		expect(api.stats.throttled).toBeGreaterThan(0);
		expect(hint).toContain(
			`${api.stats.throttled} retries were needed because VideoSDK received too many requests or was unavailable.`,
		);
	});

	test.each([
		['back by an hour', -3_600_000],
		['forward past Give Up After', 90_000],
	])('throttled sessions still end if the clock is set %s', async (_name, by) => {
		const now = Date.now.bind(Date);
		let ahead = 0;
		jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
		// As many as are sent at first; the others wait.
		let left = 50;
		const api = await startApi({ faults: () => (left-- > 0 ? throttles : undefined) });
		const sessionIds = addSessions(api, 60);
		const ending = run(api, endSession({ giveUpAfter: 1 }), itemsOf(sessionIds));
		while (left > 0) await sleep(10);
		await sleep(300);
		ahead = by;
		expect((await ending).error).toBeUndefined();
		expect(endedIn(api, sessionIds)).toEqual(sessionIds);
	});
});

describe('a session that has already ended', () => {
	test('End Session succeeds if VideoSDK accepts ending an ended session', async () => {
		const api = await startApi({ endOfEnded: 'success' });
		const { sessionId } = api.sessions.add({ status: 'failed' });
		const { items, hint } = await run(api, endSession(), itemsOf([sessionId]));
		expect(items[0]?.json).toMatchObject({ sessionId, status: 'failed' });
		expect(hint).toBeUndefined();
	});

	test('End Session can fail for an already ended session, and says when it ended', async () => {
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
		'End Session succeeds after a lost response with If Already Ended: %s',
		async (ifAlreadyEnded) => {
			hurry();
			const faults = failsFirst(1, () => ({ kind: 'reset', processed: true }));
			const api = await startApi({ faults });
			const { items } = await run(
				api,
				endSession({ ifAlreadyEnded }),
				itemsOf(addSessions(api, 1)),
			);
			expect(items[0]?.json).toMatchObject({ status: 'completed', alreadyEnded: true });
		},
	);
});

describe('Wait Until Ended', () => {
	test('Wait Until Ended returns the final data of the session', async () => {
		const api = await startApi({ endTakesMs: 100 });
		const [sessionId = ''] = addSessions(api, 1);
		const { items } = await run(api, endSession({ waitUntilEnded: true }), itemsOf([sessionId]));
		const message = 'Session stopped successfully';
		expect(items[0]?.json).toEqual({ ...api.sessions.find(sessionId), status: 'stopped', message });
	});

	test('Wait Until Ended does not poll a session that has already ended', async () => {
		const api = await startApi();
		const parameters = endSession({ waitUntilEnded: true });
		const { hint } = await run(api, parameters, itemsOf(addSessions(api, 1)));
		expect(countOf(api, FETCH)).toBe(0);
		expect(hint).toBeUndefined();
	});

	test('Wait Until Ended fails at its timeout with the last known status', async () => {
		const api = await startApi({ endTakesMs: 60_000 });
		const options = { waitUntilEnded: true, waitTimeout: 1 };
		const { error } = await run(api, endSession(options), itemsOf(addSessions(api, 1)));
		expect(error).toMatchObject({
			message: expect.stringMatching(
				/^Session "s0" has not ended yet: after 1 second, its status is still stopping$/,
			),
			description: expect.stringContaining('Wait Timeout'),
		});
	});

	test('Wait Until Ended does not delay the ending of other sessions', async () => {
		const api = await startApi({ endTakesMs: 50 });
		const sessionIds = addSessions(api, 40);
		const options = { waitUntilEnded: true, maxConcurrency: 4 };
		const { items } = await run(api, endSession(options), itemsOf(sessionIds));
		expect(items.map(({ json }) => json.status)).toEqual(sessionIds.map(() => 'stopped'));
		expect(api.stats.mostInFlight).toBeLessThanOrEqual(4);
	});
});

describe('On Error: Stop Workflow', () => {
	test('Stop Workflow reports the first failure and a summary of all sessions', async () => {
		const api = await startApi({ delayMs: 40, faults: forbids('s5') });
		const sessionIds = addSessions(api, 30);
		const { error } = await run(api, endSession({ maxConcurrency: 3 }), itemsOf(sessionIds));
		const named = (ids: string[]) => {
			const more = ids.length > 10 ? ` and ${ids.length - 10} more` : '';
			return (
				ids
					.slice(0, 10)
					.map((id) => `"${id}"`)
					.join(', ') + more
			);
		};
		const ended = endedIn(api, sessionIds);
		const neverAsked = sessionIds.filter((sessionId) => !api.stats.endRequests.has(sessionId));
		const reason = 'VideoSDK does not allow this API key to do this ("A fault on purpose")';
		expect(error?.message).toBe(`Session "s5" was not ended: ${reason}`);
		const description = error?.description ?? '';
		const counts = `Ended ${ended.length} of 30 sessions. Failed: "s5" – ${reason}. `;
		expect(description.startsWith(counts)).toBe(true);
		expect(description).toContain(` Not attempted: ${named(neverAsked)}. `);
		expect(description).toContain(`. Ended: ${named(ended)}. `);
		expect(neverAsked.length).toBeGreaterThan(15);
	});

	test('with default options, Stop Workflow sends no request after the first failure', async () => {
		const api = await startApi({ delayMs: 500, faults: forbids('s5') });
		const { error } = await run(api, endSession(), itemsOf(addSessions(api, 400)));
		const asked = api.stats.endRequests.size;
		expect(asked).toBeLessThan(350);
		expect(error?.description).toContain(`Ended ${asked - 1} of 400 sessions. `);
		expect(error?.description).toMatch(
			new RegExp(` Not attempted: [^.]* and ${400 - asked - 10} more\\. `),
		);
	});
});

describe('cancellation', () => {
	/** Stops a run. Its result is undefined if it goes on for long after that. */
	async function stop(
		api: VideoSdkApi,
		options: IDataObject,
		{ stopAfter = 300, sessions = 60 } = {},
	) {
		const items = itemsOf(addSessions(api, sessions));
		const running = run(api, endSession(options), items, { stopAfter });
		const over = new AbortController();
		// Whatever the run waits for takes 30 s or more. A busy machine takes seconds.
		const tooLong = sleep(stopAfter + 10_000, over.signal).catch(() => undefined);
		const result = await Promise.race([running, tooLong]);
		over.abort();
		return result;
	}

	const pause: Options = {
		faults: () => ({ kind: 'status', status: 429, headers: { 'retry-after': '60' } }),
	};

	test.each<[string, Options, IDataObject]>([
		['requests are open', { delayMs: 100 }, { maxConcurrency: 5 }],
		['VideoSDK throttles it', pause, { maxConcurrency: 5 }],
		['a response is missing', { faults: () => ({ kind: 'stall' }) }, { maxConcurrency: 5 }],
		['it waits for sessions', { endTakesMs: 60_000 }, { waitUntilEnded: true }],
	])('a run canceled while %s ends and sends nothing more', async (_name, how, options) => {
		const api = await startApi(how);
		const result = await stop(api, options);
		// What comes out was truly told to end.
		for (const { json } of result?.items ?? []) {
			expect(api.stats.endings.get(String(json.sessionId))).toBe(1);
		}
		expect(result?.run.finished).toBeUndefined();
		// No error of the workflow, for which n8n would start its error workflow.
		expect(result?.run.status).toBe('canceled');
		expect(result?.error?.name).toMatch(/Cancelled/);
		// What was on the wire may still arrive.
		await sleep(200);
		const asked = [...api.stats.requests];
		await sleep(300);
		expect([...api.stats.requests]).toEqual(asked);
	});

	test('a canceled run ends quickly even while its polls are queued', async () => {
		const faults: Options['faults'] = ({ method }) =>
			method === 'GET' ? { kind: 'stall' } : undefined;
		const api = await startApi({ endTakesMs: 60_000, faults });
		const options = { waitUntilEnded: true, maxConcurrency: 1 };
		// So few that all are told to end, one after the other, well before the execution is stopped.
		const result = await stop(api, options, { stopAfter: 1_500, sessions: 5 });
		expect(api.stats.requests.has(FETCH)).toBe(true);
		expect(result?.run.status).toBeDefined();
	});
});

test('the credential is decrypted twice, however many items share it', async () => {
	hurry();
	const faults = failsFirst(1, () => ({ kind: 'status', status: 503 }));
	const api = await startApi({ faults });
	const { decryptions } = await run(api, endSession(), itemsOf(addSessions(api, 30)));
	expect(decryptions).toBe(2);
});

test('the expression in a field is evaluated once per item', async () => {
	const evaluate = jest.spyOn(Expression.prototype, 'resolveSimpleParameterValue');
	const api = await startApi();
	await run(api, endSession(), itemsOf(addSessions(api, 40)));
	const evaluated = evaluate.mock.calls.filter(([value]) => value === '={{ $json.sessionId }}');
	expect(evaluated).toHaveLength(40);
});
