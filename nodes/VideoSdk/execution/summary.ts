import type { Tally } from '../api/client';
import { quotable } from '../api/quotable';
import { capitalized } from './capitalized';
import type { Operation, Outcome } from './operation';

/** The most names in a list. n8n shows the description without line breaks, so a long list is hard to read. */
const LONGEST_LIST = 10;

function nameOf({ about, failure, rows, index }: Outcome, idField: string): string {
	// The ID of something new is only in its row.
	const [id = rows?.[0]?.[idField]] = Object.values(about ?? failure?.about ?? {});
	return typeof id === 'string' ? `"${quotable(id)}"` : `item ${index}`;
}

function list(title: string, outcomes: Outcome[], idField: string): string[] {
	if (outcomes.length === 0) return [];
	const names = outcomes
		.slice(0, LONGEST_LIST)
		.map((outcome) => nameOf(outcome, idField))
		.join(', ');
	const more = outcomes.length - LONGEST_LIST;
	return [`${title}: ${names}${more > 0 ? ` and ${more} more` : ''}.`];
}

/**
 * Sums up a run that stopped on a failure, since n8n drops its output.
 *
 * @param operation that ran
 * @returns how many were done, failed and were not attempted, with up to ten names of each
 */
export function summaryOf(
	outcomes: Outcome[],
	{ done, thing: { idField } }: Pick<Operation, 'done' | 'thing'>,
): string {
	const succeeded = outcomes.filter(({ rows }) => rows);
	const failed = outcomes.filter(({ failure }) => failure);
	const notAttempted = outcomes.filter(({ rows, failure }) => !rows && !failure);
	return [
		`Of ${outcomes.length} in this run, ${succeeded.length} ${done}, ${failed.length} failed, ${notAttempted.length} not attempted.`,
		...list('Failed', failed, idField),
		...list(capitalized(done), succeeded, idField),
		...list('Not attempted', notAttempted, idField),
	].join(' ');
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * Makes the hint for the output panel, about a run whose items do not show everything at once.
 *
 * @param ownHints sentences of the operation, without a full stop
 * @param noun for one thing of the operation: `session`
 * @returns undefined if there is nothing to say
 */
export function hintFor(
	outcomes: Outcome[],
	ownHints: string[],
	noun: string,
	tally: Tally,
): string | undefined {
	const rows = outcomes.flatMap((outcome) => outcome.rows ?? []);
	const failed = outcomes.filter(({ failure }) => failure).length;
	const alreadyEnded = rows.filter((row) => row.alreadyEnded === true).length;
	const refused =
		tally.refused === 0 ? '' : `; VideoSDK asked to slow down ${plural(tally.refused, 'time')}`;
	const parts = [
		...ownHints,
		failed > 0 ? `${failed} of ${outcomes.length} failed: see the field error` : '',
		alreadyEnded > 0 ? `${alreadyEnded} of ${plural(rows.length, noun)} had already ended` : '',
		tally.repeated > 0 ? `Requests were repeated ${plural(tally.repeated, 'time')}${refused}` : '',
		tally.waitedFor > 0 ? `${plural(tally.waitedFor, noun)} had to be waited for` : '',
	].filter((part) => part !== '');
	return parts.length > 0 ? `${parts.join('. ')}.` : undefined;
}
