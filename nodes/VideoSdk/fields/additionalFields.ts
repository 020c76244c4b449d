import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { Item } from '../execution/work';

/** The name of the field for what most uses of an operation do not need. */
export const ADDITIONAL_FIELDS = 'additionalFields';

/** Makes the field for what most uses of an operation do not need. */
export function additionalFields(options: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Additional Fields',
		name: ADDITIONAL_FIELDS,
		type: 'collection',
		placeholder: 'Add field',
		default: {},
		options,
	};
}

/** Reads the fields that the user added. */
export function readAdditionalFields(item: Item): IDataObject {
	return (item.parameter(ADDITIONAL_FIELDS) || {}) as IDataObject;
}
