import type { INodeProperties } from 'n8n-workflow';
import type { Item } from '../execution/work';
import { readNumber } from './number';
import { readSwitch } from './switch';

const returnAll: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
};

const limit: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1, numberPrecision: 0 },
	default: 50,
	displayOptions: { show: { returnAll: [false] } },
	description: 'Max number of results to return',
};

/** The fields for how many rows of a list to return. */
export const limitFields: INodeProperties[] = [returnAll, limit];

/**
 * Reads how many rows of a list to return.
 *
 * @returns infinity for all
 * @throws InvalidInput
 */
export function readListLimit(item: Item): number {
	return readSwitch(item, item.parameter(returnAll.name), returnAll)
		? Number.POSITIVE_INFINITY
		: readNumber(item, item.parameter(limit.name), limit);
}
