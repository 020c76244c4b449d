import { endRoom } from '../../api/endRoom';
import { rooms } from '../../api/rooms';
import { readIfAlreadyEnded, roomEndOptions } from '../../fields/endOptions';
import { valueFilter } from '../../fields/filters';
import { readRoomId, roomIdField } from '../../fields/roomId';
import type { EndableResource } from '../shared/endableResource';

/** What the operations of all live resources need to know of rooms. */
export const room: EndableResource = {
	name: 'room',
	kind: rooms,
	idField: { ...roomIdField, required: true },
	readId: readRoomId,
	filters: [valueFilter({ ...roomIdField, description: 'Only this room' })],
	output: {
		simplified: ['roomId', 'id', 'status', 'runningSeconds', 'start', 'end', 'participants'],
		more: [],
	},
	ending: {
		options: roomEndOptions,
		end: async (client, roomId, options, listed) =>
			await endRoom(client, roomId, {
				endsCalls: options.endCalls !== false,
				force: options.vsdkForceKill === true,
				ifAlreadyEnded: readIfAlreadyEnded(options),
				listed,
			}),
	},
	descriptions: {
		end: 'The room to end. Agents and all other participants leave.',
		get: 'The room to get',
	},
};
