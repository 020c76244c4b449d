import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { listOfDeployments } from '../../api/deployments';
import { collect } from '../../http/pages';
import type { Batch } from '../../execution/batch';
import type { Outcome } from '../../execution/operation';
import { limitFields, readListLimit } from '../../fields/limit';
import { optionsField } from '../../fields/requestOptions';

const showOnlyForGetMany = { show: { resource: ['agentDeployment'], operation: ['getAll'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForGetMany, [
	...limitFields,
	optionsField(),
]);

export const thing = { noun: 'list', idField: '' };

export const done = 'read';

/** Lists the deployments of the project, for each item. */
export async function run(batch: Batch): Promise<Outcome[]> {
	return await batch.forEachItem((item) => {
		const limit = readListLimit(item);
		return {
			run: async () => {
				const rows = await collect(item.client, listOfDeployments, limit);
				if (rows.length > 0 || !batch.isTool) return rows;
				return { message: 'The project has no deployments.', listed: 0 };
			},
		};
	});
}
