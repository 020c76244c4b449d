import type { INodeProperties } from 'n8n-workflow';
import { createDeployment, deployment } from '../../api/deployments';
import type { Operation } from '../../execution/operation';
import { optionsField } from '../../fields/requestOptions';
import { refuseRetryOnFail } from '../../fields/retryOnFail';
import { fieldOf, readOptionalText, readText } from '../../fields/text';

const nameField: INodeProperties = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. Support line',
	description: 'The name of the new deployment',
};

const descriptionField: INodeProperties = {
	displayName: 'Description',
	name: 'description',
	type: 'string',
	default: '',
	placeholder: 'e.g. Answers the support line at night',
	description: 'What the new deployment is for',
};

/** Characters. */
const LONGEST_DESCRIPTION = 10_000;

/** Creates the deployment that each item describes. */
export const create: Operation = {
	option: {
		name: 'Create Deployment',
		value: 'create',
		action: 'Create deployment',
		description: 'Create a deployment that you can start sessions from',
	},
	fields: [nameField, descriptionField, optionsField()],
	thing: deployment,
	done: 'created',
	async execute(run) {
		return await run.forEachItem((item) => {
			refuseRetryOnFail(run);
			const name = readText(item, item.parameter(nameField.name), {
				...fieldOf(nameField),
				name: 'deployment name',
				nextStep: "In 'Name', enter a short name, as text.",
				isProse: true,
			});
			const text = readOptionalText(item, item.parameter(descriptionField.name), {
				...fieldOf(descriptionField),
				name: 'description',
				nextStep: `In 'Description', enter at most ${LONGEST_DESCRIPTION.toLocaleString('en-US')} characters, or clear it.`,
				longest: LONGEST_DESCRIPTION,
				isProse: true,
			});
			return {
				about: { name },
				run: async () => await createDeployment(item.client, { name, description: text }),
			};
		});
	},
};
