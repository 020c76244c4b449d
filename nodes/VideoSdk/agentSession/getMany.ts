import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { readList } from '../api/pages';
import { listOfSessions } from '../api/sessions';
import type { Outcome } from '../account';
import type { Batch } from '../items';
import { collect, limitFields } from '../limit';
import { optionsField } from '../options';
import { allStatuses, filtersField, readFilters } from './filters';

const showOnlyForGetMany = { show: { resource: ['agentSession'], operation: ['getAll'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForGetMany, [
	...limitFields,
	filtersField(allStatuses),
	optionsField(),
]);

export const done = 'listed';

/** Lists the sessions that pass the filters of each item. */
export async function run(batch: Batch): Promise<Outcome[]> {
	return await batch.forEachItem((item) => {
		const filters = readFilters(item);
		return {
			run: async () =>
				await collect(item, readList(item.client, listOfSessions()), (session) =>
					filters.every((passes) => passes(session)),
				),
		};
	});
}
