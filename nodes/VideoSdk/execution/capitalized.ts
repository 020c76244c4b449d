/** Capitalizes a word, for the beginning of a label or a sentence. */
export const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
