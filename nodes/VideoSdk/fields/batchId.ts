import type { INodeProperties } from 'n8n-workflow';
import type { Item } from '../execution/work';
import { fieldOf, readText } from './text';

/** The resource locator for a batch call. */
export const batchIdField: INodeProperties = {
	displayName: 'Batch Call',
	name: 'batchId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'list', value: '' },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a batch call…',
			typeOptions: { searchListMethod: 'searchBatchCalls', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 5b1f0c9e8d7a4c3b2a190817',
		},
	],
};

/** Reads the ID of the batch call of an item. @throws InvalidInput, as `readText` does */
export function readBatchId(item: Item): string {
	return readText(item, item.parameter(batchIdField.name), {
		...fieldOf(batchIdField),
		name: 'batch call ID',
		nextStep: "In 'Batch Call', enter the ID of one batch call, such as {{ $json.batchId }}.",
	});
}
