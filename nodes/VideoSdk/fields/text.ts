import { quotable } from '../api/quotable';
import { isSendable, LONGEST_ID } from '../api/sendable';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';
import { nearMisses } from './nearMisses';

function describe(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Gives what is in a field as an error quotes it. */
export function show(value: unknown): string {
	return quotable(typeof value === 'object' ? JSON.stringify(value) : String(value), 60);
}

/** Whether a field was left empty: nothing in it, or nothing but spaces. */
export function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && !value.trim());
}

/** A field that holds a text, in the words of an error. */
interface TextField {
	/** Its name in the panel: `Session`. */
	field: string;
	/** Where it stands in the node: `sessionId`, `filters.tag`. */
	path: string;
	/** What it holds: `session ID`. */
	name: string;
	/** What an error advises. */
	nextStep: string;
	/** Characters. */
	longest?: number;
}

/** Takes the value out of a field with modes, such as an ID that may be picked from a list. */
export function valueIn(field: unknown): unknown {
	return typeof field === 'object' && field !== null && 'value' in field ? field.value : field;
}

function expressionIn(item: Item, path: string): string | undefined {
	const text = valueIn(item.rawParameter(path));
	return typeof text === 'string' && text.startsWith('=') ? text : undefined;
}

/** Makes the error for a field that has no value: its expression found nothing, or it was left empty. */
export function emptyField(
	item: Item,
	{ field, path, nextStep }: Pick<TextField, 'field' | 'path' | 'nextStep'>,
): InvalidInput {
	const expression = expressionIn(item, path);
	if (expression === undefined) return new InvalidInput(`'${field}' is empty`, nextStep);
	const near = nearMisses(expression, item.json);
	const compare = 'Compare the name with the input on the left';
	return new InvalidInput(
		`The expression in '${field}' found nothing`,
		near
			? `${compare}: ${near.found.map((name) => `\`${quotable(name)}\``).join(' and ')} ${near.found.length === 1 ? 'is' : 'are'} not \`${quotable(near.wanted)}\`.`
			: `${compare}. ${nextStep}`,
	);
}

type OptionalText = Pick<TextField, 'name' | 'nextStep' | 'longest'>;

function checkText(value: unknown, { name, nextStep, longest = LONGEST_ID }: OptionalText): string {
	const where = `The ${name}`;
	if (typeof value === 'number' && !Number.isSafeInteger(value)) {
		throw new InvalidInput(
			`${where} is a number that cannot be exact`,
			'Send the ID as text: put it in quotes in the node that sends it.',
		);
	}
	if (typeof value !== 'string' && typeof value !== 'number') {
		throw new InvalidInput(`${where} is ${describe(value)}, not text`, nextStep);
	}
	const trimmed = String(value).trim();
	if (trimmed.length > longest) {
		throw new InvalidInput(
			`${where} is longer than ${longest} characters: "${quotable(trimmed, 20)}"`,
			nextStep,
		);
	}
	if (!isSendable(trimmed)) {
		throw new InvalidInput(`${where} contains characters that are not allowed`, nextStep);
	}
	return trimmed;
}

/**
 * Checks that a value is a text that can be sent, such as an ID, a tag or a URL. VideoSDK's
 * documentation shows several forms of IDs, so their form is not checked.
 *
 * @param value what the field's expression gave; a number is taken as text
 * @returns the text, trimmed
 * @throws InvalidInput if it is missing, empty, not text, too long, or contains characters that are not allowed
 */
export function readText(item: Item, value: unknown, text: TextField): string {
	if (isEmpty(value)) throw emptyField(item, text);
	return checkText(value, text);
}

/**
 * Checks a text that may be left out.
 *
 * @returns the text, trimmed, or undefined if it was left empty
 * @throws InvalidInput, as `readText` does
 */
export function readOptionalText(value: unknown, text: OptionalText): string | undefined {
	return isEmpty(value) ? undefined : checkText(value, text);
}
