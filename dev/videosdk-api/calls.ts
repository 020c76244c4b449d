import { randomUUID } from 'node:crypto';
import type { JsonObject } from './answer';
import type { Options } from './options';
import type { Page } from './paging';
import { countUp, type Stats } from './stats';
import { Store } from './store';
import type { Timers } from './timers';

/** A phone call. Times are ISO-8601. */
export interface Call {
	callId: string;
	status: string;
	/** `inbound` or `outbound`. */
	type: string;
	roomId: string;
	from: string;
	to: string;
	start: string;
	end?: string;
	timelog: Array<{ status: string; timestamp: string }>;
	[field: string]: unknown;
}

const ended = ['ended', 'missed', 'not-answered', 'failed', 'rejected', 'abandoned', 'transferred'];

/** As Make, End and the list spell a call. Assumed for End and the list: the samples show little. */
const asMade = ({ from, to, ...call }: Call): JsonObject => ({
	...call,
	sipCallFrom: from,
	sipCallTo: to,
});

/** The project's phone calls. None of them rings anywhere. */
export class Calls {
	readonly #store: Store<Call>;

	constructor(
		private readonly options: Options,
		private readonly stats: Stats,
		private readonly timers: Timers,
		private readonly announce: (call: Call) => void,
	) {
		this.#store = new Store(options, 'Call', ({ callId }) => callId);
	}

	/**
	 * Adds a call, by default one that is answered.
	 * @throws Error when the id is taken
	 */
	add(fields: Partial<Call> = {}): Call {
		const now = new Date().toISOString();
		const { status = 'answered' } = fields;
		return this.#store.add({
			callId: randomUUID(),
			status,
			type: 'outbound',
			roomId: 'room-1',
			from: '+14155550100',
			to: '+14155550123',
			start: now,
			timelog: [{ status, timestamp: now }],
			...fields,
		});
	}

	/** A copy of a call, or undefined when there is none. */
	find(callId: string): Call | undefined {
		return this.#store.find(callId);
	}

	/** Copies of all calls, oldest first. */
	all(): Call[] {
		return this.#store.all();
	}

	/** Forgets a call, as if VideoSDK knew nothing of it any more. */
	forget(callId: string): void {
		this.#store.forget((call) => call.callId === callId);
	}

	/** A call as Get spells it. @throws ApiError when there is none */
	get(callId: string): JsonObject {
		const { callId: id, ...call } = this.#store.kept(callId);
		return { id, ...call };
	}

	/**
	 * One page of the calls, of one room if `roomId` is given, newest first; see `pageOf`. Other filters are
	 * refused: they are not sent.
	 */
	list(query: URLSearchParams): Page<JsonObject> {
		const { roomId, ...rest } = Object.fromEntries(query);
		const isWanted = (call: Call) =>
			roomId === undefined || this.options.list?.ignoreRoom === true || call.roomId === roomId;
		const { data, pageInfo } = this.#store.list(new URLSearchParams(rest), isWanted);
		return { data: data.map(asMade), pageInfo };
	}

	/**
	 * Makes a call that rings and is answered half of `startTakesMs` after the other.
	 * Assumed: it has a `start` and a room from the beginning, and with `isAnswered` is answered at
	 * once.
	 */
	make(fields: Partial<Call>, isAnswered: boolean): JsonObject {
		countUp(this.stats.callsTo, String(fields.to));
		const call = this.add({ ...fields, status: isAnswered ? 'answered' : 'initiated' });
		this.announce(call);
		const { callId } = call;
		if (!isAnswered) {
			const { startTakesMs = 50 } = this.options;
			this.#follow(callId, 'initiated', 'ringing', startTakesMs / 2);
			this.#follow(callId, 'ringing', 'answered', startTakesMs);
		}
		return asMade(this.#store.kept(callId));
	}

	/**
	 * Hangs up.
	 * Assumed: a call ends at once, as the sample has it, whatever `endTakesMs`.
	 * @throws ApiError
	 */
	end(callId: string): JsonObject {
		const { status } = this.#store.kept(callId);
		if (ended.includes(status)) {
			this.#store.answerEnded(status);
			return asMade(this.#store.kept(callId));
		}
		countUp(this.stats.endings, callId);
		return asMade(this.setStatus(callId, 'ended'));
	}

	/** Changes a call's status, webhooks and all. @throws ApiError 404 for an unknown call */
	setStatus(callId: string, status: string): Call {
		const call = this.#store.kept(callId);
		const timestamp = new Date().toISOString();
		call.status = status;
		call.timelog.push({ status, timestamp });
		if (ended.includes(status)) call.end = timestamp;
		this.announce(call);
		return { ...call };
	}

	#follow(callId: string, from: string, to: string, ms: number): void {
		this.timers.later(ms, () => {
			if (this.find(callId)?.status === from) this.setStatus(callId, to);
		});
	}
}
