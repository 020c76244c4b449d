import type { IDataObject } from 'n8n-workflow';
import {
	type Described,
	emptyField,
	fieldOf,
	isEmpty,
	orRemove,
	plain,
	type Source,
	wrongValue,
} from './text';

/** What means on and off, as n8n's own type validation has it (n8n-workflow, type-validation). */
const MEANINGS: Record<string, boolean> = { true: true, 1: true, false: false, 0: false };

/**
 * Reads a switch. Its expression may return text or a number: n8n does not convert them.
 *
 * @param value true or false, 1 or 0, or one of these as text, in upper or lower case
 * @param collection that the switch is in
 * @throws InvalidInput if it is anything else: it is not guessed whether that means on or off
 */
export function readSwitch(
	source: Source,
	value: unknown,
	described: Described,
	collection?: string,
): boolean {
	const isPlain = ['boolean', 'number', 'string'].includes(typeof value);
	const meaning = isPlain ? MEANINGS[String(plain(value)).toLowerCase()] : undefined;
	if (meaning !== undefined) return meaning;
	const field = fieldOf(described, collection);
	const nextStep = orRemove(
		'Turn it on or off, or use an expression that returns true or false.',
		collection,
	);
	if (isEmpty(value)) throw emptyField(source, { ...field, nextStep });
	throw wrongValue(source, value, field, 'is neither on nor off', nextStep);
}

/**
 * Reads a switch that the user may have added to a collection.
 *
 * @param values of the collection
 * @returns undefined if it was not added
 * @throws InvalidInput, as `readSwitch` does
 */
export function readAddedSwitch(
	source: Source,
	values: IDataObject,
	described: Described,
	collection: string,
): boolean | undefined {
	if (!(described.name in values)) return undefined;
	return readSwitch(source, values[described.name], described, collection);
}
