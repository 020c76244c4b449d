import type { IDataObject } from 'n8n-workflow';
import type { Tally } from './api/client';
import type { ExplainedError } from './api/errors';

/** What has become of one task: it has rows, or a failure, or neither: it was never started. */
export interface Outcome {
	/** Of the input item. */
	index: number;
	about?: Record<string, string>;
	rows?: IDataObject[];
	failure?: ExplainedError;
}

/** Names in a list. A longer one than this would not be read, and be in the way of the rest. */
const LONGEST_LIST = 1_000;

function nameOf({ about, index }: Outcome): string {
	return Object.values(about ?? {})[0] ?? `item ${index}`;
}

function list(title: string, names: string[]): string[] {
	if (names.length === 0) return [];
	const rest = names.length - LONGEST_LIST;
	const more = rest > 0 ? ` and ${rest} more` : '';
	return [`${title}: ${names.slice(0, LONGEST_LIST).join(', ')}${more}.`];
}

/**
 * Accounts for a run that stopped on a failure, so that nothing it did is lost with its output.
 *
 * @param done what a task that succeeded has done to what it is about: `ended`
 * @returns how many and which were done, failed, and never asked for
 */
export function accountOf(outcomes: Outcome[], done: string): string {
	const succeeded = outcomes.filter(({ rows }) => rows);
	const failed = outcomes.filter(({ failure }) => failure);
	const neverAsked = outcomes.filter(({ rows, failure }) => !rows && !failure);
	const counts = `Of ${outcomes.length} in this run, ${succeeded.length} ${done}, ${failed.length} failed, ${neverAsked.length} never asked for.`;
	return [
		counts,
		...list(`Failed`, failed.map(nameOf)),
		...list(`Successfully ${done}`, succeeded.map(nameOf)),
		...list('Never asked for', neverAsked.map(nameOf)),
	].join('\n');
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * Says what a run met on its way although it succeeded.
 *
 * @returns one line for the output panel, or undefined for a run that met nothing
 */
export function hintFor(outcomes: Outcome[], tally: Tally): string | undefined {
	const rows = outcomes.flatMap((outcome) => outcome.rows ?? []);
	const alreadyEnded = rows.filter((row) => row.alreadyEnded === true).length;
	const refused =
		tally.refused === 0 ? '' : `; VideoSDK asked to slow down ${plural(tally.refused, 'time')}`;
	const parts = [
		alreadyEnded > 0
			? `${alreadyEnded} of ${plural(rows.length, 'session')} had already ended`
			: '',
		tally.repeated > 0 ? `${plural(tally.repeated, 'request')} had to be repeated${refused}` : '',
		tally.waitedFor > 0 ? `${plural(tally.waitedFor, 'session')} had to be waited for` : '',
	].filter((part) => part !== '');
	return parts.length > 0 ? `${parts.join('. ')}.` : undefined;
}
