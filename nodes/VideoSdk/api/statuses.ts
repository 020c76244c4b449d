import type { IDataObject } from 'n8n-workflow';

/** The documented statuses of a kind of thing. */
export interface Statuses {
	/** Of one that has not ended. */
	live: readonly string[];
	/** Of one that has. */
	ended: readonly string[];
	/** Which of these one has that VideoSDK listed and knows nothing of any more. */
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

/** Of a session of a room. */
export const roomStatuses = {
	live: ['ongoing'],
	ended: ['ended'],
	gone: 'ended',
} as const satisfies Statuses;

/** Whether something has one of these statuses. Case is ignored. */
export function hasOneOf(statuses: readonly string[], { status }: IDataObject): boolean {
	return statuses.includes(String(status).toLowerCase());
}

/** Whether something has ended. Case is ignored, and an unknown status counts as not ended. */
export function hasEnded({ ended }: Statuses, thing: IDataObject): boolean {
	return hasOneOf(ended, thing);
}

/** Whether a session was told to end, by whomever, and has not done so yet. */
export function isStopping(session: IDataObject): boolean {
	return hasOneOf(['stopping'], session);
}

/** Whether a session runs. */
export function isRunning(session: IDataObject): boolean {
	return hasOneOf(['running'], session);
}
