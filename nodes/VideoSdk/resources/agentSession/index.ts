import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../execution/operation';
import { end } from '../shared/end';
import { endMany } from '../shared/endMany';
import { get } from '../shared/get';
import { getMany } from '../shared/getMany';
import { agentSession } from './agentSession';
import * as start from './start';
import * as startAndWait from './startAndWait/startAndWait';

/** The operations of a session, by the value of the selector. */
export const operations: Record<string, Operation> = {
	end: end(agentSession),
	endMany: endMany(agentSession),
	get: get(agentSession),
	getAll: getMany(agentSession),
	start,
	startAndWait,
};

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
			action: 'End many sessions',
			description: 'Kill switch: end all live sessions that match the filters',
		},
		{
			name: 'End Session',
			value: 'end',
			action: 'End session',
			description:
				'End one session: the voice agent leaves. A phone call or room that belongs to it may go on and cost money.',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many sessions',
			description: 'Get a list of sessions, optionally filtered',
		},
		{
			name: 'Get Session',
			value: 'get',
			action: 'Get session',
			description: 'Get the status and details of one session',
		},
		{
			name: 'Start Session',
			value: 'start',
			action: 'Start session',
			description: 'Start a session of a deployment. It costs money until it ends.',
		},
		{
			name: 'Start Session and Wait',
			value: 'startAndWait',
			action: 'Start session and wait for it to end',
			description: 'Start a session, and continue the workflow when it has ended',
			displayOptions: { hide: { '@tool': [true] } },
		},
	],
};

/** The operation selector and the fields of each operation. */
export const description: INodeProperties[] = [
	selector,
	...Object.values(operations).flatMap((operation) => operation.description),
];
