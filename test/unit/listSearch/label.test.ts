import type { IDataObject } from 'n8n-workflow';
import { agentSessions } from '../../../nodes/VideoSdk/api/sessions';
import { Clock, shorten, shortenName } from '../../../nodes/VideoSdk/listSearch/label';

test.each([
	['8a93774e-caa0-4cd8-9c63-f2771b031b74', '8a93774e'],
	['session-8a93774e-caa0-4cd8-9c63-f2771b031b74', '8a93774e'],
	['my-session-8a93774e', 'my-sessi'],
	['1234567890123', '12345678'],
	['123456789012', '123456789012'],
	['session-123456789012', '123456789012'],
	['a', 'a'],
])('the ID %s is shortened to %s', (id, short) => {
	expect(shorten(id)).toBe(short);
});

test.each([
	['Support line', 'Support line'],
	['Night-shift desk', 'Night-shift desk'],
	['Night-shift desks', 'Night-shi…desks'],
	['Reminders, hourly', 'Reminders…hourly'],
	['Reminders of the clinics in the north', 'Reminders…north'],
	['Reminders of the clinics in the south', 'Reminders…south'],
	['The best reminders', 'The best…inders'],
	['📞'.repeat(16), '📞'.repeat(16)],
	['📞'.repeat(17), `${'📞'.repeat(9)}…${'📞'.repeat(6)}`],
])('the name %s is shown as %s', (name, shown) => {
	expect(shortenName(name)).toBe(shown);
});

// 23:05 of the last day of 2025 in UTC is 04:35 of the first of 2026 in Kolkata.
const now = new Date('2025-12-31T23:05:00Z');

const clock = (timeZone: string) => new Clock(agentSessions, timeZone, now);

test.each<[string, string, IDataObject, string | undefined]>([
	['of a live session', 'UTC', { start: '2025-06-08T20:16:10.643Z' }, 'since Jun 8, 20:16'],
	[
		'of an ended session',
		'UTC',
		{ start: '2025-06-08T00:06:10.643Z', status: 'Stopped' },
		'Jun 8, 00:06',
	],
	['in another year', 'UTC', { start: '2024-06-18T00:06:10.643Z' }, 'since Jun 18, 2024, 00:06'],
	[
		'in another year of the time zone',
		'Asia/Kolkata',
		{ start: '2025-06-18T20:16:10.643Z' },
		'since Jun 19, 2025, 01:46',
	],
	[
		'in the same year of the time zone',
		'Asia/Kolkata',
		{ start: '2025-12-31T20:00:00Z' },
		'since Jan 1, 01:30',
	],
	[
		'at its creation if start is null',
		'UTC',
		{ start: null, createdAt: '2025-06-08T20:16:10.643Z' },
		'since Jun 8, 20:16',
	],
	['only if it is a time', 'UTC', { start: 'soon' }, undefined],
	['only if it is not null', 'UTC', { start: null }, undefined],
	['only if it is there', 'UTC', {}, undefined],
])('a list shows the start %s', (_name, timeZone, thing, expected) => {
	expect(clock(timeZone).started(thing)).toBe(expected);
});
