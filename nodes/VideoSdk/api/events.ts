/** What can happen to a session, in the order in which it does. */
export const sessionEvents = ['starting', 'started', 'stopping', 'stopped', 'failed'] as const;

/** The name of an event, without what VideoSDK puts before it. */
export type SessionEventName = (typeof sessionEvents)[number];

/** The documentation says `ai-deployment-session-…`, the vendor's SDK also `agent-session-…`. */
const WEBHOOK_TYPE = new RegExp(
	`^(?:ai-deployment|agent)-session-(?<event>${sessionEvents.join('|')})$`,
);

/** Gives an event the name that VideoSDK's documentation has for it. */
export function webhookTypeOf(event: SessionEventName): string {
	return `ai-deployment-session-${event}`;
}

/** Reads which event of a session it is. @returns undefined if it is about something else */
export function eventOf(webhookType: string): SessionEventName | undefined {
	const event = WEBHOOK_TYPE.exec(webhookType)?.groups?.event;
	return sessionEvents.find((known) => known === event);
}
