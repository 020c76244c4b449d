import type { ErrorResponse } from './errorResponse';

/** Why a request to VideoSDK, or the task that it was part of, failed. */
export type Cause =
	/** An answer with a status other than 2xx. `retryAfter` in milliseconds. */
	| { kind: 'status'; status: number; errorResponse?: ErrorResponse; retryAfter?: number }
	/** No connection was made, so VideoSDK certainly did nothing. */
	| { kind: 'unreachable'; code: string }
	/** The connection broke after it was made: VideoSDK may have done what it was asked. */
	| { kind: 'broken'; code: string }
	/** No answer within `after` milliseconds: VideoSDK may have done what it was asked. */
	| { kind: 'timeout'; after: number }
	/** The server could not prove who it is. */
	| { kind: 'certificate'; code: string }
	/** A 2xx answer that is not JSON, or lacks what the documentation promises. */
	| { kind: 'unreadable'; problem: string; errorResponse?: ErrorResponse }
	/** The credential or n8n did not let the request be sent, and says why. */
	| { kind: 'notSent'; why: string }
	/** The thing had already ended, and the user wants an error then. `at` is the time, if VideoSDK gives it. */
	| { kind: 'alreadyEnded'; noun: string; lastStatus: string; at?: string }
	/** The state that was waited for was not reached within `after` milliseconds. */
	| { kind: 'waitOver'; lastStatus: string; after: number }
	/** The session ended before it was seen running. */
	| { kind: 'neverRan'; lastStatus: string }
	/**
	 * VideoSDK refused the request (429 or 503) for the longest time that it is retried, `after` in
	 * milliseconds. `successes` counts the requests that succeeded meanwhile; `status` is that of the
	 * last refusal, if this request was ever sent.
	 */
	| {
			kind: 'gaveUp';
			after: number;
			successes: number;
			status?: number;
			errorResponse?: ErrorResponse;
	  }
	/** No worker of an agent was free, or none runs. */
	| { kind: 'noWorkers'; errorResponse?: ErrorResponse }
	/** The execution was stopped in n8n. */
	| { kind: 'cancelled' };

/** What a request is made for, in the words of the error if it fails. */
export interface Purpose {
	/** What did not happen if it fails, as the beginning of a sentence: `Session "1" was not ended`. */
	consequence: string;
	/** The IDs it is about, by the names of their fields: `{ sessionId: '1' }`. */
	about?: Record<string, string>;
	/** What the ID in the request names. Without an ID, 404 means that there is no VideoSDK API. */
	subject?: 'session' | 'deployment' | 'call' | 'room';
	/** For a request that changes something: what may have happened although it failed. */
	ifItWorked?: 'ended' | 'started' | 'created' | 'called' | 'dispatched';
}

/** A request that failed and is not retried any more, with the cause and what the request was made for. */
export class VideoSdkFailure extends Error {
	/**
	 * @param purpose what the request was made for
	 * @param mayHaveWorked whether VideoSDK may have done what one of the attempts asked for
	 */
	constructor(
		override readonly cause: Cause,
		readonly purpose: Purpose,
		readonly mayHaveWorked = false,
	) {
		super(purpose.consequence);
	}

	/** What VideoSDK said about the failure, if it did. */
	get errorResponse(): ErrorResponse | undefined {
		return 'errorResponse' in this.cause ? this.cause.errorResponse : undefined;
	}
}

/** Whether VideoSDK does not have the thing, or no longer has it. */
export const isNotFound = ({ cause }: VideoSdkFailure): boolean =>
	cause.kind === 'status' && (cause.status === 404 || cause.status === 410);

/** Whether VideoSDK may have done what the request asked for, although no usable answer came back. */
export function mayHaveWorked(cause: Cause): boolean {
	return (
		cause.kind === 'broken' ||
		cause.kind === 'timeout' ||
		cause.kind === 'unreadable' ||
		(cause.kind === 'status' && cause.status >= 500)
	);
}
