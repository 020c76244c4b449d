import {
	sessionEventOf,
	sessionEvents,
	webhookTypeOf,
} from '../../../nodes/VideoSdk/api/sessionEvents';

test.each([...sessionEvents])(
	'the event "%s" is recognized in both spellings and requested in one',
	(event) => {
		expect(webhookTypeOf(event)).toBe(`ai-deployment-session-${event}`);
		expect(sessionEventOf(webhookTypeOf(event))).toBe(event);
		expect(sessionEventOf(`agent-session-${event}`)).toBe(event);
	},
);

test.each([
	'',
	'meeting-started',
	'agent-session-',
	'xagent-session-started',
	'agent-session-startedx',
])('the webhook type "%s" is not a session event', (type) => {
	expect(sessionEventOf(type)).toBeUndefined();
});
