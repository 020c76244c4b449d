import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { readChoice } from './choice';
import { readNumber } from './number';
import { readSwitch } from './switch';
import { isEmpty, type Source } from './text';

function readField(
	source: Source,
	value: unknown,
	field: INodeProperties,
	collection: string,
): boolean | number | string {
	switch (field.type) {
		case 'boolean':
			return readSwitch(source, value, field, collection);
		case 'number':
			return readNumber(source, value, field, collection);
		default:
			return readChoice(source, value, field, collection);
	}
}

/**
 * Reads the switches, numbers and choices that the user has added to a collection, each by its type.
 *
 * @param fields of the collection; of these types only
 * @param values of the collection
 * @returns the values, by the names of their fields, without empty numbers and choices
 * @throws InvalidInput
 */
export function readByType(
	source: Source,
	fields: INodeProperties[],
	values: IDataObject,
	collection: string,
): IDataObject {
	return Object.fromEntries(
		fields
			.filter(({ name, type }) => (type === 'boolean' ? name in values : !isEmpty(values[name])))
			.map((field) => [field.name, readField(source, values[field.name], field, collection)]),
	);
}
