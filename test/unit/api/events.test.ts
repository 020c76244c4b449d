import { eventOf, sessionEvents, webhookTypeOf } from '../../../nodes/VideoSdk/api/events';

test.each([...sessionEvents])('%s is found in both spellings, and requested in one', (event) => {
	expect(webhookTypeOf(event)).toBe(`ai-deployment-session-${event}`);
	expect(eventOf(webhookTypeOf(event))).toBe(event);
	expect(eventOf(`agent-session-${event}`)).toBe(event);
});

test.each([
	'',
	'meeting-started',
	'agent-session-',
	'xagent-session-started',
	'agent-session-startedx',
])('there is none of a session in "%s"', (type) => {
	expect(eventOf(type)).toBeUndefined();
});
