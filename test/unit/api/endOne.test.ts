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

describe('ending one', () => {
	test('names it in the request', async () => {
		const { requests } = await end(() => ({ body: { data: { status: 'stopped' } } }), {});
		expect(requests).toMatchObject([{ body: '{"sessionId":"a"}' }]);
	});

	test.each<[string, () => WireAnswer, number]>([
		['never, where the request surely did nothing', noConnection, 0],
		['as often as anything, where it was refused', () => ({ statusCode: 409 }), 4],
		['twice, where its answer got lost', () => ({ statusCode: 504 }), 2],
		['once, where that took until it was given up', () => ({ statusCode: 503 }), 1],
	])('looks it up without success: %s', async (_name, onEnd, times) => {
		const { outcome, looks } = await end(onEnd, { statusCode: 504 });
		expect(outcome).toHaveProperty('purpose.consequence', 'Session "a" was not ended');
		expect(looks).toBe(times);
	});

	test.each([{}, { data: {} }, { data: null }, { data: { id: 'b' } }])(
		'fails where the answer has nothing of it, and it runs: %j',
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

	test('gives no time of its end where VideoSDK says none', async () => {
		const session = { sessionId: 'a', status: 'stopped', end: 5 };
		const { client } = await wireTo(({ method }) =>
			method === 'POST' ? { statusCode: 409 } : { body: session },
		);
		const ending = endOne(client, agentSessions, 'a', { ifAlreadyEnded: 'fail' });
		const cause = { kind: 'alreadyEnded', noun: 'session', lastStatus: 'stopped', at: undefined };
		await expect(ending).rejects.toHaveProperty('cause', cause);
	});
});

describe('ending one that was listed', () => {
	const listed = { sessionId: 'a', status: 'running', tag: 'x' };

	test('takes it as ended if VideoSDK knows nothing of it any more', async () => {
		const { outcome } = await end(() => ({ statusCode: 404 }), { statusCode: 404 }, { listed });
		expect(outcome).toEqual({ sessionId: 'a', status: 'stopped', tag: 'x', alreadyEnded: true });
	});

	test.each<[string, WireAnswer, WireAnswer]>([
		['is refused otherwise', { statusCode: 409 }, { statusCode: 404 }],
		['cannot be looked at', { statusCode: 404 }, { statusCode: 403 }],
		['gets lost', { statusCode: 504 }, { statusCode: 404 }],
		['is refused, and it runs', { statusCode: 409 }, { body: listed }],
		['finds nothing, but it runs', { statusCode: 404 }, { body: listed }],
	])('fails if that %s', async (_name, onEnd, onLook) => {
		const { outcome } = await end(() => onEnd, onLook, { listed });
		expect(outcome).toMatchObject({ cause: { kind: 'status', status: onEnd.statusCode } });
	});
});

describe('ending one whose answer does not show the end', () => {
	const ended = { id: '1', roomId: 'a', status: 'ongoing' };
	const onEnd = () => ({ body: ended });

	test('looks once more', async () => {
		const found = { body: { data: [{ ...ended, status: 'ended', end: 'now' }] } };
		const { outcome } = await end(onEnd, found, { kind: rooms });
		expect(outcome).toEqual({ ...ended, status: 'ended', end: 'now' });
	});

	test('gives it as it came where that fails', async () => {
		const { outcome, looks } = await end(onEnd, { statusCode: 504 }, { kind: rooms });
		expect(outcome).toEqual(ended);
		expect(looks).toBe(2);
	});
});
