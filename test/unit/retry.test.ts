import fc from 'fast-check';
import type { Cause } from '../../nodes/VideoSdk/api/failure';
import { LONGEST_RETRY_AFTER, parseRetryAfter, retryDelay } from '../../nodes/VideoSdk/api/retry';

const status = (code: number, retryAfter?: number): Cause => ({
	kind: 'status',
	status: code,
	retryAfter,
});

const first = { sent: 1, maxRetries: 3, repeatable: true };

const halfOf = () => 0.5;

describe('whether a failed request is sent again', () => {
	const decision = (cause: Cause) => ({
		ifRepeatable: retryDelay(cause, first) !== undefined,
		otherwise: retryDelay(cause, { ...first, repeatable: false }) !== undefined,
	});

	test.each<[string, Cause]>([
		['429', status(429)],
		['429 that says when', status(429, 1_000)],
		['no connection', { kind: 'unreachable', code: 'ECONNREFUSED' }],
	])('always: %s', (_name, cause) => {
		expect(decision(cause)).toEqual({ ifRepeatable: true, otherwise: true });
	});

	test.each<[string, Cause]>([
		['a connection that broke', { kind: 'broken', code: 'ECONNRESET' }],
		['a time-out', { kind: 'timeout', after: 30_000 }],
		...[408, 425, 500, 502, 503, 504].map((code): [string, Cause] => [`${code}`, status(code)]),
		['503 that says when', status(503, 1_000)],
	])('only if repeating does no harm: %s', (_name, cause) => {
		expect(decision(cause)).toEqual({ ifRepeatable: true, otherwise: false });
	});

	test.each<[string, Cause]>([
		...[300, 301, 307, 400, 401, 402, 403, 404, 405, 409, 410, 413, 422, 501, 505].map(
			(code): [string, Cause] => [`${code}`, status(code, 1_000)],
		),
		['a certificate that is not valid', { kind: 'certificate', code: 'CERT_HAS_EXPIRED' }],
		['an answer that is not JSON', { kind: 'unreadable', problem: 'is not JSON' }],
		['a request that was not sent', { kind: 'refused', why: 'no key' }],
		['a state that was not wanted', { kind: 'state', reason: '', nextStep: '' }],
		['an execution that was stopped', { kind: 'cancelled' }],
	])('never: %s', (_name, cause) => {
		expect(decision(cause)).toEqual({ ifRepeatable: false, otherwise: false });
	});

	test.each([
		[0, 1, false],
		[1, 1, true],
		[1, 2, false],
		[3, 3, true],
		[3, 4, false],
		[10, 10, true],
		[10, 11, false],
	])('with %i retries allowed, after it was sent %i times: %s', (maxRetries, sent, again) => {
		const delay = retryDelay(status(429, 0), { sent, maxRetries, repeatable: true });
		expect(delay !== undefined).toBe(again);
	});
});

describe('how long is waited before a request is sent again', () => {
	test.each([
		[1, 500],
		[2, 1_000],
		[3, 2_000],
		[4, 4_000],
		[5, 8_000],
		[6, 15_000],
		[10, 15_000],
	])('after it was sent %i times, any time up to %i ms', (sent, bound) => {
		const delay = (random: number) =>
			retryDelay(status(503), { ...first, sent, maxRetries: 10 }, () => random);
		expect(delay(0)).toBe(0);
		expect(delay(0.5)).toBe(bound / 2);
		expect(delay(1)).toBe(bound);
	});

	test('chance decides, unless the caller brings its own', () => {
		const random = jest.spyOn(Math, 'random').mockReturnValue(0.25);
		expect(retryDelay(status(503), first)).toBe(125);
		random.mockRestore();
	});

	test.each([
		[0, 0],
		[1_000, 1_000],
		[59_999, 59_999],
		[60_000, 60_000],
		[60_001, LONGEST_RETRY_AFTER],
		[Number.POSITIVE_INFINITY, 60_000],
	])('VideoSDK asks for %s ms: %s ms, however often it was sent', (retryAfter, expected) => {
		expect(retryDelay(status(429, retryAfter), first, halfOf)).toBe(expected);
		expect(retryDelay(status(503, retryAfter), { ...first, sent: 3 }, halfOf)).toBe(expected);
	});

	test('never negative, never longer than its bound, whatever is known of the request', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 100, max: 599 }),
				fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined }),
				fc.record({ sent: fc.integer({ min: 1, max: 2_000 }), repeatable: fc.boolean() }),
				fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
				(code, retryAfter, attempt, random) => {
					const delay = retryDelay(
						status(code, retryAfter),
						{ ...attempt, maxRetries: 2_000 },
						() => random,
					);
					if (delay === undefined) return;
					expect(delay).toBeGreaterThanOrEqual(0);
					expect(delay).toBeLessThanOrEqual(retryAfter === undefined ? 15_000 : 60_000);
				},
			),
		);
	});
});

describe('Retry-After', () => {
	const now = Date.UTC(2025, 5, 18, 11, 16, 10);

	test.each<[string, unknown, number | undefined]>([
		['seconds', '120', 120_000],
		['no seconds', '0', 0],
		['a part of a second', '0.5', 500],
		['seconds between spaces', ' 7 ', 7_000],
		['a number', 3, 3_000],
		['an HTTP date', 'Wed, 18 Jun 2025 11:16:40 GMT', 30_000],
		['an HTTP date of the old form', 'Wednesday, 18-Jun-25 11:17:10 GMT', 60_000],
		['an HTTP date that has passed', 'Wed, 18 Jun 2025 11:16:09 GMT', 0],
		['a date of another form', '2025-06-18T11:16:40Z', undefined],
		['a day and no date', 'Wed, soon', undefined],
		['nothing', undefined, undefined],
		['null', null, undefined],
		['no text', '', undefined],
		['a negative number', '-1', undefined],
		['a number with an exponent', '1e3', undefined],
		['a hexadecimal number', '0x10', undefined],
		['two numbers', '1, 2', undefined],
		['a word that is a number in JavaScript', 'Infinity', undefined],
		['a word', 'soon', undefined],
	])('%s', (_name, header, expected) => {
		expect(parseRetryAfter(header, now)).toBe(expected);
	});

	test('is counted from the present', () => {
		jest.useFakeTimers({ now });
		expect(parseRetryAfter('Wed, 18 Jun 2025 11:16:11 GMT')).toBe(1_000);
		jest.useRealTimers();
	});

	test('gives back each HTTP date to come, to the second', () => {
		const seconds = fc.integer({ min: 0, max: 10 ** 8 });
		fc.assert(
			fc.property(seconds, (later) => {
				const date = new Date(now + later * 1_000);
				expect(parseRetryAfter(date.toUTCString(), now)).toBe(later * 1_000);
			}),
		);
	});

	test('is never negative and never NaN, whatever a server sends', () => {
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
