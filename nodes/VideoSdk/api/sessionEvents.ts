/** What can happen to a session, in the order in which it happens. */
export const sessionEvents = ['starting', 'started', 'stopping', 'stopped', 'failed'] as const;

/** The name of an event of a session, without the prefix of VideoSDK's webhook type. */
export type SessionEventName = (typeof sessionEvents)[number];

/** The documentation says `ai-deployment-session-…`, the vendor's SDK also `agent-session-…`. */
const WEBHOOK_TYPE = new RegExp(
	`^(?:ai-deployment|agent)-session-(?<event>${sessionEvents.join('|')})$`,
);

/** Returns the webhook type of an event, as VideoSDK's documentation spells it. */
export function webhookTypeOf(event: SessionEventName): string {
	return `ai-deployment-session-${event}`;
}

/** Reads the event from a webhook type. @returns undefined for a type that is not about a session */
export function sessionEventOf(webhookType: string): SessionEventName | undefined {
	const event = WEBHOOK_TYPE.exec(webhookType)?.groups?.event;
	return sessionEvents.find((known) => known === event);
}
