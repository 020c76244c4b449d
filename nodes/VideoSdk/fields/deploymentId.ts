import type { INodeProperties } from 'n8n-workflow';
import type { Item } from '../execution/operation';
import { readText } from './text';

/** The resource locator for a deployment. */
export const deploymentIdField: INodeProperties = {
	displayName: 'Deployment',
	name: 'deploymentId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description: 'The agent deployment, picked from a list or given by its ID',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a deployment…',
			typeOptions: { searchListMethod: 'searchDeployments', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 2f5f787c-0396-4ae0-929c-f5853628267a',
		},
	],
};

/**
 * Reads the deployment ID of an item.
 *
 * @param more a sentence added to the next step of an error
 * @throws InvalidInput, as `readText` does
 */
export function readDeploymentId(item: Item, more = ''): string {
	return readText(item, item.parameter('deploymentId'), {
		field: 'Deployment',
		path: 'deploymentId',
		name: 'deployment ID',
		nextStep: `In 'Deployment', choose one from the list or enter its ID. ${more}`.trim(),
	});
}
