import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { InvalidInput } from './api/failure';
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
 * Reads how many rows or sessions are wanted at most.
 *
 * @throws InvalidInput for anything but a whole number of at least 1: it would stand for another
 */
export function readLimit(item: Item, value: unknown): number {
	const limit = typeof value === 'string' ? Number(value) : value;
	if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) {
		throw new InvalidInput(
			`The Limit of item ${item.index} is not a whole number of at least 1`,
			'Check the field Limit: its expression should give a number such as 50.',
		);
	}
	return limit;
}

/**
 * Takes rows until the limit of the item is reached. Nothing is asked of VideoSDK beyond it.
 *
 * @param matches tells which rows count
 * @throws InvalidInput if the limit is none
 */
export async function collect(
	item: Item,
	rows: AsyncIterable<IDataObject>,
	matches: (row: IDataObject) => boolean = () => true,
): Promise<IDataObject[]> {
	const limit =
		item.parameter('returnAll') === true
			? Number.POSITIVE_INFINITY
			: readLimit(item, item.parameter('limit'));
	const collected: IDataObject[] = [];
	for await (const row of rows) {
		if (matches(row)) collected.push(row);
		if (collected.length >= limit) break;
	}
	return collected;
}
