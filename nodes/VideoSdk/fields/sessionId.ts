import type { INodeProperties } from 'n8n-workflow';
import type { Item } from '../execution/work';
import { fieldOf, readText } from './text';

/** The resource locator for a session. */
export const sessionIdField: INodeProperties = {
	displayName: 'Session',
	name: 'sessionId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'list', value: '' },
	description: 'The agent session: choose it from the list, or enter its ID',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a session…',
			typeOptions: { searchListMethod: 'searchSessions', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 8a93774e-caa0-4cd8-9c63-f2771b031b74',
			hint: "After a Webhook node: {{ $json.body.sessionId }}. After a VideoSDK Trigger or 'Start Session': {{ $json.sessionId }}",
		},
	],
};

/** Reads the session ID of an item. @throws InvalidInput, as `readText` does */
export function readSessionId(item: Item): string {
	return readText(item, item.parameter(sessionIdField.name), {
		...fieldOf(sessionIdField),
		name: 'session ID',
		nextStep:
			"In 'Session', enter the ID of one session. After a Webhook node, the expression is usually {{ $json.body.sessionId }}, and after a VideoSDK Trigger or 'Start Session', {{ $json.sessionId }}.",
	});
}
