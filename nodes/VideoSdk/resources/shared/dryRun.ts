import type { IDataObject } from 'n8n-workflow';
import type { VideoSdkClient } from '../../http/client';
import type { Outcome } from '../../execution/work';
import { runningSeconds } from '../../fields/output';
import { inTimeZone, startTimeOf } from '../../fields/time';
import type { EndableResource } from './endableResource';

/**
 * Writes the rows of a dry run for a person who decides whether to end these things: the ID and for how long
 * it has been live come first, and the start is in the time zone of the workflow.
 *
 * @param outcomes whose rows are things as VideoSDK has listed them, all in the project of the client
 * @param timezone of the workflow
 * @returns the outcomes, the thing that has been live the longest first
 */
export async function asDryRun(
	client: VideoSdkClient,
	{ kind, namesOf }: EndableResource,
	outcomes: Outcome[],
	timezone: string,
): Promise<Outcome[]> {
	const things = outcomes.flatMap(({ rows = [] }) => rows);
	const nameOf = (await namesOf?.(client, things)) ?? (() => ({}));
	// A thing whose start is not known comes last.
	const startOf = ({ rows: [thing] = [] }: Outcome) =>
		(thing && startTimeOf(kind, thing)) || Number.MAX_SAFE_INTEGER;
	const rowOf = (thing: IDataObject): IDataObject => {
		const { [kind.idField]: id, status, start, ...others } = thing;
		const seconds = runningSeconds(kind, thing);
		return {
			dryRun: true,
			...(id !== undefined && { [kind.idField]: id }),
			...(status !== undefined && { status }),
			...(seconds !== undefined && { runningMinutes: Math.floor(seconds / 60) }),
			...nameOf(thing),
			...(start !== undefined && { start: inTimeZone(start, timezone) }),
			...others,
		};
	};
	return [...outcomes]
		.sort((a, b) => startOf(a) - startOf(b))
		.map((outcome) => ({ ...outcome, rows: outcome.rows?.map(rowOf) }));
}
