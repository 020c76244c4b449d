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
	test('gives every field of the session as it came, and the message', async () => {
		const data = { ...endedSession, cost: { amount: 1 }, list: [1], none: null };
		const { outcome, asked } = await end([ok({ message: 'Done', data, other: 1 })], {});
		expect(outcome).toEqual({ ...data, message: 'Done' });
		expect(asked).toEqual(['POST']);
	});

	test('gives no message where there is none', async () => {
		const { outcome } = await end([ok({ data: endedSession })], {});
		expect(outcome).toStrictEqual(endedSession);
	});

	test.each<[string, IDataObject, IDataObject]>([
		['is not wrapped', endedSession, endedSession],
		['has no ID', { data: { status: 'stopped' } }, { sessionId: 'a', status: 'stopped' }],
	])('takes it from an answer that %s', async (_name, answer, expected) => {
		const { outcome, asked } = await end([ok(answer)], {});
		expect(outcome).toEqual(expected);
		expect(asked).toEqual(['POST']);
	});

	test.each([400, 404, 405, 409, 410, 422, 499])(
		'that is refused with %i: the session is asked, and has ended',
		async (statusCode) => {
			const { outcome, asked } = await end([{ statusCode }], ok(endedSession));
			expect(outcome).toEqual({ ...endedSession, alreadyEnded: true });
			expect(asked).toEqual(['POST', 'GET']);
		},
	);

	test.each([400, 404, 409])(
		'that is refused with %i: the session is asked, and runs',
		async (statusCode) => {
			const { outcome } = await end([{ statusCode }], ok({ ...endedSession, status: 'running' }));
			expect(outcome).toMatchObject({
				cause: { status: statusCode },
				mayHaveTakenEffect: false,
				purpose: {
					consequence: 'Session "a" was not ended',
					about: { sessionId: 'a' },
					ifItWorked: 'ended',
				},
			});
		},
	);

	test.each([302, 401, 403])(
		'that is refused with %i: the session is not asked',
		async (statusCode) => {
			const { outcome, asked } = await end([{ statusCode }], ok(endedSession));
			expect(outcome).toMatchObject({ cause: { status: statusCode } });
			expect(asked).toEqual(['POST']);
		},
	);

	test('that is refused with 429 to the end: the session is not asked', async () => {
		const { outcome, asked } = await end([{ statusCode: 429 }], ok(endedSession));
		expect(outcome).toMatchObject({ cause: { kind: 'gaveUp', status: 429 } });
		expect(asked).not.toContain('GET');
	});

	test('of no such session stays an error', async () => {
		const { outcome } = await end([{ statusCode: 404 }], { statusCode: 404 });
		expect(outcome).toMatchObject({ cause: { status: 404 }, purpose: { subject: 'session' } });
	});

	test('whose answer got lost: the session is asked once, and has ended', async () => {
		const { outcome, asked } = await end([{ statusCode: 504 }], ok(endedSession));
		expect(outcome).toEqual({ ...endedSession, alreadyEnded: true });
		expect(asked).toEqual(['POST', 'POST', 'GET']);
	});

	test('whose answer got lost: the session is asked, without success', async () => {
		const { outcome, asked } = await end([{ statusCode: 504 }], { statusCode: 504 });
		expect(outcome).toMatchObject({ cause: { status: 504 }, mayHaveTakenEffect: true });
		expect(asked).toEqual(['POST', 'POST', 'GET', 'GET']);
	});

	test('that VideoSDK refused with 503 to the end: the session is asked once', async () => {
		const { outcome, asked } = await end([{ statusCode: 503 }], ok(endedSession));
		expect(outcome).toEqual({ ...endedSession, alreadyEnded: true });
		expect(asked.filter((method) => method === 'GET')).toHaveLength(1);
	});

	test.each([[{}], [{ data: null }], [{ data: [] }], [{ data: 'x', message: 'Done' }]])(
		'whose answer has no session in it: the session is asked: %j',
		async (body) => {
			const { outcome } = await end([ok(body)], ok(endedSession));
			expect(outcome).toEqual({ ...endedSession, alreadyEnded: true });
			const { outcome: other } = await end([ok(body)], { statusCode: 404 });
			expect(other).toMatchObject({
				cause: { kind: 'unreadable', problem: expect.stringContaining('no session') },
				mayHaveTakenEffect: true,
			});
		},
	);

	test('that had ended is a failure if that is wanted, and says since when', async () => {
		const { outcome } = await end([{ statusCode: 409 }], ok(endedSession), {
			ifAlreadyEnded: 'fail',
		});
		expect(outcome).toMatchObject({
			cause: { kind: 'alreadyEnded', lastStatus: 'completed', at: '2025-06-18T11:16:54.314Z' },
		});
	});

	test('that a lost request of ours has ended is no failure even then', async () => {
		const answers = [{ statusCode: 504 }, { statusCode: 409 }];
		const { outcome } = await end(answers, ok(endedSession), { ifAlreadyEnded: 'fail' });
		expect(outcome).toEqual({ ...endedSession, alreadyEnded: true });
	});

	test('that a lost request of ours has set to stopping is no failure', async () => {
		const stopping = { ...endedSession, status: 'stopping', end: undefined };
		const { outcome } = await end([{ statusCode: 504 }, { statusCode: 409 }], ok(stopping));
		expect(outcome).toEqual(stopping);
	});
});

test('an ID is encoded where it stands in a path', async () => {
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
	test('asks after 1, 2 and 4 seconds, then every 5, and keeps what it knew', async () => {
		const statuses = [...Array<string>(5).fill('stopping'), 'Stopped'];
		const { outcome, askedAt } = await waitWith(untilEnded, 'stopping', statuses);
		expect(askedAt).toEqual([1, 3, 7, 12, 17, 22]);
		expect(outcome).toEqual({ sessionId: 'a', status: 'Stopped', message: 'Done', seen: 6 });
	});

	test('asks nothing if it has', async () => {
		const { outcome, askedAt } = await waitWith(untilEnded, 'completed', []);
		expect(outcome).toMatchObject({ status: 'completed' });
		expect(askedAt).toEqual([]);
	});

	test('looks once more when the time is over, and fails with the last status', async () => {
		const { outcome, askedAt } = await waitWith(untilEnded, 'stopping', ['stopping'], 10);
		expect(askedAt).toEqual([1, 3, 7, 10]);
		expect(outcome).toMatchObject({
			cause: { kind: 'waitOver', lastStatus: 'stopping', after: 10_000 },
			purpose: { consequence: 'Session "a" has not ended yet' },
		});
	});

	test('survives an outage on the way', async () => {
		const { outcome } = await waitWith(untilEnded, 'stopping', [{ statusCode: 502 }, 'stopped']);
		expect(outcome).toMatchObject({ status: 'stopped' });
	});

	test('fails if the session cannot be read', async () => {
		const { outcome } = await waitWith(untilEnded, 'stopping', [{ statusCode: 403 }]);
		expect(outcome).toMatchObject({
			cause: { status: 403 },
			purpose: { consequence: 'Session "a" may not have ended yet' },
		});
	});

	test.each([404, 410])('takes one that is gone as ended: %i', async (statusCode) => {
		const { outcome } = await waitWith(untilEnded, 'stopping', ['stopping', { statusCode }]);
		expect(outcome).toEqual({ sessionId: 'a', status: 'stopped', message: 'Done', seen: 1 });
	});
});

describe('waiting until a session runs', () => {
	test('gives it as soon as it does', async () => {
		const { outcome, askedAt } = await waitWith(waitUntilRunning, 'queued', ['queued', 'RUNNING']);
		expect(askedAt).toEqual([1, 3]);
		expect(outcome).toMatchObject({ status: 'RUNNING', message: 'Done' });
	});

	test.each(['failed', 'stopped', 'completed'])('fails if it has %s', async (status) => {
		const { outcome, askedAt } = await waitWith(waitUntilRunning, 'queued', [status]);
		expect(askedAt).toEqual([1]);
		expect(outcome).toMatchObject({
			cause: { kind: 'neverRan', lastStatus: status },
			purpose: {
				consequence: 'Session "a" was started but is not running',
				about: { sessionId: 'a' },
			},
		});
	});

	test('fails if it is gone', async () => {
		const { outcome } = await waitWith(waitUntilRunning, 'queued', [{ statusCode: 404 }]);
		expect(outcome).toMatchObject({
			cause: { status: 404 },
			purpose: { consequence: 'Session "a" was started but may not be running' },
		});
	});

	test('fails when the time is over', async () => {
		const { outcome } = await waitWith(waitUntilRunning, 'queued', ['queued'], 2);
		expect(outcome).toMatchObject({
			cause: { kind: 'waitOver', lastStatus: 'queued', after: 2_000 },
		});
	});
});

describe('starting a session', () => {
	const start = { deploymentId: 'd', env: { SECRET: 'hunter2' } };

	test('sends what it is started with, and gives it with the message', async () => {
		const data = { sessionId: 'a', status: 'queued' };
		const { client, requests } = await wireTo(() => ok({ data, message: 'Started' }));
		expect(await startSession(client, { deploymentId: 'd' })).toEqual({
			...data,
			message: 'Started',
		});
		expect(requests).toMatchObject([
			{ method: 'POST', url: '/ai/v1/ai-deployment-sessions/start', body: '{"deploymentId":"d"}' },
		]);
	});

	test('is not tried again where it may have started, and shows no value of a variable', async () => {
		const { client, requests } = await wireTo(() => ({
			statusCode: 502,
			body: { message: 'hunter2 is bad' },
		}));
		await expect(startSession(client, start)).rejects.toMatchObject({
			cause: { status: 502, errorResponse: { message: '[hidden] is bad' } },
			mayHaveTakenEffect: true,
			purpose: {
				consequence: 'The session was not started',
				subject: 'deployment',
				ifItWorked: 'started',
			},
		});
		expect(requests).toHaveLength(1);
	});

	test('shows no token of the address that gets the events', async () => {
		const endPoint = 'https://n8n.example.com/webhook-waiting/7/videosdk?signature=a1b2';
		const { client } = await wireTo(() => ({
			statusCode: 400,
			body: { message: `Cannot reach ${endPoint}` },
		}));
		const webhook = { endPoint, events: [] };
		await expect(startSession(client, { webhook })).rejects.toMatchObject({
			cause: {
				errorResponse: {
					message: 'Cannot reach https://n8n.example.com/webhook-waiting/7/videosdk[hidden]',
				},
			},
		});
	});

	test.each([{}, { data: {} }, { data: { status: 'queued' } }, { status: 'queued' }])(
		'fails where no session is in the answer: %j',
		async (answer) => {
			const { client } = await wireTo(() => ok({ message: 'hunter2 is started', ...answer }));
			await expect(startSession(client, start)).rejects.toMatchObject({
				cause: { kind: 'unreadable', problem: 'has no session in it' },
				errorResponse: { message: '[hidden] is started' },
				mayHaveTakenEffect: true,
			});
		},
	);

	test('takes one that is not wrapped, too', async () => {
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
])('a session that is %s has come to the event %s', (status, expected) => {
	expect(latestEventOf({ status })).toBe(expected);
});

test('a session begins at its start, or else when it was made', () => {
	expect(agentSessions.startOf({ start: 'a', createdAt: 'b' })).toBe('a');
	expect(agentSessions.startOf({ start: '', createdAt: 'b' })).toBe('b');
});
