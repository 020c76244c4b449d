import {
	sessionEventOf,
	sessionEvents,
	webhookTypeOf,
} from '../../../nodes/VideoSdk/api/sessionEvents';

test.each([...sessionEvents])('%s is found in both spellings, and requested in one', (event) => {
	expect(webhookTypeOf(event)).toBe(`ai-deployment-session-${event}`);
	expect(sessionEventOf(webhookTypeOf(event))).toBe(event);
	expect(sessionEventOf(`agent-session-${event}`)).toBe(event);
});

test.each([
	'',
	'meeting-started',
	'agent-session-',
	'xagent-session-started',
	'agent-session-startedx',
])('there is none of a session in "%s"', (type) => {
	expect(sessionEventOf(type)).toBeUndefined();
});
