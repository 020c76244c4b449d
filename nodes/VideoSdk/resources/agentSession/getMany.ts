import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { collect, readList } from '../../api/pages';
import { listOfSessions } from '../../api/sessions';
import { allStatuses } from '../../api/statuses';
import type { Outcome } from '../../execution/operation';
import type { Batch } from '../../execution/runOverItems';
import { filtersField, readFilters } from '../../fields/filters';
import { limitFields, readListLimit } from '../../fields/limit';
import { optionsField } from '../../fields/requestOptions';

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
		const limit = readListLimit(item);
		return {
			run: async () =>
				await collect(readList(item.client, listOfSessions()), limit, (session) =>
					filters.every((passes) => passes(session)),
				),
		};
	});
}
