import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../execution/operation';
import { end } from '../shared/end';
import { endMany } from '../shared/endMany';
import { getMany } from '../shared/getMany';
import * as dispatchAgent from './dispatchAgent';
import { room } from './room';

/** The operations of a room, by the value of the selector. */
export const operations: Record<string, Operation> = {
	dispatchAgent,
	endMany: endMany(room),
	endSession: end(room, 'endSession'),
	getAll: getMany(room),
};

const selector: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['room'] } },
	default: 'endSession',
	options: [
		{
			name: 'Dispatch Agent',
			value: 'dispatchAgent',
			action: 'Dispatch agent to room',
			description:
				'Send an AI voice agent into a room. To end it, end the room: it has no session ID.',
		},
		{
			name: 'End Many Rooms',
			value: 'endMany',
			action: 'End many rooms',
			description: 'Kill switch: end all live rooms that match the filters, with their phone calls',
		},
		{
			name: 'End Room',
			value: 'endSession',
			action: 'End room',
			description: 'End a room: hang up its phone calls, then end its session',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many rooms',
			description: 'Get a list of the rooms that have a live session, optionally filtered',
		},
	],
};

/** The operation selector and the fields of each operation. */
export const description: INodeProperties[] = [
	selector,
	...Object.values(operations).flatMap((operation) => operation.description),
];
