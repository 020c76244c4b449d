import type { IDataObject, INodeProperties, NodeParameterValue } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { idOf } from '../api/answer';
import type { VideoSdkClient } from '../api/client';
import type { LiveKind } from '../api/live';
import type { Batch } from '../execution/batch';
import { capitalized } from '../execution/capitalized';
import { InvalidInput } from '../execution/invalidInput';
import type { Item, Operation, Outcome, Work } from '../execution/operation';
import { endOptions } from '../fields/endOptions';
import {
	allLiveLabel,
	type Condition,
	type Filter,
	areLeftToModel,
	filtersField,
	filtersOf,
	readFilters,
} from '../fields/filters';
import { readLimit } from '../fields/limit';
import { optionsField } from '../fields/requestOptions';
import { endListedWork, finish } from './endWork';
import type { LiveResource } from './liveResource';
import { LiveSearch, type Match } from './liveSearch';

/** The fields of the operation whose names contain the noun of its things. */
interface OwnFields {
	all: INodeProperties;
	/** Says that `all` has no effect while there is a filter. */
	allUnused: INodeProperties;
	limit: INodeProperties;
}

/** The value of 'Filters' with no filter. n8n compares objects too, which its types do not say. */
const NO_FILTERS = {} as unknown as NodeParameterValue;

function ownFields({ noun }: LiveKind): OwnFields {
	const plural = `${capitalized(noun)}s`;
	const all = { displayName: allLiveLabel(noun), name: `allLive${plural}` };
	return {
		all: {
			...all,
			type: 'boolean',
			noDataExpression: true,
			default: false,
			description: `Whether to end every live ${noun} of the project. Has no effect if there is a filter. Without a filter and without this, nothing is ended.`,
		},
		allUnused: {
			displayName: `'${all.displayName}' has no effect while there is a filter: only the ${noun}s that match the filters are ended.`,
			name: `${all.name}Unused`,
			type: 'notice',
			default: '',
			displayOptions: { show: { [all.name]: [true], filters: [{ _cnd: { not: NO_FILTERS } }] } },
		},
		limit: {
			displayName: 'Limit',
			name: `max${plural}`,
			type: 'number',
			noDataExpression: true,
			typeOptions: { minValue: 1 },
			default: 50,
			description: `Max number of ${noun}s to end. Without this option there is no limit.`,
		},
	};
}

/** Makes the operation that ends the live things that match the filters of the items. */
export function endMany(resource: LiveResource): Operation {
	const { name, kind, filters: own, ending } = resource;
	const filters = filtersOf(kind, own, kind.statuses.live, 1);
	const fields = ownFields(kind);
	return {
		thing: kind,
		done: 'ended',
		description: updateDisplayOptions({ show: { resource: [name], operation: ['endMany'] } }, [
			{
				displayName: 'Dry Run',
				name: 'dryRun',
				type: 'boolean',
				default: false,
				description: `Whether to only return the ${kind.noun}s that would be ended, without ending them`,
			},
			filtersField(filters, kind.noun),
			fields.all,
			fields.allUnused,
			optionsField([...endOptions(kind.noun), fields.limit, ...(ending?.options ?? [])]),
		]),
		run: async (batch) => await run(batch, resource, filters, fields),
	};
}

/** The list is read once more for things that started while others were ended, but not again and again. */
const PASSES = 2;

/** What an item is to end. */
interface Wanted {
	index: number;
	client: VideoSdkClient;
	conditions: Condition[];
	/** The same for all items, as all options. */
	limit: number;
	isDryRun: boolean;
	/** The field that has every live thing ended is on, but a filter makes it void. */
	isAllUnused: boolean;
}

function readWanted(kind: LiveKind, own: Filter[], fields: OwnFields, item: Item): Wanted {
	const conditions = readFilters(own, item);
	if (item.isFromModel('dryRun')) {
		throw new InvalidInput(
			"The AI model must not decide 'Dry Run'",
			"Turn 'Dry Run' on or off yourself, or give it an expression without $fromAI. Nothing was ended.",
			'node',
		);
	}
	// Nothing is ended unless the expression returned exactly false.
	const isDryRun = item.parameter('dryRun') !== false;
	const wantsAll = item.rawParameter(fields.all.name) === true;
	if (conditions.length === 0 && !isDryRun && !wantsAll) {
		throw new InvalidInput(
			`There is no filter, so every live ${kind.noun} would be ended`,
			`Add a filter, or turn on '${fields.all.displayName}' if that is what you want. Nothing was ended.`,
		);
	}
	if (conditions.length > 0 && !isDryRun && !wantsAll && areLeftToModel(item)) {
		throw new InvalidInput(
			`The AI model fills in all filters, so it could end any live ${kind.noun}`,
			`Add a filter that you set yourself, or turn on '${fields.all.displayName}' if the model may end any of them. Nothing was ended.`,
			'node',
		);
	}
	const most = item.options[fields.limit.name];
	const limit = most === undefined ? Number.POSITIVE_INFINITY : readLimit(most);
	const isAllUnused = wantsAll && conditions.length > 0;
	return { index: item.index, client: item.client, conditions, limit, isDryRun, isAllUnused };
}

function showWork(listed: IDataObject): Work {
	return { run: async () => ({ dryRun: true, ...listed }) };
}

/** The items of one project, and the search for what they match in it. */
interface Project {
	client: VideoSdkClient;
	search: LiveSearch;
	/** The indexes of its items. */
	items: number[];
}

/** Each item looks in the project of its own credential, and each project is searched once. */
function projectsOf(kind: LiveKind, wanted: Wanted[]): Project[] {
	return [...new Set(wanted.map(({ client }) => client))].map((client) => {
		const own = wanted.filter((one) => one.client === client);
		const search = new LiveSearch(client, kind, own);
		return { client, search, items: own.map(({ index }) => index) };
	});
}

/** What was found in all projects. */
interface Found {
	/** Things to end. */
	found: number;
	/** Live things in the lists, the first time. */
	live: number;
	/** Of those, the ones that match but exceed the limit. */
	overLimit: number;
}

const noneMatches = ({ live }: Found, noun: string) =>
	`0 of ${live} live ${noun}s match the filters`;

function hintsOf(counts: Found, noun: string, { isDryRun, limit, isAllUnused }: Wanted): string[] {
	const { found, overLimit } = counts;
	const things = `${found} ${noun}${found === 1 ? '' : 's'}`;
	return [
		...(isDryRun ? [`Dry run: ${things} would be ended, none was`] : []),
		...(found === 0 ? [noneMatches(counts, noun)] : []),
		...(isAllUnused ? [`'${allLiveLabel(noun)}' had no effect, because there is a filter`] : []),
		...(overLimit > 0 ? [`Limit of ${limit} reached: at least ${overLimit} more match`] : []),
	];
}

const byItem = (a: Outcome, b: Outcome) => a.index - b.index;

/**
 * Ends all live things that match the filters of the items, even if some of them fail, or if the list of
 * another project cannot be read. The list is then read once more, for things that started meanwhile or
 * moved between its pages while it was read.
 */
async function run(
	batch: Batch,
	resource: LiveResource,
	filters: Filter[],
	fields: OwnFields,
): Promise<Outcome[]> {
	const { kind } = resource;
	const { values: wanted, problems } = await batch.readItems((item) =>
		readWanted(kind, filters, fields, item),
	);
	const [first] = wanted;
	if (!first || (problems.length > 0 && batch.stopsOnFailure)) return problems;

	// A dry run of one item is one of all: several items may match the same session.
	const isDryRun = wanted.some((one) => one.isDryRun);
	const outcomes = [...problems];
	const counts: Found = { found: 0, live: 0, overLimit: 0 };
	let projects = projectsOf(kind, wanted);
	let left = first.limit;
	/** Something without an ID cannot be ended, so it takes no place in the limit. */
	const isWithinLimit = ({ listed }: Match) =>
		left > 0 && (idOf(listed[kind.idField]) === undefined || left-- > 0);
	for (let pass = 1; pass <= (isDryRun ? 1 : PASSES); pass++) {
		const isFirst = pass === 1;
		const looks = await Promise.all(
			projects.map(async ({ search, items }) => {
				const indexes = isFirst ? items : items.slice(0, 1);
				return await batch.ask(indexes, async () => await search.look(isFirst));
			}),
		);
		const failures = looks.flatMap((look) => ('failures' in look ? look.failures : []));
		outcomes.push(...failures);
		const works = projects.flatMap(({ client }, place) => {
			const look = looks[place];
			if (!look || 'failures' in look) return [];
			const within = look.answer.filter(isWithinLimit);
			counts.found += within.length;
			if (isFirst) counts.overLimit += look.answer.length - within.length;
			return within.map(({ index, listed }) => ({
				index,
				...(isDryRun ? showWork(listed) : endListedWork(batch, client, resource, listed)),
			}));
		});
		projects = projects.filter((_project, place) => 'answer' in (looks[place] ?? {}));
		// Where no list could be read, there is nothing to say of what is in it.
		if (isFirst && projects.length === 0) return outcomes.sort(byItem);
		if (isFirst) counts.live = projects.reduce((sum, { search }) => sum + search.live, 0);
		outcomes.push(...(await batch.runAll(works)));
	}
	batch.hints.push(...hintsOf(counts, kind.noun, { ...first, isDryRun }));
	outcomes.sort(byItem);
	if (batch.isTool && counts.found === 0) {
		const found =
			counts.live === 0 ? `There are no live ${kind.noun}s` : noneMatches(counts, kind.noun);
		const message = `${found}. Nothing ${isDryRun ? 'would be' : 'was'} ended.`;
		const rows = [{ message, live: counts.live, matching: 0 }];
		return [...outcomes, { index: first.index, rows }].sort(byItem);
	}
	return isDryRun ? outcomes : await finish(batch, resource, outcomes);
}
