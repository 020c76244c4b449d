import { InvalidInput } from './api/failure';
import type { Item } from './items';

function describe(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * Checks that a value is an ID that can be sent. VideoSDK's documentation shows several forms of
 * IDs, so their form is not checked.
 *
 * @param value what the field's expression gave; a number is taken as text
 * @param name how the error calls it: `session ID`
 * @param nextStep what the error advises
 * @returns the ID, trimmed
 * @throws InvalidInput if it is missing, empty, not text, or has characters that no ID has
 */
export function readId(item: Item, value: unknown, name: string, nextStep: string): string {
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
	const id = String(value).trim();
	// A lone surrogate has no UTF-8; `.` and `..` name other places when they stand in a path.
	if (/[\p{Cc}\p{Cs}]/u.test(id) || /^\.{1,2}$/.test(id)) {
		throw new InvalidInput(`${where} has characters that no ID has`, nextStep);
	}
	return id;
}
