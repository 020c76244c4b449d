import {
	hasEnded,
	isRunning,
	isStopping,
	sessionStatuses,
} from '../../../nodes/VideoSdk/api/statuses';

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
])('a session with the status %s has ended: %s', (status, expected) => {
	expect(hasEnded(sessionStatuses, { status })).toBe(expected);
});

test('the live statuses are exactly those that have not ended', () => {
	const { live, ended, gone } = sessionStatuses;
	expect(live).toEqual(['queued', 'running', 'stopping']);
	expect([...live, ...ended].filter((status) => !hasEnded(sessionStatuses, { status }))).toEqual(
		live,
	);
	expect(ended).toHaveLength(3);
	expect(ended).toContain(gone);
});

test.each([
	['running', true, false],
	['Running', true, false],
	['stopping', false, true],
	['queued', false, false],
	['stopped', false, false],
	[undefined, false, false],
])('a session with the status %s is running: %s, stopping: %s', (status, runs, stops) => {
	expect(isRunning({ status })).toBe(runs);
	expect(isStopping({ status })).toBe(stops);
});
