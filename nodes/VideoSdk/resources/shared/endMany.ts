import type { IDataObject, INodeProperties, NodeParameterValue } from 'n8n-workflow';
import pMap from 'p-map';
import type { VideoSdkClient } from '../../http/client';
import type { EndableApi } from '../../api/live';
import { uptime } from '../../shared/uptime';
import type { Run } from '../../execution/run';
import { capitalized } from '../../shared/capitalized';
import { InvalidInput } from '../../errors/invalidInput';
import type { Operation } from '../../execution/operation';
import type { Item, Outcome, Work } from '../../execution/work';
import { counted } from '../../shared/counted';
import { endOptions } from '../../fields/endOptions';
import {
	allLiveLabel,
	type Condition,
	type Filter,
	areLeftToModel,
	filtersField,
	filtersOf,
	readFilters,
} from '../../fields/filters';
import { readNumber } from '../../fields/number';
import { optionsField } from '../../fields/requestOptions';
import { readSwitch } from '../../fields/switch';
import { asDryRun } from './dryRun';
import type { Match } from './earlyEnd';
import { endListedWork, finish } from './endWork';
import type { EndableResource } from './endableResource';
import { LiveSearch } from './liveSearch';

/** The fields of the operation whose names contain the noun of its things. */
interface OwnFields {
	dryRun: INodeProperties;
	all: INodeProperties;
	/** Says that `all` has no effect while there is a filter. */
	allUnused: INodeProperties;
	limit: INodeProperties;
}

/** The value of 'Filters' with no filter. n8n compares objects too, which its types do not say. */
const NO_FILTERS = {} as unknown as NodeParameterValue;

function ownFields({ noun }: EndableApi): OwnFields {
	const plural = `${capitalized(noun)}s`;
	const all = { displayName: allLiveLabel(noun), name: `allLive${plural}` };
	return {
		dryRun: {
			displayName: 'Dry Run',
			name: 'dryRun',
			type: 'boolean',
			// A person sees first what would be ended. An AI agent that is told to end things ends them.
			default: true,
			displayOptions: { hide: { '@tool': [true] } },
			description: `Whether to only show which ${noun}s would be ended, without ending any`,
		},
		all: {
			...all,
			type: 'boolean',
			noDataExpression: true,
			default: false,
			description: `Whether to end every live ${noun} of the project if there is no filter. In a tool of an AI agent, this also allows the model to fill in all filters.`,
		},
		allUnused: {
			displayName: `'${all.displayName}' has no effect while there is a filter: only the ${noun}s that match the filters are ended.`,
			name: `${all.name}Unused`,
			type: 'notice',
			default: '',
			displayOptions: {
				show: { [all.name]: [true], filters: [{ _cnd: { not: NO_FILTERS } }] },
				// With filters left to the model, it has an effect.
				hide: { '@tool': [true] },
			},
		},
		limit: {
			displayName: 'Limit',
			name: `max${plural}`,
			type: 'number',
			noDataExpression: true,
			typeOptions: { minValue: 1, numberPrecision: 0 },
			default: 50,
			description: `Max number of ${noun}s to end. Without this option, there is no limit.`,
		},
	};
}

/**
 * Makes the operation that ends the live things that match the filters of the items.
 *
 * @param option its entry in 'Operation'
 */
export function endMany(resource: EndableResource, option: Operation['option']): Operation {
	const { kind, filters: own, ending } = resource;
	const filters = filtersOf(kind, own, kind.statuses.live, 1);
	const fields = ownFields(kind);
	return {
		option,
		fields: [
			fields.dryRun,
			{ ...fields.dryRun, default: false, displayOptions: { show: { '@tool': [true] } } },
			filtersField(filters, kind.noun),
			fields.all,
			fields.allUnused,
			optionsField([...endOptions(kind.noun), fields.limit, ...(ending?.options ?? [])]),
		],
		thing: kind,
		done: 'ended',
		execute: async (run) => await endMatching(run, resource, filters, fields),
	};
}

/** What an item is to end. */
interface Wanted {
	index: number;
	client: VideoSdkClient;
	conditions: Condition[];
	/** The same for all items, as all options. */
	limit: number;
	isDryRun: boolean;
	/** Of the workflow. */
	timezone: string;
	/** The field that has every live thing ended is on, but a filter makes it void. */
	isAllUnused: boolean;
}

function readWanted(
	kind: EndableApi,
	own: Filter[],
	fields: OwnFields,
	item: Item,
	options: IDataObject,
): Wanted {
	const conditions = readFilters(own, item);
	if (item.isFromModel(fields.dryRun.name)) {
		throw new InvalidInput(
			"The AI model must not set 'Dry Run'",
			"Turn 'Dry Run' on or off yourself, or give it an expression without $fromAI. Nothing was ended.",
			'node',
		);
	}
	const isDryRun = readSwitch(item, item.parameter(fields.dryRun.name), fields.dryRun);
	// Read raw, since it takes no expression: what ends everything is set by a person.
	const wantsAll = readSwitch(item, item.rawParameter(fields.all.name), fields.all);
	if (conditions.length === 0 && !isDryRun && !wantsAll) {
		throw new InvalidInput(
			'Nothing was ended: there is no filter',
			`Add a filter. To end all live ${kind.noun}s, turn on '${fields.all.displayName}'.`,
		);
	}
	const isLeftToModel = areLeftToModel(item);
	if (conditions.length > 0 && !isDryRun && !wantsAll && isLeftToModel) {
		throw new InvalidInput(
			`The AI model fills in all filters, so it could end any live ${kind.noun}`,
			`Add a filter that you set yourself, or turn on '${fields.all.displayName}' if the AI model may end any live ${kind.noun}. Nothing was ended.`,
			'node',
		);
	}
	const most = options[fields.limit.name];
	const limit =
		most === undefined ? Number.POSITIVE_INFINITY : readNumber(item, most, fields.limit, 'options');
	const isAllUnused = wantsAll && conditions.length > 0 && !isLeftToModel;
	const { index, client, timezone } = item;
	return { index, client, conditions, limit, isDryRun, timezone, isAllUnused };
}

function showWork(listed: IDataObject): Work {
	return { run: async () => listed };
}

/** The items of one project, and the search for what they match in it. */
interface Project {
	client: VideoSdkClient;
	search: LiveSearch;
	/** The indexes of its items. */
	items: number[];
	/** Why its list could not be read, at the last attempt. */
	failures: Outcome[];
}

/** Each item looks in the project of its own credential, and each project is searched once. */
function projectsOf(kind: EndableApi, wanted: Wanted[]): Project[] {
	const limit = { left: wanted[0]?.limit ?? 0 };
	return [...new Set(wanted.map(({ client }) => client))].map((client) => {
		const own = wanted.filter((one) => one.client === client);
		const search = new LiveSearch(client, kind, own, limit);
		return { client, search, items: own.map(({ index }) => index), failures: [] };
	});
}

/** How the ending went, for the hint. */
interface Ended {
	outcomes: Outcome[];
	/** Milliseconds from the beginning of the run until the first was ended. */
	firstAfter?: number;
}

/** Says that nothing was found, and why. */
function noneFound(live: number, noun: string, isDryRun: boolean): string {
	const nothing = isDryRun ? 'Dry run: nothing would be ended' : 'Nothing was ended';
	if (live === 0) return `${nothing}, because there are no live ${noun}s`;
	if (live === 1) return `${nothing}, because the only live ${noun} does not match the filters`;
	return `${nothing}, because none of the ${live} live ${noun}s match the filters`;
}

/** Adds up what the searches in all projects have counted. */
function sumOf(
	projects: Project[],
	count: 'found' | 'listed' | 'live' | 'overLimit' | 'pages',
): number {
	return projects.reduce((sum, { search }) => sum + search[count], 0);
}

function hintsOf(
	projects: Project[],
	noun: string,
	{ isDryRun, limit, isAllUnused }: Wanted,
	{ outcomes, firstAfter }: Ended,
): string[] {
	const [found, listed, live] = [
		sumOf(projects, 'found'),
		sumOf(projects, 'listed'),
		sumOf(projects, 'live'),
	];
	const overLimit = sumOf(projects, 'overLimit');
	const pages = sumOf(projects, 'pages');
	const ended = outcomes.filter(({ rows }) => rows).length;
	const all = `VideoSDK listed ${counted(listed, noun)}`;
	const some = isDryRun
		? `Dry run: ${counted(found, noun)} would be ended`
		: `Ended ${ended} of ${counted(found + overLimit, `matching ${noun}`)}`;
	return [
		found === 0
			? `${noneFound(live, noun, isDryRun)} (${all})`
			: `${some} (${all}${listed === 1 ? '' : `, ${live} of them live`})`,
		...(isDryRun && found > 0 ? ['Nothing was ended'] : []),
		...(overLimit > 0
			? [
					`'Limit' is ${limit}: at least ${overLimit} more ${
						overLimit === 1
							? `matches${isDryRun ? '' : ' and is still live'}`
							: `match${isDryRun ? '' : ' and are still live'}`
					}`,
				]
			: []),
		...(isAllUnused ? [`'${allLiveLabel(noun)}' had no effect, because there is a filter`] : []),
		...(firstAfter === undefined
			? []
			: [
					`The first ${noun} was ended ${(firstAfter / 1_000).toFixed(1)} s after the run started. In total, the node read ${counted(pages, 'page')} of the list`,
				]),
	];
}

const byItem = (a: Outcome, b: Outcome) => a.index - b.index;

const ofMany = (outcomes: Outcome[]) => outcomes.map((outcome) => ({ ...outcome, isOfMany: true }));

/**
 * Ends all live things that match the filters of the items, even if some of them fail, or if the list of
 * another project cannot be read. The list is then read once more, for things that started meanwhile or
 * moved between its pages while it was read.
 */
async function endMatching(
	run: Run,
	resource: EndableResource,
	filters: Filter[],
	fields: OwnFields,
): Promise<Outcome[]> {
	const { kind } = resource;
	const begin = uptime();
	const { values: wanted, problems: unreadable } = await run.readItems((item) =>
		readWanted(kind, filters, fields, item, run.options),
	);
	const problems = ofMany(unreadable);
	const [first] = wanted;
	if (!first || (problems.length > 0 && run.stopsOnFailure)) return problems;

	// A dry run of one item is one of all: several items may match the same session.
	const isDryRun = wanted.some((one) => one.isDryRun);
	const projects = projectsOf(kind, wanted);
	// In turn, so that it does not depend on chance which ones a limit lets end.
	const concurrency = first.limit === Number.POSITIVE_INFINITY ? projects.length : 1;
	const ended: Outcome[] = [];
	let firstAfter: number | undefined;

	const look = async (project: Project): Promise<Outcome[]> => {
		const { client, search, items } = project;
		const ending: Array<Promise<Outcome[]>> = [];
		const workFor = ({ index, listed }: Match) => {
			const work = isDryRun ? showWork(listed) : endListedWork(run, client, resource, listed);
			return {
				...work,
				index,
				run: async () => {
					const rows = await work.run();
					firstAfter ??= isDryRun ? undefined : uptime() - begin;
					return rows;
				},
			};
		};
		const end = async (matches: Match[]) => {
			const outcomes = run.runAll(matches.map(workFor));
			ending.push(outcomes);
			return (await outcomes).every(({ rows }) => rows);
		};
		// That the list cannot be read again is one failure for all items.
		const indexes = search.isComplete ? items.slice(0, 1) : items;
		const looked = await run.ask(indexes, async () => await search.look(end, !isDryRun));
		project.failures = 'failures' in looked ? looked.failures : [];
		const outcomes = (await Promise.all(ending)).flat();
		return isDryRun ? await asDryRun(client, resource, outcomes, first.timezone) : outcomes;
	};

	let unfinished = projects;
	while (unfinished.length > 0) {
		ended.push(...(await pMap(unfinished, look, { concurrency })).flat());
		unfinished = projects.filter(({ search }) => search.isUnfinished && !isDryRun);
	}
	const failures = ofMany(projects.flatMap((project) => project.failures));
	const outcomes = [...problems, ...ended, ...failures].sort(byItem);
	const found = sumOf(projects, 'found');
	// Where no list could be read, there is nothing to say of what is in it.
	if (found === 0 && !projects.some(({ search }) => search.isComplete)) return outcomes;
	const how = { ...first, isDryRun };
	run.hints.push(...hintsOf(projects, kind.noun, how, { outcomes: ended, firstAfter }));
	if (run.isTool && found === 0) {
		const live = sumOf(projects, 'live');
		const message = `${noneFound(live, kind.noun, isDryRun)}.`;
		const rows = [{ message, live, matching: 0 }];
		return [...outcomes, { index: first.index, rows }].sort(byItem);
	}
	if (!isDryRun) return await finish(run, resource, outcomes);
	// The summary of a run that stops would call what was only shown ended.
	return failures.length > 0 && run.stopsOnFailure ? failures : outcomes;
}
