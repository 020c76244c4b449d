import type { INodeProperties } from 'n8n-workflow';
import type { Item } from '../execution/work';
import { fieldOf, readText } from './text';

/** The resource locator for a call. */
export const callIdField: INodeProperties = {
	displayName: 'Call',
	name: 'callId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'list', value: '' },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a call…',
			typeOptions: { searchListMethod: 'searchCalls', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 0f8a4c1e-6a35-4f3e-9d0b-5f7f3c8f2a11',
			hint: "After a Webhook node: {{ $json.body.callId }}. After a VideoSDK Trigger or 'Make Call': {{ $json.callId }}",
		},
	],
};

/** Reads the call ID of an item. @throws InvalidInput, as `readText` does */
export function readCallId(item: Item): string {
	return readText(item, item.parameter(callIdField.name), {
		...fieldOf(callIdField),
		name: 'call ID',
		nextStep:
			"In 'Call', enter the ID of one call. After a Webhook node, the expression is usually {{ $json.body.callId }}, and after a VideoSDK Trigger or 'Make Call', {{ $json.callId }}.",
	});
}
