import type { IDataObject } from 'n8n-workflow';
import { callStatuses, hasOneOf } from './statuses';

/**
 * What can happen to a call, in the order in which it does, as VideoSDK calls it. These are what the
 * documentation of Create Webhook allows.
 */
export const callEvents = [
	'call-started',
	'call-ringing',
	'call-answered',
	'call-update',
	'call-transferred',
	'call-missed',
	'call-hangup',
] as const;

/** The name of an event of a call. */
export type CallEventName = (typeof callEvents)[number];

/** Tells whether a text is the name of an event of a call. */
export function isCallEvent(text: string): text is CallEventName {
	return (callEvents as readonly string[]).includes(text);
}

/** The statuses of which a call has one after an event that ends something. */
const after: Partial<Record<CallEventName, readonly string[]>> = {
	'call-transferred': ['transferring', 'transferred', 'ended'],
	'call-missed': ['missed', 'not-answered', 'rejected', 'abandoned', 'failed'],
	'call-hangup': callStatuses.ended,
};

/** The statuses that rule an event out: the call has not reached it yet, or never will. */
const notAfter: Partial<Record<CallEventName, readonly string[]>> = {
	'call-ringing': ['initiated'],
	'call-answered': [
		...['initiated', 'incoming', 'verified', 'ringing'],
		...['missed', 'not-answered', 'rejected'],
	],
};

/**
 * Tells whether an event can have happened to a call, by the status that the call has now: it may be
 * further on. A status that is not documented contradicts no event.
 */
export function canHaveHappened(event: CallEventName, call: IDataObject): boolean {
	const needed = after[event];
	const isDocumented = hasOneOf([...callStatuses.live, ...callStatuses.ended], call);
	const lacks = needed !== undefined && isDocumented && !hasOneOf(needed, call);
	return !lacks && !hasOneOf(notAfter[event] ?? [], call);
}
