import type { INodeProperties } from 'n8n-workflow';
import { quotable } from '../api/quotable';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';
import { readText } from './text';

/** ITU-T E.164: a plus sign and up to 15 digits, of which the first are the country code. */
const E164 = /^\+[1-9]\d{6,14}$/;

const STEP =
	'A phone number looks like +14155550123: a plus sign, the country code and the number, without spaces or dashes.';

/**
 * Reads a phone number.
 *
 * @param field for the number
 * @throws InvalidInput if it is not an E.164 number
 */
export function readPhoneNumber(
	item: Item,
	{ displayName, name }: Pick<INodeProperties, 'displayName' | 'name'>,
): string {
	const number = readText(item, item.parameter(name), {
		field: displayName,
		path: name,
		name: `phone number in '${displayName}'`,
		nextStep: STEP,
	});
	if (!E164.test(number)) {
		throw new InvalidInput(
			`'${displayName}' is not an international phone number: "${quotable(number, 40)}"`,
			STEP,
		);
	}
	return number;
}
