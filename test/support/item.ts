import type { IDataObject } from 'n8n-workflow';
import type { Item } from '../../nodes/VideoSdk/execution/operation';

/**
 * An input item, as those see it that read its fields.
 *
 * @param values what each field of the node gives for it; n8n gives a field that is missing as empty
 * @param more what else it has, such as what came in with it, or stands in the fields
 */
export function itemWith(values: IDataObject = {}, more: Partial<Item> = {}): Item {
	return {
		index: 0,
		json: {},
		options: {},
		timezone: 'UTC',
		retriesOnFail: false,
		parameter: (name: string) => (name in values ? values[name] : ''),
		rawParameter: () => '',
		...more,
	} as Item;
}

/** An item for which an expression found nothing, in the field at this path and in no other. */
export function itemWithout(path: string): Item {
	const rawParameter = (name: string) => (name === path ? '={{ $json.none }}' : '');
	return itemWith({}, { rawParameter });
}
