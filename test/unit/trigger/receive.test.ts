import { generateKeyPairSync } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import { checkFields, receive } from '../../../nodes/VideoSdk/trigger/receive';
import {
	PEM_PATH,
	pemOf,
	receiverOf,
	type ReceiverSettings,
	videoSdk,
} from '../../support/receiver';
import type { WireAnswer } from '../../support/wire';

const never = async () => await new Promise<WireAnswer>(() => {});

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = rsa();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const eventOf = (sessionId = 's1', event = 'started', fields: IDataObject = {}) =>
	JSON.stringify({ webhookType: `ai-deployment-session-${event}`, data: { ...fields, sessionId } });

/** @param settings with the options among the parameters */
function triggerOf({ parameters = {}, ...settings }: ReceiverSettings = {}) {
	// n8n gives a field that is not set its default.
	const { events = ['started', 'stopped', 'failed'], ...triggerOptions } = parameters;
	const given = { events, triggerOptions };
	return receiverOf(receive, { ...settings, parameters: given });
}

const noFetch = { events: ['started'], fetchSession: false };

const run = [expect.objectContaining({ event: 'started' })];

describe('the signature', () => {
	const noMatch = '401 The signature does not match the body.';

	test('a valid signature starts a run, and the key is fetched once per credential', async () => {
		for (const { send, requests } of [1, 2].map(() => triggerOf({ parameters: noFetch }))) {
			expect(await send(eventOf('s1'))).toEqual(run);
			expect(await send(eventOf('s2'))).toEqual(run);
			expect(requests).toEqual([PEM_PATH]);
		}
	});

	test('a wrong or missing signature starts no run', async () => {
		const { send } = triggerOf({ parameters: noFetch });
		expect(await send(eventOf(), { key: other.privateKey })).toBe(noMatch);
		const missing = '401 The header videosdk-signature is missing.';
		expect(await send(eventOf(), { key: null })).toBe(missing);
	});

	test('a signature is checked with a new key if the known one does not fit', async () => {
		jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
		let key = videoSdk.publicKey;
		const answer = () => ({ body: { publicKey: pemOf(key) } });
		const { send, requests } = triggerOf({ parameters: noFetch, answer });
		expect(await send(eventOf('s1'))).toEqual(run);
		key = other.publicKey;
		jest.advanceTimersByTime(60_000);
		expect(await send(eventOf('s2'), { key: other.privateKey })).toEqual(run);
		jest.advanceTimersByTime(60_000);
		expect(await send(eventOf('s3'), { key: rsa().privateKey })).toBe(noMatch);
		expect(requests).toEqual([PEM_PATH, PEM_PATH, PEM_PATH]);
		jest.useRealTimers();
	});

	test.each<WireAnswer>([{ statusCode: 500 }, { body: {} }, { body: { publicKey: 'none' } }])(
		'a signature cannot be checked if the key is %j',
		async (answer) => {
			const { send, requests } = triggerOf({ answer: () => answer });
			expect(await send(eventOf())).toBe(
				'503 The key for checking the signature is not available. Send the event again later.',
			);
			expect(requests).toEqual([PEM_PATH]);
		},
	);

	test('the trigger waits for the public key for at most nine seconds', async () => {
		jest.useFakeTimers();
		const { send } = triggerOf({ answer: never });
		const sent = send(eventOf());
		await jest.advanceTimersByTimeAsync(9_500);
		expect(await sent).toMatch(/^503 /);
		jest.useRealTimers();
	});

	test('a signature is not checked if Verify Signature is off', async () => {
		const { send, requests } = triggerOf({ parameters: { ...noFetch, verifySignature: false } });
		expect(await send(eventOf(), { key: null })).toEqual(run);
		expect(requests).toEqual([]);
	});

	describe('a pasted key', () => {
		const pasted = (publicKey: unknown) => ({ ...noFetch, publicKey: publicKey as string });

		test('a pasted public key is used without a request to VideoSDK', async () => {
			const { send, requests } = triggerOf({ parameters: pasted(pemOf(other.publicKey)) });
			expect(await send(eventOf('s1'), { key: other.privateKey })).toEqual(run);
			expect(await send(eventOf('s2'))).toBe(noMatch);
			expect(requests).toEqual([]);
		});

		test.each([
			['an EC key', pemOf(ec.publicKey)],
			['not a key', 'none'],
			['null', null],
		])('no signature is valid if the pasted public key is %s', async (_name, publicKey) => {
			const { send, hooks } = triggerOf({ parameters: pasted(publicKey) });
			expect(await send(eventOf(), { key: ec.privateKey })).toBe(noMatch);
			const message = "'Public Key (PEM)' is not an RSA public key";
			const description =
				"Paste the whole key in 'Public Key (PEM)', from the line BEGIN PUBLIC KEY to the line END PUBLIC KEY. Or remove the option, so that the node gets the key from VideoSDK.";
			expect(() => checkFields(hooks)).toThrow(expect.objectContaining({ message, description }));
		});

		test.each<[string, IDataObject]>([
			['a valid pasted key', pasted(pemOf(other.publicKey))],
			['an invalid pasted key that is not used', { ...pasted('none'), verifySignature: 'false' }],
			['no pasted key', {}],
		])('the trigger can be published with %s', (_name, parameters) => {
			expect(() => checkFields(triggerOf({ parameters }).hooks)).not.toThrow();
		});
	});
});

describe('the body', () => {
	const unchecked = { ...noFetch, verifySignature: false };

	const MEGABYTE = 1_048_576;

	/** An event of a length in bytes. */
	const long = (length: number) =>
		eventOf('s1', 'started', {
			filler: 'x'.repeat(length - eventOf('s1', 'started', { filler: '' }).length),
		});

	const throws = (error: object) => ({
		readRawBody: async () => await Promise.reject(Object.assign(new Error('x'), error)),
	});

	const tooLarge = '413 The body is larger than 1 MB.';
	const noEvent = '400 The body is not a VideoSDK event.';
	const notAwaited = '200 The workflow is not waiting for this event.';
	const aborted = throws({ type: 'request.aborted' });

	test.each<[string, string, object | undefined, unknown]>([
		['with an event', eventOf(), undefined, run],
		['of 1 MB', long(MEGABYTE), undefined, run],
		['of more than 1 MB', long(MEGABYTE + 1), undefined, tooLarge],
		['of more than n8n accepts', eventOf(), throws({ type: 'entity.too.large' }), tooLarge],
		['that is cut off', eventOf(), aborted, '400 The body could not be read.'],
		['that is missing', eventOf(), {}, noEvent],
		['that is not an event', '{}', undefined, noEvent],
		['of another event', '{"webhookType":"meeting-started"}', undefined, notAwaited],
	])('the trigger answers a body %s', async (_name, body, request, expected) => {
		const { send } = triggerOf({ parameters: unchecked });
		expect(await send(body, { request })).toEqual(expected);
	});

	test('only a body that is cut off is reported in the log of n8n', async () => {
		const { send, warnings } = triggerOf({ parameters: unchecked });
		await send(eventOf());
		await send('{}');
		expect(warnings).toEqual([]);
		await send(eventOf(), { request: aborted });
		expect(warnings).toEqual([
			'A request to node "Trigger" could not be read: the connection was closed, for example because n8n was too busy to answer in time. If it was an event, it is lost unless VideoSDK sends it again.',
		]);
	});

	test('the trigger reads the body if n8n has not read it', async () => {
		const { send } = triggerOf({ parameters: unchecked });
		const request = {
			rawBody: undefined as Buffer | undefined,
			readRawBody: async () => void (request.rawBody = Buffer.from(eventOf())),
		};
		expect(await send('', { request })).toEqual(run);
	});
});

describe('Trigger On', () => {
	const events = ['starting', 'started', 'stopping', 'stopped', 'failed'];

	test.each<[unknown, string]>([
		[['started', 'failed'], 'started failed'],
		['started', 'started'],
		['started, failed', 'started failed'],
		[[null, 'Session Ended'], 'stopped'],
		['["started","failed"]', 'started failed'],
	])('Trigger On as %j starts runs on: %s', async (wanted, expected) => {
		const { send } = triggerOf({ parameters: { ...noFetch, events: wanted as string[] } });
		const started: string[] = [];
		for (const event of events) {
			const reply = await send(eventOf('s1', event));
			if (Array.isArray(reply)) started.push(event);
			else expect(reply).toBe('200 The workflow is not waiting for this event.');
		}
		expect(started.join(' ')).toBe(expected);
	});

	test.each<[unknown, string]>([
		[null, "'Trigger On' is empty"],
		[[], "'Trigger On' is empty"],
		['ended', `'Trigger On' does not have this choice: "ended"`],
		[['started', 7], `'Trigger On' does not have this choice: "7"`],
	])('an invalid Trigger On is an error and accepts no event: %j', async (wanted, message) => {
		const { send, hooks } = triggerOf({ parameters: { ...noFetch, events: wanted as string[] } });
		expect(() => checkFields(hooks)).toThrow(expect.objectContaining({ message }));
		expect(await send(eventOf())).toMatch(/^503 The trigger is not set up correctly/);
	});
});

describe('Ignore Repeats', () => {
	const came = '200 This event was already received.';

	test('Ignore Repeats accepts an event of a session once, whatever its other data', async () => {
		const parameters = { ...noFetch, events: ['started', 'failed'] };
		const { send, staticData } = triggerOf({ parameters });
		expect(await send(eventOf('s1'))).toEqual(run);
		expect(await send(eventOf('s1', 'started', { other: 1 }))).toBe(came);
		expect(await send(eventOf('s2'))).toEqual(run);
		expect(Array.isArray(await send(eventOf('s1', 'failed')))).toBe(true);
		const seen = ['started s1', 'started s2', 'failed s1'];
		expect(Object.keys(staticData.seen as object)).toEqual(seen);
	});

	test.each<[string, ReceiverSettings]>([
		['if it is off', { parameters: { ...noFetch, ignoreRepeats: false } }],
		['at the test URL', { mode: 'manual', parameters: noFetch }],
	])('Ignore Repeats accepts every event %s', async (_name, settings) => {
		const { send, staticData } = triggerOf(settings);
		expect(await send(eventOf())).toEqual(run);
		expect(await send(eventOf())).toEqual(run);
		expect(staticData).toEqual({});
	});
});

describe('Fetch Session', () => {
	const parameters = { events: ['started'], ignoreRepeats: true };
	const SESSION = '/ai/v1/ai-deployment-sessions/s1';
	const unknown = '200 There is no such session in this VideoSDK project.';

	/** A trigger that looks sessions up, and gets these answers in turn, the last for ever. */
	function fetching(...answers: WireAnswer[]) {
		let looks = 0;
		return triggerOf({
			parameters,
			answer: ({ url }) => (url === PEM_PATH ? {} : (answers[looks++] ?? answers.at(-1) ?? {})),
		});
	}

	beforeEach(() => {
		jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
	});
	afterEach(() => {
		jest.useRealTimers();
	});

	/** Sends an event, and lets time pass. */
	async function sendAndWait({ send }: ReturnType<typeof triggerOf>, body: string) {
		const sent = send(body);
		await jest.advanceTimersByTimeAsync(60_000);
		return await sent;
	}

	test('Fetch Session adds the session’s fields without replacing those of the event', async () => {
		const fetched = { sessionId: 'x', event: 'x', receivedAt: 'x', status: 'queued', tag: 'v1' };
		const trigger = fetching({ body: fetched });
		const body = eventOf('s1', 'started', { status: 'running', event: 'y' });
		const [json = {}] = (await sendAndWait(trigger, body)) as IDataObject[];
		expect(Object.entries(json)).toEqual([
			...[
				['event', 'started'],
				['sessionId', 's1'],
			],
			['receivedAt', expect.stringMatching(/^\d{4}-.*Z$/)],
			...[
				['status', 'running'],
				['tag', 'v1'],
			],
		]);
		expect(trigger.requests).toEqual([PEM_PATH, SESSION]);
	});

	test('Fetch Session looks up an unknown session once more, a second later', async () => {
		const trigger = fetching({ statusCode: 404 }, { body: { sessionId: 's1', tag: 'v1' } });
		const sent = trigger.send(eventOf());
		await jest.advanceTimersByTimeAsync(999);
		expect(trigger.requests).toEqual([PEM_PATH, SESSION]);
		await jest.advanceTimersByTimeAsync(1);
		expect(await sent).toMatchObject([{ sessionId: 's1', tag: 'v1' }]);
	});

	test.each<[string, WireAnswer[]]>([
		['session-s1', [{ body: { sessionId: 'session-s1' } }]],
		['s1', [{ statusCode: 404 }, { body: { sessionId: 's1' } }]],
	])(
		'Fetch Session finds the session of an event for session-s1 as %s',
		async (sessionId, answers) => {
			const trigger = fetching(...answers);
			const sent = await sendAndWait(trigger, eventOf('session-s1'));
			expect(sent).toMatchObject([{ sessionId }]);
			expect(trigger.requests).toHaveLength(1 + answers.length);
			expect(trigger.requests.at(-1)).toBe(`/ai/v1/ai-deployment-sessions/${sessionId}`);
		},
	);

	test('an event for a session that the project does not have starts nothing', async () => {
		const trigger = fetching({ statusCode: 404 });
		expect(await sendAndWait(trigger, eventOf())).toBe(unknown);
		expect(trigger.staticData).toEqual({ seen: {} });
		expect(await sendAndWait(trigger, eventOf())).toBe(unknown);
		expect(trigger.requests).toEqual([PEM_PATH, ...Array<string>(4).fill(SESSION)]);
	});

	test('an event for an unknown session starts nothing at the test URL', async () => {
		const answer = ({ url }: { url: string }) => (url === PEM_PATH ? {} : { statusCode: 404 });
		const trigger = triggerOf({ mode: 'manual', parameters, answer });
		expect(await sendAndWait(trigger, eventOf())).toBe(unknown);
		expect(trigger.staticData).toEqual({});
	});

	test.each<[string, WireAnswer, RegExp]>([
		['a server error', { statusCode: 500 }, /server error/],
		['a rejection', { statusCode: 403 }, /does not allow/],
		['an unreadable response', { body: '<html>' }, /not in the expected format/],
	])('a failed Fetch Session starts a run with the reason: %s', async (_name, answer, reason) => {
		const trigger = fetching(answer);
		expect(await sendAndWait(trigger, eventOf())).toMatchObject([
			{ event: 'started', sessionId: 's1', fetchError: expect.stringMatching(reason) },
		]);
		expect(trigger.requests).toEqual([PEM_PATH, SESSION]);
	});

	test('Fetch Session takes at most nine seconds', async () => {
		const answer = ({ url }: { url: string }) => (url === PEM_PATH ? {} : never());
		const trigger = triggerOf({ parameters, answer });
		const sent = trigger.send(eventOf());
		await jest.advanceTimersByTimeAsync(9_500);
		expect(await sent).toMatchObject([{ fetchError: expect.stringContaining('9 seconds') }]);
	});

	test('Fetch Session sends no request if it is off', async () => {
		const trigger = triggerOf({ parameters: { ...parameters, fetchSession: false } });
		const [json = {}] = (await sendAndWait(trigger, eventOf())) as IDataObject[];
		expect(Object.keys(json)).toEqual(['event', 'sessionId', 'receivedAt']);
		expect(trigger.requests).toEqual([PEM_PATH]);
	});
});
