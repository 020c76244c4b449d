import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import type { VideoSdkClient } from '../../api/client';
import { idOf, readList } from '../../api/pages';
import { listOfSessions } from '../../api/sessions';
import { hasEnded, liveStatuses } from '../../api/statuses';
import { InvalidInput } from '../../execution/invalidInput';
import type { Item, Outcome, Work } from '../../execution/operation';
import type { Batch } from '../../execution/runOverItems';
import { endOptions } from '../../fields/endOptions';
import { filtersField, readFilters } from '../../fields/filters';
import { readLimit } from '../../fields/limit';
import { optionsField } from '../../fields/requestOptions';
import { endListedWork, waitIfWanted } from './endTask';

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
		noDataExpression: true,
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

/** How n8n writes that the model of an AI agent fills in a field. */
const FROM_AI = /\$from_?ai/i;

/** What an item wants to be ended. */
interface Wanted {
	index: number;
	filters: ReturnType<typeof readFilters>;
	/** For the whole run: options are the same for all items. */
	limit: number;
	isDryRun: boolean;
}

function readWanted(item: Item): Wanted {
	const filters = readFilters(item);
	if (FROM_AI.test(String(item.written('dryRun')))) {
		throw new InvalidInput(
			"'Dry Run' is left to the AI model, which must not decide whether sessions are ended",
			"Set 'Dry Run' yourself, or give it an expression without $fromAI. Nothing was ended.",
		);
	}
	// Whatever an expression gives that is not surely "off" ends nothing.
	const isDryRun = item.parameter('dryRun') !== false;
	if (filters.length === 0 && !isDryRun && item.written('allLiveSessions') !== true) {
		throw new InvalidInput(
			`Item ${item.index} has no filter, so every live session would be ended`,
			"Add a filter, or turn on 'All Live Sessions' if that is what you want. Nothing was ended.",
		);
	}
	const { maxSessions } = item.options;
	const limit = maxSessions === undefined ? Number.POSITIVE_INFINITY : readLimit(item, maxSessions);
	return { index: item.index, filters, limit, isDryRun };
}

/** A live session that the filters of an item match. */
interface Match {
	index: number;
	session: IDataObject;
}

function showWork(session: IDataObject): Work {
	return { run: async () => ({ dryRun: true, ...session }) };
}

/** The live sessions that are wanted, as one look at the list after another shows them. */
class Search {
	/** Live sessions at the first look. */
	live = 0;

	/** Those of them that match, but are over the limit. */
	overLimit = 0;

	private looks = 0;

	private readonly met = new Set<string>();

	constructor(
		private readonly client: VideoSdkClient,
		private readonly wanted: Wanted[],
		private readonly limit: number,
	) {}

	/**
	 * Reads the whole list, since what ending does to its order is not documented.
	 *
	 * @returns what matches and was not met before, each once, for the first item that it matches
	 * @throws VideoSdkFailure
	 */
	async look(): Promise<Match[]> {
		const isFirst = this.looks++ === 0;
		const found: Match[] = [];
		for await (const session of readList(this.client, listOfSessions())) {
			if (hasEnded(session)) continue;
			if (isFirst) this.live++;
			const first = this.wanted.find(({ filters }) => filters.every((passes) => passes(session)));
			const id = idOf(session.sessionId);
			// One without an ID cannot be ended, nor told from others: it is reported once.
			if (!first || (id === undefined ? !isFirst : this.met.has(id))) continue;
			if (this.met.size >= this.limit) {
				if (isFirst) this.overLimit++;
				continue;
			}
			if (id !== undefined) this.met.add(id);
			found.push({ index: first.index, session });
		}
		return found;
	}
}

function hintsOf(
	{ live, overLimit }: Search,
	found: number,
	{ isDryRun, limit }: Wanted,
): string[] {
	const sessions = `${found} session${found === 1 ? '' : 's'}`;
	return [
		...(isDryRun ? [`Dry run: ${sessions} would be ended, none was`] : []),
		...(found === 0 ? [`0 of ${live} live sessions match the filters`] : []),
		...(overLimit > 0 ? [`Limit of ${limit} reached: at least ${overLimit} more match`] : []),
	];
}

/**
 * Ends the live sessions that pass the filters of the items: all that were found, whatever fails.
 * When they have settled, the list is read once more for what has started meanwhile, or slipped from
 * one page to another while it was read.
 */
export async function run(batch: Batch): Promise<Outcome[]> {
	const { values: wanted, problems } = await batch.readItems(readWanted);
	const [first] = wanted;
	const client = await batch.client();
	if (!first || !client || (problems.length > 0 && batch.stopsOnFailure)) return problems;

	// Where one item only wants to see what would be ended, none is: they may match the same session.
	const isDryRun = wanted.some((one) => one.isDryRun);
	const search = new Search(client, wanted, first.limit);
	const items = wanted.map(({ index }) => index);
	const outcomes = [...problems];
	for (let pass = 1; pass <= (isDryRun ? 1 : PASSES); pass++) {
		const found = await batch.ask(
			pass === 1 ? items : [first.index],
			async () => await search.look(),
		);
		if ('failures' in found) {
			outcomes.push(...found.failures);
			break;
		}
		const works = found.answer.map(({ index, session }) => ({
			index,
			...(isDryRun ? showWork(session) : endListedWork(batch, client, session)),
		}));
		outcomes.push(...(await batch.all(works)));
	}
	batch.hints.push(...hintsOf(search, outcomes.length - problems.length, { ...first, isDryRun }));
	outcomes.sort((a, b) => a.index - b.index);
	return await waitIfWanted(batch, outcomes);
}
