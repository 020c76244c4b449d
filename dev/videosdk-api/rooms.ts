import { randomUUID } from 'node:crypto';
import { ApiError, type JsonObject } from './answer';
import type { Options } from './options';
import { pageOf, type Page } from './paging';
import { countUp, type Stats } from './stats';

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
	#oldestFirst: RoomSession[] = [];

	constructor(
		private readonly options: Options,
		private readonly stats: Stats,
	) {}

	/** Adds a session of a room, by default one that is ongoing in a new room. */
	add(fields: Partial<RoomSession> = {}): RoomSession {
		const session: RoomSession = {
			id: randomUUID(),
			roomId: `room-${this.#oldestFirst.length + 1}`,
			start: new Date().toISOString(),
			end: null,
			status: 'ongoing',
			participants: [],
			...fields,
		};
		this.#oldestFirst.push(session);
		return { ...session };
	}

	/** A copy of the newest session of a room, or undefined when it has had none. */
	find(roomId: string): RoomSession | undefined {
		const session = this.#oldestFirst.findLast((each) => each.roomId === roomId);
		return session && { ...session };
	}

	/** Forgets the sessions of a room, as if VideoSDK knew nothing of it any more. */
	forget(roomId: string): void {
		this.#oldestFirst = this.#oldestFirst.filter((session) => session.roomId !== roomId);
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
		const fitting = this.#oldestFirst.filter(fits);
		const { data, pageInfo } = pageOf(fitting, new URLSearchParams(rest), this.options.list);
		return { data: data.map((session) => ({ ...session })), pageInfo };
	}

	/**
	 * Ends a room's session. The answer has it as it was: the documented sample says that it is
	 * ongoing.
	 * Assumed: an unknown room is a 404, and one whose session has ended is answered as `endOfEnded`
	 * says, unless `ignoreClosed` came with the request: then as if it were live.
	 * @throws ApiError
	 */
	end(roomId: string, ignoresClosed = false, isForced = false): JsonObject {
		const session = this.#oldestFirst.findLast((each) => each.roomId === roomId);
		if (!session) throw new ApiError(this.options.unknownAs ?? 404, 'Room not found');
		const before = { ...session };
		if (session.status === 'ended') {
			const { endOfEnded = 409 } = this.options;
			if (ignoresClosed) return this.#asEnded(before);
			if (endOfEnded !== 'success') throw new ApiError(endOfEnded, 'Session has ended already');
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
