import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { createDeployment, deployment } from '../../api/deployments';
import type { Batch } from '../../execution/batch';
import type { Outcome } from '../../execution/operation';
import { optionsField } from '../../fields/requestOptions';
import { refuseRetryOnFail } from '../../fields/retryOnFail';
import { readOptionalText, readText } from '../../fields/text';

const showOnlyForCreate = { show: { resource: ['agentDeployment'], operation: ['create'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForCreate, [
	{
		displayName: 'Name',
		name: 'name',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. Support line',
		description: 'What the new deployment is called',
	},
	{
		displayName: 'Description',
		name: 'description',
		type: 'string',
		default: '',
		placeholder: 'e.g. Answers the support line at night',
		description: 'What the new deployment is for',
	},
	optionsField(),
]);

/** Characters. */
const LONGEST_DESCRIPTION = 10_000;

export const thing = deployment;

export const done = 'created';

/** Creates the deployment that each item describes. */
export async function run(batch: Batch): Promise<Outcome[]> {
	return await batch.forEachItem((item) => {
		refuseRetryOnFail(item);
		const name = readText(item, item.parameter('name'), {
			field: 'Name',
			path: 'name',
			name: 'deployment name',
			nextStep: "In 'Name', enter a short name.",
			isProse: true,
		});
		const text = readOptionalText(item, item.parameter('description'), {
			field: 'Description',
			path: 'description',
			name: 'description',
			nextStep: "Check 'Description'.",
			longest: LONGEST_DESCRIPTION,
			isProse: true,
		});
		return {
			about: { name },
			run: async () => await createDeployment(item.client, { name, description: text }),
		};
	});
}
