import type { IDataObject } from 'n8n-workflow';
import type { ErrorResponse } from './errorResponse';

/** Why a request to VideoSDK, or the task that it was part of, failed. */
export type Cause =
	/**
	 * An answer with a status other than 2xx. `retryAfter` in milliseconds. `basePath` is the path that the
	 * credential's Base URL has, if it has one.
	 */
	| {
			kind: 'status';
			status: number;
			errorResponse?: ErrorResponse;
			retryAfter?: number;
			basePath?: string;
	  }
	/** No connection was made, so VideoSDK certainly did nothing. */
	| { kind: 'unreachable'; code?: string }
	/** The connection broke after it was made: VideoSDK may have done what it was asked. */
	| { kind: 'broken'; code?: string }
	/** No answer within `after` milliseconds: VideoSDK may have done what it was asked. */
	| { kind: 'timeout'; after: number }
	/** The server could not prove who it is. */
	| { kind: 'certificate'; code: string }
	/** A 2xx answer that is not JSON, or lacks what the documentation promises. */
	| { kind: 'unreadable'; problem: string; errorResponse?: ErrorResponse }
	/** VideoSDK lists a live thing without its ID, so no request can name it. */
	| { kind: 'withoutId'; noun: string }
	/** The list in which one thing was looked up is empty. */
	| { kind: 'missing' }
	/** The credential did not let the request be sent, and says why. */
	| { kind: 'notSent'; why: string }
	/** n8n's SSRF protection did not let the request be sent, and says why. */
	| { kind: 'blocked'; why: string }
	/** The thing had already ended, and the user wants an error then. `at` is the time, if VideoSDK gives it. */
	| { kind: 'alreadyEnded'; noun: string; lastStatus: string; at?: string }
	/** The state that was waited for was not reached within `after` milliseconds. */
	| { kind: 'waitOver'; lastStatus: string; after: number }
	/** The session ended before it was seen running. */
	| { kind: 'neverRan'; lastStatus: string }
	/**
	 * VideoSDK throttled the request (429 or 503) for the longest time that it is retried, `after` in
	 * milliseconds. `successes` counts the requests that succeeded meanwhile; `status` is that of the
	 * last throttled one, if this request was ever sent.
	 */
	| {
			kind: 'gaveUp';
			after: number;
			successes: number;
			status?: number;
			errorResponse?: ErrorResponse;
	  }
	/** VideoSDK says that it did not do what it was asked: `success: false`, even with status 200. */
	| { kind: 'rejected'; errorResponse: ErrorResponse }
	/** VideoSDK says that no worker of an agent is available. */
	| { kind: 'noWorkers'; status?: number; errorResponse: ErrorResponse }
	/** VideoSDK says that the project does not have AI Worker Services. */
	| { kind: 'notEnabled'; status?: number; errorResponse: ErrorResponse }
	/** The execution was stopped in n8n. */
	| { kind: 'cancelled' };

/** What a request is made for, in the words of the error if it fails. */
export interface Purpose {
	/** What did not happen if it fails, as the beginning of a sentence: `Session "1" was not ended`. */
	consequence: string;
	/** The same, if it may have happened all the same: `Session "1" may not have been ended`. */
	doubt?: string;
	/** The IDs it is about, by the names of their fields: `{ sessionId: '1' }`. */
	about?: Record<string, string>;
	/** What the ID in the request names. Without an ID, 404 means that there is no VideoSDK API. */
	subject?: 'session' | 'deployment' | 'call' | 'room' | 'room or agent' | 'batch call';
	/** What was done all the same: a sentence, if the consequence does not say it, and the fields for the output. */
	doneAnyway?: {
		sentence?: string;
		fields: { calls?: IDataObject[]; room?: IDataObject; call?: IDataObject };
	};
	/** For a request that changes something: what may have happened although it failed. */
	ifItWorked?:
		| 'ended'
		| 'callsEnded'
		| 'canceled'
		| 'started'
		| 'created'
		| 'called'
		| 'dispatched';
	/** Whether it is about a session that has just been started, and must not be started twice. */
	wasStarted?: boolean;
}

/**
 * Says what did not happen, and the same for when that is not certain.
 *
 * @param thing `Session "1"`
 * @param done `ended`
 */
export const notDone = (thing: string, done: string): Pick<Purpose, 'consequence' | 'doubt'> => ({
	consequence: `${thing} was not ${done}`,
	doubt: `${thing} may not have been ${done}`,
});

/** A request that failed and is not retried any more, with the cause and what the request was made for. */
export class VideoSdkFailure extends Error {
	/**
	 * @param purpose what the request was made for
	 * @param mayHaveTakenEffect whether VideoSDK may have done what one of the attempts asked for
	 */
	constructor(
		override readonly cause: Cause,
		readonly purpose: Purpose,
		readonly mayHaveTakenEffect = false,
	) {
		super(purpose.consequence);
	}

	/** What VideoSDK said about the failure, if it did. */
	get errorResponse(): ErrorResponse | undefined {
		return 'errorResponse' in this.cause ? this.cause.errorResponse : undefined;
	}
}

/**
 * The messages of VideoSDK that mean the same whatever their HTTP status, which is not documented. The
 * second is what a project gets that is not on the pay-as-you-go plan, as a user saw it.
 */
const KNOWN_MESSAGES = [
	[/no workers? available/i, 'noWorkers'],
	[/enable ai worker/i, 'notEnabled'],
] as const;

/** Finds what the message of an answer means. @returns undefined if it is none of the known ones */
export function meaningOf({ message = '' }: ErrorResponse): 'noWorkers' | 'notEnabled' | undefined {
	return KNOWN_MESSAGES.find(([pattern]) => pattern.test(message))?.[1];
}

/** What VideoSDK says of a room that it does not have, with status 400, and of other things too. */
const NOT_FOUND = /\bnot found\b|^RoomId is invalid/i;

/** Whether the time that a request may take, or may wait to be sent, was over. */
export function isTimeOver(failure: unknown): boolean {
	return failure instanceof VideoSdkFailure && ['timeout', 'gaveUp'].includes(failure.cause.kind);
}

/**
 * Whether VideoSDK certainly does not have the thing, or no longer has it. Status 402 alone is not
 * certain: VideoSDK uses it for a thing that it does not have, as the vendor's SDK says, but it is also
 * HTTP's status for a payment that is due.
 */
export function isNotFound({ cause }: Pick<VideoSdkFailure, 'cause'>): boolean {
	switch (cause.kind) {
		case 'missing':
			return true;
		case 'rejected':
			return NOT_FOUND.test(cause.errorResponse.message ?? '');
		case 'status':
			if (cause.status === 404 || cause.status === 410) return true;
			return (
				[400, 402].includes(cause.status) && NOT_FOUND.test(cause.errorResponse?.message ?? '')
			);
		default:
			return false;
	}
}

/** Whether VideoSDK may have done what the request asked for, although no usable answer came back. */
export function mayHaveTakenEffect(cause: Cause): boolean {
	return (
		cause.kind === 'broken' ||
		cause.kind === 'timeout' ||
		cause.kind === 'unreadable' ||
		(cause.kind === 'status' && cause.status >= 500)
	);
}
