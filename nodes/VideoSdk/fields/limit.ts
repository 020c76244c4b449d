import type { INodeProperties } from 'n8n-workflow';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';

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
 * Reads how many rows of a list are wanted.
 *
 * @returns infinity if all are
 * @throws InvalidInput if the limit is none
 */
export function readListLimit(item: Item): number {
	return item.parameter('returnAll') === true
		? Number.POSITIVE_INFINITY
		: readLimit(item.parameter('limit'));
}
