/** Characters. The documented IDs have 36 to 44. */
export const LONGEST_ID = 512;

/**
 * Tells whether a text can be sent in the path of a request as well as in its body: a lone surrogate
 * has no UTF-8, and `.` and `..` name other places when they stand in a path.
 */
export function isSendable(text: string): boolean {
	return !/[\p{Cc}\p{Cs}]/u.test(text) && !/^\.{1,2}$/.test(text);
}

/** Tells whether a value can be the ID of a thing, as a request names it. */
export function isSendableId(value: unknown): value is string {
	return (
		typeof value === 'string' && value !== '' && value.length <= LONGEST_ID && isSendable(value)
	);
}
