import fc from '../../support/fastCheck';
import { isSendable } from '../../../nodes/VideoSdk/shared/sendable';
import { readSessionEvent } from '../../../nodes/VideoSdk/events/sessionEvent';

const EVENTS = ['starting', 'started', 'stopping', 'stopped', 'failed'];
const SPELLINGS = ['ai-deployment-session', 'agent-session'];
const TYPES = SPELLINGS.flatMap((spelling) => EVENTS.map((event) => `${spelling}-${event}`));

const read = (body: unknown) => readSessionEvent(Buffer.from(JSON.stringify(body)));

const data = { sessionId: 'session-1', status: 'running' };

describe('an event of a session', () => {
	test.each(SPELLINGS)('is read in the spelling %s, and given out in one', (spelling) => {
		const read_ = EVENTS.map((event) => read({ webhookType: `${spelling}-${event}`, data }));
		expect(read_).toEqual(EVENTS.map((event) => ({ event, sessionId: 'session-1', data })));
	});

	test('keeps each field that VideoSDK sent with it', () => {
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

describe('an event of something else', () => {
	test.each([
		'',
		'meeting-started',
		'recording-stopped',
		'ai-deployment-session',
		'ai-deployment-session-paused',
		'ai-deployment-session-started-again',
		'my-agent-session-started',
		'agent-session-started\n',
		'\nagent-session-started',
		'Agent-Session-Started',
		'sip-session-started',
	])('is told apart: %j', (webhookType) => {
		expect(read({ webhookType, data })).toBe('other');
	});

	test('needs no session', () => {
		expect(read({ webhookType: 'meeting-started' })).toBe('other');
	});
});

describe('a body that is no event', () => {
	const webhookType = 'agent-session-started';

	test.each<[string, unknown]>([
		['null', null],
		['a text', 'agent-session-started'],
		['a number', 1],
		['a list', [{ webhookType, data }]],
		['an object without a type', { data }],
		['a type that is no text', { webhookType: [webhookType], data }],
		['a session event without data', { webhookType }],
		['data that is null', { webhookType, data: null }],
		['data that is a text', { webhookType, data: 'session-1' }],
		['data that is a list', { webhookType, data: [data] }],
		['data without a session', { webhookType, data: { status: 'running' } }],
		['a session ID that is empty', { webhookType, data: { sessionId: '' } }],
		['a session ID that names another path', { webhookType, data: { sessionId: '..' } }],
		['a session ID that no request can name', { webhookType, data: { sessionId: 'a\nb' } }],
		['a session ID of 513 characters', { webhookType, data: { sessionId: 'x'.repeat(513) } }],
		['a session ID that is a number', { webhookType, data: { sessionId: 1 } }],
		['a session ID that is an object', { webhookType, data: { sessionId: {} } }],
	])('is told apart: %s', (_name, body) => {
		expect(read(body)).toBeUndefined();
	});

	test.each<[string, Buffer]>([
		['nothing', Buffer.alloc(0)],
		['no JSON', Buffer.from('hello')],
		['JSON that breaks off', Buffer.from('{"webhookType":"agent-session-started","data":{')],
		['JSON with a byte order mark', Buffer.from(`\uFEFF${JSON.stringify({ webhookType, data })}`)],
		['JSON in UTF-16', Buffer.from(JSON.stringify({ webhookType, data }), 'utf16le')],
		['a form', Buffer.from('webhookType=agent-session-started')],
		['500,000 brackets', Buffer.alloc(500_000, '[')],
	])('is told apart: %s', (_name, body) => {
		expect(readSessionEvent(body)).toBeUndefined();
	});
});

test('10,000 hostile bodies are read without an error, and nothing but an event comes out', () => {
	const damaged = fc
		.record({
			type: fc.constantFrom(...TYPES, '__proto__'),
			sessionId: fc.oneof(fc.string(), fc.jsonValue()),
			cut: fc.option(fc.nat(200), { nil: 1_000 }),
			noise: fc.option(fc.record({ at: fc.nat(120), bytes: fc.uint8Array({ maxLength: 4 }) })),
		})
		.map(({ type, sessionId, cut, noise }) => {
			const body = Buffer.from(JSON.stringify({ webhookType: type, data: { sessionId } }));
			if (noise) body.set(noise.bytes, Math.min(noise.at, body.length - noise.bytes.length));
			return body.subarray(0, cut);
		});
	const body = fc.oneof(
		fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
		fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
		fc.json().map((text) => Buffer.from(text)),
		fc
			.record({
				webhookType: fc.oneof(fc.constantFrom(...TYPES), fc.string()),
				data: fc.oneof(fc.record({ sessionId: fc.jsonValue() }), fc.jsonValue()),
			})
			.map((value) => Buffer.from(JSON.stringify(value))),
		damaged,
	);
	const outcomes = { event: 0, other: 0, none: 0 };
	fc.assert(
		fc.property(body, (bytes) => {
			const result = readSessionEvent(bytes);
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
