import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { EndableApi } from '../api/live';
import { quotable } from '../shared/quotable';
import { hasEnded } from '../api/statuses';
import { capitalized } from '../shared/capitalized';
import { counted } from '../shared/counted';
import { visible } from '../shared/visible';
import { InvalidInput } from '../errors/invalidInput';
import type { Item } from '../execution/work';
import { agreedTag, deploymentIdField, readVersionIn } from './deploymentId';
import { readChoice, readChoices } from './choice';
import { readNumber } from './number';
import { readPhoneFilter } from './phoneNumber';
import { propertyOptionsOf } from './propertyOptions';
import { type Described, fieldOf, isEmpty, quoteValue, readText, valueIn } from './text';
import { inTimeZone, readTime, startTimeOf, TIME_ZONE_HINT } from './time';

/** Whether a thing passes a filter. */
export type Condition = (thing: IDataObject) => boolean;

/** A filter that the user can add. */
export interface Filter {
	field: INodeProperties;
	/** Makes the condition from the value of the field. @throws InvalidInput */
	read(value: unknown, item: Item): Condition;
}

const MINUTE = 60_000;

/**
 * The label of the field that has every live thing ended.
 *
 * @param noun for one of the things: `session`
 */
export function allLiveLabel(noun: string): string {
	return `All Live ${capitalized(noun)}s`;
}

/** The field with the filters. */
const FILTERS = 'filters';

const filterText = (field: Described) => ({
	...fieldOf(field, FILTERS),
	name: `filter '${field.displayName}'`,
	nextStep: 'Enter a value, or remove the filter: an empty filter would match everything.',
});

/**
 * Makes a filter for things whose field has the value that the user enters.
 *
 * @param of name of the field in VideoSDK's answers
 */
export function valueFilter(field: INodeProperties, of = field.name): Filter {
	return {
		field,
		read: (value, item) => {
			const wanted = readText(item, valueIn(value), filterText(field));
			return (thing) => visible(String(thing[of])) === wanted;
		},
	};
}

/** Makes the filter for sessions of a deployment, or of one version of it. */
export function deploymentFilter(): Filter {
	const field = { ...deploymentIdField, description: 'Only sessions of this deployment' };
	return {
		field,
		read: (value, item) => {
			const wanted = readVersionIn(item, valueIn(value), filterText(field));
			// Otherwise nothing could match both filters.
			if (wanted.tag !== undefined) {
				agreedTag(item, wanted.tag, (item.parameter(FILTERS) as IDataObject).tag, FILTERS);
			}
			return ({ deploymentId, tag }) =>
				visible(String(deploymentId)) === wanted.deploymentId &&
				(wanted.tag === undefined || visible(String(tag)) === wanted.tag);
		},
	};
}

/**
 * Makes a filter for things whose field has the value that the user chooses. Case is ignored.
 *
 * @param of name of the field in VideoSDK's answers
 */
export function choiceFilter(field: INodeProperties, of = field.name): Filter {
	return {
		field,
		read: (value, item) => {
			const wanted = readChoice(item, value, field, FILTERS).toLowerCase();
			return (thing) => String(thing[of]).toLowerCase() === wanted;
		},
	};
}

/** Makes a filter for things whose field of the same name has the phone number that the user enters. */
export function phoneFilter(field: INodeProperties): Filter {
	return {
		field,
		read: (value, item) => {
			const isWanted = readPhoneFilter(item, value, field, FILTERS);
			return (thing) => isWanted(thing[field.name]);
		},
	};
}

const EXAMPLE = '{{ $now.minus({ hours: 1 }) }}';

function timeFilter(
	which: 'After' | 'Before',
	kind: EndableApi,
	passes: (start: number, time: number) => boolean,
): Filter {
	const field: INodeProperties = {
		displayName: `Started ${which}`,
		name: `started${which}`,
		type: 'dateTime',
		default: '',
		description: `Only ${kind.noun}s that ${kind.startVerb ?? 'started'} ${which.toLowerCase()} this time`,
		hint: TIME_ZONE_HINT,
	};
	return {
		field,
		read: (value, item) => {
			const time = readTime(item, value, {
				...fieldOf(field, FILTERS),
				example: EXAMPLE,
			});
			return (thing) => passes(startTimeOf(kind, thing), time);
		},
	};
}

function runningLongerThan(kind: EndableApi, leastMinutes: number): Filter {
	const { noun, statuses, startVerb = 'started' } = kind;
	const field: INodeProperties = {
		displayName: 'Running Longer Than (Minutes)',
		name: 'runningLongerThan',
		type: 'number',
		typeOptions: { minValue: leastMinutes },
		default: 60,
		description: `Only live ${noun}s that ${startVerb} more than this many minutes ago`,
	};
	return {
		field,
		read: (value, item) => {
			// Too few minutes are told in other words, below.
			const written = { ...field, typeOptions: { minValue: 0 } };
			const minutes = readNumber(item, value, written, FILTERS);
			if (minutes < leastMinutes) {
				throw new InvalidInput(
					`'${field.displayName}' is ${quoteValue(value)}, so nearly every live ${noun} would match`,
					`Enter ${leastMinutes} or more. To end every live ${noun}, remove the filter and turn on '${allLiveLabel(noun)}'. Nothing was ended.`,
				);
			}
			const latest = Date.now() - minutes * MINUTE;
			return (thing) => !hasEnded(statuses, thing) && startTimeOf(kind, thing) < latest;
		},
	};
}

function statusFilter(noun: string, statuses: readonly string[]): Filter {
	const field: INodeProperties = {
		displayName: 'Status',
		name: 'status',
		type: 'multiOptions',
		default: [],
		options: propertyOptionsOf(statuses),
		description: `Only ${noun}s with one of these statuses`,
	};
	return {
		field,
		read: (value, item) => {
			const wanted = new Set(readChoices(item, value, field, FILTERS));
			return ({ status }) => wanted.has(String(status).toLowerCase());
		},
	};
}

/**
 * Makes the filters of a kind of things.
 *
 * @param own filters that no other kind has
 * @param statuses that the user can choose
 * @param leastMinutes the least that 'Running Longer Than (Minutes)' takes: 0 minutes is no filter, but
 * matches every live thing
 */
export function filtersOf(
	kind: EndableApi,
	own: Filter[],
	statuses: readonly string[],
	leastMinutes = 0,
): Filter[] {
	const { noun } = kind;
	return [
		...own,
		runningLongerThan(kind, leastMinutes),
		timeFilter('After', kind, (start, time) => start > time),
		timeFilter('Before', kind, (start, time) => start < time),
		...(statuses.length > 1 ? [statusFilter(noun, statuses)] : []),
	];
}

/**
 * Makes the field for filters. VideoSDK documents no filters of lists, so the node applies them to the
 * whole list.
 *
 * @param noun for one of the things: `session`
 */
export function filtersField(filters: Filter[], noun: string): INodeProperties {
	return {
		displayName: 'Filters',
		name: FILTERS,
		type: 'collection',
		placeholder: 'Add filter',
		default: {},
		description: `Only ${noun}s that match all added filters`,
		options: filters
			.map(({ field }) => field)
			.sort((a, b) => a.displayName.localeCompare(b.displayName)),
	};
}

/** The times between which things have to have started, each with the filter that says so. */
function boundsOf(item: Item, filters: Filter[], values: IDataObject) {
	type BoundOf = (value: unknown, field: INodeProperties) => { time: number; shown: string };
	const read = (name: string, boundOf: BoundOf) => {
		const field = filters.find((filter) => filter.field.name === name)?.field;
		return field && !isEmpty(values[name])
			? [{ label: field.displayName, ...boundOf(values[name], field) }]
			: [];
	};
	const now = Date.now();
	const time: BoundOf = (value, field) => {
		const start = readTime(item, value, { ...fieldOf(field, FILTERS), example: EXAMPLE });
		return { time: start, shown: String(inTimeZone(start, item.timezone)) };
	};
	const ago: BoundOf = (value, field) => {
		const minutes = readNumber(item, value, field, FILTERS);
		return {
			time: now - minutes * MINUTE,
			shown: `${counted(minutes, 'minute')} ago`,
		};
	};
	return {
		after: read('startedAfter', time),
		before: [...read('startedBefore', time), ...read('runningLongerThan', ago)],
		now,
	};
}

/** @throws InvalidInput if nothing can have started between the times */
function refuseEmptyRange(item: Item, filters: Filter[], values: IDataObject): void {
	const { after, before, now } = boundsOf(item, filters, values);
	for (const { label, time, shown } of after) {
		const end = before.find((bound) => bound.time <= time);
		if (end) {
			throw new InvalidInput(
				`'${label}' (${shown}) is not earlier than the latest start time that '${end.label}' allows (${end.shown})`,
				'Nothing can match both filters. Change one of them, and check the time zone.',
			);
		}
		if (time > now) {
			throw new InvalidInput(
				`'${label}' is in the future: ${shown}`,
				'Nothing can match this filter. Enter a time in the past, and check its time zone.',
			);
		}
	}
}

/**
 * Reads the filters of an item. A filter without a value is an error: its expression found nothing, and
 * without the filter more things would match than the user wants. So are filters that nothing can match.
 *
 * @param onlyReads whether the operation changes nothing: a filter that the model of an AI agent leaves
 * empty is then no filter
 * @returns the condition of each filter that the user added
 * @throws InvalidInput
 */
export function readFilters(
	filters: Filter[],
	item: Item,
	{ onlyReads = false } = {},
): Condition[] {
	const values = item.parameter(FILTERS) as IDataObject;
	const conditions = Object.entries(values).flatMap(([name, value]) => {
		const filter = filters.find(({ field }) => field.name === name);
		if (!filter) {
			throw new InvalidInput(
				`This node does not have a filter "${quotable(name)}"`,
				'Open the node, check its filters, and save the workflow again.',
			);
		}
		const given = valueIn(value);
		const isUnset = isEmpty(given) || (Array.isArray(given) && given.length === 0);
		if (onlyReads && isUnset && item.isFromModel(`${FILTERS}.${name}`)) return [];
		return [filter.read(value, item)];
	});
	refuseEmptyRange(item, filters, values);
	return conditions;
}

/** Whether the model of an AI agent fills in all filters of an item. */
export function areLeftToModel(item: Item): boolean {
	const entered = item.rawParameter('filters');
	if (typeof entered !== 'object' || entered === null) return item.isFromModel('filters');
	return Object.keys(entered).every((name) => item.isFromModel(`filters.${name}`));
}
