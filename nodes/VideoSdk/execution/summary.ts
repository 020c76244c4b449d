import type { Tally } from '../http/client';
import { quotable } from '../shared/quotable';
import { capitalized } from '../shared/capitalized';
import { counted } from '../shared/counted';
import type { Operation } from './operation';
import type { Outcome } from './work';

/** The most names in a list. n8n shows the description without line breaks, so a long list is hard to read. */
const LONGEST_LIST = 10;

/** The most reasons in the hint, which stands above the output. */
const MOST_REASONS = 3;

type Words = Pick<Operation, 'done' | 'thing'>;
type Thing = Words['thing'];

function nameOf(
	{ about, failure, rows, index }: Outcome,
	{ idField, idPrefix = '' }: Thing,
): string {
	// The ID of something new is only in its row.
	const [id = rows?.[0]?.[idField]] = Object.values(about ?? failure?.about ?? {});
	return typeof id === 'string' ? `${idPrefix}"${quotable(id)}"` : `item ${index}`;
}

/** Lists the names of outcomes, up to ten. */
function namesOf(outcomes: Outcome[], thing: Thing): string {
	const names = outcomes
		.slice(0, LONGEST_LIST)
		.map((outcome) => nameOf(outcome, thing))
		.join(', ');
	const more = outcomes.length - LONGEST_LIST;
	return `${names}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Says how many were done: `Ended 3 of 5 sessions`, or `No session was ended` if none was even found. */
function resultOf(outcomes: Outcome[], { done, thing }: Words): string {
	const known = outcomes.filter(({ isOfMany }) => !isOfMany);
	if (known.length === 0) return `No ${thing.noun} was ${done}`;
	const succeeded = known.filter(({ rows }) => rows).length;
	const result = `${capitalized(done)} ${succeeded} of ${counted(known.length, thing.noun)}`;
	// There may be others, which must not seem to be done.
	return known.length < outcomes.length ? `${result} found` : result;
}

/**
 * Names failures, each with the reason. Things with the same reason stand together.
 *
 * @param most reasons; things with others are only counted
 */
function reasonsOf(outcomes: Outcome[], thing: Thing, most = Number.POSITIVE_INFINITY): string {
	const byReason = new Map<string, Outcome[]>();
	for (const outcome of outcomes) {
		const reason = outcome.failure?.reason ?? '';
		const those = byReason.get(reason);
		if (those) those.push(outcome);
		else byReason.set(reason, [outcome]);
	}
	const groups = [...byReason];
	const others = groups.slice(most).flatMap(([, those]) => those).length;
	return [
		...groups
			.slice(0, most)
			.map(([reason, those]) => `${namesOf(those, thing)} – ${reason.replace(/\.$/, '')}`),
		...(others > 0 ? [`${others} more, with the reason in the field 'error'`] : []),
	].join('; ');
}

/**
 * Sums up a run that stopped on a failure, since n8n drops its output: how many were done, what failed and
 * why, what was not attempted, and what was done. Of each, up to ten are named. What failed is not said to
 * be still to do: it may have been started, or ended in part.
 *
 * @param operation that ran
 * @param nextStep what to do about the first failure, in whole sentences
 */
export function summaryOf(outcomes: Outcome[], operation: Words, nextStep = ''): string {
	const { done, thing } = operation;
	const succeeded = outcomes.filter(({ rows }) => rows);
	const failed = outcomes.filter(({ failure }) => failure);
	const notAttempted = outcomes.filter(({ rows, failure }) => !rows && !failure);
	return [
		`${resultOf(outcomes, operation)}.`,
		...(failed.length > 0 ? [`Failed: ${reasonsOf(failed, thing)}.`] : []),
		...(notAttempted.length > 0 ? [`Not attempted: ${namesOf(notAttempted, thing)}.`] : []),
		...(succeeded.length > 0 ? [`${capitalized(done)}: ${namesOf(succeeded, thing)}.`] : []),
		// Named, since others stand between it and the title of the error.
		...(nextStep && failed[0] ? [`Next step for ${nameOf(failed[0], thing)}: ${nextStep}`] : []),
	].join(' ');
}

function retriesIn({ retries, throttled }: Tally): string {
	if (retries === 0) return '';
	const needed = retries === 1 ? '1 retry was needed' : `${retries} retries were needed`;
	if (throttled === 0) return needed;
	const because = 'because VideoSDK received too many requests or was unavailable';
	return throttled >= retries
		? `${needed} ${because}`
		: `${needed}, ${throttled} of them ${because}`;
}

/**
 * Makes the hint for the output panel, about a run whose items do not show everything. It begins with the
 * result, and what it took comes last.
 *
 * @param ownHints sentences of the operation, without a full stop. The first is the result
 * @param operation that ran
 * @returns undefined if there is nothing to say
 */
export function hintFor(
	outcomes: Outcome[],
	ownHints: string[],
	operation: Words,
	tally: Tally,
): string | undefined {
	const { noun } = operation.thing;
	const isOne = outcomes.length === 1;
	const failed = outcomes.filter(({ failure }) => failure);
	const alreadyEnded = outcomes
		.flatMap(({ rows }) => rows ?? [])
		.filter((row) => row.alreadyEnded === true).length;
	const parts = [
		...ownHints,
		alreadyEnded > 0
			? `${isOne ? `The ${noun}` : counted(alreadyEnded, noun)} had already ended`
			: '',
		failed.length > 0 ? `Failed: ${reasonsOf(failed, operation.thing, MOST_REASONS)}` : '',
		retriesIn(tally),
	].filter((part) => part !== '');
	if (parts.length === 0) return undefined;
	const isSaid = ownHints.length > 0 || (isOne && failed.length + alreadyEnded > 0);
	const result = isSaid || outcomes.length === 0 ? [] : [resultOf(outcomes, operation)];
	return `${[...result, ...parts].join('. ')}.`;
}
