import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { quotable } from '../shared/quotable';
import { isSendable, LONGEST_ID } from '../shared/sendable';
import { visible } from '../shared/visible';
import { InvalidInput } from '../errors/invalidInput';
import type { Item } from '../execution/work';
import { nearMisses, otherId } from './nearMisses';

/** What a reader needs to know of an item, or of a trigger, besides the value of the field. */
export type Source = Pick<Item, 'json' | 'rawParameter' | 'isFromModel'>;

/** A field, as an error names it. */
export interface Field {
	/** Its name in the panel: `Session`. */
	field: string;
	/** Its path in the parameters of the node: `sessionId`, `filters.tag`. */
	path: string;
	/** Whether the field takes no expression. */
	isAlwaysFixed?: boolean;
}

/** How a field is described to n8n. The names in it are those of the panel. */
export type Described = Pick<INodeProperties, 'displayName' | 'name' | 'noDataExpression'>;

/**
 * Names a field as its description does.
 *
 * @param collection that the field is in: `filters`
 */
export function fieldOf(
	{ displayName, name, noDataExpression }: Described,
	collection?: string,
): Field {
	return {
		field: displayName,
		path: collection === undefined ? name : `${collection}.${name}`,
		isAlwaysFixed: noDataExpression,
	};
}

/** Adds to a next step that the user can also remove a field that is not needed. */
export function orRemove(nextStep: string, collection?: string): string {
	if (collection === undefined) return nextStep;
	const what = collection === 'filters' ? 'the filter' : 'it';
	return `${nextStep} Or remove ${what}.`;
}

/** A field for text. */
export interface TextField extends Field {
	/** What its value is: `session ID`. */
	name: string;
	/** The next step in an error. */
	nextStep: string;
	/** The most characters. */
	longest?: number;
	/**
	 * Whether it is a name or a sentence for people to read. It may have line breaks, and keeps characters
	 * that nobody sees, since some languages need them.
	 */
	isProse?: boolean;
	/** Whether no other resource has the operation, so that an ID of something else is of no use. */
	isOnlyHere?: boolean;
}

function describe(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' ? 'a group of fields' : `the value ${quoteValue(value)}`;
}

/** Writes the value of a field as an error quotes it. */
export function quoteValue(value: unknown): string {
	return quotable(typeof value === 'object' ? JSON.stringify(value) : String(value), 60);
}

/** Takes away what nobody sees of a text, at its ends also spaces. Any other value stays. */
export function plain(value: unknown): unknown {
	return typeof value === 'string' ? visible(value).trim() : value;
}

/** Whether a field is empty, or has nothing in it that can be seen. */
export function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || plain(value) === '';
}

/** Reads the value of a field that may be a resource locator. */
export function valueIn(field: unknown): unknown {
	return typeof field === 'object' && field !== null && 'value' in field ? field.value : field;
}

function expressionIn(source: Source, path: string): string | undefined {
	const text = valueIn(source.rawParameter(path));
	return typeof text === 'string' && text.startsWith('=') ? text : undefined;
}

/** Suggests an expression that has a value, instead of one without. */
function suggestion(
	expression: string,
	path: string,
	json: IDataObject,
	isOnlyHere?: boolean,
): string | undefined {
	const near = nearMisses(expression, json);
	if (near) {
		const found = near.found.map((each) => quotable(each)).join(' or ');
		return `Did you mean ${found}? The input has nothing in '${quotable(near.wanted)}'.`;
	}
	const other = isOnlyHere ? undefined : otherId(path, json);
	return (
		other &&
		`The input has ${quotable(other.expression)}: to use it, choose '${other.resource}' as the resource.`
	);
}

/** Makes the error for a field without a value: it is empty, or its expression found nothing. */
export function emptyField(
	source: Source,
	{ field, path, nextStep, isOnlyHere }: Field & Pick<TextField, 'nextStep' | 'isOnlyHere'>,
): InvalidInput {
	if (source.isFromModel(path)) {
		return new InvalidInput(
			`'${field}' is empty, so nothing was done. Call the tool again with a value for it`,
			nextStep,
		);
	}
	const expression = expressionIn(source, path);
	if (expression === undefined) return new InvalidInput(`'${field}' is empty`, nextStep);
	return new InvalidInput(
		`The expression in '${field}' returned nothing`,
		suggestion(expression, path, source.json, isOnlyHere) ??
			`Compare the field name in the expression with the input on the left. ${nextStep}`,
	);
}

/** Braces with anything in them, and with a variable of n8n in them. */
const BRACES = { any: /\{\{.*\}\}/s, variable: /\{\{[^}]*\$.*\}\}/s };

/**
 * Refuses an expression that was pasted as fixed text: n8n does not evaluate it, and VideoSDK would get
 * the braces.
 *
 * @param braces `variable` if the text may be a template of the user's own, such as `Hello {{name}}`
 * @param isSecret whether the error must not show the text
 * @throws InvalidInput
 */
export function refuseFixedExpression(
	source: Source,
	value: unknown,
	{ field, path, isAlwaysFixed }: Field,
	{ braces = 'any', isSecret = false }: { braces?: keyof typeof BRACES; isSecret?: boolean } = {},
): void {
	if (isAlwaysFixed || typeof value !== 'string' || !BRACES[braces].test(value)) return;
	if (expressionIn(source, path) !== undefined) return;
	const quoted = isSecret ? '' : `: "${quoteValue(value)}"`;
	throw new InvalidInput(
		`'${field}' contains an expression, but is set to Fixed${quoted}`,
		`Switch '${field}' from Fixed to Expression, so that n8n replaces what is in the braces.`,
	);
}

/**
 * Makes the error for a value that a field does not take.
 *
 * @param problem what the value is not: `is not a number`
 */
export function wrongValue(
	source: Source,
	value: unknown,
	field: Field,
	problem: string,
	nextStep: string,
): InvalidInput {
	refuseFixedExpression(source, value, field);
	return new InvalidInput(`'${field.field}' ${problem}: "${quoteValue(value)}"`, nextStep);
}

function isAllowed(text: string, isProse: boolean): boolean {
	return isProse ? !/\p{Cs}/u.test(text) && !/[^\P{Cc}\t\n\r]/u.test(text) : isSendable(text);
}

function unsendable(text: string): string {
	if (/^\.+$/.test(text)) return 'consists only of dots';
	return /[\n\r\t]/.test(text)
		? 'contains a line break or a tab'
		: 'contains a character that cannot be sent';
}

function checkText(
	source: Source,
	value: unknown,
	{ name, nextStep, longest = LONGEST_ID, isProse = false, ...field }: TextField,
): string {
	const where = `The ${name}`;
	if (typeof value === 'number' && !Number.isSafeInteger(value)) {
		throw new InvalidInput(
			`${where} is a number with decimals, or with more digits than n8n can store exactly`,
			'It must be text: put it in quotes in the node or app that it comes from.',
		);
	}
	if (typeof value !== 'string' && typeof value !== 'number') {
		throw new InvalidInput(`${where} is ${describe(value)}, not text`, nextStep);
	}
	refuseFixedExpression(source, value, field, { braces: isProse ? 'variable' : 'any' });
	const trimmed = (isProse ? String(value) : visible(String(value))).trim();
	if (trimmed.length > longest) {
		throw new InvalidInput(
			`${where} is longer than ${longest} characters: "${quotable(trimmed, 20)}"`,
			nextStep,
		);
	}
	if (!isAllowed(trimmed, isProse)) {
		throw new InvalidInput(`${where} ${unsendable(trimmed)}`, nextStep);
	}
	return trimmed;
}

/**
 * Checks that a value is text that can be sent, such as an ID, a tag or a URL. The form of an ID is not
 * checked, since VideoSDK's documentation shows several.
 *
 * @param value of the field; a number is taken as text
 * @returns the text, trimmed, without characters that nobody sees
 * @throws InvalidInput if it is missing, empty, not text, too long, an expression as fixed text, or
 * contains characters that are not allowed
 */
export function readText(source: Source, value: unknown, text: TextField): string {
	if (isEmpty(value)) throw emptyField(source, text);
	return checkText(source, value, text);
}

/**
 * Checks text that is optional.
 *
 * @returns the text as `readText` does, or undefined if it is empty
 * @throws InvalidInput, as `readText` does
 */
export function readOptionalText(
	source: Source,
	value: unknown,
	text: TextField,
): string | undefined {
	return isEmpty(value) ? undefined : checkText(source, value, text);
}
