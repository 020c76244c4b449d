import type { INodeProperties } from 'n8n-workflow';
import type { Item } from '../execution/operation';
import { readText } from './text';

/** The resource locator for a room. Its list has only live rooms. */
export const roomIdField: INodeProperties = {
	displayName: 'Room',
	name: 'roomId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a live room…',
			typeOptions: { searchListMethod: 'searchRooms', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. abcd-efgh-ijkl',
		},
	],
};

/** Reads the room ID of an item. @throws InvalidInput, as `readText` does */
export function readRoomId(item: Item): string {
	return readText(item, item.parameter('roomId'), {
		field: 'Room',
		path: 'roomId',
		name: 'room ID',
		nextStep:
			"'Room' should hold the ID of one room. After the node that made a call, the expression is usually {{ $json.roomId }}.",
	});
}
