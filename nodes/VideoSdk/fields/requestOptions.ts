import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { defaultRequestOptions, type RequestOptions } from '../http/client';
import { readByType } from './byType';
import type { Source } from './text';

const MINUTE = 60_000;

/** The field with the options. */
const OPTIONS = 'options';

function within(value: unknown, least: number, most: number, otherwise: number): number {
	return typeof value === 'number' ? Math.min(most, Math.max(least, Math.round(value))) : otherwise;
}

/**
 * Returns the options for requests. The panel allows no values out of bounds, but a workflow may be written
 * by hand or by a program: such a value is replaced by the nearest one within the bounds.
 *
 * @param options as `readOptions` returns them
 */
export function requestOptionsIn(options: IDataObject): RequestOptions {
	const { timeout, maxRetries, maxConcurrency, giveUpAfter } = options;
	return {
		timeout: within(timeout, 1, 3_600_000, defaultRequestOptions.timeout),
		maxRetries: within(maxRetries, 0, 10, defaultRequestOptions.maxRetries),
		maxConcurrency: within(maxConcurrency, 1, 1_000, defaultRequestOptions.maxConcurrency),
		giveUpAfter: MINUTE * within(giveUpAfter, 1, 1_440, defaultRequestOptions.giveUpAfter / MINUTE),
	};
}

/** Returns the longest time to wait. @param options as `readOptions` returns them @returns seconds */
export function waitTimeoutIn({ waitTimeout }: IDataObject): number {
	return within(waitTimeout, 1, 86_400, 60);
}

const requestOptions: INodeProperties[] = [
	{
		displayName: 'Give Up After (Minutes)',
		name: 'giveUpAfter',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 1440 },
		default: 10,
		description:
			'How long to keep trying while VideoSDK receives too many requests (HTTP 429) or is unavailable (HTTP 503). After HTTP 503, a request that could start or create something twice is not retried.',
	},
	{
		displayName: 'Max Concurrency',
		name: 'maxConcurrency',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 1000 },
		default: 500,
		description:
			'Max number of concurrent requests of this node, across all its executions. The node adjusts to what VideoSDK accepts, so you rarely need this option.',
	},
	{
		displayName: 'Max Retries',
		name: 'maxRetries',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 0, maxValue: 10 },
		default: 3,
		description:
			'How many times to retry a request after a temporary failure, such as a server error or a lost connection. A request that could start or create something twice is retried only if it certainly had no effect. Enter 0 to turn retries off.',
	},
	{
		displayName: 'Timeout (Milliseconds)',
		name: 'timeout',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1 },
		default: 30000,
		description: 'How long to wait for the response to one request',
	},
];

/**
 * Makes the option for how long to wait for a state of a thing.
 *
 * @param noun for the thing: `session`
 * @param waits name of the option that turns waiting on
 */
export function waitTimeoutOption(noun: string, waits: string): INodeProperties {
	return {
		displayName: 'Wait Timeout (Seconds)',
		name: 'waitTimeout',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1 },
		default: 60,
		displayOptions: { show: { [waits]: [true] } },
		description: `Maximum time to wait. If the ${noun} takes longer, the node returns an error.`,
	};
}

/**
 * Makes the field for the options of an operation: its own, and those of all operations. They take no
 * expressions, so that they can be read once for all items.
 */
export function optionsField(own: INodeProperties[] = []): INodeProperties {
	return {
		displayName: 'Options',
		name: OPTIONS,
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [...own, ...requestOptions].sort((a, b) => a.displayName.localeCompare(b.displayName)),
	};
}

/**
 * Reads the options of an operation, each by its type. The panel gives them the right type, but a workflow
 * may be written by hand or by a program.
 *
 * @param fields of the operation, with that for its options
 * @param values that are set
 * @returns the options that are set and that the operation has
 * @throws InvalidInput
 */
export function readOptions(
	source: Source,
	fields: INodeProperties[],
	values: IDataObject,
): IDataObject {
	const described = fields.find(({ name }) => name === OPTIONS)?.options ?? [];
	// What uses a number knows what to do with one that is out of bounds.
	const unbound = (described as INodeProperties[]).map((option) =>
		option.type === 'number' ? { ...option, typeOptions: {} } : option,
	);
	return readByType(source, unbound, values, OPTIONS);
}
