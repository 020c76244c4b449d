import { rooms } from '../../api/rooms';
import { valueFilter } from '../../fields/filters';
import { readRoomId, roomIdField } from '../../fields/roomId';
import type { LiveResource } from '../liveResource';

/** What the operations of all live resources need to know of rooms. */
export const room: LiveResource = {
	name: 'room',
	kind: rooms,
	idField: { ...roomIdField, required: true },
	readId: readRoomId,
	filters: [valueFilter({ ...roomIdField, description: 'Only the session of this room' })],
	output: {
		simplified: ['roomId', 'id', 'status', 'runningSeconds', 'start', 'end', 'participants'],
		more: [],
	},
	descriptions: {
		end: 'The room whose session to end, by its ID. All participants leave; the room itself stays.',
		get: 'The room to get, by its ID',
	},
};
