import type { INodeProperties } from 'n8n-workflow';
import { InvalidInput } from '../api/failure';
import type { Item } from '../items';

/** The field that names a session: picked from a list, or given by its ID. */
export const sessionIdField: INodeProperties = {
	displayName: 'Session',
	name: 'sessionId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'list', value: '' },
	description: 'The agent session, picked from a list or given by its ID',
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
			hint: 'After a Webhook node, the fields that were sent are under body: {{ $json.body.sessionId }}',
		},
	],
};

const CHECK =
	'Check the field Session: its expression should give the ID of one session, such as {{ $json.body.sessionId }} after a Webhook node.';

function describe(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * Reads the session ID of an item. VideoSDK's documentation shows two forms of it, so its form is
 * not checked: only that it is text that can be sent.
 *
 * @returns the ID, trimmed
 * @throws InvalidInput if it is missing, empty, not text, or has characters that no ID has
 */
export function readSessionId(item: Item): string {
	const value = item.parameter('sessionId');
	const where = `The session ID of item ${item.index}`;
	if (value === undefined || value === null || String(value).trim() === '') {
		throw new InvalidInput(`${where} is empty`, CHECK);
	}
	if (typeof value === 'number' && !Number.isSafeInteger(value)) {
		throw new InvalidInput(
			`${where} is a number that cannot be exact`,
			'Send the ID as text: put it in quotes where it comes from.',
		);
	}
	if (typeof value !== 'string' && typeof value !== 'number') {
		throw new InvalidInput(`${where} is ${describe(value)}, not text`, CHECK);
	}
	const sessionId = String(value).trim();
	// A lone surrogate has no UTF-8; `.` and `..` name other places when they stand in a path.
	if (/[\p{Cc}\p{Cs}]/u.test(sessionId) || /^\.{1,2}$/.test(sessionId)) {
		throw new InvalidInput(`${where} has characters that no ID has`, CHECK);
	}
	return sessionId;
}
