import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { jsonParse } from 'n8n-workflow';
import { isObject } from '../shared/isObject';
import { InvalidInput } from '../errors/invalidInput';
import type { Item } from '../execution/work';
import { ADDITIONAL_FIELDS } from './additionalFields';
import { entriesField, nonEmpty, readEntries } from './keysAndValues';
import { type Field, fieldOf, isEmpty, refuseFixedExpression } from './text';

const metadata = entriesField({
	displayName: 'Metadata',
	name: 'metadata',
	noun: 'entry',
	isSecret: false,
});

const metadataJson: INodeProperties = {
	displayName: 'Metadata (JSON)',
	name: 'metadataJson',
	type: 'json',
	default: '{}',
	description:
		"Metadata as a JSON object. Entries in 'Metadata' are added to it, and override entries with the same key.",
};

/**
 * Makes the two fields for metadata: as entries, and as JSON.
 *
 * @param description of the metadata
 */
export function metadataFields(description: string): INodeProperties[] {
	return [{ ...metadata, description }, metadataJson];
}

function parse(value: unknown): unknown {
	return typeof value === 'string' ? jsonParse(value, { fallbackValue: null }) : value;
}

/**
 * Reads a field for a JSON object, whose expression may return text or an object.
 *
 * @param example for the error
 * @returns undefined if the field or the object is empty
 * @throws InvalidInput
 */
export function readObject(
	item: Item,
	value: unknown,
	field: Field,
	example = '{ "customer": "4711" }',
): IDataObject | undefined {
	refuseFixedExpression(item, value, field, { braces: 'variable' });
	const object = isEmpty(value) ? {} : parse(value);
	if (!isObject(object)) {
		throw new InvalidInput(
			`'${field.field}' is not a JSON object`,
			`Enter a JSON object, such as ${example}.`,
		);
	}
	return nonEmpty(object);
}

/** Reads both fields. @returns undefined if both are empty @throws InvalidInput */
export function readMetadata(item: Item, fields: IDataObject): IDataObject | undefined {
	return nonEmpty({
		...readObject(item, fields.metadataJson, fieldOf(metadataJson, ADDITIONAL_FIELDS)),
		...readEntries(item, fields, metadata),
	});
}
