import type { RefusalStatus } from './answer';
import type { FaultChooser } from './faults';

/** Ways for a list to misbehave on purpose. The answers stay well formed. */
export interface ListOptions {
	/** The most elements on a page, however many were requested. */
	capPerPage?: number;
	/** Give the first page whatever page was requested. */
	ignorePage?: boolean;
	/** Give the calls of all rooms whatever room was requested. */
	ignoreRoom?: boolean;
	/** Answer with `pageInfo: {}`. */
	emptyPageInfo?: boolean;
	/** Add a new session before each page of sessions, so that sessions move between pages. */
	shift?: boolean;
}

/** How the fake API behaves. All of it can be changed while it runs; `undefined` is the default. */
export interface Options {
	/** The project's API key, as in a token's `apikey`. Default `fake-api-key`. */
	apiKey?: string;
	/** The project's secret, which signs tokens. Default `fake-secret`. */
	secret?: string;
	/**
	 * How an End of something that has ended, or is stopping, is answered: as if it were live, or with this
	 * status. Default 409.
	 */
	endOfEnded?: 'success' | RefusalStatus;
	/** Status of the answer about a thing that is unknown. Default 404. */
	unknownAs?: RefusalStatus;
	/** Milliseconds that a session stays `stopping` after an End. Default 0: `completed` at once. */
	endTakesMs?: number;
	/** Milliseconds that a new session stays `queued`, and that a call takes to be answered. Default 50. */
	startTakesMs?: number;
	/** Milliseconds after which a new session fails. Default never. */
	failAfterMs?: number;
	/** Whether End of a room answers in its form with `meetingId` and no `status`. Default false. */
	endsRoomsAsMeetings?: boolean;
	/** Whether an agent's workers are there to be sent into a room. Default true. */
	hasWorkers?: boolean;
	/** How webhook types begin. Default `ai-deployment-session`, as documented. */
	eventSpelling?: 'ai-deployment-session' | 'agent-session';
	/** Whether events of calls are signed, which is not documented. Default false, as in the vendor's example. */
	signsCallEvents?: boolean;
	/** Whether webhooks for call events are listed after they were deleted, which is not documented. Default false. */
	listsDeletedWebhooks?: boolean;
	/** Milliseconds between doing what a request asks and answering it. Default 0. */
	delayMs?: number;
	/**
	 * Authenticated requests worked on at once; one more is refused. Default no limit.
	 * Give `delayMs` too: work without it takes no time, so none would overlap.
	 */
	maxAtOnce?: number;
	/**
	 * Authenticated requests let in per window of time; one more is refused. Default no limit.
	 * Assumed: a window has a fixed length and begins with the first request after the last window.
	 */
	limit?: {
		requests: number;
		/** Length of the window in milliseconds. */
		perMs: number;
	};
	/** Status of the responses to requests over `maxAtOnce` or `limit`. Default 429. */
	throttledStatus?: 429 | 503;
	/** `Retry-After` of those responses in seconds, 0 too. Default: the header is not sent. */
	retryAfterSeconds?: number;
	/** How lists misbehave; of deployments too, but for `shift`. Default not at all. */
	list?: ListOptions;
	/** Chooses what goes wrong with a request, if anything. Default nothing. */
	faults?: FaultChooser;
}
