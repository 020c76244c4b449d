import { createHmac, randomUUID } from 'node:crypto';
import type { IDataObject, INode } from 'n8n-workflow';
import { isObject } from '../../../../nodes/VideoSdk/shared/isObject';
import {
	awaitedBy,
	resume,
	resumeAddress,
} from '../../../../nodes/VideoSdk/resources/agentSession/startAndWait/resume';
import { PEM_PATH, receiverOf, type ReceiverSettings, videoSdk } from '../../../support/receiver';
import type { WireAnswer } from '../../../support/wire';

const now = Date.UTC(2025, 5, 18, 12);

beforeEach(() => {
	jest.useFakeTimers({ now, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
});
afterEach(() => {
	jest.useRealTimers();
});

const eventOf = (sessionId: string, event = 'stopped', fields: IDataObject = {}) =>
	JSON.stringify({ webhookType: `ai-deployment-session-${event}`, data: { ...fields, sessionId } });

interface Waiting extends Pick<ReceiverSettings, 'node'> {
	resumeOn?: string;
	/** What is asked of VideoSDK beside its key gets this answer. */
	session?: WireAnswer;
	runExecutionData?: object;
	waitingSince?: unknown;
	/** Stands before the ID that the execution waits for. */
	prefix?: string;
	hasCredential?: boolean;
}

/** An execution that waits for a session, by default one that no other waits for. */
function waiting({
	resumeOn = 'ended',
	session = { body: { tag: 'v1' } },
	waitingSince = new Date(now - 90_400).toISOString(),
	node,
	runExecutionData,
	prefix = '',
	hasCredential = true,
}: Waiting = {}) {
	const sessionId = `${prefix}${randomUUID()}`;
	const given: unknown[] = [];
	const receive: typeof resume = async (context) => {
		const response = await resume(context);
		given.push(...(response.workflowData ?? []).flat());
		return response;
	};
	const receiver = receiverOf(receive, {
		node,
		parameters: { resumeOn },
		answer: ({ url }) => {
			if (url === PEM_PATH) return {};
			return isObject(session.body)
				? { ...session, body: { sessionId, ...session.body } }
				: session;
		},
		more: {
			evaluateExpression: (expression: string) =>
				expression === '{{ $json }}' ? { sessionId, waitingSince } : undefined,
			runExecutionData,
			...(!hasCredential && {
				getCredentials: async () => await Promise.reject(new Error('There is no credential.')),
			}),
		},
	});
	const send = async (...[body, how]: Parameters<typeof receiver.send>) => {
		const sent = receiver.send(body, how);
		await jest.advanceTimersByTimeAsync(20_000);
		return await sent;
	};
	return { ...receiver, send, sessionId, given };
}

const NOT_AWAITED = '200 The workflow is not waiting for this event.';

test('an event of the session resumes the execution with the fields of the session', async () => {
	const { send, sessionId, given } = waiting();
	const sent = await send(eventOf(sessionId, 'stopped', { status: 'stopped' }));
	expect(given).toEqual([expect.objectContaining({ pairedItem: { item: 0 } })]);
	const session = { sessionId, tag: 'v1', status: 'stopped' };
	expect(sent).toEqual([{ event: 'stopped', ...session, timedOut: false, waitedSeconds: 90 }]);
});

test('a repeated event resumes an execution that n8n has not continued for a minute', async () => {
	const { send, sessionId } = waiting();
	expect(await send(eventOf(sessionId))).toHaveLength(1);
	const tooSoon =
		'503 An event of this session was received less than a minute ago. Send this event again later.';
	expect(await send(eventOf(sessionId))).toBe(tooSoon);
	await jest.advanceTimersByTimeAsync(60_000);
	expect(await send(eventOf(sessionId))).toHaveLength(1);
});

test.each([
	['ended', { stopped: true, failed: true, started: false, stopping: false }],
	['started', { stopped: true, failed: true, started: true, starting: false }],
	[undefined, { stopped: true, started: false }],
])('Resume On set to %j resumes only on the events that it awaits', async (resumeOn, expected) => {
	for (const [event, resumes] of Object.entries(expected)) {
		const { send, sessionId } = waiting({ resumeOn });
		const sent = await send(eventOf(sessionId, event));
		if (resumes) expect(sent).toHaveLength(1);
		else expect(sent).toBe(NOT_AWAITED);
	}
});

test('an event of another session leaves the execution waiting', async () => {
	const { send, sessionId, requests } = waiting();
	expect(await send(eventOf(randomUUID()))).toBe(NOT_AWAITED);
	expect(requests).toEqual([PEM_PATH]);
	expect(await send(eventOf(sessionId))).toHaveLength(1);
});

test.each([
	['', 'session-'],
	['session-', ''],
	['session-', 'session-'],
])('a session ID prefixed %j matches an event prefixed %j', async (...given) => {
	const [prefix, inEvent] = given;
	const { send, sessionId, requests } = waiting({ prefix });
	const body = eventOf(`${inEvent}${sessionId.slice(prefix.length)}`);
	expect(await send(body)).toMatchObject([{ event: 'stopped', sessionId }]);
	expect(requests.at(-1)).toBe(`/ai/v1/ai-deployment-sessions/${sessionId}`);
	expect(await send(eventOf(`session-session-${sessionId}`))).toBe(NOT_AWAITED);
});

test.each<[number, string]>([
	[404, 'There is no such session in this VideoSDK project.'],
	[403, 'VideoSDK does not allow this API key'],
])(
	'the execution resumes with the reason if the session lookup fails with %i',
	async (statusCode, text) => {
		const { send, sessionId } = waiting({ session: { statusCode } });
		const fetchError = expect.stringContaining(text);
		const sent = await send(eventOf(sessionId));
		expect(sent).toMatchObject([{ event: 'stopped', sessionId, fetchError }]);
	},
);

describe('a session that failed', () => {
	const message = (sessionId: string, status: string) =>
		`Session "${sessionId}" ended with an error: its status is ${status}`;

	/** What n8n keeps of an execution that is stored. */
	const stored = () => ({
		resultData: { error: undefined as unknown },
		executionData: { nodeExecutionStack: [{ node: { disabled: true } }] },
	});

	test.each<[string, boolean, Partial<INode>]>([
		['default settings', true, {}],
		['stopWorkflow', true, { onError: 'stopWorkflow' }],
		['continueOnFail', false, { continueOnFail: true }],
		['both', true, { onError: 'stopWorkflow', continueOnFail: true }],
		['continueErrorOutput', false, { onError: 'continueErrorOutput' }],
		['continueRegularOutput', false, { onError: 'continueRegularOutput' }],
	])('a failed session stops the workflow with %s: %s', async (_name, stops, node) => {
		const runExecutionData = stored();
		const { send, sessionId } = waiting({ node, runExecutionData });
		const sent = await send(eventOf(sessionId, 'failed', { status: 'failed' }));
		const error = {
			...{ message: message(sessionId, 'failed'), sessionId },
			description: 'Check the logs of the deployment in the VideoSDK dashboard.',
			session: { sessionId, event: 'failed', tag: 'v1', waitedSeconds: 90 },
		};
		expect(sent).toMatchObject([{ error }]);
		const [entry] = runExecutionData.executionData.nodeExecutionStack;
		expect(entry?.node.disabled).toBe(!stops);
		expect(runExecutionData.resultData.error).toEqual(
			stops ? expect.objectContaining({ message: message(sessionId, 'failed') }) : undefined,
		);
	});

	test.each<[string, IDataObject, string, IDataObject]>([
		['by the event "failed"', {}, 'failed', {}],
		['by the event "failed" with an older status', {}, 'failed', { status: 'running' }],
		['by the event "stopped" with a failed status', {}, 'stopped', { status: 'FAILED' }],
		['by a failed status when it is looked up', { status: 'failed' }, 'stopped', { status: 'a' }],
	])('a failed session is recognized %s', async (_name, fields, event, body) => {
		const runExecutionData = stored();
		const { send, sessionId } = waiting({ session: { body }, runExecutionData });
		const [item] = [await send(eventOf(sessionId, event, fields))].flat();
		const status = event === 'stopped' ? { ...body, ...fields }.status : undefined;
		expect(item).toMatchObject({
			error: {
				message: message(sessionId, 'failed'),
				session: { event, ...(status && { status }) },
			},
		});
		expect(runExecutionData.resultData.error).toBeDefined();
	});

	test('a session is not failed if the event has a newer status', async () => {
		const { send, sessionId } = waiting({ session: { body: { status: 'failed' } } });
		const sent = await send(eventOf(sessionId, 'stopped', { status: 'stopped' }));
		expect(sent).toMatchObject([{ sessionId, status: 'stopped' }]);
	});

	test.each([
		['nothing', undefined],
		['an empty object', {}],
		['an empty stack', { executionData: { nodeExecutionStack: [] } }],
	])('a failed session is an error even if n8n stores %s', async (_name, runExecutionData) => {
		const { send, sessionId } = waiting({ runExecutionData });
		expect(await send(eventOf(sessionId, 'failed'))).toMatchObject([{ error: {} }]);
	});

	const row = { json: { row: 1 } };
	const byBefore = { main: [{ previousNode: 'Before' }] };
	const second = { previousNodeRun: 1, previousNodeOutput: 1 };

	const failOf = async (source: object | null, runData: IDataObject) => {
		const executionData = { nodeExecutionStack: [{ node: {}, source }] };
		const { send, sessionId } = waiting({
			runExecutionData: { resultData: { runData }, executionData },
		});
		return await send(eventOf(sessionId, 'failed'));
	};

	test.each<[string, object | null, IDataObject]>([
		['first', byBefore, { Before: [{ data: { main: [[row]] } }] }],
		[
			'second',
			{ main: [{ ...byBefore.main[0], ...second }] },
			{ Before: [{ data: { main: [[]] } }, { data: { main: [[], [row]] } }] },
		],
	])(
		'a failed session keeps the input for Retry, from the %s run and output',
		async (_name, source, runData) => expect(await failOf(source, runData)).toEqual([row.json]),
	);

	test.each<[string, object | null, IDataObject]>([
		['without a source', null, {}],
		['without a connection', {}, {}],
		['without a node', { main: [] }, {}],
		['without run data', byBefore, {}],
		['without a run', byBefore, { Before: [] }],
		['without data', byBefore, { Before: [{}] }],
		['without outputs', byBefore, { Before: [{ data: {} }] }],
		['without its output', byBefore, { Before: [{ data: { main: [null] } }] }],
	])(
		'a failed session is an error even if n8n stores the input %s',
		async (_name, source, runData) =>
			expect(await failOf(source, runData)).toMatchObject([{ error: {} }]),
	);
});

describe('a sealed event', () => {
	const sealOf = (body: string, secret = 'secret') =>
		createHmac('sha256', secret).update(`n8n to itself: ${body}`).digest('base64');

	test('an event that n8n sealed for itself needs no signature and no key of VideoSDK', async () => {
		const { send, sessionId, requests } = waiting();
		const body = eventOf(sessionId);
		const headers = { 'n8n-videosdk-seal': sealOf(body) };
		expect(await send(body, { key: null, headers })).toHaveLength(1);
		expect(requests).not.toContain(PEM_PATH);
	});

	test.each<[string, (body: string) => string]>([
		['made with another secret', (body) => sealOf(body, 'other')],
		['made for another body', (body) => sealOf(`${body} `)],
		['too short', (body) => sealOf(body).slice(1)],
		['empty', () => ''],
	])('an event is not accepted as sealed if its seal is %s', async (_name, seal) => {
		const { send, sessionId } = waiting();
		const body = eventOf(sessionId);
		const headers = { 'n8n-videosdk-seal': seal(body) };
		expect(await send(body, { key: null, headers })).toBe(
			'401 The header videosdk-signature is missing.',
		);
		expect(await send(body, { key: videoSdk.privateKey, headers })).toHaveLength(1);
	});

	test.each([
		['sealed', sealOf, 'The event could not be checked. Send it again later.'],
		[
			'signed',
			undefined,
			'The key for checking the signature is not available. Send the event again later.',
		],
	])(
		'an event that is only %s gets 503 while the credential is missing',
		async (_how, seal, why) => {
			const { send, sessionId } = waiting({ hasCredential: false });
			const body = eventOf(sessionId);
			const sent = await send(body, seal && { headers: { 'n8n-videosdk-seal': seal(body) } });
			expect(sent).toBe(`503 ${why}`);
		},
	);

	test('a sealed event that cannot be read is answered with 400', async () => {
		const { send } = waiting();
		const headers = { 'n8n-videosdk-seal': sealOf('') };
		const readRawBody = async () => await Promise.reject(new Error('x'));
		const sent = await send('', { key: null, headers, request: { readRawBody } });
		expect(sent).toBe('400 The body could not be read.');
	});
});

test('a resume URL keeps its signature after the path of the node', () => {
	expect(resumeAddress('https://n8n.example.com/webhook-waiting/7?signature=x')).toBe(
		'https://n8n.example.com/webhook-waiting/7/videosdk?signature=x',
	);
});

test('waiting for a start also ends when the session ends', () => {
	expect(awaitedBy('started')).toEqual(['started', 'stopped', 'failed']);
	expect(awaitedBy('ended')).toEqual(['stopped', 'failed']);
});
