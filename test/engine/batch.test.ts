import type { IDataObject } from 'n8n-workflow';
import { Expression, sleep } from 'n8n-workflow';
import type { Fault, Options, VideoSdkApi } from '../../dev/videosdk-api';
import { endSession, itemsOf, stopsNever } from '../support/nodeRun';
import { idsIn, onceEach } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

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

const throttles: Fault = { kind: 'status', status: 429, headers: { 'retry-after': '1' } };

/** Chance makes each wait a tenth of the longest that is possible. */
const hurry = () => jest.spyOn(Math, 'random').mockReturnValue(0.1);

afterEach(() => jest.restoreAllMocks());

test('Max Concurrency is reached but not exceeded', async () => {
	const maxConcurrency = 7;
	// Long enough for all of them to arrive before the first is answered, on a busy machine too.
	const api = await startApi({ delayMs: 140 });
	const sessionIds = addSessions(api, 14);
	const { items } = await run(api, endSession({ maxConcurrency }), itemsOf(sessionIds));
	expect(items).toHaveLength(sessionIds.length);
	expect(api.stats.mostInFlight).toBe(maxConcurrency);
});

test('concurrency starts at 50 by default, and rises while nothing is throttled', async () => {
	const api = await startApi({ delayMs: 1_500 });
	const running = run(api, endSession(), itemsOf(addSessions(api, 200)));
	while (api.stats.mostInFlight === 0) await sleep(5);
	expect(api.stats.mostInFlight).toBeLessThanOrEqual(50);
	expect((await running).items).toHaveLength(200);
	expect(api.stats.mostInFlight).toBeGreaterThan(100);
});

test('if a session cannot be ended, every item that names it fails', async () => {
	const api = await startApi();
	const { failed } = await run(api, endSession(), itemsOf(['none', 'none']), stopsNever);
	expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
	expect(api.stats.endRequests.get('none')).toBe(1);
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

test('Wait Until Ended does not delay the ending of other sessions', async () => {
	const api = await startApi({ endTakesMs: 50 });
	const sessionIds = addSessions(api, 40);
	const options = { waitUntilEnded: true, maxConcurrency: 4 };
	const { items } = await run(api, endSession(options), itemsOf(sessionIds));
	expect(items.map(({ json }) => json.status)).toEqual(sessionIds.map(() => 'stopped'));
	expect(api.stats.mostInFlight).toBeLessThanOrEqual(4);
});

test('with default options, Stop Workflow sends no request after the first failure', async () => {
	const forbids: Options['faults'] = ({ sessionId }) =>
		sessionId === 's5' ? { kind: 'status', status: 403 } : undefined;
	const api = await startApi({ delayMs: 500, faults: forbids });
	const { error } = await run(api, endSession(), itemsOf(addSessions(api, 400)));
	const asked = api.stats.endRequests.size;
	expect(asked).toBeLessThan(350);
	expect(error?.description).toContain(`Ended ${asked - 1} of 400 sessions. `);
	expect(error?.description).toMatch(
		new RegExp(` Not attempted: [^.]* and ${400 - asked - 10} more\\. `),
	);
});

describe('cancellation', () => {
	/** Stops a run after a while. Its result is undefined if it goes on for long after that. */
	async function stop(api: VideoSdkApi, options: IDataObject) {
		const stopAfter = 300;
		const running = run(api, endSession(options), itemsOf(addSessions(api, 60)), { stopAfter });
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
