/** What happened to one webhook event. */
export interface Delivery {
	type: string;
	/** Of the session or call. */
	id: string;
	/** HTTP status of the last answer; 0 when none came, or when the address was not loopback. */
	status: number;
	attempts: number;
}

/** What the fake API saw and did since it started or since the last reset. */
export class Stats {
	/** When these counts began, by `performance.now()`. */
	begin = performance.now();
	/** Per `METHOD route`: requests, and the last answer's status (0 when none was sent). */
	requests = new Map<string, { count: number; lastStatus: number }>();
	/** Most requests open at once, refused and stalled ones included. */
	mostInFlight = 0;
	/** Requests answered with 429 or 503, over a limit or by a fault. */
	throttled = 0;
	/** Digests of the accepted tokens; `size` is how many different ones came. */
	tokens = new Set<string>();
	publicKeyFetches = 0;
	/** Per session, call or room: how often an End changed its state. More than 1 is a fault of the fake API. */
	endings = new Map<string, number>();
	/** How often each room was ended by force. */
	forced = new Map<string, number>();
	/** Per session, call or room: how often an End was requested, refused and faulted requests included. */
	endRequests = new Map<string, number>();
	/** Per session, call or room: how often an End was answered with 429 or 503, over a limit or by a fault. */
	endsThrottled = new Map<string, number>();
	/** When an End was first let in by the limits, in milliseconds since these counts began; else 0. */
	firstEndMs = 0;
	/** When an End was last let in by the limits, in milliseconds since these counts began; else 0. */
	lastEndMs = 0;
	/** Per phone number: how often it was called. */
	callsTo = new Map<string, number>();
	/** Agents that were sent into rooms. */
	dispatches: Array<{ roomId: string; agentId: string }> = [];
	/** Webhook events, in the order in which their delivery was over. */
	deliveries: Delivery[] = [];
}

/** Adds one to a count and gives the new count. */
export function countUp(counts: Map<string, number>, key: string): number {
	const count = (counts.get(key) ?? 0) + 1;
	counts.set(key, count);
	return count;
}
