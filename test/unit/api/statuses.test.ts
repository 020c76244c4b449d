import { allStatuses, hasEnded, liveStatuses } from '../../../nodes/VideoSdk/api/statuses';

test.each([
	['completed', true],
	['stopped', true],
	['failed', true],
	['STOPPED', true],
	['queued', false],
	['running', false],
	['stopping', false],
	['archived', false],
	[undefined, false],
	[null, false],
	[7, false],
])('a session whose status is %s has ended: %s', (status, expected) => {
	expect(hasEnded({ status })).toBe(expected);
});

test('the live statuses, which the kill switch offers, are those that have not ended', () => {
	expect(liveStatuses).toEqual(['queued', 'running', 'stopping']);
	expect(allStatuses.filter((status) => !hasEnded({ status }))).toEqual(liveStatuses);
	expect(allStatuses).toHaveLength(6);
});
