import type { INodeProperties } from 'n8n-workflow';

/** The field that names a deployment: picked from a list, or given by its ID. */
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

/** What an error about a deployment ID advises. */
export const DEPLOYMENT_ID_STEP =
	'Check the field Deployment: pick a deployment from the list, or give the ID of one.';
