import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { listOfDeployments } from '../api/deployments';
import { readList } from '../api/pages';
import type { Outcome } from '../account';
import type { Batch } from '../items';
import { collect, limitFields } from '../limit';
import { optionsField } from '../options';

const showOnlyForGetMany = { show: { resource: ['agentDeployment'], operation: ['getAll'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForGetMany, [
	...limitFields,
	optionsField(),
]);

export const done = 'listed';

/** Lists the deployments of the project, for each item. */
export async function run(batch: Batch): Promise<Outcome[]> {
	return await batch.forEachItem((item) => ({
		run: async () => await collect(item, readList(item.client, listOfDeployments())),
	}));
}
