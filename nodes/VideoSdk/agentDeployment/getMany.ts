import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { listOfDeployments } from '../api/deployments';
import { readList } from '../api/pages';
import type { Item, Task } from '../items';
import { collect, limitFields } from '../limit';
import { optionsField } from '../options';

const showOnlyForGetMany = { show: { resource: ['agentDeployment'], operation: ['getAll'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForGetMany, [
	...limitFields,
	optionsField(),
]);

export const done = 'listed';

/** Lists the deployments of the project. */
export function* run(item: Item): Generator<Task> {
	yield { run: async () => await collect(item, readList(item.client, listOfDeployments())) };
}
