import type { IDataObject } from 'n8n-workflow';
import { receive } from '../../../nodes/VideoSdk/trigger/receive';
import { PEM_PATH, receiverOf } from '../../support/receiver';
import type { WireAnswer } from '../../support/wire';

beforeEach(() => {
	jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
});
afterEach(() => {
	jest.useRealTimers();
	jest.restoreAllMocks();
});

const eventOf = (event = 'call-hangup', data: IDataObject = { callId: 'c' }) =>
	JSON.stringify({ webhookType: event, data });

const is = (status: string, callId = 'c'): WireAnswer => ({ body: { data: { callId, status } } });

/** A trigger that waits for these events, and gets these answers about the call in turn, the last for ever. */
function triggerOf(
	answers: WireAnswer[],
	events: unknown = ['call-hangup'],
	options: IDataObject = {},
) {
	let looks = 0;
	const receiver = receiverOf(receive, {
		parameters: { events, triggerOptions: options } as IDataObject,
		answer: ({ url }) => (url === PEM_PATH ? {} : (answers[looks++] ?? answers.at(-1) ?? {})),
	});
	const send = async (...[body, how]: Parameters<typeof receiver.send>) => {
		const sent = receiver.send(body, how);
		await jest.advanceTimersByTimeAsync(20_000);
		return await sent;
	};
	return { ...receiver, send, sendOnly: receiver.send };
}

const none = '200 There is no such call in this VideoSDK project.';
const unfit = '503 The status of the call does not fit the event yet. Send the event again later.';
const later = '503 The call could not be looked up. Send the event again later.';
const notAwaited = '200 The workflow is not waiting for this event.';

const CALL = '/v2/sip/call/c';

describe('an event of a call', () => {
	test('a call event starts a run with the fetched call and the event data apart', async () => {
		const { send, requests } = triggerOf([is('ended')]);
		const eventData = { callId: 'c', status: 'x', event: 'x' };
		const [json = {}] = (await send(eventOf('call-hangup', eventData))) as IDataObject[];
		expect(json).toMatchObject({
			...{ event: 'call-hangup', callId: 'c', status: 'ended', eventData, isSigned: true },
			receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
		});
		expect(Object.keys(json).slice(0, 2)).toEqual(['event', 'callId']);
		expect(requests).toEqual([PEM_PATH, CALL]);
	});

	test('a call event may be unsigned but must not have a wrong signature', async () => {
		const { send, requests } = triggerOf([is('ended')]);
		expect(await send(eventOf(), { key: null })).toMatchObject([{ isSigned: false }]);
		expect(requests).toEqual([CALL]);
		const headers = { 'videosdk-signature': 'c2lnbmVk' };
		const noMatch = '401 The signature does not match the body.';
		expect(await send(eventOf(), { key: null, headers })).toBe(noMatch);
	});

	test('a call event is not marked as signed if signatures are not checked', async () => {
		const { send } = triggerOf([is('ended')], ['call-hangup'], { verifySignature: false });
		expect(await send(eventOf())).toMatchObject([{ isSigned: false }]);
	});

	test.each<[string, IDataObject]>([
		['in the field id', { id: 'c' }],
		['in the field id if callId is empty', { callId: '', id: 'c' }],
		['with an ID of 512 characters', { callId: 'c'.repeat(512) }],
	])('a call event can name its call %s', async (_name, data) => {
		const { send } = triggerOf([is('ended', String(data.callId || data.id))]);
		expect(await send(eventOf('call-hangup', data))).toHaveLength(1);
	});

	test.each<[string, unknown]>([
		['no call ID', {}],
		['a call ID of 513 characters', { callId: 'c'.repeat(513) }],
		['a call ID of two dots', { callId: '..' }],
		['null as its data', null],
		['a list as its data', ['c']],
	])('a call event with %s is ignored', async (_name, data) => {
		const { send, requests } = triggerOf([is('ended')]);
		const body = eventOf('call-hangup', data as IDataObject);
		const missing = '401 The header videosdk-signature is missing.';
		expect(await send(body, { key: null })).toBe(missing);
		expect(await send(body)).toBe(notAwaited);
		expect(requests).toEqual([PEM_PATH]);
	});

	test.each([
		[['call-hangup', 'started'], true],
		[['call-missed'], false],
		[['started'], false],
	])('call-hangup starts a run if Trigger On is %j: %s', async (events, expected) => {
		const sent = await triggerOf([is('ended')], events).send(eventOf());
		expect(sent).toEqual(expected ? [expect.anything()] : notAwaited);
	});

	const came = '200 This event was already received.';

	test('a repeated call event is ignored unless the call has another status', async () => {
		const { send } = triggerOf(
			['answered', 'answered', 'transferring', 'ended', 'missed'].map((status) => is(status)),
			['call-update', 'call-hangup'],
		);
		expect(await send(eventOf('call-update'))).toHaveLength(1);
		expect(await send(eventOf('call-update'))).toBe(came);
		expect(await send(eventOf('call-update'))).toHaveLength(1);
		expect(await send(eventOf())).toHaveLength(1);
		expect(await send(eventOf())).toBe(came);
	});

	test('a body that is not JSON is not accepted as a call event', async () => {
		const { send } = triggerOf([is('ended')]);
		expect(await send('no JSON')).toBe('400 The body is not a VideoSDK event.');
	});

	test('a repeated call event is accepted if repeats are not ignored', async () => {
		const { send } = triggerOf([is('ended')], ['call-hangup'], { ignoreRepeats: false });
		expect(await send(eventOf())).toHaveLength(1);
		expect(await send(eventOf())).toHaveLength(1);
	});
});

describe('the lookup of a call', () => {
	test('a call is looked up again if its status does not fit the event yet', async () => {
		const { send, requests } = triggerOf([is('answered'), is('ended')]);
		expect(await send(eventOf())).toMatchObject([{ status: 'ended' }]);
		expect(requests).toEqual([PEM_PATH, CALL, CALL]);
	});

	test.each<[string, WireAnswer[], string, number]>([
		['is unknown', [{ statusCode: 404 }], none, 2],
		['does not fit the event', [is('answered')], unfit, 2],
		['cannot be looked up', [{ statusCode: 500 }], later, 4],
		['cannot be looked up at first', [{ statusCode: 403 }, is('answered')], unfit, 2],
		['cannot be looked up again', [is('answered'), { statusCode: 403 }], later, 2],
	])('a call event starts nothing if the call %s', async (_name, answers, expected, looks) => {
		const { send, requests, warnings } = triggerOf(answers);
		expect(await send(eventOf())).toBe(expected);
		expect(requests).toHaveLength(1 + looks);
		const warning =
			/^Node ".+" did not accept the event call-hangup: Call "c" could not be retrieved.+[^.]\. The event is lost unless VideoSDK sends it again\.$/;
		expect(warnings).toEqual(expected === later ? [expect.stringMatching(warning)] : []);
	});

	test.each([
		['fails at first', [{ statusCode: 500 }, is('ended')]],
		['is throttled three times', [...Array<WireAnswer>(3).fill({ statusCode: 429 }), is('ended')]],
	])('a call event starts a run if the lookup %s', async (_name, answers) => {
		expect(await triggerOf(answers).send(eventOf())).toHaveLength(1);
	});

	test('a call is looked up for at most nine seconds while VideoSDK throttles', async () => {
		// Pauses of other lengths can make it give up a moment before, with another warning.
		jest.spyOn(Math, 'random').mockReturnValue(0.5);
		const { sendOnly, warnings } = triggerOf([{ statusCode: 429 }]);
		const sent = sendOnly(eventOf());
		await jest.advanceTimersByTimeAsync(9_500);
		expect(await sent).toBe(later);
		const warning =
			/^Node ".+" did not accept the event call-hangup: the lookup of the call took too long\. The event is lost/;
		expect(warnings).toEqual([expect.stringMatching(warning)]);
	});

	test('a call is looked up for at most nine seconds if VideoSDK does not respond', async () => {
		const { send } = receiverOf(receive, {
			parameters: { events: ['call-hangup'] },
			answer: async ({ url }) => (url === PEM_PATH ? {} : await new Promise(() => {})),
		});
		const sent = send(eventOf());
		await jest.advanceTimersByTimeAsync(9_500);
		expect(await sent).toBe(later);
	});
});

describe('unsigned events without a call', () => {
	const unsigned = { key: null };

	const sendMany = async (
		count: number,
		{ sendOnly }: ReturnType<typeof triggerOf>,
		event = eventOf(),
	) => {
		const sent = Array.from({ length: count }, async () => await sendOnly(event, unsigned));
		await jest.advanceTimersByTimeAsync(20_000);
		return await Promise.all(sent);
	};

	test('unsigned events without a call cause 100 lookups a minute, signed events more', async () => {
		const trigger = triggerOf([{ statusCode: 404 }]);
		const { send } = trigger;
		const first = await sendMany(101, trigger);
		expect(first.filter((reply) => reply === none)).toHaveLength(100);
		expect(first.at(-1)).toBe(later);
		expect(await send(eventOf(), unsigned)).toBe(later);
		expect(await send(eventOf())).toBe(none);
		jest.advanceTimersByTime(60_000);
		expect(await send(eventOf(), unsigned)).toBe(none);
	});

	test('unsigned events without a call are forgotten after exactly a minute', async () => {
		// Also those of the first minute of n8n.
		jest.advanceTimersByTime(30_000);
		const start = performance.now();
		const trigger = triggerOf([{ statusCode: 404 }]);
		await sendMany(101, trigger);
		jest.advanceTimersByTime(start + 59_999 - performance.now());
		expect(await trigger.sendOnly(eventOf(), unsigned)).toBe(later);
		jest.advanceTimersByTime(start + 60_000 - performance.now());
		expect(await trigger.send(eventOf(), unsigned)).toBe(none);
	});

	test.each([
		['unsigned', 99, { key: null }],
		['signed', 100, {}],
	])(
		'a genuine event that is %s does not change the quota of unsigned events',
		async (_name, count, how) => {
			let isTrue = false;
			const { send: sendOnly } = receiverOf(receive, {
				parameters: { events: ['call-hangup'] },
				answer: ({ url }) => (url === PEM_PATH ? {} : isTrue ? is('ended') : { statusCode: 404 }),
			});
			const trigger = { ...triggerOf([]), sendOnly };
			await sendMany(count, trigger);
			isTrue = true;
			expect(await sendOnly(eventOf(), how)).toHaveLength(1);
			isTrue = false;
			const rest = await sendMany(
				101 - count,
				trigger,
				eventOf('call-hangup', { callId: 'other' }),
			);
			expect(rest.at(-1)).toBe(later);
			expect(rest.filter((reply) => reply === none)).toHaveLength(100 - count);
		},
	);

	test('genuine unsigned events and their repeats do not count toward the quota', async () => {
		const trigger = triggerOf([is('ended')]);
		const [first, ...repeats] = [await sendMany(60, trigger), await sendMany(60, trigger)].flat();
		expect(first).toHaveLength(1);
		expect(new Set(repeats)).toEqual(new Set(['200 This event was already received.']));
	});

	test('each trigger has its own quota of unsigned events', async () => {
		await sendMany(101, triggerOf([{ statusCode: 404 }]));
		expect(await triggerOf([{ statusCode: 404 }]).send(eventOf(), unsigned)).toBe(none);
	});
});
