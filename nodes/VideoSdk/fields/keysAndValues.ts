import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { quotable } from '../shared/quotable';
import { capitalized } from '../shared/capitalized';
import { InvalidInput } from '../errors/invalidInput';
import type { Item } from '../execution/work';
import { ADDITIONAL_FIELDS } from './additionalFields';
import { readText, refuseFixedExpression } from './text';

/**
 * Makes a field for any number of entries, each with a key and a value.
 *
 * @param noun for one entry: `variable`
 * @param isSecret whether the panel hides the values
 */
export function entriesField({
	noun,
	isSecret,
	...field
}: Pick<INodeProperties, 'displayName' | 'name' | 'description'> & {
	noun: string;
	isSecret: boolean;
}): INodeProperties {
	return {
		...field,
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: `Add ${noun}`,
		default: {},
		options: [
			{
				displayName: capitalized(noun),
				name: 'entries',
				values: [
					{
						displayName: 'Key',
						name: 'key',
						type: 'string',
						default: '',
						description: `Name of the ${noun}`,
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						description: `Value of the ${noun}`,
						...(isSecret && { typeOptions: { password: true } }),
					},
				],
			},
		],
	};
}

/** Returns undefined, which is not sent, for an object without any value. */
export function nonEmpty<Fields extends object>(fields: Fields): Fields | undefined {
	return Object.values(fields).some((value) => value !== undefined) ? fields : undefined;
}

interface Entry {
	key?: unknown;
	value?: unknown;
}

/**
 * Reads the entries of one of the additional fields.
 *
 * @param field made by `entriesField`
 * @returns undefined if there are none
 * @throws InvalidInput, without any value, since it may be a secret
 */
export function readEntries(
	item: Item,
	fields: IDataObject,
	{ displayName: title, name }: INodeProperties,
): Record<string, string> | undefined {
	const { entries = [] } = (fields[name] ?? {}) as { entries?: Entry[] };
	const read = entries.map(({ key, value }, at) => {
		const entry = `${ADDITIONAL_FIELDS}.${name}.entries[${at}]`;
		const keyText = readText(item, key, {
			field: `Key (${title})`,
			path: `${entry}.key`,
			name: `key of ${title}`,
			nextStep: `Enter a key for each entry in '${title}', or remove the entries that have none.`,
		});
		if (typeof value === 'object' && value !== null) {
			throw new InvalidInput(
				`The value of "${quotable(keyText)}" in '${title}' is not text`,
				'Check the expression: it must return text or a number.',
			);
		}
		// It may be a secret, and it may be a template of the user's own.
		const valueField = { field: `Value (${title})`, path: `${entry}.value` };
		refuseFixedExpression(item, value, valueField, { braces: 'variable', isSecret: true });
		return [keyText, String(value ?? '')];
	});
	return nonEmpty(Object.fromEntries(read));
}
