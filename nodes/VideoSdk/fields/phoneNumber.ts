import { visible } from '../shared/visible';
import type { Item } from '../execution/work';
import { type Described, fieldOf, isEmpty, readText, type Source, wrongValue } from './text';

/** ITU-T E.164: a plus sign and up to 15 digits, of which the first are the country code. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** A number with nothing in it but digits and what people put between them. */
const WRITTEN = /^\+?[\d\s().\-/\u2010-\u2015\u2212]+$/;

/** An extension of a telephone system: too short for a number of its own. */
const EXTENSION = /^[1-9]\d{1,5}$/;

/** Numbers that no workflow should call by mistake. */
const EMERGENCY = ['112', '911', '999'];

/** The address of a SIP endpoint: `sip:alice@pbx.example.com`, with or without its scheme. */
const SIP_ADDRESS = /^(?:sips?:)?[^\s@:]+@[^\s@]+$/i;

const STEP =
	'A phone number looks like +14155550123: a plus sign, the country code, and the number. The node ignores spaces, dashes, and parentheses.';

const STEP_WITH_SIP = `${STEP} A SIP address looks like sip:alice@pbx.example.com, and an extension like 1001.`;

const EMERGENCY_STEP =
	'The node does not call 112, 911 or 999. If this number is an extension, enter the SIP address of the extension.';

/** Makes ordinary characters of wide ones, and drops what nobody sees, the scheme and the spaces around. */
function tidy(text: string): string {
	return visible(text.normalize('NFKC')).trim().replace(/^tel:/i, '');
}

/**
 * Reads the digits of a number: `+49 (0)171 1234567` and `0049 171 1234567` are both `491711234567`.
 *
 * @returns undefined if it is no number
 */
function digitsOf(text: string): { digits: string; isInternational: boolean } | undefined {
	if (!WRITTEN.test(text)) return undefined;
	const all = text.replace(/^(\+|00)(.*?)\(0\)/, '$1$2').replace(/[^+\d]/g, '');
	// Most of the world dials 00 before a country code. A short number is an extension.
	const isInternational = all.startsWith('+') || /^00\d{7,}$/.test(all);
	const digits = isInternational ? all.replace(/^(?:\+|00)/, '') : all;
	return digits === '' ? undefined : { digits, isInternational };
}

/**
 * Reads a phone number. What people write between its digits is left out.
 *
 * @param described the field for the number
 * @param takesSip whether it can also be the address of a SIP endpoint, or an extension
 * @returns an E.164 number, a SIP address with its scheme, or an extension
 * @throws InvalidInput if it is none of them. The country code of a national number is not guessed
 */
export function readPhoneNumber(
	item: Item,
	described: Described,
	{ takesSip = false } = {},
): string {
	const value = item.parameter(described.name);
	const field = fieldOf(described);
	const nextStep = takesSip ? STEP_WITH_SIP : STEP;
	const name = `phone number in '${field.field}'`;
	const text = tidy(readText(item, value, { ...field, name, nextStep }));
	const number = digitsOf(text);
	if (takesSip && number && EMERGENCY.includes(number.digits)) {
		throw wrongValue(item, value, field, 'is an emergency number', EMERGENCY_STEP);
	}
	if (number?.isInternational) {
		const inFull = `+${number.digits}`;
		if (E164.test(inFull)) return inFull;
	} else if (number) {
		const { digits } = number;
		if (takesSip && EXTENSION.test(digits)) return digits;
		if (digits.length > 6) {
			throw wrongValue(
				item,
				value,
				field,
				'does not start with a plus sign and a country code',
				`The node does not guess the country. For example, enter the German number 0171 1234567 as +49 171 1234567, and the US number 14155550123 as +14155550123. If the value already has the country code, add only the plus sign: {{ '+' + $json.phone }}.`,
			);
		}
	} else if (takesSip && SIP_ADDRESS.test(text)) {
		return /^sips?:/i.test(text) ? text : `sip:${text}`;
	}
	const kinds = takesSip
		? 'a phone number, SIP address, or extension'
		: 'an international phone number';
	throw wrongValue(item, value, field, `is not ${kinds}`, nextStep);
}

/** A phone number as it is compared: by its digits, or by the whole text if it has other characters. */
interface Party {
	number: string;
	/** Of a SIP address. */
	host?: string;
}

function partyOf(value: unknown): Party {
	const text = tidy(String(value))
		.toLowerCase()
		.replace(/^sips?:/, '');
	const [user = '', host] = text.replace(/[;?].*$/, '').split('@');
	return { number: digitsOf(user)?.digits ?? user, host };
}

/**
 * Reads a filter for a phone number. VideoSDK lists numbers as they came from the SIP provider: with or
 * without a plus sign, or as `sip:+14155550123@host`. So they are compared by their digits.
 *
 * @param collection that the filter is in
 * @returns whether a number that VideoSDK lists is the wanted one
 * @throws InvalidInput if it is empty, or neither a number nor a SIP address
 */
export function readPhoneFilter(
	source: Source,
	value: unknown,
	described: Described,
	collection: string,
): (listed: unknown) => boolean {
	const field = fieldOf(described, collection);
	const nextStep = `Enter a phone number such as +14155550123, or a SIP address such as sip:alice@pbx.example.com. Or remove the filter: an empty filter would match everything.`;
	const name = `filter '${field.field}'`;
	const text = readText(source, value, { ...field, name, nextStep });
	const wanted = partyOf(text);
	if (wanted.host === undefined && !/^\d+$/.test(wanted.number)) {
		throw wrongValue(source, value, field, 'is not a phone number', nextStep);
	}
	return (listed) => {
		if (isEmpty(listed)) return false;
		const { number, host } = partyOf(listed);
		const isSameHost = wanted.host === undefined || host === undefined || host === wanted.host;
		return number === wanted.number && isSameHost;
	};
}
