import { randomUUID } from 'node:crypto';
import { ApiError, type JsonObject } from './answer';
import type { Options } from './options';
import { pageOf, type Page } from './paging';
import { countUp, type Stats } from './stats';
import type { Timers } from './timers';

/** A session as VideoSDK answers it. Times are ISO-8601, `duration` is in whole seconds. */
export interface Session {
	sessionId: string;
	status: string;
	deploymentId: string;
	tag: string;
	start: string;
	end?: string;
	duration?: number;
	createdAt: string;
	updatedAt: string;
	[field: string]: unknown;
}

/**
 * What only listed sessions carry. Mind `endpoint`: a Start spells it `endPoint`.
 * Assumed: they are left out of a session that was started without them.
 */
export interface ListedOnly {
	webhook?: { endpoint: string; events: string[] };
	metadata?: JsonObject;
}

interface Kept {
	session: Session;
	listedOnly: ListedOnly;
}

/** Told of a session's new state, with a copy that stays as it is. */
export type OnChange = (session: Session, webhook: ListedOnly['webhook']) => void;

const terminal = ['completed', 'stopped', 'failed'];

/** The project's sessions and the ways their state changes. */
export class Sessions {
	readonly #byId = new Map<string, Kept>();
	readonly #oldestFirst: Kept[] = [];

	constructor(
		private readonly options: Options,
		private readonly stats: Stats,
		private readonly timers: Timers,
		private readonly onChange: OnChange,
	) {}

	/**
	 * Adds a session, by default a running one of the documented sample's deployment.
	 * Fields that VideoSDK does not document are kept and answered.
	 * @throws Error when the id is taken
	 */
	add({ webhook, metadata, ...fields }: Partial<Session> & ListedOnly = {}): Session {
		const now = new Date().toISOString();
		const session: Session = {
			sessionId: randomUUID(),
			status: 'running',
			deploymentId: '2f5f787c-0396-4ae0-929c-f5853628267a',
			tag: 'v1.0',
			start: now,
			createdAt: now,
			updatedAt: now,
			...fields,
		};
		if (this.#byId.has(session.sessionId)) throw new Error(`${session.sessionId} exists already`);
		const kept = { session, listedOnly: { webhook, metadata } };
		this.#byId.set(session.sessionId, kept);
		this.#oldestFirst.push(kept);
		return { ...session };
	}

	/** A copy of a session, or undefined when there is none. */
	find(sessionId: string): Session | undefined {
		const kept = this.#byId.get(sessionId);
		return kept && { ...kept.session };
	}

	/** Where a session's events go, or undefined when they go nowhere. */
	webhookOf(sessionId: string): ListedOnly['webhook'] {
		return this.#byId.get(sessionId)?.listedOnly.webhook;
	}

	/**
	 * A copy of a session.
	 * Assumed: an unknown one is a 404.
	 * @throws ApiError 404 when there is none
	 */
	get(sessionId: string): Session {
		return { ...this.#kept(sessionId).session };
	}

	/** One page of the sessions, newest first; see `pageOf`. */
	list(query: URLSearchParams): Page<Session> {
		if (this.options.list?.shift) this.add();
		const { data, pageInfo } = pageOf(this.#oldestFirst, query, this.options.list);
		return {
			data: data.map(({ session, listedOnly }) => ({ ...session, ...listedOnly })),
			pageInfo,
		};
	}

	/**
	 * Adds a queued session that runs after `startTakesMs`.
	 * Assumed: it has a `start` from the beginning.
	 */
	start(fields: Partial<Session> & ListedOnly): Session {
		const session = this.add({ ...fields, status: 'queued' });
		this.onChange(session, fields.webhook);
		const { startTakesMs = 50, failAfterMs } = this.options;
		this.#follow(session.sessionId, 'queued', 'running', startTakesMs);
		if (failAfterMs !== undefined) {
			this.timers.later(failAfterMs, () => this.setStatus(session.sessionId, 'failed'));
		}
		return session;
	}

	/**
	 * Ends a session: `completed`, or `stopping` and then `stopped` after `endTakesMs`.
	 * Assumed: an unknown one is a 404; an ended one is answered as `endOfEnded` says, and so is
	 * one that is stopping.
	 * @throws ApiError 404 for an unknown session, `endOfEnded` (unless `success`) for an ended one
	 */
	end(sessionId: string): Session {
		const { status } = this.#kept(sessionId).session;
		if (status.toLowerCase() === 'stopping' || terminal.includes(status.toLowerCase())) {
			const { endOfEnded = 409 } = this.options;
			if (endOfEnded !== 'success') throw new ApiError(endOfEnded, `Session is already ${status}`);
			return this.get(sessionId);
		}
		countUp(this.stats.endings, sessionId);
		const { endTakesMs = 0 } = this.options;
		if (endTakesMs <= 0) return this.setStatus(sessionId, 'completed');
		this.#follow(sessionId, 'stopping', 'stopped', endTakesMs);
		return this.setStatus(sessionId, 'stopping');
	}

	/**
	 * Changes a session's state and tells its webhook; a terminal one sets `end` and `duration`.
	 * @throws ApiError 404 for an unknown session
	 */
	setStatus(sessionId: string, status: string): Session {
		const { session, listedOnly } = this.#kept(sessionId);
		const now = new Date();
		session.status = status;
		session.updatedAt = now.toISOString();
		if (terminal.includes(status.toLowerCase())) {
			session.end = now.toISOString();
			session.duration = Math.floor((now.getTime() - Date.parse(session.start)) / 1000);
		}
		this.onChange({ ...session }, listedOnly.webhook);
		return { ...session };
	}

	#follow(sessionId: string, from: string, to: string, ms: number): void {
		this.timers.later(ms, () => {
			if (this.find(sessionId)?.status === from) this.setStatus(sessionId, to);
		});
	}

	#kept(sessionId: string): Kept {
		const kept = this.#byId.get(sessionId);
		if (!kept) throw new ApiError(this.options.unknownAs ?? 404, 'Session not found');
		return kept;
	}
}
