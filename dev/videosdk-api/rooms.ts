import { randomUUID } from 'node:crypto';
import { ApiError, type JsonObject } from './answer';
import type { Options } from './options';
import type { Page } from './paging';
import { countUp, type Stats } from './stats';
import { Store } from './store';

/** A session of a room, which is not an agent session. Times are ISO-8601. */
export interface RoomSession {
	id: string;
	roomId: string;
	start: string;
	end: string | null;
	status: string;
	participants: JsonObject[];
	[field: string]: unknown;
}

/** The sessions of the project's rooms. */
export class Rooms {
	readonly #store: Store<RoomSession>;

	constructor(
		private readonly options: Options,
		private readonly stats: Stats,
	) {
		this.#store = new Store(options, 'Room', ({ id }) => id);
	}

	/** Adds a session of a room, by default one that is ongoing in a new room. */
	add(fields: Partial<RoomSession> = {}): RoomSession {
		return this.#store.add({
			id: randomUUID(),
			roomId: `room-${this.#store.size + 1}`,
			start: new Date().toISOString(),
			end: null,
			status: 'ongoing',
			participants: [],
			...fields,
		});
	}

	/** A copy of the newest session of a room, or undefined when it has had none. */
	find(roomId: string): RoomSession | undefined {
		return this.#store.all().findLast((session) => session.roomId === roomId);
	}

	/** Forgets the sessions of a room, as if VideoSDK knew nothing of it any more. */
	forget(roomId: string): void {
		this.#store.forget((session) => session.roomId === roomId);
	}

	/** One page of the sessions that fit, newest first; see `pageOf`. */
	list(query: URLSearchParams): Page<RoomSession> {
		const { roomId, status, ...rest } = Object.fromEntries(query);
		if (status !== undefined && !['ongoing', 'ended'].includes(status)) {
			throw new ApiError(400, 'status must be ongoing or ended');
		}
		const fits = (session: RoomSession) =>
			(roomId === undefined || session.roomId === roomId) &&
			(status === undefined || session.status === status);
		return this.#store.list(new URLSearchParams(rest), fits);
	}

	/**
	 * Ends a room's session. The answer has it as it was: the documented sample says that it is
	 * ongoing.
	 * Assumed: with `ignoreClosed`, one whose session has ended is answered as if it were live.
	 * @throws ApiError
	 */
	end(roomId: string, ignoresClosed = false, isForced = false): JsonObject {
		const session = this.#store.newest((each) => each.roomId === roomId);
		const before = { ...session };
		if (session.status === 'ended') {
			if (!ignoresClosed) this.#store.answerEnded('ended');
			return this.#asEnded(before);
		}
		countUp(this.stats.endings, roomId);
		if (isForced) countUp(this.stats.forced, roomId);
		Object.assign(session, { status: 'ended', end: new Date().toISOString() });
		return this.#asEnded(before);
	}

	/** A session as End answers it, in one of the two forms that the vendor's SDK reads. */
	#asEnded({ roomId, status, ...session }: RoomSession): JsonObject {
		if (this.options.endsRoomsAsMeetings) return { ...session, meetingId: roomId };
		return { ...session, roomId, status };
	}

	/**
	 * Sends an agent into a room.
	 * Assumed: a room need not have a session, and the refusal without workers is a 400.
	 * @throws ApiError
	 */
	dispatch(roomId: string, agentId: string): JsonObject {
		if (this.options.hasWorkers === false) throw new ApiError(400, 'No workers available');
		this.stats.dispatches.push({ roomId, agentId });
		const ids = { jobId: randomUUID(), workerId: randomUUID() };
		return { success: true, status: 'assigned', ...ids, roomId, agentId };
	}
}
