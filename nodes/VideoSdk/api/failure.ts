import type { Said } from './said';

/** Why a request to VideoSDK failed, as the wire shows it. */
export type Cause =
	/** An answer with a status other than 2xx. `retryAfter` in milliseconds. */
	| { kind: 'status'; status: number; said?: Said; retryAfter?: number }
	/** No connection was made, so VideoSDK surely did nothing. */
	| { kind: 'unreachable'; code: string }
	/** The connection broke after it was made: VideoSDK may have done what it was asked. */
	| { kind: 'broken'; code: string }
	/** No answer within `after` milliseconds: VideoSDK may have done what it was asked. */
	| { kind: 'timeout'; after: number }
	/** The server could not prove who it is. */
	| { kind: 'certificate'; code: string }
	/** A 2xx answer that is not JSON, or lacks what the documentation promises. */
	| { kind: 'unreadable'; problem: string; said?: Said }
	/** Not sent: the credential or n8n refused the request, and says why. */
	| { kind: 'refused'; why: string }
	/** It had ended before, `at` a time if VideoSDK gives one, and that was not wanted. */
	| { kind: 'alreadyEnded'; lastStatus: string; at?: string }
	/** A state was waited for `after` milliseconds, and has not come. */
	| { kind: 'waitOver'; lastStatus: string; after: number }
	/** The session ended before it was seen running. */
	| { kind: 'neverRan'; lastStatus: string }
	/**
	 * VideoSDK asked to try later until the time for that was over. `after` in milliseconds;
	 * `successes` counts the requests that succeeded meanwhile; `status` is that of the last
	 * refusal, if this request was ever sent.
	 */
	| { kind: 'gaveUp'; after: number; successes: number; status?: number; said?: Said }
	/** No worker of an agent was free, or none runs. */
	| { kind: 'noWorkers'; said?: Said }
	/** The execution was stopped in n8n. */
	| { kind: 'cancelled' };

/** What a request is made for, in the words of the error it may end in. */
export interface Purpose {
	/** What did not happen if it fails, as the beginning of a sentence: `Session "1" was not ended`. */
	consequence: string;
	/** The IDs it is about, by the names of their fields: `{ sessionId: '1' }`. */
	about?: Record<string, string>;
	/** What the ID in the request names; without one, 404 means that there is no VideoSDK. */
	subject?: 'session' | 'deployment' | 'call' | 'room';
	/** What may have happened anyway, for a request that changes something. */
	ifItWorked?: 'ended' | 'started' | 'created' | 'called' | 'dispatched';
}

/** A request that failed for good. Carries the cause and what it means for the user's task. */
export class VideoSdkFailure extends Error {
	/**
	 * @param cause what happened on the wire
	 * @param purpose what it was made for
	 * @param mayHaveWorked whether VideoSDK may have done what it was asked anyway, at any of
	 * the tries
	 */
	constructor(
		override readonly cause: Cause,
		readonly purpose: Purpose,
		readonly mayHaveWorked = false,
	) {
		super(purpose.consequence);
	}

	/** What VideoSDK said, if it did. */
	get said(): Said | undefined {
		return 'said' in this.cause ? this.cause.said : undefined;
	}
}

/** Tells whether VideoSDK has no such thing, or has it no more. */
export const isUnknown = ({ cause }: VideoSdkFailure): boolean =>
	cause.kind === 'status' && (cause.status === 404 || cause.status === 410);

/** Whether VideoSDK may have done what it was asked although no usable answer came back. */
export function mayHaveWorked(cause: Cause): boolean {
	return (
		cause.kind === 'broken' ||
		cause.kind === 'timeout' ||
		cause.kind === 'unreadable' ||
		(cause.kind === 'status' && cause.status >= 500)
	);
}
