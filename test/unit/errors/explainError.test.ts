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
	...{ id: '1', name: 'VideoSDK', type: 'n8n-nodes-videosdk.videoSdk', typeVersion: 1 },
	...{ position: [0, 0], parameters: { secret: 'hidden' } },
};

const consequence = 'Session "1" was not ended';

const explain = (cause: Cause, purpose: Partial<Purpose> = {}, mayHaveTakenEffect = false) =>
	explainError(
		node,
		new VideoSdkFailure(cause, { consequence, ...purpose }, mayHaveTakenEffect),
		3,
	);

/** The reason and the next step that a failure is explained with. */
function wordsFor(cause: Cause, purpose?: Partial<Purpose>) {
	const { error, details } = explain(cause, purpose);
	return { reason: error.message.slice(`${consequence}: `.length), nextStep: details.description };
}

const statusOf = (status: number, errorResponse?: ErrorResponse): Cause => ({
	...{ kind: 'status', status, errorResponse },
});

const broken: Cause = { kind: 'broken', code: 'X' };

// n8n has texts of its own for these (n8n-workflow: errors/abstract/node.error).
test.each(['ECONNREFUSED', 'ENOTFOUND', 'GETADDRINFO', 'ENOENT', '404', 'timeout'])(
	'n8n shows our error texts unchanged even if they contain "%s"',
	(name) => {
		const purpose = { consequence: `Session "${name}" was not ended` };
		const { error } = explain({ kind: 'unreachable', code: name }, purpose);
		expect(error.message).toBe(`${purpose.consequence}: n8n could not connect to VideoSDK`);
		expect(error.description).toMatch(new RegExp(`test server\\. Error code: ${name}\\.$`));
		const invalid = explainError(node, new InvalidInput(`"${name}" is too long`, `Not ${name}.`));
		const texts = { message: `"${name}" is too long`, description: `Not ${name}.` };
		expect(invalid.error).toMatchObject(texts);
	},
);

const inAMinute = 'Try again in a minute. Error code: X.';
const endAgain = 'The session may have ended anyway. If it is still live, try to end it again.';
const ofSession = { subject: 'session' } as const;
const lost = 'the connection to VideoSDK was lost';
const unsure = `Session "1" may not have been ended: ${lost}`;

test.each<[string, boolean, string, string]>([
	['videoSdk', false, `${consequence}: ${lost}`, inAMinute],
	['videoSdk', true, unsure, `${endAgain} Error code: X.`],
	['videoSdkTool', true, `${unsure}. ${endAgain}`, 'Error code: X.'],
])(
	'the error of a %s says whether the outcome is uncertain: %s',
	(type, isUnsure, message, description) => {
		const purpose: Purpose = {
			...{ ...notDone('Session "1"', 'ended'), ...ofSession, ifItWorked: 'ended' },
		};
		const failure = new VideoSdkFailure(broken, purpose, isUnsure);
		const { error, details } = explainError({ ...node, type }, failure);
		expect(error.message).toBe(message);
		expect(details.description).toBe(description);
	},
);

test('the message for an AI model holds what was done as whole sentences', () => {
	const doneAnyway = { sentence: '1 of 2 calls was hung up.', fields: {} };
	const purpose: Purpose = { consequence, ...ofSession, ifItWorked: 'ended', doneAnyway };
	const failure = new VideoSdkFailure(broken, purpose, true);
	const { error } = explainError({ ...node, type: 'videoSdkTool' }, failure);
	expect(error.message).toBe(`${consequence}: ${lost}. 1 of 2 calls was hung up. ${endAgain}`);
});

test('a list of failures says of each whether its request may have worked', () => {
	const purpose: Partial<Purpose> = { ...ofSession, ifItWorked: 'ended' };
	const about = { sessionId: '1' };
	const mayHaveWorked = explain(broken, { ...purpose, about }, true);
	expect(mayHaveWorked.reason).toBe(`${lost}, but the request may have worked`);
	expect(explain(broken, { ...purpose, about }).reason).toBe(lost);
});

test.each<[Purpose['subject'], Purpose['ifItWorked'], string]>([
	['call', 'ended', 'The call may have ended anyway.'],
	['batch call', 'canceled', 'The batch call may have been canceled anyway.'],
	['call', 'callsEnded', 'The calls may have ended anyway.'],
])(
	'an uncertain error names what may have happened anyway: %s %s',
	(subject, ifItWorked, expected) => {
		const { details } = explain(statusOf(500), { subject, ifItWorked }, true);
		expect(details.description).toMatch(new RegExp(`^${expected} `));
		expect(details.description).not.toContain('Try again');
	},
);

test.each<[string, Cause, string]>([
	[
		'it is still queued',
		{ kind: 'waitOver', lastStatus: 'queued', after: 60_000 },
		" Check its status with 'Get Session'. Next time, increase the option 'Wait Timeout (Seconds)'.",
	],
	['HTTP 500', statusOf(500), ''],
])('an error after a start says not to start the session again: %s', (_name, cause, more) => {
	const { error, details, reason } = explain(cause, {
		about: { sessionId: '1' },
		wasStarted: true,
	});
	expect(details.description).toBe(
		`The session was started and can cost money until it ends: do not start it again.${more}`,
	);
	expect(reason).toBe(`it was started, but ${error.message.slice(`${consequence}: `.length)}`);
});

test.each(['broken', 'unreachable'] as const)(
	'an error of the kind "%s" without a code mentions none',
	(kind) => {
		const { nextStep } = wordsFor({ kind });
		expect(nextStep).toBe(wordsFor({ kind, code: 'X' }).nextStep.replace(' Error code: X.', ''));
	},
);

test('an error does not keep the parameters of the node', () => {
	expect(explain(statusOf(500)).error.node.parameters).toEqual({});
	expect(node.parameters).toEqual({ secret: 'hidden' });
});

test('an error has the item index, and the HTTP code if VideoSDK answered', () => {
	const { error, details } = explain(statusOf(503));
	expect(error).toMatchObject({ name: 'NodeApiError', httpCode: '503', context: { itemIndex: 3 } });
	expect(details.httpCode).toBe('503');
	expect(explain({ kind: 'timeout', after: 1 }).details.httpCode).toBeUndefined();
	const notSent: Cause = { kind: 'gaveUp', after: 1, successes: 0, status: undefined };
	expect(explain(notSent).details.httpCode).toBeUndefined();
});

test.each([
	['ended', endAgain],
	[
		'started',
		"A session may have started anyway, and a session costs money. Before you start another one, use 'Get Many' with the filter 'Started After' to look for it.",
	],
	[
		'created',
		"It may have been created anyway. Look for it with 'Get Many' before you create it again.",
	],
] as const)(
	'an uncertain error says how to check if it %s anyway, not to try again',
	(ifItWorked, how) => {
		const purpose = { ifItWorked, ...(ifItWorked !== 'created' && ofSession) };
		const { details } = explain(broken, purpose, true);
		expect(details.description).toBe(`${how} Error code: X.`);
		expect(explain(broken, { ifItWorked }).details.description).toBe(inAMinute);
	},
);

const at = '2025-06-18T11:16:54.314Z';

test.each<[string, Cause, string, string]>([
	[
		'a session that had already ended',
		{ kind: 'alreadyEnded', noun: 'session', lastStatus: 'completed', at },
		'it had already ended on Jun 18, 2025, 11:16 UTC (status completed)',
		"If that is fine, set the option 'If Already Ended' to 'Return Session Data'.",
	],
	[
		'a call that had already ended',
		{ kind: 'alreadyEnded', noun: 'call', lastStatus: 'a\nb' },
		'it had already ended (status a b)',
		"If that is fine, set the option 'If Already Ended' to 'Return Call Data'.",
	],
	[
		'a wait that timed out',
		{ kind: 'waitOver', lastStatus: 'stopping', after: 60_000 },
		'after 60 seconds, its status is still stopping',
		"It can cost money until it has ended. Later, use 'Get Many' to see whether it is still live. Next time, increase the option 'Wait Timeout (Seconds)'.",
	],
	[
		'a session that never ran',
		{ kind: 'neverRan', lastStatus: 'failed' },
		'its status is failed',
		'Check the logs of the deployment in the VideoSDK dashboard.',
	],
	[
		'a server that does not support the request',
		statusOf(501),
		'VideoSDK, or a server in front of it, does not support this request (HTTP 501)',
		"Check 'Base URL' in the VideoSDK credential: it should be https://api.videosdk.live unless you use a proxy, a regional address, or a test server.",
	],
	[
		'a proxy that requires a login',
		statusOf(407),
		'the proxy between n8n and VideoSDK requires a valid user name and password (HTTP 407)',
		'Ask the administrator of n8n to check the proxy settings of the server that runs n8n, for example the environment variable HTTPS_PROXY.',
	],
])('the error for %s has a reason and a next step', (_name, cause, reason, nextStep) => {
	expect(wordsFor(cause)).toEqual({ reason, nextStep });
});

test('each cause of an error has its own reason and a next step', () => {
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

test('HTTP statuses share an explanation only if they are of the same kind', () => {
	const withoutNumber = (status: number) => wordsFor(statusOf(status)).reason.replace(/\d+/, '');
	const alike: Array<[number, number[]]> = [
		[302, [300, 399]],
		[418, [199, 400, 499]],
		[502, [500, 503, 504, 599]],
		[404, [410]],
		[501, [505]],
	];
	for (const [status, others] of alike) {
		expect(others.map(withoutNumber)).toEqual(others.map(() => withoutNumber(status)));
	}
	const kinds = [302, 401, 402, 403, 404, 407, 409, 418, 429, 501, 502].map(withoutNumber);
	expect(new Set(kinds).size).toBe(kinds.length);
	for (const status of [418, 502]) {
		expect(wordsFor(statusOf(status)).reason).toContain(String(status));
	}
});

test('a 401 error mentions the clock, and a 403 error the permissions of the key', () => {
	expect(wordsFor(statusOf(401)).nextStep).toContain('clock');
	expect(wordsFor(statusOf(403)).nextStep).toMatch(
		/^Check the API key and its permissions in the VideoSDK dashboard\. [^.]*proxy[^.]*\.$/,
	);
});

test.each([
	['session', 'session'],
	['deployment', 'deployment and its tag'],
	['room or agent', 'room or agent'],
] as const)('a 404 error names what was not found: %s', (subject, whole) => {
	const { reason, nextStep } = wordsFor(statusOf(404), { subject });
	expect(reason).toContain(subject);
	expect(nextStep).toContain(`ID of the ${whole}.`);
	expect(wordsFor(statusOf(409), { subject }).nextStep).toContain(`of the ${subject}`);
	expect(wordsFor(statusOf(409)).nextStep).toContain('Check the fields');
});

test.each([
	['session', "'Room' or 'Call'"],
	['room', "'Call' or 'Agent Session'"],
	['call', "'Room' or 'Agent Session'"],
] as const)('the error for an unknown %s ID suggests the other resources', (subject, others) => {
	for (const status of [402, 404]) {
		expect(wordsFor(statusOf(status), { subject }).nextStep).toContain(`choose ${others} as`);
	}
});

test('a 402 error says that the session may be missing or a payment due', () => {
	const { reason, nextStep } = wordsFor(statusOf(402), ofSession);
	expect(reason).toBe(
		'there is no such session in this VideoSDK project, or the plan of the project does not include this feature',
	);
	expect(nextStep).toContain('the plan and the balance');
	const certain = wordsFor(statusOf(402, { message: 'Session not found' }), ofSession);
	expect(certain.reason).toBe(wordsFor(statusOf(404), ofSession).reason);
});

test('a rejection with HTTP 200 quotes the message of VideoSDK once', () => {
	const errorResponse = { message: 'Room not found', requestId: 'r1' };
	const rejected: Cause = { kind: 'rejected', errorResponse };
	const { nextStep } = wordsFor(statusOf(404), { subject: 'room' });
	expect(wordsFor(rejected, { subject: 'room' })).toEqual({
		reason: 'VideoSDK said "Room not found"',
		nextStep: `${nextStep} Request ID: r1.`,
	});
	expect(wordsFor(rejected).nextStep).not.toContain('ID of the');
});

test.each<[string, Cause]>([
	['ENOTFOUND', { kind: 'unreachable', code: 'ENOTFOUND' }],
	['CERT_HAS_EXPIRED', { kind: 'certificate', code: 'CERT_HAS_EXPIRED' }],
	[' 30 seconds', { kind: 'timeout', after: 30_000 }],
	['has no list in it', { kind: 'unreadable', problem: 'has no list in it' }],
	[' 59 seconds', { kind: 'gaveUp', after: 59_499, successes: 0, status: 429 }],
	[' 1 minute', { kind: 'gaveUp', after: 59_500, successes: 0, status: 429 }],
])('an error includes the detail of its cause: "%s"', (text, cause) => {
	expect(Object.values(wordsFor(cause)).join(' ')).toContain(text);
});

test.each<[number, Purpose['subject'], string]>([
	[402, undefined, 'VideoSDK requires a payment ("Trial expired")'],
	[402, 'session', 'or the plan of the project does not include this feature ("Trial expired")'],
	[403, 'session', 'VideoSDK does not allow this API key to do this ("Trial expired")'],
])(
	'the error quotes the message of VideoSDK only once: HTTP %i, subject %s',
	(status, subject, expected) => {
		const { error } = explain(statusOf(status, { message: 'Trial expired' }), { subject });
		expect(error.message).toContain(expected);
		expect(error.description).not.toContain('Trial expired');
	},
);

test.each<[ErrorResponse, string]>([
	[{}, ''],
	[{ message: 'Too long' }, ' VideoSDK said: "Too long".'],
	[{ message: 'Too long!' }, ' VideoSDK said: "Too long!"'],
	[{ code: 'E1' }, ' Error code: E1.'],
	[{ requestId: 'r1' }, ' Request ID: r1.'],
	[
		{ message: 'Too long', code: 'E1', requestId: 'r1' },
		' VideoSDK said: "Too long". Error code: E1. Request ID: r1.',
	],
])('the error quotes VideoSDK: %j', (errorResponse, quoted) => {
	const { details } = explain(statusOf(400, errorResponse));
	expect(details.description).toBe(wordsFor(statusOf(400)).nextStep + quoted);
	const { message: videoSdkMessage, requestId } = errorResponse;
	expect(details).toMatchObject({ videoSdkMessage, requestId });
});

test.each([
	[undefined, "there is no VideoSDK API at 'Base URL'", /Check 'Base URL'/],
	[
		'Routing rule not found',
		'VideoSDK could not find something that this node refers to',
		/^Check the IDs in this node\. Also check 'Base URL' .*: "Routing rule not found"\.$/,
	],
])('a 404 with the message %j says to check the base URL', (message, expected, toDo) => {
	const { reason, nextStep } = wordsFor(statusOf(404, message ? { message } : undefined));
	expect(reason).toBe(expected);
	expect(nextStep).toMatch(toDo);
});

const minutes = 600_000;

test.each<[Omit<Cause & { kind: 'gaveUp' }, 'kind'>, string]>([
	[
		{ after: minutes, successes: 0, status: 429 },
		'VideoSDK received too many requests for 10 minutes (HTTP 429)',
	],
	[
		{ after: 61_000, successes: 1, status: 503 },
		'VideoSDK did not accept this request for 1 minute (HTTP 503), while 1 other request succeeded',
	],
	[{ after: 400, successes: 0, status: 429 }, 'VideoSDK received too many requests (HTTP 429)'],
	[
		{ after: 9_900, successes: 37, status: 429 },
		'VideoSDK received too many requests for 10 seconds (HTTP 429), while 37 other requests succeeded',
	],
	[
		{ after: minutes, successes: 0 },
		"the request was not sent, because no request to VideoSDK had succeeded for longer than 'Give Up After (Minutes)' allows",
	],
])('a give-up error states its figures: %j', (cause, reason) => {
	const { error, details } = explain({ kind: 'gaveUp', ...cause });
	expect(error.message).toBe(`${consequence}: ${reason}`);
	expect(error.description).toContain("'Give Up After (Minutes)'");
	expect(String(error.description).includes('has an outage')).toBe(cause.status !== 429);
	expect(details.httpCode).toBe(cause.status === undefined ? undefined : String(cause.status));
});

test.each<[string, unknown, string]>([
	['The ID is empty', new InvalidInput('The ID is empty', 'Give one.'), 'Give one.'],
	['An expression broke', new Error('An expression broke'), ''],
	['a string', 'a string', ''],
	['It broke', new NodeOperationError(node, 'It broke', { description: 'Mend it.' }), 'Mend it.'],
])('an error that no request caused is a node error: %s', (message, thrown, description) => {
	const { error, details } = explainError(node, thrown, 3);
	expect(error).toMatchObject({ name: 'NodeOperationError', message });
	if (message !== 'It broke') expect(error.context).toMatchObject({ itemIndex: 3 });
	expect(details).toEqual({ description });
});

test('End returns a session or a short error without a token for any response', async () => {
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
});
