import type { IDataObject } from 'n8n-workflow';
import { callStatuses, hasOneOf } from './statuses';

/**
 * What can happen to a call, in the order in which it happens. The names are those that the
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

/** Whether a text is the name of an event of a call. */
export function isCallEvent(text: string): text is CallEventName {
	return (callEvents as readonly string[]).includes(text);
}

/** For events that end something: the statuses that a call can have afterwards. */
const possibleAfter: Partial<Record<CallEventName, readonly string[]>> = {
	'call-transferred': ['transferring', 'transferred', 'ended'],
	'call-missed': ['missed', 'not-answered', 'rejected', 'abandoned', 'failed'],
	'call-hangup': callStatuses.ended,
};

/** The statuses of a call for which an event cannot have happened yet, or never will. */
const impossibleAfter: Partial<Record<CallEventName, readonly string[]>> = {
	'call-ringing': ['initiated'],
	'call-answered': [
		...['initiated', 'incoming', 'verified', 'ringing'],
		...['missed', 'not-answered', 'rejected'],
	],
};

/**
 * Whether an event can have happened to a call, judged by the present status of the call. The status may
 * have changed again since the event. One that is not documented contradicts no event.
 */
export function canHaveHappened(event: CallEventName, call: IDataObject): boolean {
	const possible = possibleAfter[event];
	const isDocumented = hasOneOf([...callStatuses.live, ...callStatuses.ended], call);
	if (possible && isDocumented && !hasOneOf(possible, call)) return false;
	return !hasOneOf(impossibleAfter[event] ?? [], call);
}
