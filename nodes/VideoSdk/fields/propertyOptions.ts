import type { SessionEventName } from '../api/sessionEvents';
import { capitalized } from '../shared/capitalized';

/** Writes a word of VideoSDK as a label: `not-answered` as `Not Answered`. */
const labelOf = (word: string) => capitalized(word.replace(/[-_]/g, ' '));

/** Writes the name of an event of a session as a label. */
export const sessionEventLabel = (event: SessionEventName) =>
	`Session ${event === 'stopped' ? 'Ended' : labelOf(event)}`;

/** Makes the options of a field for words of VideoSDK, sorted by name as n8n's linter requires. */
export function propertyOptionsOf<Word extends string>(
	words: readonly Word[],
	toLabel: (word: Word) => string = labelOf,
): Array<{ name: string; value: Word }> {
	return words
		.map((value) => ({ name: toLabel(value), value }))
		.sort((a, b) => a.name.localeCompare(b.name));
}
