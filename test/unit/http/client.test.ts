import { createHmac } from 'node:crypto';
import { NotAttempted } from '../../../nodes/VideoSdk/http/client';
import { VideoSdkFailure } from '../../../nodes/VideoSdk/http/failure';
import type { ApiRequest } from '../../../nodes/VideoSdk/http/request';
import { useFakeTime } from '../../support/fakeTime';
import { wireTo, type WireAnswer } from '../../support/wire';

const request: ApiRequest = {
	endpoint: 'Do Thing',
	method: 'POST',
	path: '/thing',
	body: {},
	consequence: 'It was not done',
	idempotent: true,
};

const refusal = (seconds: number): WireAnswer => ({
	statusCode: 429,
	headers: { 'retry-after': String(seconds) },
});

/** Milliseconds after a pause within which requests go on, one after the other. */
const LONGEST_JITTER = 150;

const never = async () => await new Promise<undefined>(() => {});

useFakeTime(0.5);

const pass = async (duration: number) => await jest.advanceTimersByTimeAsync(duration);

/** Answers each request in turn; what comes after the last answer is a success. */
async function wireOf(
	answers: WireAnswer[],
	...rest: [Parameters<typeof wireTo>[1]?, AbortSignal?]
) {
	return await wireTo((_request, number) => answers[number - 1] ?? { body: { ok: true } }, ...rest);
}

describe('a request', () => {
	test('is given to n8n as VideoSDK wants it, and follows no redirect', async () => {
		const { client, requests } = await wireOf([], { timeout: 1_234 });
		expect(await client.request({ ...request, qs: { a: 1 } })).toEqual({ ok: true });
		expect(requests).toEqual([
			{
				method: 'POST',
				url: '/thing',
				qs: { a: 1 },
				body: '{}',
				headers: { 'Content-Type': 'application/json' },
				json: true,
				abortSignal: expect.any(AbortSignal),
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
			},
		]);
	});

	test('without a body says nothing of one', async () => {
		const { client, requests } = await wireOf([]);
		await client.request({ ...request, method: 'GET', body: undefined });
		expect(requests[0]).toMatchObject({ body: undefined, headers: undefined });
	});

	test('that n8n cannot send is told by its cause, and sent again', async () => {
		const { client } = await wireTo((_request, number) => {
			if (number > 1) return { body: { ok: true } };
			throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
		});
		const answer = client.request(request);
		await pass(1_000);
		expect(await answer).toEqual({ ok: true });
	});

	test('that fails, throws its failure', async () => {
		const { client } = await wireOf([{ statusCode: 404 }]);
		await expect(client.request(request)).rejects.toMatchObject({
			message: 'It was not done',
			cause: { kind: 'status', status: 404 },
		});
	});

	test.each([
		[199, false],
		[200, true],
		[204, true],
		[299, true],
		[300, false],
	])('that is answered with %i has worked: %s', async (statusCode, expected) => {
		const { client } = await wireOf([{ statusCode, body: {} }], { maxRetries: 0 });
		expect(await client.attempt(request)).toEqual(expected ? {} : expect.any(VideoSdkFailure));
	});

	test.each([[''], ['<html>'], [[1]], [null], [7], [undefined], [true]])(
		'that is answered with 200 and %j has failed',
		async (body) => {
			const { client, requests } = await wireOf([{ body }]);
			expect(await client.attempt(request)).toMatchObject({
				cause: { kind: 'unreadable', problem: 'is not in the expected format' },
				mayHaveTakenEffect: true,
			});
			expect(requests).toHaveLength(1);
		},
	);
});

describe('sending again', () => {
	test('waits as long as VideoSDK asks', async () => {
		const { client, requests } = await wireOf([refusal(30)]);
		const answer = client.request(request);
		await pass(29_999);
		expect(requests).toHaveLength(1);
		await pass(LONGEST_JITTER);
		expect(await answer).toEqual({ ok: true });
		expect(requests).toHaveLength(2);
		expect(client.tally).toEqual({ retries: 1, throttled: 1 });
	});

	test('waits longer each time where VideoSDK says nothing', async () => {
		const start = Date.now();
		const sentAt: number[] = [];
		const { client } = await wireTo(
			() => {
				sentAt.push(Date.now() - start);
				return { statusCode: 502 };
			},
			{ maxRetries: 4 },
		);
		const failure = client.attempt(request);
		await pass(60_000);
		expect(sentAt).toEqual([0, 250, 750, 1_750, 3_750]);
		expect(await failure).toBeInstanceOf(VideoSdkFailure);
	});

	test.each([0, 1, 3])('ends after %i retries, with what came last', async (maxRetries) => {
		const { client, requests } = await wireTo(
			(_request, number) => ({ statusCode: number === 1 ? 500 : [502, 504, 408][number - 2] }),
			{ maxRetries },
		);
		const failure = client.attempt(request);
		await pass(60_000);
		expect(requests).toHaveLength(1 + maxRetries);
		expect(await failure).toMatchObject({
			cause: { kind: 'status', status: { 0: 500, 1: 502, 3: 408 }[maxRetries] },
		});
		expect(client.tally.retries).toBe(maxRetries);
	});

	test('a request may say for itself how often', async () => {
		const { client, requests } = await wireTo(() => ({ statusCode: 503 }));
		const failure = client.attempt({ ...request, maxRetries: 0 });
		await pass(60_000);
		expect(await failure).toBeInstanceOf(VideoSdkFailure);
		expect(requests).toHaveLength(1);
	});

	test('a failure remembers that an earlier try may have worked', async () => {
		const { client } = await wireOf([{ statusCode: 502 }, { statusCode: 409 }]);
		const failure = client.attempt(request);
		await pass(1_000);
		expect(await failure).toMatchObject({ cause: { status: 409 }, mayHaveTakenEffect: true });
	});
});

describe('a refusal', () => {
	test('spends no retry, however often it comes', async () => {
		const { client } = await wireOf([...Array(8).fill(refusal(0)), { statusCode: 500 }], {
			maxRetries: 1,
		});
		const answer = client.request(request);
		await pass(120_000);
		expect(await answer).toEqual({ ok: true });
		expect(client.tally).toMatchObject({ throttled: 8, retries: 9 });
	});

	test.each([[0], [undefined]])('with Retry-After %s, is followed by a pause', async (seconds) => {
		const sentAt: number[] = [];
		const start = Date.now();
		const headers = seconds === undefined ? {} : { 'retry-after': String(seconds) };
		const { client } = await wireTo((_request, number) => {
			sentAt.push(Date.now() - start);
			return number < 4 ? { statusCode: 429, headers } : { body: {} };
		}, {});
		void client.request(request);
		await pass(60_000);
		const pauses = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
		expect(pauses).toHaveLength(3);
		for (const [index, pause] of pauses.entries()) {
			expect(pause).toBeGreaterThanOrEqual(250 * 2 ** index);
			expect(pause).toBeLessThanOrEqual(250 * 2 ** index + LONGEST_JITTER);
		}
	});

	test('is asked again until the time for that is over, and then says how it was', async () => {
		const { client, requests } = await wireTo(() => refusal(5), { giveUpAfter: 60_000 });
		const failure = client.attempt(request);
		await pass(120_000);
		expect(await failure).toMatchObject({
			cause: { kind: 'gaveUp', status: 429, successes: 0 },
			mayHaveTakenEffect: false,
		});
		expect(requests.length).toBeGreaterThan(8);
		const { after } = ((await failure) as VideoSdkFailure).cause as { after: number };
		expect(after).toBeGreaterThan(50_000);
		expect(after).toBeLessThanOrEqual(61_000);
	});

	test('with 503 may have worked', async () => {
		const { client } = await wireTo(() => ({ statusCode: 503 }), { giveUpAfter: 60_000 });
		const failure = client.attempt(request);
		await pass(120_000);
		expect(await failure).toMatchObject({ cause: { kind: 'gaveUp' }, mayHaveTakenEffect: true });
	});

	test('of a request that must not be repeated: 429 is asked again, 503 is not', async () => {
		const once = { ...request, idempotent: false };
		const { client, requests } = await wireOf([refusal(1), { statusCode: 503 }]);
		const failure = client.attempt(once);
		await pass(10_000);
		expect(await failure).toMatchObject({ cause: { status: 503 }, mayHaveTakenEffect: true });
		expect(requests).toHaveLength(2);
	});

	test.each([
		[200, 5],
		[404, 5],
		[499, 5],
		[500, 0],
		[503, 0],
		[301, 5],
	])('counts what was answered meanwhile: with %i, %i of 5', async (statusCode, successes) => {
		const { client, open } = await wireTo(
			({ url }) => (url === '/refused' ? refusal(1) : { statusCode, body: {} }),
			{ giveUpAfter: 60_000 },
		);
		await client.attempt({ ...request, maxRetries: 0 });
		const failure = client.attempt({ ...request, path: '/refused' });
		const others = open();
		for (let other = 1; other <= 5; other++) {
			await pass(5_000);
			void others.attempt({ ...request, maxRetries: 0 });
		}
		await pass(120_000);
		expect(await failure).toMatchObject({ cause: { kind: 'gaveUp', successes } });
	});

	test('may ask for exactly the time that there is', async () => {
		const { client, requests } = await wireOf([refusal(60)], { giveUpAfter: 60_000 });
		const answer = client.request(request);
		await pass(61_000);
		expect(await answer).toEqual({ ok: true });
		expect(requests).toHaveLength(2);
	});

	test('that others make it wait for: it has no status of its own', async () => {
		const { client, requests } = await wireTo(never, { maxConcurrency: 1, giveUpAfter: 20_000 });
		void client.attempt(request);
		const failure = client.attempt(request);
		await pass(20_100);
		expect(requests).toHaveLength(1);
		expect(((await failure) as VideoSdkFailure).cause).toEqual({
			kind: 'gaveUp',
			after: 20_000,
			successes: 0,
		});
	});
});

describe('one refusal slows all', () => {
	test('nothing else is sent until its time has come', async () => {
		const { client, requests } = await wireOf([refusal(10)]);
		void client.request(request);
		await pass(0);
		void client.request(request);
		await pass(9_999);
		expect(requests).toHaveLength(1);
		await pass(LONGEST_JITTER);
		expect(requests).toHaveLength(3);
	});

	test('what was refused goes before what was not sent yet', async () => {
		const { client, requests } = await wireOf([refusal(1)], { maxConcurrency: 1 });
		for (const path of ['/refused', '/new', '/newer']) void client.request({ ...request, path });
		await pass(5_000);
		const [first, second, ...others] = requests.map(({ url }) => url);
		expect([first, second]).toEqual(['/refused', '/refused']);
		expect(others.sort()).toEqual(['/new', '/newer']);
	});

	test('a refusal that is not repeated does so too', async () => {
		const { client, requests } = await wireOf([refusal(10)], { maxRetries: 0 });
		await client.attempt(request);
		void client.request(request);
		await pass(9_999);
		expect(requests).toHaveLength(1);
	});
});

describe('when nothing more is to be begun', () => {
	test.each<[string, Partial<ApiRequest>, WireAnswer[], boolean]>([
		['a new request', {}, [], false],
		['a poll', { isPoll: true }, [], true],
		['what finishes something', { isFollowUp: true }, [], true],
		['what was refused', {}, [refusal(1)], true],
		['what failed', {}, [{ statusCode: 502 }], true],
		['what failed, then was refused', {}, [{ statusCode: 502 }, refusal(1)], true],
	])('%s', async (_name, fields, before, isSent) => {
		const { client, requests, stopNewWork } = await wireOf(before);
		if (before.length === 0) stopNewWork();
		const outcome = client.request({ ...request, ...fields }).catch((error: unknown) => error);
		await pass(0);
		while (requests.length < before.length) await pass(100);
		stopNewWork();
		await pass(5_000);
		expect(await outcome).toEqual(isSent ? { ok: true } : expect.any(NotAttempted));
		expect(requests).toHaveLength(Number(isSent) + before.length);
	});

	test('what waits in line is not sent any more', async () => {
		const { client, requests, stopNewWork } = await wireTo(never, { maxConcurrency: 1 });
		void client.attempt(request);
		const waiting = client.attempt(request);
		stopNewWork();
		await expect(waiting).rejects.toBeInstanceOf(NotAttempted);
		expect(requests).toHaveLength(1);
	});
});

test('a poll goes after what is new', async () => {
	const { client, requests } = await wireOf([], { maxConcurrency: 1 });
	void client.request(request);
	void client.request({ ...request, path: '/poll', isPoll: true });
	void client.request({ ...request, path: '/new' });
	await pass(0);
	expect(requests.map(({ url }) => url)).toEqual(['/thing', '/new', '/poll']);
});

describe('what cannot wait', () => {
	test('is sent though a batch is in line and a pause goes on', async () => {
		const { client, requests, openAtOnce } = await wireOf([refusal(30)]);
		void client.request(request);
		await pass(0);
		void client.request(request);
		const urgent = await openAtOnce();
		expect(await urgent.request({ ...request, path: '/urgent' })).toEqual({ ok: true });
		expect(requests.map(({ url }) => url)).toEqual(['/thing', '/urgent']);
	});

	test('counts as open for what waits', async () => {
		const { client, requests, openAtOnce } = await wireTo(
			async ({ url }) => (url === '/urgent' ? await never() : { body: {} }),
			{ maxConcurrency: 1 },
		);
		void (await openAtOnce()).attempt({ ...request, path: '/urgent' });
		void client.attempt(request);
		await pass(1_000);
		expect(requests.map(({ url }) => url)).toEqual(['/urgent']);
	});
});

describe('a time-out', () => {
	/** Of 2 s: all open requests are looked at twenty times in it. */
	const LONGEST_LATENESS = 100;

	test('breaks the request off', async () => {
		const { client, requests } = await wireTo(never, { timeout: 2_000, maxRetries: 0 });
		void client.attempt(request);
		await pass(1_999);
		const { abortSignal } = requests[0] ?? {};
		expect(abortSignal?.aborted).toBe(false);
		await pass(1 + LONGEST_LATENESS);
		expect(abortSignal?.aborted).toBe(true);
	});

	test('says nothing of a limit', async () => {
		const { client, requests } = await wireTo(never, { timeout: 1_000, maxRetries: 0 });
		for (let count = 0; count < 200; count++) void client.attempt(request);
		await pass(0);
		expect(requests).toHaveLength(50);
		await pass(900);
		const before = requests.length;
		await pass(60_000);
		expect(requests).toHaveLength(200);
		expect(before).toBeGreaterThan(50);
	});

	test('ends a request that is never answered, and it is sent again', async () => {
		const { client, requests } = await wireTo(never, { timeout: 2_000, maxRetries: 1 });
		const failure = client.attempt(request);
		await pass(1_999 + 250);
		expect(requests).toHaveLength(1);
		await pass(1 + LONGEST_LATENESS);
		expect(requests).toHaveLength(2);
		await pass(2_000 + LONGEST_LATENESS);
		expect(await failure).toMatchObject({
			cause: { kind: 'timeout', after: 2_000 },
			mayHaveTakenEffect: true,
		});
	});

	test('is its own for each of those that are open', async () => {
		const { client, requests } = await wireTo(never, { timeout: 2_000, maxRetries: 0 });
		void client.attempt(request);
		await pass(1_500);
		void client.attempt(request);
		await pass(1_000);
		expect(requests.map(({ abortSignal }) => abortSignal?.aborted)).toEqual([true, false]);
		await pass(1_000 + LONGEST_LATENESS);
		expect(requests.map(({ abortSignal }) => abortSignal?.aborted)).toEqual([true, true]);
	});

	test('leaves one timer behind, for a twentieth of its time, once the answers are there', async () => {
		const { client } = await wireOf([], { timeout: 2_000 });
		await Promise.all([client.request(request), client.request(request)]);
		expect(jest.getTimerCount()).toBe(1);
		await pass(100);
		expect(jest.getTimerCount()).toBe(0);
	});
});

describe('when the execution is stopped', () => {
	test('a wait ends at once and nothing is sent again', async () => {
		const stop = new AbortController();
		const { client, requests } = await wireOf([refusal(60)], {}, stop.signal);
		const outcome = client.attempt(request).catch((error: unknown) => error);
		await pass(1_000);
		stop.abort(new Error('stopped'));
		expect(await outcome).toEqual(new Error('stopped'));
		await pass(120_000);
		expect(requests).toHaveLength(1);
	});

	test('what is open is broken off', async () => {
		const stop = new AbortController();
		const { client, requests } = await wireTo(never, {}, stop.signal);
		void client.attempt(request).catch(() => {});
		await pass(0);
		expect(requests[0]?.abortSignal?.aborted).toBe(false);
		stop.abort(new Error('stopped'));
		expect(requests[0]?.abortSignal?.aborted).toBe(true);
	});

	test('what only waits, waits no longer', async () => {
		const stop = new AbortController();
		const { client } = await wireOf([], {}, stop.signal);
		const waiting = client.wait(60_000);
		stop.abort(new Error('stopped'));
		await expect(waiting).rejects.toThrow('stopped');
	});
});

test('what n8n sends to itself is sealed with the secret of the credential', async () => {
	const { client } = await wireOf([]);
	const seal = createHmac('sha256', 'secret').update('n8n to itself: {}').digest('base64');
	expect(client.seal('{}')).toBe(seal);
	expect(client.seal(Buffer.from('{}'))).toBe(seal);
	expect(client.seal('{} ')).not.toBe(seal);
});
