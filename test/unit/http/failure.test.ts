import {
	type Cause,
	isNotFound,
	mayHaveTakenEffect,
	VideoSdkFailure,
} from '../../../nodes/VideoSdk/http/failure';

describe('a failure', () => {
	test('has the consequence as its message, the cause, and what VideoSDK said', () => {
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
		['a time-out', true, { kind: 'timeout', after: 1 }],
		['an answer that is not JSON', true, { kind: 'unreadable', problem: '' }],
		['500', true, { kind: 'status', status: 500 }],
		['504', true, { kind: 'status', status: 504 }],
		['429', false, { kind: 'status', status: 429 }],
		['503 to the end', false, { kind: 'gaveUp', after: 1, successes: 0, status: 503 }],
		['409', false, { kind: 'status', status: 409 }],
		['307', false, { kind: 'status', status: 307 }],
		['a bad certificate', false, { kind: 'certificate', code: '' }],
		['a request that was not sent', false, { kind: 'notSent', why: '' }],
		['a request that n8n blocked', false, { kind: 'blocked', why: '' }],
	])('after %s, VideoSDK may have done it anyway: %s', (_name, expected, cause) => {
		expect(mayHaveTakenEffect(cause)).toBe(expected);
	});

	test.each<[boolean, Cause]>([
		[true, { kind: 'status', status: 404 }],
		[true, { kind: 'status', status: 410 }],
		[true, { kind: 'missing' }],
		[true, { kind: 'status', status: 402, errorResponse: { message: 'Session not found' } }],
		[true, { kind: 'status', status: 400, errorResponse: { message: 'Room not found.' } }],
		[true, { kind: 'status', status: 400, errorResponse: { message: 'RoomId is invalid.' } }],
		[true, { kind: 'rejected', errorResponse: { message: 'Call not found' } }],
		[false, { kind: 'status', status: 402 }],
		[false, { kind: 'status', status: 402, errorResponse: { message: 'Trial expired' } }],
		[false, { kind: 'status', status: 400, errorResponse: { message: 'page is invalid' } }],
		[false, { kind: 'status', status: 403, errorResponse: { message: 'Key not found' } }],
		[false, { kind: 'rejected', errorResponse: {} }],
		[false, { kind: 'status', status: 409 }],
		[false, { kind: 'unreachable', code: '' }],
	])('says that VideoSDK knows nothing of the thing: %s, for %j', (expected, cause) => {
		expect(isNotFound(new VideoSdkFailure(cause, { consequence: '' }))).toBe(expected);
	});
});
