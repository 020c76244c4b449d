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

	test('of VideoSDK starts a run, and its key is asked for once for a credential', async () => {
		for (const { send, requests } of [1, 2].map(() => triggerOf({ parameters: noFetch }))) {
			expect(await send(eventOf('s1'))).toEqual(run);
			expect(await send(eventOf('s2'))).toEqual(run);
			expect(requests).toEqual([PEM_PATH]);
		}
	});

	test('of another starts none, nor does a missing one', async () => {
		const { send } = triggerOf({ parameters: noFetch });
		expect(await send(eventOf(), { key: other.privateKey })).toBe(noMatch);
		const missing = '401 The header videosdk-signature is missing.';
		expect(await send(eventOf(), { key: null })).toBe(missing);
	});

	test('is checked with a new key where the one that is known does not fit', async () => {
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
		'cannot be checked while VideoSDK answers %j, and is asked for once',
		async (answer) => {
			const { send, requests } = triggerOf({ answer: () => answer });
			expect(await send(eventOf())).toBe(
				'503 The key for checking the signature is not available. Send the event again later.',
			);
			expect(requests).toEqual([PEM_PATH]);
		},
	);

	test('is waited for no longer than nine seconds', async () => {
		jest.useFakeTimers();
		const { send } = triggerOf({ answer: never });
		const sent = send(eventOf());
		await jest.advanceTimersByTimeAsync(9_500);
		expect(await sent).toMatch(/^503 /);
		jest.useRealTimers();
	});

	test('is not checked where that is off', async () => {
		const { send, requests } = triggerOf({ parameters: { ...noFetch, verifySignature: false } });
		expect(await send(eventOf(), { key: null })).toEqual(run);
		expect(requests).toEqual([]);
	});

	describe('where the key is pasted', () => {
		const pasted = (publicKey: unknown) => ({ ...noFetch, publicKey: publicKey as string });

		test('is checked with that, and nothing is asked for', async () => {
			const { send, requests } = triggerOf({ parameters: pasted(pemOf(other.publicKey)) });
			expect(await send(eventOf('s1'), { key: other.privateKey })).toEqual(run);
			expect(await send(eventOf('s2'))).toBe(noMatch);
			expect(requests).toEqual([]);
		});

		test.each([[pemOf(ec.publicKey)], ['none'], [null]])(
			'is never right with a key that is none: %j',
			async (publicKey) => {
				const { send, hooks } = triggerOf({ parameters: pasted(publicKey) });
				expect(await send(eventOf(), { key: ec.privateKey })).toBe(noMatch);
				const message = "'Public Key (PEM)' is not an RSA public key";
				const description =
					"Paste the whole key in 'Public Key (PEM)', from the line BEGIN PUBLIC KEY to the line END PUBLIC KEY. Or remove the option, so that the node gets the key from VideoSDK.";
				expect(() => checkFields(hooks)).toThrow(expect.objectContaining({ message, description }));
			},
		);

		test.each([
			pasted(pemOf(other.publicKey)),
			{ ...pasted('none'), verifySignature: 'false' },
			{},
		])('is no reason to refuse the trigger if the key is one, or not used', (parameters) => {
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
		['that is an event', eventOf(), undefined, run],
		['of 1 MB', long(MEGABYTE), undefined, run],
		['of more', long(MEGABYTE + 1), undefined, tooLarge],
		['of more than n8n takes', eventOf(), throws({ type: 'entity.too.large' }), tooLarge],
		['that breaks off', eventOf(), aborted, '400 The body could not be read.'],
		['that is missing', eventOf(), {}, noEvent],
		['that is no event', '{}', undefined, noEvent],
		['of another event', '{"webhookType":"meeting-started"}', undefined, notAwaited],
	])('%s', async (_name, body, request, expected) => {
		const { send } = triggerOf({ parameters: unchecked });
		expect(await send(body, { request })).toEqual(expected);
	});

	test('that breaks off is reported to the log of n8n, and no other is', async () => {
		const { send, warnings } = triggerOf({ parameters: unchecked });
		await send(eventOf());
		await send('{}');
		expect(warnings).toEqual([]);
		await send(eventOf(), { request: aborted });
		expect(warnings).toEqual([
			'A request to node "Trigger" could not be read: the connection was closed, for example because n8n was too busy to answer in time. If it was an event, it is lost unless VideoSDK sends it again.',
		]);
	});

	test('is read where n8n has not done so', async () => {
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
	])('as %j starts runs with these events: %s', async (wanted, expected) => {
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
	])('that cannot be read is an error, and takes no event: %j', async (wanted, message) => {
		const { send, hooks } = triggerOf({ parameters: { ...noFetch, events: wanted as string[] } });
		expect(() => checkFields(hooks)).toThrow(expect.objectContaining({ message }));
		expect(await send(eventOf())).toMatch(/^503 The trigger is not set up correctly/);
	});
});

describe('Ignore Repeats', () => {
	const came = '200 This event was already received.';

	test('takes an event of a session once, whatever else is in it', async () => {
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
		['off', { parameters: { ...noFetch, ignoreRepeats: false } }],
		['at the test URL', { mode: 'manual', parameters: noFetch }],
	])('%s, takes each', async (_name, settings) => {
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

	test('adds the fields of the session between those that are always there', async () => {
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

	test('looks once more for a session that is unknown, a second later', async () => {
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
	])('finds the session of an event for session-s1 as %s', async (sessionId, answers) => {
		const trigger = fetching(...answers);
		const sent = await sendAndWait(trigger, eventOf('session-s1'));
		expect(sent).toMatchObject([{ sessionId }]);
		expect(trigger.requests).toHaveLength(1 + answers.length);
		expect(trigger.requests.at(-1)).toBe(`/ai/v1/ai-deployment-sessions/${sessionId}`);
	});

	test('starts nothing where the project has none, and forgets the event', async () => {
		const trigger = fetching({ statusCode: 404 });
		expect(await sendAndWait(trigger, eventOf())).toBe(unknown);
		expect(trigger.staticData).toEqual({ seen: {} });
		expect(await sendAndWait(trigger, eventOf())).toBe(unknown);
		expect(trigger.requests).toEqual([PEM_PATH, ...Array<string>(4).fill(SESSION)]);
	});

	test('starts nothing at the test URL either', async () => {
		const answer = ({ url }: { url: string }) => (url === PEM_PATH ? {} : { statusCode: 404 });
		const trigger = triggerOf({ mode: 'manual', parameters, answer });
		expect(await sendAndWait(trigger, eventOf())).toBe(unknown);
		expect(trigger.staticData).toEqual({});
	});

	test.each<[string, WireAnswer, RegExp]>([
		['a server error', { statusCode: 500 }, /server error/],
		['another refusal', { statusCode: 403 }, /does not allow/],
		['an answer that cannot be read', { body: '<html>' }, /not in the expected format/],
	])('that fails starts a run anyway, and says why: %s', async (_name, answer, reason) => {
		const trigger = fetching(answer);
		expect(await sendAndWait(trigger, eventOf())).toMatchObject([
			{ event: 'started', sessionId: 's1', fetchError: expect.stringMatching(reason) },
		]);
		expect(trigger.requests).toEqual([PEM_PATH, SESSION]);
	});

	test('is not waited for longer than nine seconds', async () => {
		const answer = ({ url }: { url: string }) => (url === PEM_PATH ? {} : never());
		const trigger = triggerOf({ parameters, answer });
		const sent = trigger.send(eventOf());
		await jest.advanceTimersByTimeAsync(9_500);
		expect(await sent).toMatchObject([{ fetchError: expect.stringContaining('9 seconds') }]);
	});

	test('off, asks for nothing', async () => {
		const trigger = triggerOf({ parameters: { ...parameters, fetchSession: false } });
		const [json = {}] = (await sendAndWait(trigger, eventOf())) as IDataObject[];
		expect(Object.keys(json)).toEqual(['event', 'sessionId', 'receivedAt']);
		expect(trigger.requests).toEqual([PEM_PATH]);
	});
});
