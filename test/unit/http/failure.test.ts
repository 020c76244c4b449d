import {
	type Cause,
	isNotFound,
	mayHaveTakenEffect,
	VideoSdkFailure,
} from '../../../nodes/VideoSdk/http/failure';

describe('a failure', () => {
	test('a failure has its consequence as message, its cause and the error response', () => {
		const purpose = { consequence: 'It was not done' };
		const cause: Cause = { kind: 'broken', code: 'X' };
		const failure = new VideoSdkFailure(cause, purpose);
		expect(failure).toMatchObject({ message: 'It was not done', cause, purpose });
		expect(failure.mayHaveTakenEffect).toBe(false);
		expect(failure.errorResponse).toBeUndefined();
		const errorResponse = { message: 'No' };
		const status: Cause = { kind: 'status', status: 500, errorResponse };
		const refused = new VideoSdkFailure(status, purpose, true);
		expect(refused.mayHaveTakenEffect).toBe(true);
		expect(refused.errorResponse).toBe(errorResponse);
	});

	test.each<[string, boolean, Cause]>([
		['no connection', false, { kind: 'unreachable', code: '' }],
		['a broken connection', true, { kind: 'broken', code: '' }],
		['a timeout', true, { kind: 'timeout', after: 1 }],
		['a response that is not JSON', true, { kind: 'unreadable', problem: '' }],
		['HTTP 500', true, { kind: 'status', status: 500 }],
		['HTTP 504', true, { kind: 'status', status: 504 }],
		['HTTP 429', false, { kind: 'status', status: 429 }],
		[
			'HTTP 503 until it is given up',
			false,
			{ kind: 'gaveUp', after: 1, successes: 0, status: 503 },
		],
		['HTTP 409', false, { kind: 'status', status: 409 }],
		['HTTP 307', false, { kind: 'status', status: 307 }],
		['a bad certificate', false, { kind: 'certificate', code: '' }],
		['a request that was not sent', false, { kind: 'notSent', why: '' }],
		['a request that n8n blocked', false, { kind: 'blocked', why: '' }],
	])('after %s, the request may have taken effect: %s', (_name, expected, cause) => {
		expect(mayHaveTakenEffect(cause)).toBe(expected);
	});

	test.each<[string, boolean, Cause]>([
		['HTTP 404', true, { kind: 'status', status: 404 }],
		['HTTP 410', true, { kind: 'status', status: 410 }],
		['an empty list', true, { kind: 'missing' }],
		[
			'HTTP 402: Session not found',
			true,
			{ kind: 'status', status: 402, errorResponse: { message: 'Session not found' } },
		],
		[
			'HTTP 400: Room not found.',
			true,
			{ kind: 'status', status: 400, errorResponse: { message: 'Room not found.' } },
		],
		[
			'HTTP 400: RoomId is invalid.',
			true,
			{ kind: 'status', status: 400, errorResponse: { message: 'RoomId is invalid.' } },
		],
		[
			'a rejection: Call not found',
			true,
			{ kind: 'rejected', errorResponse: { message: 'Call not found' } },
		],
		['HTTP 402', false, { kind: 'status', status: 402 }],
		[
			'HTTP 402: Trial expired',
			false,
			{ kind: 'status', status: 402, errorResponse: { message: 'Trial expired' } },
		],
		[
			'HTTP 400: page is invalid',
			false,
			{ kind: 'status', status: 400, errorResponse: { message: 'page is invalid' } },
		],
		[
			'HTTP 403: Key not found',
			false,
			{ kind: 'status', status: 403, errorResponse: { message: 'Key not found' } },
		],
		['a rejection without a message', false, { kind: 'rejected', errorResponse: {} }],
		['HTTP 409', false, { kind: 'status', status: 409 }],
		['no connection', false, { kind: 'unreachable', code: '' }],
	])('a failure with %s counts as not found: %s', (_name, expected, cause) => {
		expect(isNotFound(new VideoSdkFailure(cause, { consequence: '' }))).toBe(expected);
	});
});
