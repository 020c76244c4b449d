import fc from '../../support/fastCheck';
import { isSendable } from '../../../nodes/VideoSdk/shared/sendable';
import { readSessionEvent } from '../../../nodes/VideoSdk/events/sessionEvent';

const EVENTS = ['starting', 'started', 'stopping', 'stopped', 'failed'];
const SPELLINGS = ['ai-deployment-session', 'agent-session'];
const TYPES = SPELLINGS.flatMap((spelling) => EVENTS.map((event) => `${spelling}-${event}`));

const read = (body: unknown) => readSessionEvent(Buffer.from(JSON.stringify(body)));

const data = { sessionId: 'session-1', status: 'running' };

describe('an event of a session', () => {
	test.each(SPELLINGS)('session events are read in the spelling %s and named alike', (spelling) => {
		const read_ = EVENTS.map((event) => read({ webhookType: `${spelling}-${event}`, data }));
		expect(read_).toEqual(EVENTS.map((event) => ({ event, sessionId: 'session-1', data })));
	});

	test('a session event keeps each data field that VideoSDK sent', () => {
		const field = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
		fc.assert(
			fc.property(
				fc.constantFrom(...TYPES),
				fc.string({ minLength: 1 }).filter(isSendable),
				fc.dictionary(fc.string(), field),
				fc.dictionary(fc.string(), field),
				(webhookType, sessionId, fields, beside) => {
					const sent = { ...fields, sessionId };
					expect(read({ ...beside, webhookType, data: sent })).toEqual({
						event: webhookType.slice(webhookType.lastIndexOf('-') + 1),
						sessionId,
						data: sent,
					});
				},
			),
		);
	});
});

test.each([
	...['', 'meeting-started', 'recording-stopped', 'ai-deployment-session', 'sip-session-started'],
	...['ai-deployment-session-paused', 'ai-deployment-session-started-again'],
	...['my-agent-session-started', 'agent-session-started\n', '\nagent-session-started'],
	'Agent-Session-Started',
])('the webhook type %j is read as "other"', (webhookType) => {
	expect(read({ webhookType, data })).toBe('other');
	expect(read({ webhookType })).toBe('other');
});

const webhookType = 'agent-session-started';
const withData = (sent: unknown) => ({ webhookType, data: sent });

test.each<[string, unknown]>([
	['null', null],
	['a string', 'agent-session-started'],
	['a list', [{ webhookType, data }]],
	['an object without a type', { data }],
	['a type that is not a string', { webhookType: [webhookType], data }],
	['a session event without data', { webhookType }],
	['data that is null', withData(null)],
	['data that is a string', withData('session-1')],
	['data that is a list', withData([data])],
	['data without a session', withData({ status: 'running' })],
	['a session ID that is empty', withData({ sessionId: '' })],
	['a session ID of two dots', withData({ sessionId: '..' })],
	['a session ID with a line break', withData({ sessionId: 'a\nb' })],
	['a session ID of 513 characters', withData({ sessionId: 'x'.repeat(513) })],
	['a session ID that is a number', withData({ sessionId: 1 })],
	['a session ID that is an object', withData({ sessionId: {} })],
])('reading a session event rejects %s', (_name, body) => {
	expect(read(body)).toBeUndefined();
});

test.each<[string, Buffer]>([
	['an empty body', Buffer.alloc(0)],
	['truncated JSON', Buffer.from('{"webhookType":"agent-session-started","data":{')],
	['JSON with a byte order mark', Buffer.from(`\uFEFF${JSON.stringify({ webhookType, data })}`)],
	['JSON in UTF-16', Buffer.from(JSON.stringify({ webhookType, data }), 'utf16le')],
	['a form', Buffer.from('webhookType=agent-session-started')],
	['500,000 brackets', Buffer.alloc(500_000, '[')],
])('reading a session event rejects %s', (_name, body) => {
	expect(readSessionEvent(body)).toBeUndefined();
});

test('10,000 hostile bodies are read without an error and give only valid events', () => {
	const damaged = fc
		.record({
			type: fc.constantFrom(...TYPES, '__proto__'),
			sessionId: fc.oneof(fc.string(), fc.jsonValue()),
			cut: fc.option(fc.nat(200), { nil: 1_000 }),
		})
		.map(({ type, sessionId, cut }) =>
			Buffer.from(JSON.stringify({ webhookType: type, data: { sessionId } })).subarray(0, cut),
		);
	const any = fc
		.record({ webhookType: fc.constantFrom(...TYPES, 'other'), data: fc.jsonValue() })
		.map((value) => Buffer.from(JSON.stringify(value)));
	const bytes = fc.uint8Array({ maxLength: 500 }).map((values) => Buffer.from(values));
	const outcomes = { event: 0, other: 0, none: 0 };
	fc.assert(
		fc.property(fc.oneof(bytes, any, damaged, damaged), (body) => {
			const result = readSessionEvent(body);
			if (result === undefined) outcomes.none++;
			else if (result === 'other') outcomes.other++;
			else {
				outcomes.event++;
				expect(EVENTS).toContain(result.event);
				expect(result.sessionId).not.toBe('');
				expect(result.sessionId).toBe(result.data.sessionId);
			}
		}),
		{ numRuns: 10_000 },
	);
	// Bodies of one kind only would show little.
	expect(Math.min(outcomes.event, outcomes.other, outcomes.none)).toBeGreaterThan(100);
});
