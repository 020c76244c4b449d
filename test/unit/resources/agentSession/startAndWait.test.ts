import { createHmac } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import { sleep, WAIT_INDEFINITELY } from 'n8n-workflow';
import { agentSessionResource } from '../../../../nodes/VideoSdk/resources/agentSession';
import { runOver, type RunOverSettings } from '../../../support/runOver';
import type { WireAnswer } from '../../../support/wire';

const now = Date.UTC(2025, 5, 18, 12);

beforeEach(() => {
	jest.useFakeTimers({ now });
});
afterEach(() => {
	jest.useRealTimers();
});

const URL_OF_EVENTS = 'https://n8n.example.com/webhook-waiting/7/videosdk?signature=x';

const minute = { limitWaitTime: true, resumeAmount: 1, resumeUnit: 'minutes' };

/** Starts session `s`, which has these statuses whenever it is looked at. */
async function startAndWait(
	fields: IDataObject = {},
	looks: Array<string | WireAnswer> = ['running'],
	settings: RunOverSettings = {},
	items: IDataObject[] = [{}],
) {
	const { startAndWait: operation } = agentSessionResource.operations;
	if (!operation) throw new Error('There is no such operation.');
	const lookedAt: number[] = [];
	const postedAt: number[] = [];
	const { answerToItself = async () => ({ statusCode: 200, body: {} }) } = settings;
	const result = await runOver(items, operation, {
		parameter: (name) => ({ deploymentId: 'd', resumeOn: 'ended', ...minute, ...fields })[name],
		answer: ({ method }) => {
			if (method === 'POST') return { body: { data: { sessionId: 's', status: 'queued' } } };
			const look = looks[lookedAt.length] ?? looks.at(-1) ?? {};
			lookedAt.push((Date.now() - now) / 1000);
			return typeof look === 'string' ? { body: { sessionId: 's', status: look } } : look;
		},
		resumeUrl: 'https://n8n.example.com/webhook-waiting/7?signature=x',
		...settings,
		answerToItself: async () => {
			postedAt.push((Date.now() - now) / 1000);
			return await answerToItself();
		},
	});
	await jest.advanceTimersByTimeAsync(600_000);
	return { ...result, lookedAt, postedAt };
}

test.each([
	['ended', ['stopped', 'failed']],
	['started', ['started', 'stopped', 'failed']],
])(
	'Start Session and Wait requests only the events that end its wait: %s',
	async (resumeOn, events) => {
		const { requests, items } = await startAndWait({ resumeOn });
		const types = events.map((event) => `ai-deployment-session-${event}`);
		const webhook = { endPoint: URL_OF_EVENTS, events: types };
		expect(JSON.parse(String(requests[0]?.body))).toEqual({ deploymentId: 'd', webhook });
		expect(items).toEqual([
			{ json: { sessionId: 's', status: 'queued' }, pairedItem: { item: 0 } },
		]);
	},
);

test('Start Session and Wait has n8n store the execution until the time is up', async () => {
	const { waits, hints } = await startAndWait();
	const waitingSince = new Date(now).toISOString();
	const json = { sessionId: 's', status: 'queued', timedOut: true, waitingSince };
	const until = new Date(now + 60_000);
	expect(waits).toEqual([{ until, item: { json, pairedItem: { item: 0 } } }]);
	const message =
		'Session "s" was started. If you stop this execution, the session stays live: end it with \'End Session\'.';
	expect(hints).toMatchObject([{ message }]);
	const { waits: forEver } = await startAndWait({ limitWaitTime: false });
	expect(forEver).toMatchObject([{ until: WAIT_INDEFINITELY }]);
});

test.each([
	['http://localhost:5678', true],
	['http://127.0.0.1', true],
	['http://0.0.0.0', true],
	['http://[::1]:5678', true],
	['https://localhost.example.com', false],
	['https://my-localhost', false],
	['https://10.0.0.1', false],
])('Start Session and Wait fails if n8n is at %s: %s', async (origin, expected) => {
	const resumeUrl = `${origin}/webhook-waiting/7`;
	const { error, requests } = await startAndWait({}, [], { resumeUrl });
	const message = `No session was started: VideoSDK cannot reach n8n at ${origin}, so the workflow would not continue when the session starts or ends`;
	if (expected) expect(error).toMatchObject({ message });
	expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(expected ? 0 : 1);
});

test('a hint before the wait says that n8n blocks requests to itself', async () => {
	const blocked = 'The request was blocked because it resolves to a restricted IP address';
	const { hints, items } = await startAndWait({}, ['running'], { blocked });
	expect(items).toHaveLength(1);
	const message = expect.stringMatching(
		/end it with 'End Session'\. n8n's SSRF protection blocks .* \(https:\/\/n8n\.example\.com\)\. .* n8n\.example\.com to N8N_SSRF_ALLOWED_HOSTNAMES/,
	);
	expect(hints).toEqual([expect.objectContaining({ message })]);
});

test.each<[string, Parameters<typeof startAndWait>, string, string]>([
	[
		'several items',
		[{}, [], {}, [{}, {}]],
		"'Start Session and Wait' accepts one input item, but received 2",
		"put 'Loop Over Items' before this node",
	],
	[
		'an AI agent',
		[{}, [], { node: { type: 'videoSdkTool' } }],
		'An AI agent cannot wait for a session',
		"Choose the operation 'Start Session' for the tool. Nothing was sent.",
	],
	[
		"n8n's Retry On Fail",
		[{}, [], { node: { retryOnFail: true } }],
		"'Retry On Fail' must be off",
		'Nothing was sent.',
	],
	['an invalid wait time', [{ resumeAmount: 0 }], "'Amount' is not a valid wait time", ''],
])('Start Session and Wait sends nothing for %s', async (_name, given, message, nextStep) => {
	const { error, requests, waits } = await startAndWait(...given);
	expect(error).toMatchObject({
		message: expect.stringContaining(message),
		description: expect.stringContaining(nextStep),
	});
	expect(error).toHaveProperty('message', expect.not.stringContaining('[item'));
	expect({ requests, waits }).toEqual({ requests: [], waits: [] });
});

test.each([[{}], [{ sessionId: null }], [{ sessionId: '' }], [{ sessionId: { id: 's' } }]])(
	'there is no wait if the response to the start is %j',
	async (data) => {
		const { error, waits, lookedAt } = await startAndWait({}, [], {
			answer: () => ({ body: { data: { status: 'queued', ...data } } }),
		});
		expect(error).toMatchObject({
			message:
				'The session may not have been started: the response from VideoSDK has no session in it',
			description: expect.stringContaining('A session may have started'),
		});
		expect(waits).toEqual([]);
		expect(lookedAt).toEqual([]);
	},
);

test('Start Session and Wait converts the session ID to text, as events have it', async () => {
	const { items, waits } = await startAndWait({}, [], {
		answer: () => ({ body: { data: { sessionId: 7 } } }),
	});
	expect(items).toMatchObject([{ json: { sessionId: '7' } }]);
	expect(waits).toMatchObject([{ item: { json: { sessionId: '7' } } }]);
});

describe('lookups after the start, for an event that came too early', () => {
	test('an awaited session is looked up three times, and a live one causes no event', async () => {
		const { lookedAt, posts } = await startAndWait({}, ['queued', 'running', 'stopping']);
		expect(lookedAt).toEqual([2, 10, 30]);
		expect(posts).toEqual([]);
	});

	test.each<[string, string, string]>([
		['ended', 'stopped', 'stopped'],
		['ended', 'Failed', 'failed'],
		['started', 'running', 'started'],
		['started', 'stopping', 'started'],
		['started', 'completed', 'stopped'],
	])(
		'a missed event is sent sealed if %s is awaited and the session is %s',
		async (resumeOn, status, event) => {
			const { lookedAt, posts } = await startAndWait({ resumeOn }, ['queued', status]);
			expect(lookedAt).toEqual([2, 10]);
			const body = JSON.stringify({
				webhookType: `ai-deployment-session-${event}`,
				data: { sessionId: 's', status },
			});
			const seal = createHmac('sha256', 'secret').update(`n8n to itself: ${body}`).digest('base64');
			const headers = { 'Content-Type': 'application/json', 'n8n-videosdk-seal': seal };
			const how = { returnFullResponse: true, ignoreHttpStatusErrors: true };
			expect(posts).toEqual([{ method: 'POST', url: URL_OF_EVENTS, body, headers, ...how }]);
		},
	);

	test.each<[string, number | undefined, unknown, number[]]>([
		['the execution is running', 409, { message: 'The execution is running' }, [2, 10, 30]],
		['n8n is down', 502, '', [2, 10, 30]],
		['n8n has an error', 500, {}, [2, 10, 30]],
		['n8n is unreachable', undefined, {}, [2, 10, 30]],
		['the execution has finished', 409, { message: 'The execution has finished' }, [2]],
		['n8n has no such execution', 404, 'running', [2]],
		['n8n accepts it', 200, {}, [2]],
	])(
		'a missed event is sent again only if that may help: %s',
		async (_name, statusCode, body, expected) => {
			const answerToItself = async () => {
				if (statusCode === undefined) throw new Error('connect ECONNREFUSED');
				return { statusCode, body };
			};
			const { postedAt } = await startAndWait({}, ['stopped'], { answerToItself });
			expect(postedAt).toEqual(expected);
		},
	);

	test('a missed event is sent even if the first lookup fails', async () => {
		const { postedAt } = await startAndWait({}, [{ statusCode: 403 }, 'stopped']);
		expect(postedAt).toEqual([10]);
	});

	test.each([[500], [429]])(
		'each lookup of an awaited session is a single request, even after a %i',
		async (statusCode) => {
			const { lookedAt } = await startAndWait({}, [{ statusCode }]);
			expect(lookedAt).toEqual([2, 10, 30]);
		},
	);

	test.each([
		[5_000, [2, 15, 40]],
		[5_001, [2, 15.001]],
	])(
		'an awaited session is looked up for 40 s at most: n8n takes %i ms',
		async (duration, expected) => {
			const answerToItself = async () => {
				await sleep(duration);
				return { statusCode: 502, body: '' };
			};
			const { lookedAt } = await startAndWait({}, ['stopped'], { answerToItself });
			expect(lookedAt).toEqual(expected);
		},
	);

	test('an awaited session is not looked up after the execution was stopped', async () => {
		const execution = new AbortController();
		void sleep(1_000).then(() => execution.abort());
		const { lookedAt, waits } = await startAndWait({}, ['queued'], { signal: execution.signal });
		expect(lookedAt).toEqual([]);
		expect(waits).toHaveLength(1);
	});
});
