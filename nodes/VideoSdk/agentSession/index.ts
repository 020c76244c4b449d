import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../items';
import * as end from './end';

/** The operations of a session, by the value of the selector. */
export const operations: Record<string, Operation> = { end };

const selector: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['agentSession'] } },
	default: 'end',
	options: [
		{
			name: 'End Session',
			value: 'end',
			action: 'End an agent session',
			description: 'Hang up: make the voice agent leave and stop the session from costing money',
		},
	],
};

/** The operation selector and the fields of each operation. */
export const description: INodeProperties[] = [
	selector,
	...Object.values(operations).flatMap((operation) => operation.description),
];
