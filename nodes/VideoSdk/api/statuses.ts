import type { IDataObject } from 'n8n-workflow';

/** The documented statuses of a session that has not ended. */
export const liveStatuses = ['queued', 'running', 'stopping'] as const;

/** Those of one that has. The REST samples say `completed` where the webhooks say `stopped`. */
const endedStatuses = ['completed', 'failed', 'stopped'] as const;

/** All documented statuses of a session. */
export const allStatuses = [...liveStatuses, ...endedStatuses] as const;

/** Whether a session has one of these statuses. Case is ignored. */
function hasOneOf(statuses: readonly string[], { status }: IDataObject): boolean {
	return statuses.includes(String(status).toLowerCase());
}

/** Whether a session has ended. Case is ignored, and an unknown status counts as not ended. */
export function hasEnded(session: IDataObject): boolean {
	return hasOneOf(endedStatuses, session);
}

/** Whether a session was told to end, by whomever, and has not done so yet. */
export function isStopping(session: IDataObject): boolean {
	return hasOneOf(['stopping'], session);
}

/** Whether a session runs. */
export function isRunning(session: IDataObject): boolean {
	return hasOneOf(['running'], session);
}
