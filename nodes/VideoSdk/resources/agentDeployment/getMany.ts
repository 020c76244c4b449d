import { listOfDeployments } from '../../api/deployments';
import { collect } from '../../http/pages';
import type { Operation } from '../../execution/operation';
import { limitFields, readListLimit } from '../../fields/limit';
import { optionsField } from '../../fields/requestOptions';

/** Lists the deployments of the project, for each item. */
export const getMany: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many deployments',
		description: 'Get a list of the deployments in the project',
	},
	fields: [...limitFields, optionsField()],
	thing: { noun: 'list', idField: '' },
	done: 'retrieved',
	async execute(run) {
		return await run.forEachItem((item) => {
			const limit = readListLimit(item);
			return {
				run: async () => {
					const rows = await collect(item.client, listOfDeployments, limit);
					if (rows.length > 0 || !run.isTool) return rows;
					return { message: 'The project has no deployments.', listed: 0 };
				},
			};
		});
	},
};
