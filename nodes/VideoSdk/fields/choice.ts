import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { jsonParse } from 'n8n-workflow';
import type { InvalidInput } from '../errors/invalidInput';
import {
	type Described,
	emptyField,
	type Field,
	fieldOf,
	isEmpty,
	orRemove,
	plain,
	type Source,
	wrongValue,
} from './text';

/** A field with choices, as it is described to n8n. */
export type ChoiceField = Described & Pick<INodeProperties, 'options'>;

const choicesOf = ({ options = [] }: ChoiceField) => options as INodePropertyOptions[];

/** Finds the choice that a value means: by its value, or by its name in the panel. Case is ignored. */
function find(described: ChoiceField, value: unknown): string | undefined {
	const text = String(plain(value)).toLowerCase();
	const found = choicesOf(described).find(
		(choice) => String(choice.value).toLowerCase() === text || choice.name.toLowerCase() === text,
	);
	return found && String(found.value);
}

function namesOf(described: ChoiceField): string {
	return choicesOf(described)
		.map(({ name }) => name)
		.join(', ');
}

function noChoice(
	source: Source,
	value: unknown,
	field: Field,
	described: ChoiceField,
): InvalidInput {
	const nextStep = `The choices for '${field.field}' are: ${namesOf(described)}.`;
	return wrongValue(source, value, field, 'does not have this choice', nextStep);
}

/**
 * Reads a field with one choice. Its expression may return any text.
 *
 * @param collection that the field is in
 * @returns the value of the choice, as it is described
 * @throws InvalidInput if it is empty, or not a choice
 */
export function readChoice(
	source: Source,
	value: unknown,
	described: ChoiceField,
	collection?: string,
): string {
	const field = fieldOf(described, collection);
	if (isEmpty(value)) {
		const nextStep = orRemove(`Choose one in '${field.field}': ${namesOf(described)}.`, collection);
		throw emptyField(source, { ...field, nextStep });
	}
	const found = find(described, value);
	if (found === undefined) throw noChoice(source, value, field, described);
	return found;
}

/**
 * The parts of what an expression returned for several choices. Behind braces with a blank after them,
 * n8n makes a text of a list, separated by commas.
 */
function partsOf(described: ChoiceField, value: unknown): unknown[] {
	if (Array.isArray(value)) return value.flatMap((part: unknown) => partsOf(described, part));
	if (isEmpty(value)) return [];
	if (typeof value !== 'string') return [value];
	const list: unknown = /^\s*\[/.test(value) ? jsonParse(value, { fallbackValue: null }) : null;
	if (Array.isArray(list)) return list.flatMap((part: unknown) => partsOf(described, part));
	return value
		.split(/[,;\n]/)
		.filter((part) => !isEmpty(part))
		.flatMap((part) => {
			const words = part.trim().split(/\s+/);
			// A name of a choice may have spaces, and words may be separated by spaces only.
			const areChoices = words.every((word) => find(described, word) !== undefined);
			return find(described, part) === undefined && areChoices ? words : [part];
		});
}

/**
 * Reads a field with several choices, of which none may be chosen. Its expression may return a list, a
 * list in JSON, or text such as `queued, running`.
 *
 * @param collection that the field is in
 * @returns the values of the choices, as they are described, each once
 * @throws InvalidInput if one is not a choice
 */
export function readOptionalChoices(
	source: Source,
	value: unknown,
	described: ChoiceField,
	collection?: string,
): string[] {
	const field = fieldOf(described, collection);
	const chosen = partsOf(described, value).map((part) => {
		const found = find(described, part);
		if (found === undefined) throw noChoice(source, part, field, described);
		return found;
	});
	return [...new Set(chosen)];
}

/**
 * Reads a field with several choices as `readOptionalChoices` does.
 *
 * @throws InvalidInput also if there are none
 */
export function readChoices(
	source: Source,
	value: unknown,
	described: ChoiceField,
	collection?: string,
): string[] {
	const chosen = readOptionalChoices(source, value, described, collection);
	if (chosen.length > 0) return chosen;
	const field = fieldOf(described, collection);
	const nextStep = orRemove(
		`Choose at least one in '${field.field}': ${namesOf(described)}.`,
		collection,
	);
	throw emptyField(source, { ...field, nextStep });
}
