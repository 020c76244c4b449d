import { deployment, getDeployment } from '../../api/deployments';
import type { Operation } from '../../execution/operation';
import {
	hiddenIfPicked,
	readDeployment,
	readTag,
	tagField,
	versionField,
} from '../../fields/deploymentId';
import { optionsField } from '../../fields/requestOptions';

/** Looks up the deployment that each item names. */
export const get: Operation = {
	option: {
		name: 'Get Deployment',
		value: 'get',
		action: 'Get deployment',
		description: 'Get the details of one version of a deployment',
	},
	fields: [
		{
			...versionField,
			required: true,
			description:
				'The agent deployment to get: choose a version from the list, or enter the ID of the deployment',
		},
		{
			...tagField,
			required: true,
			displayOptions: hiddenIfPicked,
			description: 'The tag of the version',
		},
		optionsField(),
	],
	thing: deployment,
	done: 'retrieved',
	async execute(run) {
		return await run.forEachItem((item) => {
			const { deploymentId, tag: given } = readDeployment(item);
			const tag = readTag(item, given);
			return {
				about: { deploymentId, tag },
				run: async () =>
					await run.once(
						item.client,
						`${deploymentId} ${tag}`,
						async () => await getDeployment(item.client, deploymentId, tag),
					),
			};
		});
	},
};
