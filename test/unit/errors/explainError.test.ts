import fc from '../../support/fastCheck';
import { sign } from 'jsonwebtoken';
import { type INode, NodeOperationError } from 'n8n-workflow';
import { endOne } from '../../../nodes/VideoSdk/api/endOne';
import {
	type Cause,
	notDone,
	type Purpose,
	VideoSdkFailure,
} from '../../../nodes/VideoSdk/http/failure';
import type { ErrorResponse } from '../../../nodes/VideoSdk/http/errorResponse';
import { agentSessions } from '../../../nodes/VideoSdk/api/sessions';
import { explainError } from '../../../nodes/VideoSdk/errors/explainError';
import { InvalidInput } from '../../../nodes/VideoSdk/errors/invalidInput';
import { wireTo, type WireAnswer } from '../../support/wire';

const node: INode = {
	id: '1',
	name: 'VideoSDK',
	type: 'n8n-nodes-videosdk.videoSdk',
	typeVersion: 1,
	position: [0, 0],
	parameters: { secret: 'hidden' },
};

const consequence = 'Session "1" was not ended';

const explain = (cause: Cause, ifItWorked?: Purpose['ifItWorked'], mayHaveTakenEffect?: boolean) =>
	explainError(
		node,
		new VideoSdkFailure(cause, { consequence, ifItWorked }, mayHaveTakenEffect),
		3,
	);

/** What n8n has texts of its own for (n8n-workflow: errors/abstract/node.error), and what looks like it. */
const namesOfErrors = [
	...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'ERRADDRINUSE', 'EADDRNOTAVAIL'],
	...['ECONNABORTED', 'EHOSTUNREACH', 'EAI_AGAIN', 'ENOENT', 'EISDIR', 'ENOTDIR', 'EACCES'],
	...['EEXIST', 'EPERM', 'GETADDRINFO', 'getaddrinfo', '404', 'timeout'],
];

test.each(namesOfErrors)('all our texts reach the user unchanged though they hold %s', (name) => {
	const purpose = { consequence: `Session "${name}" was not ended` };
	const cause: Cause = { kind: 'unreachable', code: name };
	const failed = explainError(node, new VideoSdkFailure(cause, purpose)).error;
	expect(failed.message).toBe(`Session "${name}" was not ended: n8n could not connect to VideoSDK`);
	expect(failed.description).toMatch(new RegExp(`test server\\. \\(${name}\\)$`));

	const invalid = explainError(node, new InvalidInput(`"${name}" is too long`, `Not ${name}.`));
	expect(invalid.error.message).toBe(`"${name}" is too long`);
	expect(invalid.error.description).toBe(`Not ${name}.`);
});

test.each<[string, boolean, string, string]>([
	[
		'videoSdk',
		false,
		`${consequence}: the connection to VideoSDK was lost`,
		'Try again in a minute. (X)',
	],
	[
		'videoSdk',
		true,
		'Session "1" may not have been ended: the connection to VideoSDK was lost',
		'It may have ended anyway. If it is still live, end it again. Try again in a minute. (X)',
	],
	[
		'videoSdkTool',
		true,
		'Session "1" may not have been ended: the connection to VideoSDK was lost. It may have ended anyway. If it is still live, end it again.',
		'Try again in a minute. (X)',
	],
])(
	'the message of a %s says what is not certain: %s',
	(type, mayHaveTakenEffect, message, description) => {
		const purpose: Purpose = { ...notDone('Session "1"', 'ended'), ifItWorked: 'ended' };
		const failure = new VideoSdkFailure({ kind: 'broken', code: 'X' }, purpose, mayHaveTakenEffect);
		const { error, details } = explainError({ ...node, type }, failure);
		expect(error.message).toBe(message);
		expect(details.description).toBe(description);
	},
);

test('the fields of the node are not kept with the error', () => {
	const { error } = explain({ kind: 'status', status: 500 });
	expect(error.node.parameters).toEqual({});
	expect(node.parameters).toEqual({ secret: 'hidden' });
});

test('the error names the item, and a failed answer its HTTP code', () => {
	const { error, details } = explain({ kind: 'status', status: 503 });
	expect(error).toMatchObject({ name: 'NodeApiError', httpCode: '503', context: { itemIndex: 3 } });
	expect(details.httpCode).toBe('503');
	expect(explain({ kind: 'timeout', after: 1 }).details.httpCode).toBeUndefined();
	const gaveUp: Cause = { kind: 'gaveUp', after: 1, successes: 0, status: undefined };
	expect(explain(gaveUp).details.httpCode).toBeUndefined();
});

test.each([
	[
		'ended',
		'It may have ended anyway. If it is still live, end it again. Try again in a minute. (X)',
	],
	[
		'started',
		'A session may have started anyway, and a session costs money. To find out, use Get Many with this deployment and tag to find a session that was created just now. Try again in a minute. (X)',
	],
	[
		'created',
		'It may have been created anyway. Look for it with Get Many before you create it again. Try again in a minute. (X)',
	],
] as const)(
	'how to find out whether it worked stands first, and only where it may have: %s',
	(ifItWorked, description) => {
		const broken: Cause = { kind: 'broken', code: 'X' };
		expect(explain(broken, ifItWorked, true).details.description).toBe(description);
		expect(explain(broken, ifItWorked).details.description).toBe('Try again in a minute. (X)');
	},
);

test.each<[Cause, string, string]>([
	[
		{
			kind: 'alreadyEnded',
			noun: 'session',
			lastStatus: 'completed',
			at: '2025-06-18T11:16:54.314Z',
		},
		'it had already ended on Jun 18, 2025, 11:16 UTC (status completed)',
		"If that is fine, set the option 'If Already Ended' to 'Return Session'.",
	],
	[
		{ kind: 'alreadyEnded', noun: 'call', lastStatus: 'a\nb' },
		'it had already ended (status a b)',
		"If that is fine, set the option 'If Already Ended' to 'Return Call'.",
	],
	[
		{ kind: 'waitOver', lastStatus: 'stopping', after: 60_000 },
		'after 60 seconds its status is still stopping',
		"It can cost money until it has ended. Check its status later with 'Get Many', or raise the option 'Wait Timeout (Seconds)'.",
	],
	[
		{ kind: 'neverRan', lastStatus: 'failed' },
		'its status is failed',
		'Check the logs of the deployment in the VideoSDK dashboard.',
	],
])(
	'a state that was not wanted is named, and what to do about it: %j',
	(cause, reason, nextStep) => {
		const { error, details } = explain(cause);
		expect(error.message).toBe(`${consequence}: ${reason}`);
		expect(details).toEqual({ description: nextStep });
	},
);

/** The reason and the next step that a failure is explained with. */
function wordsFor(cause: Cause, subject?: Purpose['subject'], about?: Purpose['about']) {
	const { error, details } = explainError(
		node,
		new VideoSdkFailure(cause, { consequence, subject, about }),
	);
	return { reason: error.message.slice(`${consequence}: `.length), nextStep: details.description };
}

const statusOf = (status: number, errorResponse?: ErrorResponse): Cause => ({
	kind: 'status',
	status,
	errorResponse,
});

test('each cause has a reason of its own, and a next step', () => {
	const causes: Cause[] = [
		...[401, 402, 403, 404, 409, 429, 500, 302, 400].map((status) => statusOf(status)),
		{ kind: 'unreachable', code: 'ENOTFOUND' },
		{ kind: 'broken', code: 'ECONNRESET' },
		{ kind: 'timeout', after: 30_000 },
		{ kind: 'certificate', code: 'CERT_HAS_EXPIRED' },
		{ kind: 'unreadable', problem: 'is not in the expected format' },
		{ kind: 'notSent', why: 'The credential is empty.' },
		{ kind: 'blocked', why: 'The request was blocked because it is' },
		{ kind: 'gaveUp', after: 60_000, successes: 0 },
		{ kind: 'alreadyEnded', noun: 'session', lastStatus: 'failed' },
		{ kind: 'waitOver', lastStatus: 'running', after: 60_000 },
		{ kind: 'neverRan', lastStatus: 'failed' },
		{ kind: 'noWorkers', errorResponse: {} },
		{ kind: 'notEnabled', errorResponse: {} },
		{ kind: 'rejected', errorResponse: {} },
		{ kind: 'rejected', errorResponse: { message: 'Nope' } },
		{ kind: 'cancelled' },
	];
	const reasons = causes.map((cause) => {
		const { reason, nextStep } = wordsFor(cause);
		expect(reason).toMatch(/\w{3}/);
		expect(reason).not.toMatch(/undefined|NaN/);
		expect(nextStep).toMatch(/^[A-Z].+([.]|\(\w+\))$/);
		return reason;
	});
	expect(new Set(reasons).size).toBe(causes.length);
});

test('statuses of one kind are explained alike, and those of another otherwise', () => {
	const withoutNumber = (status: number) => wordsFor(statusOf(status)).reason.replace(/\d+/, '');
	expect([300, 301, 399].map(withoutNumber)).toEqual(Array(3).fill(withoutNumber(302)));
	expect([400, 411, 499].map(withoutNumber)).toEqual(Array(3).fill(withoutNumber(418)));
	expect([500, 503, 599].map(withoutNumber)).toEqual(Array(3).fill(withoutNumber(502)));
	expect(withoutNumber(199)).toBe(withoutNumber(418));
	expect(withoutNumber(410)).toBe(withoutNumber(404));
	const kinds = [302, 401, 402, 403, 404, 407, 409, 418, 429, 502].map(withoutNumber);
	expect(new Set(kinds).size).toBe(kinds.length);
	expect(wordsFor(statusOf(418)).reason).toContain('418');
	expect(wordsFor(statusOf(502)).reason).toContain('502');
});

test('a proxy that wants a login is named, and where it is set', () => {
	const { reason, nextStep } = wordsFor(statusOf(407));
	expect(reason).toBe(
		'the proxy between n8n and VideoSDK did not accept its user name and password (HTTP 407)',
	);
	expect(nextStep).toContain('HTTPS_PROXY');
});

test('the clock has to do with a token that is not accepted, and not with what a key is allowed', () => {
	expect(wordsFor(statusOf(401)).nextStep).toContain('clock');
	expect(wordsFor(statusOf(403)).nextStep).toMatch(
		/^Check the API key and its permissions in the VideoSDK dashboard\. [^.]*proxy[^.]*\.$/,
	);
});

test.each(['session', 'deployment'] as const)('what is not found is named: %s', (subject) => {
	const { reason, nextStep } = wordsFor(statusOf(404), subject);
	expect(reason).toContain(subject);
	expect(nextStep).toContain(`ID of the ${subject}`);
	expect(nextStep).not.toContain('tag');
	const { nextStep: withTag } = wordsFor(statusOf(404), subject, { tag: 'v1' });
	const id = `Check the ID of the ${subject},`;
	expect(withTag).toBe(nextStep.replace(id, `${id} its tag,`));
	expect(wordsFor(statusOf(409), subject).nextStep).toContain(`of the ${subject}`);
	expect(wordsFor(statusOf(409)).nextStep).toContain('Check the values of the fields');
});

test.each([
	['session', "'Room' or 'Call'"],
	['room', "'Call' or 'Agent Session'"],
	['call', "'Room' or 'Agent Session'"],
] as const)('an ID that is not one of a %s may be one of another resource', (subject, others) => {
	for (const status of [402, 404]) {
		expect(wordsFor(statusOf(status), subject).nextStep).toContain(`choose ${others} as`);
	}
});

test('402 is not taken for certain: the thing may be there, and a payment due', () => {
	const { reason, nextStep } = wordsFor(statusOf(402), 'session');
	expect(reason).toBe(
		'there is no such session in this VideoSDK project, or its plan does not include it',
	);
	expect(nextStep).toContain('the plan and the balance');
	const certain = statusOf(402, { message: 'Session not found' });
	expect(wordsFor(certain, 'session').reason).toBe(wordsFor(statusOf(404), 'session').reason);
});

test('a rejection with status 200 is told in the words of VideoSDK, once', () => {
	const rejected: Cause = {
		kind: 'rejected',
		errorResponse: { message: 'Room not found', requestId: 'r1' },
	};
	const { reason, nextStep } = wordsFor(rejected, 'room');
	expect(reason).toBe('VideoSDK says "Room not found"');
	expect(nextStep).toBe(`${wordsFor(statusOf(404), 'room').nextStep} Request ID: r1.`);
	expect(wordsFor(rejected).nextStep).not.toContain('ID of the');
});

test.each<[Cause, string]>([
	[{ kind: 'unreachable', code: 'ENOTFOUND' }, 'ENOTFOUND'],
	[{ kind: 'broken', code: 'ECONNRESET' }, 'ECONNRESET'],
	[{ kind: 'certificate', code: 'CERT_HAS_EXPIRED' }, 'CERT_HAS_EXPIRED'],
	[{ kind: 'timeout', after: 30_000 }, ' 30 seconds'],
	[{ kind: 'unreadable', problem: 'has no list in it' }, 'has no list in it'],
	[{ kind: 'gaveUp', after: 59_499, successes: 0 }, ' 59 seconds'],
	[{ kind: 'gaveUp', after: 59_500, successes: 0 }, ' 1 minute'],
])('%j: the explanation has %s in it', (cause, text) => {
	expect(Object.values(wordsFor(cause)).join(' ')).toContain(text);
});

test.each<[number, Purpose['subject'], string]>([
	[402, undefined, 'VideoSDK requires a payment ("Trial expired")'],
	[402, 'session', 'or its plan does not include it ("Trial expired")'],
	[403, 'session', 'VideoSDK does not allow this API key to do this ("Trial expired")'],
])('what VideoSDK said with %i is quoted once, in the message: %s', (status, subject, expected) => {
	const cause: Cause = { kind: 'status', status, errorResponse: { message: 'Trial expired' } };
	const { error } = explainError(node, new VideoSdkFailure(cause, { consequence, subject }));
	expect(error.message).toContain(expected);
	expect(error.description).not.toContain('Trial expired');
});

test('what VideoSDK said is quoted: as much as there is', () => {
	const { nextStep } = wordsFor(statusOf(400));
	const after = (errorResponse: ErrorResponse) =>
		wordsFor(statusOf(400, errorResponse)).nextStep.replace(nextStep, '');
	expect(after({})).toBe('');
	expect(after({ message: 'Too long' })).toBe(' VideoSDK said: "Too long".');
	expect(after({ code: 'E1' })).toBe(' Error code: E1.');
	expect(after({ requestId: 'r1' })).toBe(' Request ID: r1.');
	expect(after({ message: 'Too long', code: 'E1', requestId: 'r1' })).toBe(
		' VideoSDK said: "Too long". Error code: E1. Request ID: r1.',
	);
	expect(explain(statusOf(400, { message: 'Too long', requestId: 'r1' })).details).toMatchObject({
		videoSdkMessage: 'Too long',
		requestId: 'r1',
	});
});

test('404 speaks of the address where the request names nothing', () => {
	const { error } = explain({ kind: 'status', status: 404 });
	expect(error.message).toBe(`${consequence}: there is no VideoSDK API at this address`);
	expect(error.description).toContain('Check Base URL');
});

test('404 with a message speaks of what the request names, and of the address', () => {
	const message = 'Routing rule not found';
	const { error } = explain({ kind: 'status', status: 404, errorResponse: { message } });
	expect(error.message).toBe(
		`${consequence}: VideoSDK did not find something that the request names`,
	);
	expect(error.description).toMatch(
		/^Check the IDs in this node\. Check Base URL .*: "Routing rule not found"\.$/,
	);
});

test.each<[Partial<Cause>, string]>([
	[
		{ after: 600_000, successes: 0, status: 429 },
		'VideoSDK throttled the request for 10 minutes (HTTP 429)',
	],
	[
		{ after: 61_000, successes: 1, status: 503 },
		'VideoSDK throttled the request for 1 minute (HTTP 503), while 1 other request succeeded',
	],
	[
		{ after: 9_900, successes: 37, status: 429 },
		'VideoSDK throttled the request for 10 seconds (HTTP 429), while 37 other requests succeeded',
	],
	[
		{ after: 600_000, successes: 0 },
		'the request was not sent, because no other request to VideoSDK succeeded for 10 minutes',
	],
])('giving up says how long it was tried, and what succeeded: %j', (cause, reason) => {
	const { error, details } = explain({ kind: 'gaveUp', ...cause } as Cause);
	expect(error.message).toBe(`${consequence}: ${reason}`);
	expect(error.description).toContain("'Give Up After (Minutes)'");
	expect(details.httpCode).toBe('status' in cause ? String(cause.status) : undefined);
});

test('what is no failure of a request is an error of the node, with its own words', () => {
	const invalid = explainError(node, new InvalidInput('The ID is empty', 'Give one.'), 3);
	expect(invalid.error).toMatchObject({
		name: 'NodeOperationError',
		message: 'The ID is empty',
		description: 'Give one.',
	});
	const unknown = explainError(node, new Error('An expression broke'), 3);
	expect(unknown.error).toMatchObject({
		name: 'NodeOperationError',
		message: 'An expression broke',
	});
	expect(unknown.error.context).toMatchObject({ itemIndex: 3 });
	expect(unknown.details).toEqual({ description: '' });
	expect(explainError(node, 'a string').error.message).toBe('a string');
	const ofN8n = new NodeOperationError(node, 'It broke', { description: 'Mend it.' });
	expect(explainError(node, ofN8n).details).toEqual({ description: 'Mend it.' });
	const system = new InvalidInput('The ID "ECONNREFUSED" is too long', 'Give another.');
	expect(explainError(node, system).error.message).toBe(system.message);
	expect(explainError(node, system).details).toEqual({ description: 'Give another.' });
});

test('whatever a server answers, ending a session gives a session or a short error without a token', async () => {
	const token = sign({ apikey: 'key' }, 'secret');
	const [, payload = '', signature = ''] = token.split('.');
	const text = fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.constantFrom(token, `Bearer ${token}`, `"${token}`, `${'x'.repeat(290)}${token}`, '<html>'),
	);
	const field = fc.constantFrom('message', 'error', 'msg', 'code', 'errorCode', 'data', 'status');
	const answer = fc
		.record({
			statusCode: fc.oneof(fc.integer({ min: 100, max: 599 }), fc.constantFrom(200, 404, 409)),
			headers: fc.dictionary(fc.constantFrom('x-request-id', 'request-id', 'retry-after'), text),
			body: fc.oneof(
				text,
				fc.jsonValue(),
				fc.dictionary(field, fc.oneof(text, fc.jsonValue(), fc.dictionary(field, text))),
			),
		})
		.map((value) => JSON.stringify(value));
	await fc.assert(
		fc.asyncProperty(answer, text, async (hostile, sessionId) => {
			const { client } = await wireTo(() => JSON.parse(hostile) as WireAnswer, { maxRetries: 0 });
			try {
				return typeof (await endOne(client, agentSessions, sessionId)) === 'object';
			} catch (thrown) {
				const { error, details } = explainError(node, thrown);
				const shown = [error.message, JSON.stringify(details), JSON.stringify(error)].join();
				return (
					thrown instanceof VideoSdkFailure &&
					!shown.includes(payload) &&
					!shown.includes(signature) &&
					!/[\p{Cc}\p{Cf}]/u.test(error.message + error.description) &&
					error.message.length < 500 &&
					details.description.length < 2_000
				);
			}
		}),
		{ numRuns: 2_000 },
	);
}, 60_000);
