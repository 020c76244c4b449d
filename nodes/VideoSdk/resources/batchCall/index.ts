import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../execution/operation';
import { get } from '../shared/get';
import { getMany } from '../shared/getMany';
import { batchCall } from './batchCall';
import * as cancel from './cancel';

/** The operations of a batch call, by the value of the selector. */
export const operations: Record<string, Operation> = {
	cancel,
	get: get(batchCall),
	getAll: getMany(batchCall),
};

const selector: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['batchCall'] } },
	default: 'cancel',
	options: [
		{
			name: 'Cancel Batch Call',
			value: 'cancel',
			action: 'Cancel batch call',
			description: 'Stop a campaign: no more of its phone numbers are called',
		},
		{
			name: 'Get Batch Call',
			value: 'get',
			action: 'Get batch call',
			description: 'Get the status and details of one batch call',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many batch calls',
			description: 'Get a list of batch calls, optionally filtered',
		},
	],
};

/** The operation selector and the fields of each operation. */
export const description: INodeProperties[] = [
	selector,
	...Object.values(operations).flatMap((operation) => operation.description),
];
