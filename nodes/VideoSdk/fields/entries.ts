import { capitalized } from '../execution/capitalized';

/** Gives a field its entries for words of VideoSDK, sorted by their names as n8n wants it. */
export function entriesOf<Word extends string>(
	words: readonly Word[],
): Array<{ name: string; value: Word }> {
	return words
		.map((value) => ({ name: capitalized(value), value }))
		.sort((a, b) => a.name.localeCompare(b.name));
}
