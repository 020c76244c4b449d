import fc from '../../support/fastCheck';
import type { Cause } from '../../../nodes/VideoSdk/http/failure';
import {
	isThrottled,
	nextStep,
	parseRetryAfter,
	pauseAfter,
	retryAfterOf,
} from '../../../nodes/VideoSdk/http/retry';

const status = (code: number, retryAfter?: number): Cause => ({
	kind: 'status',
	status: code,
	retryAfter,
});

const first = { retries: 0, maxRetries: 3, idempotent: true };

const outOfRetries = { ...first, retries: 3 };

describe('the next step after a failed request', () => {
	const attempts = [
		first,
		{ ...first, idempotent: false },
		outOfRetries,
		{ ...first, maxRetries: 0 },
	];
	const decisions = (cause: Cause) => attempts.map((attempt) => nextStep(cause, attempt)).join(' ');
	const once = 'again fail fail fail';

	type Row = [string, Cause, string];

	test.each<Row>([
		// Idempotent, not idempotent, no retries left, none allowed.
		['429', status(429), 'later later later fail'],
		['429 with Retry-After', status(429, 1_000), 'later later later fail'],
		['503', status(503), 'later fail later fail'],
		['503 with Retry-After', status(503, 1_000), 'later fail later fail'],
		['no connection', { kind: 'unreachable', code: 'ECONNREFUSED' }, 'again again fail fail'],
		['a broken connection', { kind: 'broken', code: 'ECONNRESET' }, once],
		['a timeout', { kind: 'timeout', after: 30_000 }, once],
		...[408, 425, 500, 502, 504, 520, 529, 599].map((code): Row => [`${code}`, status(code), once]),
	])('a failed request is retried only if that is safe: %s', (_name, cause, expected) => {
		expect(decisions(cause)).toBe(expected);
	});

	test.each<[string, Cause]>([
		...[300, 301, 307, 400, 401, 402, 403, 404, 405, 409, 410, 413, 422, 501, 505].map(
			(code): [string, Cause] => [`${code}`, status(code, 1_000)],
		),
		['an invalid certificate', { kind: 'certificate', code: 'CERT_HAS_EXPIRED' }],
		['a response that is not JSON', { kind: 'unreadable', problem: 'is not JSON' }],
		['a request that was not sent', { kind: 'notSent', why: 'no key' }],
		['an unwanted session status', { kind: 'neverRan', lastStatus: 'failed' }],
		['a stopped execution', { kind: 'cancelled' }],
	])('a request is never retried after %s', (_name, cause) => {
		expect(decisions(cause)).toBe('fail fail fail fail');
	});

	test.each([
		[0, 1, 'again'],
		[1, 1, 'fail'],
		[2, 3, 'again'],
		[3, 3, 'fail'],
	])('after %i of %i retries, the next step is "%s"', (retries, maxRetries, expected) => {
		expect(nextStep(status(500), { retries, maxRetries, idempotent: true })).toBe(expected);
	});
});

test.each([
	[status(429), true],
	[status(503), true],
	[status(500), false],
	[{ kind: 'timeout', after: 1 } as Cause, false],
])('the cause %j counts as throttled: %s', (cause, expected) => {
	expect(isThrottled(cause)).toBe(expected);
});

test('only a failure with a response has a Retry-After', () => {
	expect(retryAfterOf(status(429, 7))).toBe(7);
	expect(retryAfterOf({ kind: 'timeout', after: 1 })).toBeUndefined();
});

describe('the pause before a retry', () => {
	test.each([
		[1, 500],
		[2, 1_000],
		[3, 2_000],
		[4, 4_000],
		[5, 8_000],
		[6, 15_000],
		[2_000, 15_000],
	])('the pause after failure %i is random, up to %i ms', (failures, bound) => {
		const pause = (random: number) => pauseAfter(failures, undefined, () => random);
		expect(pause(0)).toBe(0);
		expect(pause(0.5)).toBe(bound / 2);
		expect(pause(1)).toBe(bound);
	});

	test('the pause is random by default', () => {
		const random = jest.spyOn(Math, 'random').mockReturnValue(0.25);
		expect(pauseAfter(1)).toBe(125);
		random.mockRestore();
	});

	test.each([
		[0, 250],
		[100, 250],
		[1_000, 1_000],
		[60_000, 60_000],
		[60_001, 60_000],
		[Number.POSITIVE_INFINITY, 60_000],
	])('a Retry-After of %s ms makes a pause of at least %s ms', (retryAfter, expected) => {
		expect(pauseAfter(1, retryAfter, () => 0.5)).toBe(expected);
	});
});

describe('Retry-After', () => {
	const now = Date.UTC(2025, 5, 18, 11, 16, 10);

	test.each<[string, unknown, number | undefined]>([
		['is read from seconds', '120', 120_000],
		['is read from zero seconds', '0', 0],
		['is read from a fraction of a second', '0.25', 250],
		['is read from seconds between spaces', ' 7 ', 7_000],
		['is read from a number', 3, 3_000],
		['is read from an HTTP date', 'Wed, 18 Jun 2025 11:16:40 GMT', 30_000],
		['is read from an HTTP date in the old format', 'Wednesday, 18-Jun-25 11:17:10 GMT', 60_000],
		['is zero for an HTTP date in the past', 'Wed, 18 Jun 2025 11:16:09 GMT', 0],
		['ignores a date in another format', '2025-06-18T11:16:40Z', undefined],
		['ignores a date after other text', 'at Wed, 18 Jun 2025 11:16:40 GMT', undefined],
		['ignores a weekday without a date', 'Wed, soon', undefined],
		['ignores a missing header', undefined, undefined],
		['ignores null', null, undefined],
		['ignores an empty string', '', undefined],
		['ignores a negative number', '-1', undefined],
		['ignores a number with an exponent', '1e3', undefined],
		['ignores a hexadecimal number', '0x10', undefined],
	])('Retry-After %s', (_name, header, expected) => {
		expect(parseRetryAfter(header, now)).toBe(expected);
	});

	test('a Retry-After date is relative to the current time', () => {
		jest.useFakeTimers({ now });
		expect(parseRetryAfter('Wed, 18 Jun 2025 11:16:11 GMT')).toBe(1_000);
		jest.useRealTimers();
	});

	test('Retry-After reads every future HTTP date to the second', () => {
		const seconds = fc.integer({ min: 0, max: 10 ** 8 });
		fc.assert(
			fc.property(seconds, (later) => {
				const date = new Date(now + later * 1_000);
				expect(parseRetryAfter(date.toUTCString(), now)).toBe(later * 1_000);
			}),
		);
	});

	test('Retry-After is never negative or NaN, whatever the server sends', () => {
		const header = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.stringMatching(/^[\d. ,:+eE-]{0,30}$/),
			fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
			fc.date({ noInvalidDate: true }).map((date) => `${date.toUTCString()}x`),
			fc.double(),
			fc.array(fc.string()),
		);
		fc.assert(
			fc.property(header, (value) => {
				const delay = parseRetryAfter(value, now);
				if (delay !== undefined) expect(delay).toBeGreaterThanOrEqual(0);
			}),
			{ numRuns: 5_000 },
		);
	});
});
