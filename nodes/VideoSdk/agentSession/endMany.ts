import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { InvalidInput } from '../api/failure';
import { readList } from '../api/pages';
import { hasEnded, listOfSessions } from '../api/sessions';
import type { Item, Task } from '../items';
import { readLimit } from '../limit';
import { optionsField } from '../options';
import { endOptions, endTask } from './endTask';
import { filtersField, liveStatuses, readFilters } from './filters';

const showOnlyForEndMany = { show: { resource: ['agentSession'], operation: ['endMany'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForEndMany, [
	{
		displayName: 'Dry Run',
		name: 'dryRun',
		type: 'boolean',
		default: false,
		description: 'Whether to only show which sessions would be ended, and end none',
	},
	filtersField(liveStatuses),
	{
		displayName: 'All Live Sessions',
		name: 'allLiveSessions',
		type: 'boolean',
		default: false,
		description:
			'Whether to end every live session of the project when no filter is added. Without a filter and without this, nothing is ended.',
	},
	optionsField([
		...endOptions,
		{
			displayName: 'Limit',
			name: 'maxSessions',
			type: 'number',
			noDataExpression: true,
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of sessions to end. Without this option there is no limit.',
		},
	]),
]);

export const done = 'ended';

/** Sessions that start while others are ended are looked for once, not chased for ever. */
const PASSES = 2;

/**
 * Ends the live sessions that pass the filters of the item. The whole list is read before the first
 * is ended: what ending does to the order of the list is not documented.
 *
 * @throws InvalidInput if there is no filter and All Live Sessions is off, or the limit is none
 */
export async function* run(item: Item): AsyncGenerator<Task> {
	const filters = readFilters(item);
	if (filters.length === 0 && item.parameter('allLiveSessions') !== true) {
		throw new InvalidInput(
			`Item ${item.index} has no filter, so every live session would be ended`,
			'Add a filter, or turn on All Live Sessions if that is what you want. Nothing was ended.',
		);
	}
	// Whatever an expression gives that is not surely "off" ends nothing.
	const isDryRun = item.parameter('dryRun') !== false;
	const { maxSessions } = item.options;
	const limit = maxSessions === undefined ? Number.POSITIVE_INFINITY : readLimit(item, maxSessions);
	const met = new Set<string>();
	for (let pass = 1; pass <= PASSES && !item.isStopped(); pass++) {
		const found: IDataObject[] = [];
		for await (const session of readList(item.client, listOfSessions())) {
			if (met.size >= limit) break;
			const sessionId = String(session.sessionId);
			if (met.has(sessionId) || hasEnded(session)) continue;
			if (!filters.every((passes) => passes(session))) continue;
			met.add(sessionId);
			found.push(session);
		}
		for (const session of found) {
			const about = { sessionId: String(session.sessionId) };
			yield isDryRun
				? { about, run: async () => ({ ...session, dryRun: true }) }
				: endTask(item, about.sessionId);
		}
		if (isDryRun || found.length === 0) return;
	}
}
