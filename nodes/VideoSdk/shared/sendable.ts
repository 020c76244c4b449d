/** The most characters of an ID. The documented ones have 36 to 44. */
export const LONGEST_ID = 512;

/**
 * Whether a text can be sent both in the path of a request and in its body: a lone surrogate cannot be
 * written in UTF-8, and `.` and `..` in a path lead to other paths.
 */
export function isSendable(text: string): boolean {
	return !/[\p{Cc}\p{Cs}]/u.test(text) && !/^\.{1,2}$/.test(text);
}

/** Whether a value can be sent as the ID of a thing. */
export function isSendableId(value: unknown): value is string {
	return (
		typeof value === 'string' && value !== '' && value.length <= LONGEST_ID && isSendable(value)
	);
}
