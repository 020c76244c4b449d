import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { Item } from './items';

/** The fields that say how many rows of a list are wanted. */
export const limitFields: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: { show: { returnAll: [false] } },
		description: 'Max number of results to return',
	},
];

/**
 * Takes rows until the limit of the item is reached. Nothing is asked of VideoSDK beyond it.
 *
 * @param matches tells which rows count
 */
export async function collect(
	item: Item,
	rows: AsyncIterable<IDataObject>,
	matches: (row: IDataObject) => boolean = () => true,
): Promise<IDataObject[]> {
	const limit =
		item.parameter('returnAll') === true
			? Number.POSITIVE_INFINITY
			: Number(item.parameter('limit'));
	const collected: IDataObject[] = [];
	for await (const row of rows) {
		if (matches(row)) collected.push(row);
		if (collected.length >= limit) break;
	}
	return collected;
}
