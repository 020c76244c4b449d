import type { INodeProperties } from 'n8n-workflow';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';

/** The fields for how many rows of a list to return. */
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
 * Reads a limit.
 *
 * @throws InvalidInput if it is not a whole number of at least 1
 */
export function readLimit(value: unknown): number {
	const isNumber = typeof value === 'number' || typeof value === 'string';
	const limit = isNumber ? Number(value) : Number.NaN;
	if (!Number.isInteger(limit) || limit < 1) {
		throw new InvalidInput(
			"'Limit' is not a whole number of at least 1",
			"Check 'Limit': its expression should return a number such as 50.",
		);
	}
	return limit;
}

/**
 * Reads how many rows of a list to return.
 *
 * @returns infinity for all
 * @throws InvalidInput, as `readLimit` does
 */
export function readListLimit(item: Item): number {
	return item.parameter('returnAll') === true
		? Number.POSITIVE_INFINITY
		: readLimit(item.parameter('limit'));
}
