import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../execution/operation';
import * as create from './create';
import * as get from './get';
import * as getMany from './getMany';

/** The operations of a deployment, by the value of the selector. */
export const operations: Record<string, Operation> = { create, get, getAll: getMany };

const selector: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['agentDeployment'] } },
	default: 'getAll',
	options: [
		{
			name: 'Create',
			value: 'create',
			action: 'Create an agent deployment',
			description: 'Create a deployment that sessions can be started from',
		},
		{
			name: 'Get',
			value: 'get',
			action: 'Get an agent deployment',
			description: 'Look up one version of a deployment',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many agent deployments',
			description: 'List the deployments of the project',
		},
	],
};

/** The operation selector and the fields of each operation. */
export const description: INodeProperties[] = [
	selector,
	...Object.values(operations).flatMap((operation) => operation.description),
];
