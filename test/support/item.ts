import type { IDataObject } from 'n8n-workflow';
import type { Item } from '../../nodes/VideoSdk/execution/work';

/**
 * An input item, for functions that read its fields.
 *
 * @param values of the fields for this item; a field that is missing is empty, as in n8n
 * @param more other properties of the item, such as its input data
 */
export function itemWith(values: IDataObject = {}, more: Partial<Item> = {}): Item {
	return {
		index: 0,
		json: {},
		timezone: 'UTC',
		parameter: (name: string) => (name in values ? values[name] : ''),
		rawParameter: () => '',
		isFromModel: () => false,
		...more,
	} as Item;
}

/** An item with one expression that found nothing, in the field at this path. */
export function itemWithout(path: string): Item {
	const rawParameter = (name: string) => (name === path ? '={{ $json.none }}' : '');
	return itemWith({}, { rawParameter });
}
