import { quotable } from '../api/failure';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';

/** Characters. The documented IDs have 36 to 44. */
const LONGEST = 512;

function describe(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * Checks that a value is a text that can be sent, such as an ID, a tag or a URL. VideoSDK's
 * documentation shows several forms of IDs, so their form is not checked.
 *
 * @param value what the field's expression gave; a number is taken as text
 * @param name what the error calls it: `session ID`
 * @param nextStep what the error advises
 * @param longest characters
 * @returns the text, trimmed
 * @throws InvalidInput if it is missing, empty, not text, too long, or contains characters that are not allowed
 */
export function readText(
	item: Item,
	value: unknown,
	name: string,
	nextStep: string,
	longest = LONGEST,
): string {
	const where = `The ${name} of item ${item.index}`;
	if (value === undefined || value === null || (typeof value === 'string' && !value.trim())) {
		throw new InvalidInput(`${where} is empty`, nextStep);
	}
	if (typeof value === 'number' && !Number.isSafeInteger(value)) {
		throw new InvalidInput(
			`${where} is a number that cannot be exact`,
			'Send the ID as text: put it in quotes where it comes from.',
		);
	}
	if (typeof value !== 'string' && typeof value !== 'number') {
		throw new InvalidInput(`${where} is ${describe(value)}, not text`, nextStep);
	}
	const text = String(value).trim();
	if (text.length > longest) {
		throw new InvalidInput(
			`${where} is longer than ${longest} characters: "${quotable(text, 20)}"`,
			nextStep,
		);
	}
	// A lone surrogate has no UTF-8; `.` and `..` name other places when they stand in a path.
	if (/[\p{Cc}\p{Cs}]/u.test(text) || /^\.{1,2}$/.test(text)) {
		throw new InvalidInput(`${where} contains characters that are not allowed`, nextStep);
	}
	return text;
}
