import { capitalized } from '../execution/capitalized';

/** Makes the options of a field for words of VideoSDK, sorted by name as n8n's linter requires. */
export function propertyOptionsOf<Word extends string>(
	words: readonly Word[],
): Array<{ name: string; value: Word }> {
	return words
		.map((value) => ({ name: capitalized(value), value }))
		.sort((a, b) => a.name.localeCompare(b.name));
}
