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
			name: 'Create Deployment',
			value: 'create',
			action: 'Create deployment',
			description: 'Create a deployment that you can start sessions of',
		},
		{
			name: 'Get Deployment',
			value: 'get',
			action: 'Get deployment',
			description: 'Get the details of one version of a deployment',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many deployments',
			description: 'Get a list of the deployments in the project',
		},
	],
};

/** The operation selector and the fields of each operation. */
export const description: INodeProperties[] = [
	selector,
	...Object.values(operations).flatMap((operation) => operation.description),
];
