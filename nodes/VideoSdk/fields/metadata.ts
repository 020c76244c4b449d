import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { jsonParse } from 'n8n-workflow';
import { isObject } from '../api/isObject';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';
import { entriesField, nonEmpty, readEntries } from './keysAndValues';
import { isEmpty } from './text';

/**
 * Makes the two fields for metadata: as entries, and as JSON.
 *
 * @param description of the metadata
 */
export function metadataFields(description: string): INodeProperties[] {
	return [
		entriesField({
			displayName: 'Metadata',
			name: 'metadata',
			noun: 'entry',
			description,
			isSecret: false,
		}),
		{
			displayName: 'Metadata (JSON)',
			name: 'metadataJson',
			type: 'json',
			default: '{}',
			description: "Metadata as a JSON object. Entries in 'Metadata' are added to it.",
		},
	];
}

function parse(value: unknown): unknown {
	return typeof value === 'string' ? jsonParse(value, { fallbackValue: null }) : value;
}

/**
 * Reads a field for a JSON object, whose expression may return text or an object.
 *
 * @param name of the field in the panel
 * @returns undefined if the field or the object is empty
 * @throws InvalidInput
 */
export function readObject(value: unknown, name: string): IDataObject | undefined {
	const object = isEmpty(value) ? {} : parse(value);
	if (!isObject(object)) {
		throw new InvalidInput(
			`'${name}' is not a JSON object`,
			'It should look like { "customer": "4711" }.',
		);
	}
	return nonEmpty(object);
}

/** Reads both fields. @returns undefined if both are empty @throws InvalidInput */
export function readMetadata(item: Item, fields: IDataObject): IDataObject | undefined {
	return nonEmpty({
		...readObject(fields.metadataJson, 'Metadata (JSON)'),
		...readEntries(item, fields, 'metadata', 'Metadata'),
	});
}
