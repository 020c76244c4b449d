import type { IDataObject } from 'n8n-workflow';
import { listOf } from '../../api/live';
import { collect } from '../../http/pages';
import type { Operation } from '../../execution/operation';
import { filtersField, filtersOf, readFilters } from '../../fields/filters';
import { limitFields, readListLimit } from '../../fields/limit';
import { outputFields, readOutput } from '../../fields/output';
import { optionsField } from '../../fields/requestOptions';
import type { EndableResource } from './endableResource';

/**
 * Makes the operation that lists the things that match the filters of each item.
 *
 * @param option its entry in 'Operation'
 */
export function getMany(
	{ kind, filters: own, output }: EndableResource,
	option: Operation['option'],
): Operation {
	const { live, ended } = kind.statuses;
	const filters = filtersOf(kind, own, kind.list.isLiveOnly ? live : [...live, ...ended]);
	return {
		option,
		fields: [
			...limitFields,
			...outputFields(output, kind.idField),
			filtersField(filters, kind.noun),
			optionsField(),
		],
		// An item can list any number of things, or none.
		thing: { noun: 'list', idField: '' },
		done: 'retrieved',
		execute: async (run) =>
			await run.forEachItem((item) => {
				const conditions = readFilters(filters, item, { onlyReads: true });
				const limit = readListLimit(item);
				const toOutput = readOutput(item, kind, output);
				return {
					run: async () => {
						let listed = 0;
						const matches = (row: IDataObject) => {
							listed++;
							return conditions.every((isMet) => isMet(row));
						};
						const rows = await collect(
							item.client,
							listOf(kind),
							limit,
							conditions.length > 0 ? matches : undefined,
						);
						if (rows.length > 0 || !run.isTool) return rows.map(toOutput);
						const thing = `${kind.list.isLiveOnly ? 'live ' : ''}${kind.noun}`;
						const message =
							listed === 0
								? `There are no ${thing}s.`
								: listed === 1
									? `The only ${thing} does not match the filters.`
									: `None of the ${listed} ${thing}s match the filters.`;
						return { message, listed, matching: 0 };
					},
				};
			}),
	};
}
