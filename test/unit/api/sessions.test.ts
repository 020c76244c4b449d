import type { IDataObject } from 'n8n-workflow';
import { endOne } from '../../../nodes/VideoSdk/api/endOne';
import { getOne } from '../../../nodes/VideoSdk/api/live';
import {
	agentSessions,
	latestEventOf,
	startSession,
	waitUntilRunning,
} from '../../../nodes/VideoSdk/api/sessions';
import { waitUntilEnded } from '../../../nodes/VideoSdk/api/waitFor';
import { useFakeTime } from '../../support/fakeTime';
import { wireTo, type WireAnswer } from '../../support/wire';

useFakeTime(0);

const ok = (body: IDataObject): WireAnswer => ({ body });
const endedSession = { sessionId: 'a', status: 'completed', end: '2025-06-18T11:16:54.314Z' };

/** Ends session `a` of a server that gives these answers to End, in turn, and this one to Fetch. */
async function end(
	answers: WireAnswer[],
	session: WireAnswer,
	ifAlreadyEnded?: Parameters<typeof endOne>[3],
) {
	let ends = 0;
	const { client, requests } = await wireTo(
		({ method }) => (method === 'POST' ? (answers[ends++] ?? answers.at(-1)) : session) ?? {},
		{ maxRetries: 1, giveUpAfter: 20_000 },
	);
	const ending = endOne(client, agentSessions, 'a', ifAlreadyEnded).catch(
		(error: unknown) => error,
	);
	await jest.advanceTimersByTimeAsync(60_000);
	return { outcome: await ending, asked: requests.map(({ method }) => method) };
}

describe('ending a session', () => {
	const hadEnded = { ...endedSession, alreadyEnded: true };

	test.each<[string, IDataObject, IDataObject]>([
		[
			'returns every field as received, with the message',
			{ message: 'Done', data: { ...endedSession, list: [{ a: 1 }], none: null }, other: 1 },
			{ ...endedSession, list: [{ a: 1 }], none: null, message: 'Done' },
		],
		['returns no message if there is none', { data: endedSession }, endedSession],
		['reads a response that is not wrapped in data', endedSession, endedSession],
		[
			'adds the session ID if the response has none',
			{ data: { status: 'stopped' } },
			{ sessionId: 'a', status: 'stopped' },
		],
	])('ending a session %s', async (_name, answer, expected) => {
		const { outcome, asked } = await end([ok(answer)], {});
		expect(outcome).toStrictEqual(expected);
		expect(asked).toEqual(['POST']);
	});

	const found = ok(endedSession);
	const unknown = { cause: { status: 404 }, purpose: { subject: 'session' } };
	const unsure = { cause: { status: 504 }, mayHaveTakenEffect: true };

	test.each<[number, string, string, WireAnswer, object]>([
		[400, 'POST GET', 'already ended', found, hadEnded],
		[404, 'POST GET', 'already ended', found, hadEnded],
		[405, 'POST GET', 'already ended', found, hadEnded],
		[409, 'POST GET', 'already ended', found, hadEnded],
		[410, 'POST GET', 'already ended', found, hadEnded],
		[422, 'POST GET', 'already ended', found, hadEnded],
		[499, 'POST GET', 'already ended', found, hadEnded],
		[302, 'POST', 'an error', found, { cause: { status: 302 } }],
		[401, 'POST', 'an error', found, { cause: { status: 401 } }],
		[403, 'POST', 'an error', found, { cause: { status: 403 } }],
		[404, 'POST GET', 'not found', { statusCode: 404 }, unknown],
		[504, 'POST POST GET', 'already ended', found, hadEnded],
		[504, 'POST POST GET GET', 'uncertain', { statusCode: 504 }, unsure],
	])('an end request that gets %i sends %s, with the result: %s', async (...given) => {
		const [statusCode, requests, , look, expected] = given;
		const { outcome, asked } = await end([{ statusCode }], look);
		expect(outcome).toMatchObject(expected);
		expect(asked.join(' ')).toBe(requests);
	});

	test.each([400, 404, 409])(
		'ending fails if VideoSDK rejects it with %i and the session still runs',
		async (statusCode) => {
			const { outcome } = await end([{ statusCode }], ok({ ...endedSession, status: 'running' }));
			const consequence = 'Session "a" was not ended';
			expect(outcome).toMatchObject({
				...{ cause: { status: statusCode }, mayHaveTakenEffect: false },
				purpose: { consequence, about: { sessionId: 'a' }, ifItWorked: 'ended' },
			});
		},
	);

	test('a session is looked up once if its end is throttled with 503, never with 429', async () => {
		const { outcome, asked } = await end([{ statusCode: 503 }], ok(endedSession));
		expect(outcome).toEqual(hadEnded);
		expect(asked.filter((method) => method === 'GET')).toHaveLength(1);
		const tooMany = await end([{ statusCode: 429 }], ok(endedSession));
		expect(tooMany.outcome).toMatchObject({ cause: { kind: 'gaveUp', status: 429 } });
		expect(tooMany.asked).not.toContain('GET');
	});

	test.each([[{}], [{ data: [] }], [{ data: 'x', message: 'Done' }]])(
		'a session is looked up if its end returns none: %j',
		async (body) => {
			expect((await end([ok(body)], ok(endedSession))).outcome).toEqual(hadEnded);
			expect((await end([ok(body)], { statusCode: 404 })).outcome).toMatchObject({
				cause: { kind: 'unreadable', problem: expect.stringContaining('no session') },
				mayHaveTakenEffect: true,
			});
		},
	);

	test('an already ended session can be an error, but not after a lost end request', async () => {
		const fail = { ifAlreadyEnded: 'fail' } as const;
		const { outcome } = await end([{ statusCode: 409 }], ok(endedSession), fail);
		const { status: lastStatus, end: at } = endedSession;
		expect(outcome).toMatchObject({ cause: { kind: 'alreadyEnded', lastStatus, at } });
		const answers = [{ statusCode: 504 }, { statusCode: 409 }];
		expect((await end(answers, ok(endedSession), fail)).outcome).toEqual(hadEnded);
		const stopping = { ...endedSession, status: 'stopping', end: undefined };
		expect((await end(answers, ok(stopping))).outcome).toEqual(stopping);
	});
});

test('a session ID is encoded in the request path', async () => {
	const { client, requests } = await wireTo(() => ok(endedSession));
	await getOne(client, agentSessions, 'a/b?c#d%20 ..');
	expect(requests[0]?.url).toBe('/ai/v1/ai-deployment-sessions/a%2Fb%3Fc%23d%2520%20..');
});

/** Waits for session `a`, which has these statuses each time it is asked for, the last for ever. */
async function waitWith(
	wait: typeof waitUntilRunning,
	before: string,
	statuses: Array<string | WireAnswer>,
	timeout = 60,
) {
	const start = Date.now();
	const askedAt: number[] = [];
	const { client } = await wireTo((_request, number) => {
		askedAt.push((Date.now() - start) / 1000);
		const status = statuses[number - 1] ?? statuses.at(-1);
		return typeof status === 'string'
			? ok({ sessionId: 'a', status, seen: number })
			: (status ?? {});
	});
	const known = { sessionId: 'a', status: before, message: 'Done' };
	const waiting = wait(client, 'a', known, timeout).catch((error: unknown) => error);
	await jest.advanceTimersByTimeAsync(200_000);
	return { outcome: await waiting, askedAt };
}

const untilEnded: typeof waitUntilRunning = async (client, ...rest) =>
	await waitUntilEnded(client, agentSessions, ...rest);

describe('waiting until a session has ended', () => {
	test('waiting for an end polls after 1, 2 and 4 seconds, then every 5 seconds', async () => {
		const statuses = [...Array<string>(5).fill('stopping'), 'Stopped'];
		const { outcome, askedAt } = await waitWith(untilEnded, 'stopping', statuses);
		expect(askedAt).toEqual([1, 3, 7, 12, 17, 22]);
		expect(outcome).toEqual({ sessionId: 'a', status: 'Stopped', message: 'Done', seen: 6 });
	});

	test('waiting for an end sends no request if the session has already ended', async () => {
		const { outcome, askedAt } = await waitWith(untilEnded, 'completed', []);
		expect(outcome).toMatchObject({ status: 'completed' });
		expect(askedAt).toEqual([]);
	});

	test('waiting for an end polls once more at the timeout and fails with the status', async () => {
		const { outcome, askedAt } = await waitWith(untilEnded, 'stopping', ['stopping'], 10);
		expect(askedAt).toEqual([1, 3, 7, 10]);
		expect(outcome).toMatchObject({
			cause: { kind: 'waitOver', lastStatus: 'stopping', after: 10_000 },
			purpose: { consequence: 'Session "a" has not ended yet' },
		});
	});

	test('waiting for an end survives a 502 and fails if the session cannot be read', async () => {
		const outage = await waitWith(untilEnded, 'stopping', [{ statusCode: 502 }, 'stopped']);
		expect(outage.outcome).toMatchObject({ status: 'stopped' });
		const { outcome } = await waitWith(untilEnded, 'stopping', [{ statusCode: 403 }]);
		expect(outcome).toMatchObject({
			cause: { status: 403 },
			purpose: { consequence: 'Session "a" may not have ended yet' },
		});
	});

	test.each([404, 410])(
		'waiting for an end takes a session that is gone (%i) as ended',
		async (statusCode) => {
			const { outcome } = await waitWith(untilEnded, 'stopping', ['stopping', { statusCode }]);
			expect(outcome).toEqual({ sessionId: 'a', status: 'stopped', message: 'Done', seen: 1 });
		},
	);
});

describe('waiting until a session runs', () => {
	test('waiting for a start returns the session as soon as it is running', async () => {
		const { outcome, askedAt } = await waitWith(waitUntilRunning, 'queued', ['queued', 'RUNNING']);
		expect(askedAt).toEqual([1, 3]);
		expect(outcome).toMatchObject({ status: 'RUNNING', message: 'Done' });
	});

	test.each(['failed', 'stopped', 'completed'])(
		'waiting for a start fails if the session is %s',
		async (status) => {
			const { outcome, askedAt } = await waitWith(waitUntilRunning, 'queued', [status]);
			expect(askedAt).toEqual([1]);
			const consequence = 'Session "a" was started but is not running';
			expect(outcome).toMatchObject({
				cause: { kind: 'neverRan', lastStatus: status },
				purpose: { consequence, about: { sessionId: 'a' } },
			});
		},
	);

	const notRunning = 'Session "a" was started but is not running';

	test.each<[string, string | WireAnswer, object, string]>([
		[
			'the session is gone',
			{ statusCode: 404 },
			{ status: 404 },
			notRunning.replace('is not', 'may not be'),
		],
		['the time is up', 'queued', { kind: 'waitOver', after: 2_000 }, notRunning],
	])('waiting for a start fails when %s', async (_name, status, cause, consequence) => {
		const { outcome } = await waitWith(waitUntilRunning, 'queued', [status], 2);
		expect(outcome).toMatchObject({ cause, purpose: { consequence } });
	});
});

describe('starting a session', () => {
	const start = { deploymentId: 'd', env: { SECRET: 'hunter2' } };

	test('starting a session sends its fields and returns it with the message', async () => {
		const data = { sessionId: 'a', status: 'queued' };
		const { client, requests } = await wireTo(() => ok({ data, message: 'Started' }));
		const session = await startSession(client, { deploymentId: 'd' });
		expect(session).toEqual({ ...data, message: 'Started' });
		const url = '/ai/v1/ai-deployment-sessions/start';
		expect(requests).toMatchObject([{ method: 'POST', url, body: '{"deploymentId":"d"}' }]);
	});

	test('starting a session is not retried after a 502, and its error hides variables', async () => {
		const answer = { statusCode: 502, body: { message: 'hunter2 is bad' } };
		const { client, requests } = await wireTo(() => answer);
		const consequence = 'The session was not started';
		await expect(startSession(client, start)).rejects.toMatchObject({
			cause: { status: 502, errorResponse: { message: '[hidden] is bad' } },
			mayHaveTakenEffect: true,
			purpose: { consequence, subject: 'deployment', ifItWorked: 'started' },
		});
		expect(requests).toHaveLength(1);
	});

	test('a failed start hides the token of the webhook URL in its error', async () => {
		const url = 'https://n8n.example.com/webhook-waiting/7/videosdk';
		const endPoint = `${url}?signature=a1b2`;
		const answer = { statusCode: 400, body: { message: `Cannot reach ${endPoint}` } };
		const { client } = await wireTo(() => answer);
		const starting = startSession(client, { webhook: { endPoint, events: [] } });
		const errorResponse = { message: `Cannot reach ${url}[hidden]` };
		await expect(starting).rejects.toMatchObject({ cause: { errorResponse } });
	});

	test.each([{}, { data: {} }, { data: { status: 'queued' } }, { status: 'queued' }])(
		'starting fails if the response contains no session: %j',
		async (answer) => {
			const { client } = await wireTo(() => ok({ message: 'hunter2 is started', ...answer }));
			await expect(startSession(client, start)).rejects.toMatchObject({
				cause: { kind: 'unreadable', problem: 'has no session in it' },
				errorResponse: { message: '[hidden] is started' },
				mayHaveTakenEffect: true,
			});
		},
	);

	test('starting a session accepts a response that is not wrapped in data', async () => {
		const { client } = await wireTo(() => ok({ sessionId: 'a', status: 'queued' }));
		expect(await startSession(client, start)).toEqual({ sessionId: 'a', status: 'queued' });
	});
});

test.each([
	['queued', undefined],
	['paused', undefined],
	['RUNNING', 'started'],
	['stopping', 'started'],
	['stopped', 'stopped'],
	['completed', 'stopped'],
	['Failed', 'failed'],
])('the latest event of a session with the status %s is %s', (status, expected) => {
	expect(latestEventOf({ status })).toBe(expected);
});

test('the start of a session is its start field, or else createdAt', () => {
	expect(agentSessions.startOf({ start: 'a', createdAt: 'b' })).toBe('a');
	expect(agentSessions.startOf({ start: '', createdAt: 'b' })).toBe('b');
});
