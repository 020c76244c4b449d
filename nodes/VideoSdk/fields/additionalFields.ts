import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { Item } from '../execution/operation';

/** Gives the field with what most uses of an operation do without. */
export function additionalFieldsOf(options: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Additional Fields',
		name: 'additionalFields',
		type: 'collection',
		placeholder: 'Add field',
		default: {},
		options,
	};
}

/** Reads the fields that were added. */
export function readAdditionalFields(item: Item): IDataObject {
	return (item.parameter('additionalFields') || {}) as IDataObject;
}
