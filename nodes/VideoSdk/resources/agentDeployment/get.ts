import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { deployment, getDeployment } from '../../api/deployments';
import type { Batch } from '../../execution/batch';
import type { Outcome } from '../../execution/operation';
import { hiddenIfPicked, readDeployment, versionField } from '../../fields/deploymentId';
import { optionsField } from '../../fields/requestOptions';
import { readText } from '../../fields/text';

const showOnlyForGet = { show: { resource: ['agentDeployment'], operation: ['get'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForGet, [
	{
		...versionField,
		required: true,
		description:
			'The agent deployment to get: pick a version from the list, or enter the ID of the deployment',
	},
	{
		displayName: 'Tag',
		name: 'tag',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. v1.0',
		displayOptions: hiddenIfPicked,
		description: 'The version of the deployment',
	},
	optionsField(),
]);

export const thing = deployment;

export const done = 'read';

/** Looks up the deployment that each item names. */
export async function run(batch: Batch): Promise<Outcome[]> {
	return await batch.forEachItem((item) => {
		const { client, once } = item;
		const { deploymentId, tag: given } = readDeployment(item);
		const tag = readText(item, given, {
			field: 'Tag',
			path: 'tag',
			name: 'tag',
			nextStep: "Choose a version in 'Deployment', or enter it in 'Tag', such as v1.0.",
		});
		return {
			about: { deploymentId, tag },
			run: async () =>
				await once(
					`${deploymentId} ${tag}`,
					async () => await getDeployment(client, deploymentId, tag),
				),
		};
	});
}
