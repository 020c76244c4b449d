import type { INodeProperties } from 'n8n-workflow';
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

/** A field for a number. Its bounds are those that the panel has, whole numbers have a precision of 0. */
export type NumberField = Described & Pick<INodeProperties, 'typeOptions' | 'default'>;

/** A number as people write it. `Number` would also read '0x10', '1e3' and true. */
const WRITTEN = /^[+-]?\d+(?:\.\d+)?$/;

function parse(value: unknown): number {
	const text = plain(value);
	if (typeof text === 'string') return WRITTEN.test(text) ? Number(text) : Number.NaN;
	return typeof text === 'number' && Number.isFinite(text) ? text : Number.NaN;
}

function inWords({ typeOptions = {} }: NumberField): string {
	const { minValue, maxValue, numberPrecision } = typeOptions;
	const kind = numberPrecision === 0 ? 'whole number' : 'number';
	if (maxValue !== undefined) return `${kind} from ${minValue ?? 0} to ${maxValue}`;
	return minValue === undefined ? kind : `${kind} of at least ${minValue}`;
}

/**
 * Reads a number. Its expression may return text: n8n does not convert it.
 *
 * @param described with the bounds
 * @param collection that the field is in
 * @throws InvalidInput if it is empty, no number, or out of bounds
 */
export function readNumber(
	source: Source,
	value: unknown,
	described: NumberField,
	collection?: string,
): number {
	const field = fieldOf(described, collection);
	const { minValue, maxValue, numberPrecision } = described.typeOptions ?? {};
	const wanted = inWords(described);
	const nextStep = orRemove(
		`In '${field.field}', enter a ${wanted}, such as ${String(described.default)}.`,
		collection,
	);
	if (isEmpty(value)) throw emptyField(source, { ...field, nextStep });
	const number = parse(value);
	const isWithin =
		number >= (minValue ?? Number.NEGATIVE_INFINITY) &&
		number <= (maxValue ?? Number.POSITIVE_INFINITY);
	if (isWithin && (numberPrecision !== 0 || Number.isInteger(number))) return number;
	throw wrongValue(source, value, field, `is not a ${wanted}`, nextStep);
}

/**
 * Reads a number that is optional.
 *
 * @returns undefined if it is empty
 * @throws InvalidInput, as `readNumber` does
 */
export function readOptionalNumber(
	source: Source,
	value: unknown,
	described: NumberField,
	collection?: string,
): number | undefined {
	return isEmpty(value) ? undefined : readNumber(source, value, described, collection);
}
