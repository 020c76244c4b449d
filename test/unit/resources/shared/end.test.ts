import type { IDataObject } from 'n8n-workflow';
import { agentSessionResource } from '../../../../nodes/VideoSdk/resources/agentSession';
import { runOver, type RunOverSettings } from '../../../support/runOver';
import type { WireAnswer } from '../../../support/wire';

beforeEach(() => {
	jest.useFakeTimers();
});
afterEach(() => {
	jest.useRealTimers();
});

/** Ends these sessions, each named by an item; what is asked of one gets this answer. */
async function end(
	sessionIds: string[],
	answers: (request: 'end' | 'get', sessionId: string) => WireAnswer = () => ({}),
	settings: RunOverSettings = {},
) {
	const { end: operation } = agentSessionResource.operations;
	if (!operation) throw new Error('There is no such operation.');
	const asked: string[] = [];
	const items = sessionIds.map((sessionId) => ({ sessionId }));
	const running = runOver(items, operation, {
		parameter: (name, index) => (name === 'sessionId' ? sessionIds[index] : undefined),
		answer: ({ method, url, body }) => {
			const isEnd = method !== 'GET';
			const { sessionId } = isEnd
				? (JSON.parse(String(body)) as { sessionId: string })
				: { sessionId: url.slice(url.lastIndexOf('/') + 1) };
			asked.push(`${isEnd ? 'end' : 'get'} ${sessionId}`);
			return answers(isEnd ? 'end' : 'get', sessionId);
		},
		...settings,
	});
	await jest.advanceTimersByTimeAsync(200_000);
	return { ...(await running), asked };
}

const is =
	(status: string, fields: IDataObject = {}) =>
	(request: 'end' | 'get', sessionId: string): WireAnswer => {
		const session = { sessionId, status, ...fields };
		return { body: request === 'end' ? { data: session } : session };
	};

/** Is stopping when it is ended, and so it is for so many looks at it. */
const stoppingFor = (looks: number) => {
	let seen = 0;
	return (request: 'end' | 'get', sessionId: string) =>
		is(request === 'get' && ++seen > looks ? 'stopped' : 'stopping')(request, sessionId);
};

test('End Session ends each session of its items, and a repeated one only once', async () => {
	const { items, asked } = await end(['a', 'b', 'a'], is('stopped'));
	expect(asked).toEqual(['end a', 'end b']);
	expect(items).toEqual(
		['a', 'b', 'a'].map((sessionId, item) => ({
			json: { sessionId, status: 'stopped' },
			pairedItem: { item },
		})),
	);
});

test('an error of End Session names what was ended and what was not', async () => {
	const answers: Parameters<typeof end>[1] = (request, sessionId) =>
		sessionId === 'b' ? { statusCode: 403 } : is('stopped')(request, sessionId);
	const { error } = await end(['a', 'b', 'c'], answers, { maxConcurrency: 1 });
	expect(error).toMatchObject({
		message: 'Session "b" was not ended: VideoSDK does not allow this API key to do this',
		description: expect.stringContaining(' Not attempted: "c". Ended: "a".'),
	});
});

test.each([
	[undefined, true],
	['return', true],
	['fail', false],
])(
	'with If Already Ended set to %s, an ended session is a success: %s',
	async (value, expected) => {
		const options = { ifAlreadyEnded: value };
		const answers: Parameters<typeof end>[1] = (request, sessionId) =>
			request === 'end' ? { statusCode: 409 } : is('stopped')(request, sessionId);
		const { items, error } = await end(['a'], answers, { options });
		if (expected) expect(items).toMatchObject([{ json: { alreadyEnded: true } }]);
		else expect(error).toHaveProperty('message', expect.stringContaining('had already ended'));
	},
);

describe('Wait Until Ended', () => {
	const options = { waitUntilEnded: true };

	test.each([[{}], [{ waitUntilEnded: false }], [{ waitUntilEnded: 'true' }]])(
		'Wait Until Ended is off with %j',
		async (off) => {
			const { items, asked } = await end(['a'], is('stopping'), { options: off });
			expect(items).toMatchObject([{ json: { status: 'stopping' } }]);
			expect(asked).toEqual(['end a']);
		},
	);

	test('Wait Until Ended polls each session until it has ended, a repeated one only once', async () => {
		const { items, asked } = await end(['a', 'a'], stoppingFor(2), { options });
		const ended = { json: { sessionId: 'a', status: 'stopped' } };
		expect(items).toMatchObject([ended, ended]);
		expect(asked).toEqual(['end a', 'get a', 'get a', 'get a']);
	});

	test('Wait Until Ended polls each of several sessions', async () => {
		const { asked } = await end(['a', 'b'], stoppingFor(1), { options });
		expect(asked.slice(0, 4)).toEqual(['end a', 'end b', 'get a', 'get b']);
	});

	test.each([
		[undefined, 60],
		[5, 5],
	])(
		'Wait Until Ended with a Wait Timeout of %j fails after %i seconds',
		async (waitTimeout, seconds) => {
			const { error } = await end(['a'], is('stopping'), { options: { ...options, waitTimeout } });
			expect(error).toHaveProperty(
				'message',
				`Session "a" has not ended yet: after ${seconds} seconds, its status is still stopping`,
			);
		},
	);

	test('Wait Until Ended does not wait if there is no credential', async () => {
		const { error } = await end(['a'], is('stopping'), { options, hasCredential: false });
		expect(error).toHaveProperty('message', 'There is no credential.');
	});
});
