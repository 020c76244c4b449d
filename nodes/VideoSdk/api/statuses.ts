import type { IDataObject } from 'n8n-workflow';

/** The documented statuses of a kind of thing. */
export interface Statuses {
	/** Of a thing that has not ended. */
	live: readonly string[];
	/** Of a thing that has ended. */
	ended: readonly string[];
	/** The one for a thing that VideoSDK has listed, but no longer has. */
	gone: string;
}

/** Of an agent session. The REST samples say `completed` where the webhooks say `stopped`. */
export const sessionStatuses = {
	live: ['queued', 'running', 'stopping'],
	ended: ['completed', 'failed', 'stopped'],
	gone: 'stopped',
} as const satisfies Statuses;

/** Of a phone call. `transferred` is the end of the call that was transferred. */
export const callStatuses = {
	live: [
		'initiated',
		'ringing',
		'incoming',
		'verified',
		'answered',
		'transfer-initiated',
		'transfer-accepted',
		'transferring',
		'transfer-ringing',
		'transfer-failed',
		'switch-room-initiated',
		'switch-room-completed',
		'switch-room-failed',
	],
	ended: ['ended', 'missed', 'not-answered', 'failed', 'rejected', 'abandoned', 'transferred'],
	gone: 'ended',
} as const satisfies Statuses;

/** Of a batch call, as the vendor's SDK has them. Those before `scheduled` call nobody yet. */
export const batchCallStatuses = {
	live: ['uploaded', 'parsing', 'parsed', 'draft', 'scheduled', 'running', 'cancelling'],
	ended: ['completed', 'cancelled', 'parse_failed'],
	gone: 'cancelled',
} as const satisfies Statuses;

/** Of a session of a room. */
export const roomStatuses = {
	live: ['ongoing'],
	ended: ['ended'],
	gone: 'ended',
} as const satisfies Statuses;

/** Whether a thing has one of these statuses. Case is ignored. */
export function hasOneOf(statuses: readonly string[], { status }: IDataObject): boolean {
	return statuses.includes(String(status).toLowerCase());
}

/** Whether a thing has ended. Case is ignored, and an unknown status counts as live. */
export function hasEnded({ ended }: Statuses, thing: IDataObject): boolean {
	return hasOneOf(ended, thing);
}

/** Whether somebody has ended a session, or cancelled a batch call, but it has not stopped yet. */
export function isStopping(thing: IDataObject): boolean {
	return hasOneOf(['stopping', 'cancelling'], thing);
}

/** Whether a session is running. */
export function isRunning(session: IDataObject): boolean {
	return hasOneOf(['running'], session);
}
