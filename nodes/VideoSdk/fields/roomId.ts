import type { INodeProperties } from 'n8n-workflow';
import type { Item } from '../execution/work';
import { fieldOf, readText, type TextField } from './text';

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
			hint: "After a Webhook node: {{ $json.body.roomId }}. After a call event of a VideoSDK Trigger or 'Make Call': {{ $json.roomId }}",
		},
	],
};

/**
 * Reads the room ID of an item.
 *
 * @param more parts of the field, as `readText` takes them
 * @throws InvalidInput, as `readText` does
 */
export function readRoomId(item: Item, more: Pick<TextField, 'isOnlyHere'> = {}): string {
	return readText(item, item.parameter(roomIdField.name), {
		...more,
		...fieldOf(roomIdField),
		name: 'room ID',
		nextStep:
			"In 'Room', enter the ID of one room. After a Webhook node, the expression is usually {{ $json.body.roomId }}, and after a call event of a VideoSDK Trigger or 'Make Call', {{ $json.roomId }}.",
	});
}
