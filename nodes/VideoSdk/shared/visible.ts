/**
 * Drops the characters of a text that nobody sees: zero-width spaces, byte order marks, and the marks for
 * the direction of writing. They come along when an ID or a number is copied from a chat, a contact or a
 * PDF. Some languages and emoji need them, so a name that people read keeps them.
 */
export function visible(text: string): string {
	return text.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '');
}

/** Reads a field of the credential as the credential itself does: without what nobody sees, and trimmed. */
export function credentialText(value: unknown): string {
	return visible(String(value ?? '')).trim();
}
