import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../execution/operation';
import * as end from './end';
import * as endMany from './endMany';
import * as get from './get';
import * as getMany from './getMany';
import * as start from './start';

/** The operations of a session, by the value of the selector. */
export const operations: Record<string, Operation> = { end, endMany, get, getAll: getMany, start };

const selector: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['agentSession'] } },
	default: 'end',
	options: [
		{
			name: 'End Many Sessions',
			value: 'endMany',
			action: 'End many agent sessions',
			description:
				'Kill switch: end all live sessions that pass the filters. Sessions that start meanwhile are looked for once more at the end.',
		},
		{
			name: 'End Session',
			value: 'end',
			action: 'End an agent session',
			description: 'Hang up: make the voice agent leave and stop the session from costing money',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many agent sessions',
			description: 'List many sessions, or those that pass the filters',
		},
		{
			name: 'Get Session',
			value: 'get',
			action: 'Get an agent session',
			description: 'Look up one session',
		},
		{
			name: 'Start Session',
			value: 'start',
			action: 'Start an agent session',
			description: 'Let a voice agent begin; the session costs money until it ends',
		},
	],
};

/** The operation selector and the fields of each operation. */
export const description: INodeProperties[] = [
	selector,
	...Object.values(operations).flatMap((operation) => operation.description),
];
