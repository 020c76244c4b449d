import { quotable } from '../api/quotable';
import { isSendable, LONGEST_ID } from '../api/sendable';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';
import { nearMisses } from './nearMisses';

function describe(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Writes the value of a field as an error quotes it. */
export function quoteValue(value: unknown): string {
	return quotable(typeof value === 'object' ? JSON.stringify(value) : String(value), 60);
}

/** Whether a field is empty, or has only spaces. */
export function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && !value.trim());
}

/** A field for text, as an error names it. */
export interface TextField {
	/** Its name in the panel: `Session`. */
	field: string;
	/** Its path in the parameters of the node: `sessionId`, `filters.tag`. */
	path: string;
	/** What its value is: `session ID`. */
	name: string;
	/** The next step in an error. */
	nextStep: string;
	/** The most characters. */
	longest?: number;
}

/** Reads the value of a field that may be a resource locator. */
export function valueIn(field: unknown): unknown {
	return typeof field === 'object' && field !== null && 'value' in field ? field.value : field;
}

function expressionIn(item: Item, path: string): string | undefined {
	const text = valueIn(item.rawParameter(path));
	return typeof text === 'string' && text.startsWith('=') ? text : undefined;
}

/** Makes the error for a field without a value: it is empty, or its expression found nothing. */
export function emptyField(
	item: Item,
	{ field, path, nextStep }: Pick<TextField, 'field' | 'path' | 'nextStep'>,
): InvalidInput {
	if (item.isFromModel(path)) {
		return new InvalidInput(
			`'${field}' is empty, so nothing was done. Call the tool again with a value for it`,
			nextStep,
		);
	}
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
 * Checks that a value is text that can be sent, such as an ID, a tag or a URL. The form of an ID is not
 * checked, since VideoSDK's documentation shows several.
 *
 * @param value of the field; a number is taken as text
 * @returns the text, trimmed
 * @throws InvalidInput if it is missing, empty, not text, too long, or contains characters that are not allowed
 */
export function readText(item: Item, value: unknown, text: TextField): string {
	if (isEmpty(value)) throw emptyField(item, text);
	return checkText(value, text);
}

/**
 * Checks text that is optional.
 *
 * @returns the text, trimmed, or undefined if it is empty
 * @throws InvalidInput, as `readText` does
 */
export function readOptionalText(value: unknown, text: OptionalText): string | undefined {
	return isEmpty(value) ? undefined : checkText(value, text);
}
