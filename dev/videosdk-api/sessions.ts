import { randomUUID } from 'node:crypto';
import type { JsonObject } from './answer';
import type { Options } from './options';
import type { Page } from './paging';
import { countUp, type Stats } from './stats';
import { Store } from './store';
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

/** Told of a session's new state, with a copy that stays as it is. */
export type OnChange = (session: Session, webhook: ListedOnly['webhook']) => void;

const terminal = ['completed', 'stopped', 'failed'];

/** The project's sessions and the ways their state changes. */
export class Sessions {
	readonly #store: Store<Session>;
	readonly #listedOnly = new Map<string, ListedOnly>();

	constructor(
		private readonly options: Options,
		private readonly stats: Stats,
		private readonly timers: Timers,
		private readonly onChange: OnChange,
	) {
		this.#store = new Store(options, 'Session', ({ sessionId }) => sessionId);
	}

	/**
	 * Adds a session, by default a running one of the documented sample's deployment.
	 * Fields that VideoSDK does not document are kept and answered.
	 * @throws Error when the id is taken
	 */
	add({ webhook, metadata, ...fields }: Partial<Session> & ListedOnly = {}): Session {
		const now = new Date().toISOString();
		const session = this.#store.add({
			sessionId: randomUUID(),
			status: 'running',
			deploymentId: '2f5f787c-0396-4ae0-929c-f5853628267a',
			tag: 'v1.0',
			start: now,
			createdAt: now,
			updatedAt: now,
			...fields,
		});
		this.#listedOnly.set(session.sessionId, { webhook, metadata });
		return session;
	}

	/** A copy of a session, or undefined when there is none. */
	find(sessionId: string): Session | undefined {
		return this.#store.find(sessionId);
	}

	/** Where a session's events go, or undefined when they go nowhere. */
	webhookOf(sessionId: string): ListedOnly['webhook'] {
		return this.#listedOnly.get(sessionId)?.webhook;
	}

	/** A copy of a session. @throws ApiError when there is none */
	get(sessionId: string): Session {
		return { ...this.#store.kept(sessionId) };
	}

	/** One page of the sessions, newest first; see `pageOf`. */
	list(query: URLSearchParams): Page<Session> {
		if (this.options.list?.shift) this.add();
		const { data, pageInfo } = this.#store.list(query);
		const whole = (session: Session) => ({
			...session,
			...this.#listedOnly.get(session.sessionId),
		});
		return { data: data.map(whole), pageInfo };
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
	 * Assumed: one that is stopping is answered as one that has ended.
	 * @throws ApiError
	 */
	end(sessionId: string): Session {
		const { status } = this.#store.kept(sessionId);
		if (status.toLowerCase() === 'stopping' || terminal.includes(status.toLowerCase())) {
			this.#store.answerEnded(status);
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
		const session = this.#store.kept(sessionId);
		const now = new Date();
		session.status = status;
		session.updatedAt = now.toISOString();
		if (terminal.includes(status.toLowerCase())) {
			session.end = now.toISOString();
			session.duration = Math.floor((now.getTime() - Date.parse(session.start)) / 1000);
		}
		this.onChange({ ...session }, this.webhookOf(sessionId));
		return { ...session };
	}

	#follow(sessionId: string, from: string, to: string, ms: number): void {
		this.timers.later(ms, () => {
			if (this.find(sessionId)?.status === from) this.setStatus(sessionId, to);
		});
	}
}
