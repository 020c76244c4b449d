import { type SessionEventName, sessionEvents } from '../api/sessionEvents';
import { capitalized } from '../shared/capitalized';

/** Writes a word of VideoSDK as a label: `not-answered` as `Not Answered`. */
const labelOf = (word: string) => capitalized(word.replace(/[-_]/g, ' '));

/** Writes the name of an event of a session as a label. */
const sessionEventLabel = (event: SessionEventName) =>
	`Session ${event === 'stopped' ? 'Ended' : labelOf(event)}`;

const sessionEventTexts: Record<SessionEventName, string> = {
	starting: 'The session is queued',
	started: 'The session is running',
	stopping: 'The session is about to end',
	stopped:
		"The session ended without an error. For sessions that end with an error, also choose 'Session Failed'.",
	failed: 'The session ended with an error',
};

/** Makes the options of a field for words of VideoSDK, sorted by name as n8n's linter requires. */
export function propertyOptionsOf<Word extends string>(
	words: readonly Word[],
	toLabel: (word: Word) => string = labelOf,
): Array<{ name: string; value: Word }> {
	return words
		.map((value) => ({ name: toLabel(value), value }))
		.sort((a, b) => a.name.localeCompare(b.name));
}

/** The options of a field for the events of a session. */
export const sessionEventOptions = propertyOptionsOf(sessionEvents, sessionEventLabel).map(
	(option) => ({ ...option, description: sessionEventTexts[option.value] }),
);
