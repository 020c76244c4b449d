import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../execution/operation';
import { end } from '../shared/end';
import { endMany } from '../shared/endMany';
import { get } from '../shared/get';
import { getMany } from '../shared/getMany';
import { call } from './call';
import * as make from './make';

/** The operations of a phone call, by the value of the selector. */
export const operations: Record<string, Operation> = {
	end: end(call),
	endMany: endMany(call),
	get: get(call),
	getAll: getMany(call),
	make,
};

const selector: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['call'] } },
	default: 'end',
	options: [
		{
			name: 'End Call',
			value: 'end',
			action: 'End call',
			description:
				'Hang up one phone call. An agent session or room that it belongs to may continue.',
		},
		{
			name: 'End Many Calls',
			value: 'endMany',
			action: 'End many calls',
			description: 'Kill switch: hang up all live phone calls that match the filters',
		},
		{
			name: 'Get Call',
			value: 'get',
			action: 'Get call',
			description: 'Get the status and details of one phone call',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many calls',
			description: 'Get a list of phone calls, optionally filtered',
		},
		{
			name: 'Make Call',
			value: 'make',
			action: 'Make call',
			description: 'Call a phone number. The call costs money until it ends.',
		},
	],
};

/** The operation selector and the fields of each operation. */
export const description: INodeProperties[] = [
	selector,
	...Object.values(operations).flatMap((operation) => operation.description),
];
