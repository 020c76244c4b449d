import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { defaultRequestOptions, type RequestOptions } from './api/client';

function within(value: unknown, least: number, most: number, otherwise: number): number {
	const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
	return Number.isFinite(number) ? Math.min(most, Math.max(least, Math.round(number))) : otherwise;
}

/**
 * Reads how requests are made from the node's options. The form keeps the bounds; a workflow that
 * was written by hand or by a program may not, so what is out of bounds is brought within.
 */
export function readRequestOptions(options: IDataObject): RequestOptions {
	const { timeout, maxRetries, maxConcurrency } = options;
	return {
		timeout: within(timeout, 1, 3_600_000, defaultRequestOptions.timeout),
		maxRetries: within(maxRetries, 0, 10, defaultRequestOptions.maxRetries),
		maxConcurrency: within(maxConcurrency, 1, 500, defaultRequestOptions.maxConcurrency),
	};
}

/** The options that each operation has: how its requests are made. */
export const requestOptionFields: INodeProperties[] = [
	{
		displayName: 'Timeout',
		name: 'timeout',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1 },
		default: 30000,
		description: 'How long to wait for one answer of VideoSDK, in milliseconds',
	},
];
