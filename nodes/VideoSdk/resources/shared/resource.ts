import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import type { Operation } from '../../execution/operation';

/** What the node can work on: its entry in 'Resource', and what can be done with it. */
export interface Resource {
	option: INodePropertyOptions;
	/** By their values in 'Operation'. */
	operations: Record<string, Operation>;
	/** The selector 'Operation' of the resource, and the fields of each operation. */
	description: INodeProperties[];
}

/**
 * Makes a resource of its operations.
 *
 * @param option the entry in 'Resource'
 * @param defaultOperation the value of the operation that a new node has
 * @param operations in the order of their names, as the panel lists them
 */
export function resourceOf({
	option,
	defaultOperation,
	operations,
}: {
	option: INodePropertyOptions;
	defaultOperation: string;
	operations: Operation[];
}): Resource {
	const ofResource = { resource: [option.value] };
	return {
		option,
		operations: Object.fromEntries(operations.map((one) => [one.option.value, one])),
		description: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				displayOptions: { show: ofResource },
				default: defaultOperation,
				options: operations.map((one) => one.option),
			},
			...operations.flatMap(({ option: { value }, fields }) =>
				updateDisplayOptions({ show: { ...ofResource, operation: [value] } }, fields),
			),
		],
	};
}
