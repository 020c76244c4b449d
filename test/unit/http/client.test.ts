import { createHmac } from 'node:crypto';
import type { IHttpRequestOptions } from 'n8n-workflow';
import { NotAttempted } from '../../../nodes/VideoSdk/http/client';
import { VideoSdkFailure } from '../../../nodes/VideoSdk/http/failure';
import type { ApiRequest } from '../../../nodes/VideoSdk/http/request';
import { useFakeTime } from '../../support/fakeTime';
import { wireTo, type WireAnswer } from '../../support/wire';

const request: ApiRequest = {
	...{ endpoint: 'Do Thing', method: 'POST', path: '/thing', body: {}, idempotent: true },
	consequence: 'It was not done',
};

const throttling = (seconds: number): WireAnswer => ({
	...{ statusCode: 429, headers: { 'retry-after': String(seconds) } },
});

/** Milliseconds after a pause within which requests go on, one after the other. */
const LONGEST_JITTER = 150;

const never = async () => await new Promise<undefined>(() => {});

useFakeTime(0.5);

const pass = async (duration: number) => await jest.advanceTimersByTimeAsync(duration);

/** The result of what takes time. */
async function after<Result>(duration: number, result: Promise<Result>): Promise<Result> {
	await pass(duration);
	return await result;
}

/** Answers each request in turn; what comes after the last answer is a success. */
const wireOf = async (
	answers: WireAnswer[],
	...rest: [Parameters<typeof wireTo>[1]?, AbortSignal?]
) => await wireTo((_request, number) => answers[number - 1] ?? { body: { ok: true } }, ...rest);

/** Answers all requests alike, and keeps the times in milliseconds when they were sent. */
async function timedWireTo(answer: (number: number) => WireAnswer, options = {}) {
	const start = Date.now();
	const sentAt: number[] = [];
	const wire = await wireTo((_request, number) => {
		sentAt.push(Date.now() - start);
		return answer(number);
	}, options);
	return { ...wire, sentAt };
}

const urls = (requests: IHttpRequestOptions[]) => requests.map(({ url }) => url);
const aborted = (requests: IHttpRequestOptions[]) =>
	requests.map(({ abortSignal }) => abortSignal?.aborted);

describe('a request', () => {
	test('a request is passed to n8n as VideoSDK expects it, without redirects', async () => {
		const { client, requests } = await wireOf([], { timeout: 1_234 });
		expect(await client.request({ ...request, qs: { a: 1 } })).toEqual({ ok: true });
		await client.request({ ...request, method: 'GET', body: undefined });
		const common = {
			...{ url: '/thing', json: true, abortSignal: expect.any(AbortSignal) },
			...{ returnFullResponse: true, ignoreHttpStatusErrors: true, disableFollowRedirect: true },
		};
		const headers = { 'Content-Type': 'application/json' };
		expect(requests).toEqual([
			{ ...common, method: 'POST', qs: { a: 1 }, body: '{}', headers },
			{ ...common, method: 'GET' },
		]);
	});

	test('a request that cannot connect is sent again', async () => {
		const { client } = await wireTo((_request, number) => {
			if (number > 1) return { body: { ok: true } };
			throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
		});
		expect(await after(1_000, client.request(request))).toEqual({ ok: true });
	});

	test('a failed request throws a failure with its consequence and cause', async () => {
		const { client } = await wireOf([{ statusCode: 404 }]);
		const failure = { message: 'It was not done', cause: { kind: 'status', status: 404 } };
		await expect(client.request(request)).rejects.toMatchObject(failure);
	});

	test.each([
		[199, false],
		[200, true],
		[299, true],
		[300, false],
	])('a response with HTTP %i is a success: %s', async (statusCode, expected) => {
		const { client } = await wireOf([{ statusCode, body: {} }], { maxRetries: 0 });
		expect(await client.attempt(request)).toEqual(expected ? {} : expect.any(VideoSdkFailure));
	});

	test.each([['<html>'], [[1]], [null], [7]])(
		'a response with HTTP 200 and the body %j is a failure',
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

describe('retries', () => {
	test('a retry waits as long as Retry-After says', async () => {
		const { client, requests } = await wireOf([throttling(30)]);
		const answer = client.request(request);
		await pass(29_999);
		expect(requests).toHaveLength(1);
		expect(await after(LONGEST_JITTER, answer)).toEqual({ ok: true });
		expect(requests).toHaveLength(2);
		expect(client.tally).toEqual({ retries: 1, throttled: 1 });
	});

	test('a retry without Retry-After waits longer each time', async () => {
		const { client, sentAt } = await timedWireTo(() => ({ statusCode: 502 }), { maxRetries: 4 });
		const failure = await after(60_000, client.attempt(request));
		expect(sentAt).toEqual([0, 250, 750, 1_750, 3_750]);
		expect(failure).toBeInstanceOf(VideoSdkFailure);
	});

	test.each([
		[{ maxRetries: 0 }, {}, 500],
		[{ maxRetries: 1 }, {}, 502],
		[{ maxRetries: 3 }, {}, 408],
		[{ maxRetries: 3 }, { maxRetries: 1 }, 502],
		[{ maxRetries: 0 }, { maxRetries: 1 }, 500],
	])('retries stop at the limit: option %j, request %j', async (options, ofRequest, status) => {
		const statuses = [500, 502, 504, 408];
		const { client, requests } = await wireOf(
			statuses.map((statusCode) => ({ statusCode })),
			options,
		);
		const failure = await after(60_000, client.attempt({ ...request, ...ofRequest }));
		expect(failure).toMatchObject({ cause: { kind: 'status', status } });
		expect(requests).toHaveLength(1 + statuses.indexOf(status));
		expect(client.tally.retries).toBe(statuses.indexOf(status));
	});

	test('a failure remembers that an earlier attempt may have taken effect', async () => {
		const { client } = await wireOf([{ statusCode: 502 }, { statusCode: 409 }]);
		const failure = await after(1_000, client.attempt(request));
		expect(failure).toMatchObject({ cause: { status: 409 }, mayHaveTakenEffect: true });
	});
});

describe('a throttled request', () => {
	test('a throttled request uses no retries, however often it is throttled', async () => {
		const answers = [...Array(8).fill(throttling(0)), { statusCode: 500 }];
		const { client } = await wireOf(answers, { maxRetries: 1 });
		expect(await after(120_000, client.request(request))).toEqual({ ok: true });
		expect(client.tally).toMatchObject({ throttled: 8, retries: 9 });
	});

	test.each([throttling(0), { statusCode: 429 }])(
		'throttling pauses get longer: %j',
		async (answer) => {
			const { client, sentAt } = await timedWireTo((number) =>
				number < 4 ? answer : { body: {} },
			);
			await after(60_000, client.request(request));
			const pauses = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
			const shortest = [250, 500, 1_000];
			expect(pauses.map((pause, index) => pause >= (shortest[index] ?? 0))).toEqual([
				true,
				true,
				true,
			]);
			expect(pauses.every((pause, at) => pause <= (shortest[at] ?? 0) + LONGEST_JITTER)).toBe(true);
		},
	);

	test.each([
		[429, 5, false, 8],
		[503, undefined, true, 3],
	])(
		'a throttled request is given up when its time is over: HTTP %i',
		async (status, seconds, mayHaveWorked, least) => {
			const answer = { ...throttling(seconds ?? 0), statusCode: status };
			const { client, requests } = await wireTo(() => answer, { giveUpAfter: 60_000 });
			const failure = (await after(120_000, client.attempt(request))) as VideoSdkFailure;
			expect(failure).toMatchObject({
				cause: { kind: 'gaveUp', status, successes: 0 },
				mayHaveTakenEffect: mayHaveWorked,
			});
			expect(requests.length).toBeGreaterThan(least);
			const { after: tried } = failure.cause as { after: number };
			expect(tried).toBeGreaterThan(40_000);
			expect(tried).toBeLessThanOrEqual(61_000);
		},
	);

	test('a non-idempotent request is retried after 429 but not after 503', async () => {
		const { client, requests } = await wireOf([throttling(1), { statusCode: 503 }]);
		const failure = await after(10_000, client.attempt({ ...request, idempotent: false }));
		expect(failure).toMatchObject({ cause: { status: 503 }, mayHaveTakenEffect: true });
		expect(requests).toHaveLength(2);
	});

	test.each([
		[200, 5],
		[404, 5],
		[499, 5],
		[500, 0],
		[503, 0],
	])(
		'a throttled request counts other successes: HTTP %i counts %i of 5 times',
		async (statusCode, successes) => {
			const { client, open } = await wireTo(
				({ url }) => (url === '/throttled' ? throttling(1) : { statusCode, body: {} }),
				{ giveUpAfter: 60_000 },
			);
			const other = { ...request, maxRetries: 0 };
			await client.attempt(other);
			const failure = client.attempt({ ...request, path: '/throttled' });
			const others = open();
			for (let number = 1; number <= 5; number++) {
				await pass(5_000);
				void others.attempt(other);
			}
			expect(await after(120_000, failure)).toMatchObject({ cause: { kind: 'gaveUp', successes } });
		},
	);

	test('a throttled request may wait for exactly the time before it gives up', async () => {
		const { client } = await wireOf([throttling(60)], { giveUpAfter: 60_000 });
		expect(await after(61_000, client.request(request))).toEqual({ ok: true });
	});

	test('a request that only waits behind others gives up without a status', async () => {
		const { client, requests } = await wireTo(never, { maxConcurrency: 1, giveUpAfter: 20_000 });
		void client.attempt(request);
		const failure = (await after(20_100, client.attempt(request))) as VideoSdkFailure;
		expect(requests).toHaveLength(1);
		expect(failure.cause).toEqual({ kind: 'gaveUp', after: 20_000, successes: 0 });
	});

	test.each([
		[{}, 3],
		[{ maxRetries: 0 }, 2],
	])('a throttled request holds up all others, with the options %j', async (options, sent) => {
		const { client, requests } = await wireOf([throttling(10)], options);
		void client.attempt(request);
		await pass(0);
		void client.request(request);
		await pass(9_999);
		expect(requests).toHaveLength(1);
		await pass(LONGEST_JITTER);
		expect(requests).toHaveLength(sent);
	});

	test('a throttled request goes before requests that were not sent yet', async () => {
		const { client, requests } = await wireOf([throttling(1)], { maxConcurrency: 1 });
		for (const path of ['/throttled', '/new', '/newer']) void client.request({ ...request, path });
		await pass(5_000);
		expect(urls(requests)).toEqual(['/throttled', '/throttled', '/new', '/newer']);
	});
});

describe('requests after new work is stopped', () => {
	test.each<[string, Partial<ApiRequest>, WireAnswer[], boolean]>([
		['a new request is not sent', {}, [], false],
		['a poll is sent', { isPoll: true }, [], true],
		['a follow-up request is sent', { isFollowUp: true }, [], true],
		['a throttled request is sent again', {}, [throttling(1)], true],
		['a failed request is sent again', {}, [{ statusCode: 502 }], true],
		[
			'a failed and then throttled request is sent again',
			{},
			[{ statusCode: 502 }, throttling(1)],
			true,
		],
	])('after new work is stopped, %s', async (_name, fields, before, isSent) => {
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

	test('after new work is stopped, a queued request is not sent', async () => {
		const { client, requests, stopNewWork } = await wireTo(never, { maxConcurrency: 1 });
		void client.attempt(request);
		const waiting = client.attempt(request);
		stopNewWork();
		await expect(waiting).rejects.toBeInstanceOf(NotAttempted);
		expect(requests).toHaveLength(1);
	});
});

test('a poll is sent after new requests', async () => {
	const { client, requests } = await wireOf([], { maxConcurrency: 1 });
	void client.request(request);
	void client.request({ ...request, path: '/poll', isPoll: true });
	void client.request({ ...request, path: '/new' });
	await pass(0);
	expect(urls(requests)).toEqual(['/thing', '/new', '/poll']);
});

describe('an urgent request', () => {
	const urgent = { ...request, path: '/urgent' };

	test('an urgent request is sent despite a queue and a pause', async () => {
		const { client, requests, openAtOnce } = await wireOf([throttling(30)]);
		void client.request(request);
		await pass(0);
		void client.request(request);
		expect(await (await openAtOnce()).request(urgent)).toEqual({ ok: true });
		expect(urls(requests)).toEqual(['/thing', '/urgent']);
	});

	test('an urgent request counts toward Max Concurrency for queued requests', async () => {
		const { client, requests, openAtOnce } = await wireTo(never, { maxConcurrency: 1 });
		void (await openAtOnce()).attempt(urgent);
		void client.attempt(request);
		await pass(1_000);
		expect(urls(requests)).toEqual(['/urgent']);
	});
});

describe('a timeout', () => {
	/** Of 2 s: all open requests are looked at twenty times in it. */
	const LONGEST_LATENESS = 100;

	test('a timeout aborts a request that gets no response, and it is retried', async () => {
		const { client, requests } = await wireTo(never, { timeout: 2_000, maxRetries: 1 });
		const failure = client.attempt(request);
		await pass(1_999);
		expect(aborted(requests)).toEqual([false]);
		await pass(1 + LONGEST_LATENESS);
		expect(aborted(requests)).toEqual([true]);
		await pass(250);
		expect(requests).toHaveLength(2);
		expect(await after(2_000 + LONGEST_LATENESS, failure)).toMatchObject({
			cause: { kind: 'timeout', after: 2_000 },
			mayHaveTakenEffect: true,
		});
	});

	test('timeouts do not lower the limit on open requests', async () => {
		const { client, requests } = await wireTo(never, { timeout: 1_000, maxRetries: 0 });
		for (let count = 0; count < 200; count++) void client.attempt(request);
		await pass(0);
		expect(requests).toHaveLength(50);
		await pass(900);
		expect(requests.length).toBeGreaterThan(50);
		await pass(60_000);
		expect(requests).toHaveLength(200);
	});

	test('each open request has its own timeout', async () => {
		const { client, requests } = await wireTo(never, { timeout: 2_000, maxRetries: 0 });
		void client.attempt(request);
		await pass(1_500);
		void client.attempt(request);
		await pass(1_000);
		expect(aborted(requests)).toEqual([true, false]);
		await pass(1_000 + LONGEST_LATENESS);
		expect(aborted(requests)).toEqual([true, true]);
	});

	test('answered requests leave one timer, which ends after a twentieth of the timeout', async () => {
		const { client } = await wireOf([], { timeout: 2_000 });
		await Promise.all([client.request(request), client.request(request)]);
		expect(jest.getTimerCount()).toBe(1);
		await pass(100);
		expect(jest.getTimerCount()).toBe(0);
	});
});

describe('a stopped execution', () => {
	const stop = () => {
		const execution = new AbortController();
		return { signal: execution.signal, now: () => execution.abort(new Error('stopped')) };
	};

	test('a stopped execution ends waits immediately and retries nothing', async () => {
		const { signal, now } = stop();
		const { client, requests } = await wireOf([throttling(60)], {}, signal);
		const outcome = client.attempt(request).catch((error: unknown) => error);
		const waiting = client.wait(60_000).catch((error: unknown) => error);
		await pass(1_000);
		now();
		expect(await Promise.all([outcome, waiting])).toEqual(Array(2).fill(new Error('stopped')));
		await pass(120_000);
		expect(requests).toHaveLength(1);
	});

	test('a stopped execution aborts open requests', async () => {
		const { signal, now } = stop();
		const { client, requests } = await wireTo(never, {}, signal);
		void client.attempt(request).catch(() => {});
		await pass(0);
		expect(aborted(requests)).toEqual([false]);
		now();
		expect(aborted(requests)).toEqual([true]);
	});
});

test('a message from n8n to itself is sealed with the secret of the credential', async () => {
	const { client } = await wireOf([]);
	const seal = createHmac('sha256', 'secret').update('n8n to itself: {}').digest('base64');
	expect(client.seal('{}')).toBe(seal);
	expect(client.seal(Buffer.from('{}'))).toBe(seal);
	expect(client.seal('{} ')).not.toBe(seal);
});
