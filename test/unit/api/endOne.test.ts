/* eslint-disable @n8n/community-nodes/no-restricted-globals -- the tests run in Node, never inside n8n */
import type { IDataObject } from 'n8n-workflow';
import { endOne } from '../../../nodes/VideoSdk/api/endOne';
import { getOne } from '../../../nodes/VideoSdk/api/live';
import { rooms } from '../../../nodes/VideoSdk/api/rooms';
import { agentSessions } from '../../../nodes/VideoSdk/api/sessions';
import { useFakeTime } from '../../support/fakeTime';
import { wireTo, type WireAnswer } from '../../support/wire';

useFakeTime(0);

const noConnection = () => {
	throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
};

/**
 * Ends thing `a`, where the request for that and each that looks at it get these answers, while
 * VideoSDK answers what others ask.
 */
async function end(
	onEnd: () => WireAnswer,
	onLook: WireAnswer,
	{ kind = agentSessions, listed }: { kind?: typeof agentSessions; listed?: IDataObject } = {},
) {
	const { client, requests, open, stopNewWork } = await wireTo(
		({ method, url }) => {
			if (url.endsWith('/another')) return { body: { sessionId: 'another' } };
			if (method === 'GET') return onLook;
			// A look is made although nothing more is to be begun.
			stopNewWork();
			return onEnd();
		},
		{ maxRetries: 3, giveUpAfter: 20_000 },
	);
	const other = open();
	const others = setInterval(() => void getOne(other, agentSessions, 'another'), 1_000);
	const ending = endOne(client, kind, 'a', { listed }).catch((error: unknown) => error);
	await jest.advanceTimersByTimeAsync(120_000);
	clearInterval(others);
	const own = requests.filter(({ url }) => !url.endsWith('/another'));
	const looks = own.filter(({ method }) => method === 'GET').length;
	return { outcome: await ending, requests: own, looks };
}

describe('ending a session', () => {
	test('ending a session names it in the request', async () => {
		const { requests } = await end(() => ({ body: { data: { status: 'stopped' } } }), {});
		expect(requests).toMatchObject([{ body: '{"sessionId":"a"}' }]);
	});

	test.each<[string, () => WireAnswer, number]>([
		['0 times if n8n cannot connect', noConnection, 0],
		['4 times if the request was rejected', () => ({ statusCode: 409 }), 4],
		['twice if the response was lost', () => ({ statusCode: 504 }), 2],
		['once if it was throttled too long', () => ({ statusCode: 503 }), 1],
	])('a session that was not ended is looked up %s', async (_name, onEnd, times) => {
		const { outcome, looks } = await end(onEnd, { statusCode: 504 });
		expect(outcome).toHaveProperty('purpose.consequence', 'Session "a" was not ended');
		expect(looks).toBe(times);
	});

	test.each([{}, { data: {} }, { data: null }, { data: { id: 'b' } }])(
		'ending fails if a running session is not in the response: %j',
		async (answer) => {
			const { outcome } = await end(() => ({ body: { message: 'Session not found', ...answer } }), {
				body: { sessionId: 'a', status: 'running' },
			});
			expect(outcome).toMatchObject({
				cause: { kind: 'unreadable', problem: 'has no session in it' },
				errorResponse: { message: 'Session not found' },
				mayHaveTakenEffect: true,
			});
		},
	);

	test('the already-ended error has no end time if VideoSDK sends no valid one', async () => {
		const session = { sessionId: 'a', status: 'stopped', end: 5 };
		const { client } = await wireTo(({ method }) =>
			method === 'POST' ? { statusCode: 409 } : { body: session },
		);
		const ending = endOne(client, agentSessions, 'a', { ifAlreadyEnded: 'fail' });
		const cause = { kind: 'alreadyEnded', noun: 'session', lastStatus: 'stopped', at: undefined };
		await expect(ending).rejects.toHaveProperty('cause', cause);
	});
});

describe('ending a listed session', () => {
	const listed = { sessionId: 'a', status: 'running', tag: 'x' };

	test('a listed session counts as already ended if VideoSDK no longer knows it', async () => {
		const { outcome } = await end(() => ({ statusCode: 404 }), { statusCode: 404 }, { listed });
		expect(outcome).toEqual({ sessionId: 'a', status: 'stopped', tag: 'x', alreadyEnded: true });
	});

	test.each<[string, WireAnswer, WireAnswer]>([
		['the request gets 409 and the lookup 404', { statusCode: 409 }, { statusCode: 404 }],
		['the request gets 404 and the lookup 403', { statusCode: 404 }, { statusCode: 403 }],
		['the request gets 504 and the lookup 404', { statusCode: 504 }, { statusCode: 404 }],
		['the request gets 409 and it still runs', { statusCode: 409 }, { body: listed }],
		['the request gets 404 but it still runs', { statusCode: 404 }, { body: listed }],
	])('ending a listed session fails if %s', async (_name, onEnd, onLook) => {
		const { outcome } = await end(() => onEnd, onLook, { listed });
		expect(outcome).toMatchObject({ cause: { kind: 'status', status: onEnd.statusCode } });
	});
});

describe('an end whose response does not show it', () => {
	const ended = { id: '1', roomId: 'a', status: 'ongoing' };
	const onEnd = () => ({ body: ended });

	test('a room is looked up if the response to its end still shows it as live', async () => {
		const found = { body: { data: [{ ...ended, status: 'ended', end: 'now' }] } };
		const { outcome } = await end(onEnd, found, { kind: rooms });
		expect(outcome).toEqual({ ...ended, status: 'ended', end: 'now' });
	});

	test('an ended room is returned as received if its lookup fails', async () => {
		const { outcome, looks } = await end(onEnd, { statusCode: 504 }, { kind: rooms });
		expect(outcome).toEqual(ended);
		expect(looks).toBe(2);
	});
});
