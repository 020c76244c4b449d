import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { LiveKind } from '../api/live';
import { quotable } from '../api/quotable';
import { hasEnded } from '../api/statuses';
import { capitalized } from '../execution/capitalized';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';
import { agreedTag, deploymentIdField, readVersionIn } from './deploymentId';
import { propertyOptionsOf } from './propertyOptions';
import { emptyField, isEmpty, quoteValue, readText, valueIn } from './text';
import { readTime, startTimeOf, TIME_ZONE_HINT } from './time';

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

const filterText = ({ displayName, name }: Pick<INodeProperties, 'displayName' | 'name'>) => ({
	field: displayName,
	path: `filters.${name}`,
	name: `filter '${displayName}'`,
	nextStep: 'Enter a value, or remove the filter: an empty filter would match everything.',
});

function readFilterText(
	item: Item,
	value: unknown,
	field: Pick<INodeProperties, 'displayName' | 'name'>,
): string {
	return readText(item, valueIn(value), filterText(field));
}

/**
 * Makes a filter for things whose field has the value that the user enters.
 *
 * @param of name of the field in VideoSDK's answers
 */
export function valueFilter(field: INodeProperties, of = field.name): Filter {
	return {
		field,
		read: (value, item) => {
			const wanted = readFilterText(item, value, field);
			return (thing) => String(thing[of]) === wanted;
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
				agreedTag(wanted.tag, (item.parameter('filters') as IDataObject).tag);
			}
			return ({ deploymentId, tag }) =>
				String(deploymentId) === wanted.deploymentId &&
				(wanted.tag === undefined || String(tag) === wanted.tag);
		},
	};
}

function timeFilter(
	which: 'After' | 'Before',
	kind: LiveKind,
	passes: (start: number, time: number) => boolean,
): Filter {
	const field: INodeProperties = {
		displayName: `Started ${which}`,
		name: `started${which}`,
		type: 'dateTime',
		default: '',
		description: `Only ${kind.noun}s that started ${which.toLowerCase()} this time`,
		hint: TIME_ZONE_HINT,
	};
	return {
		field,
		read: (value, item) => {
			const time = readTime(item, value, {
				field: field.displayName,
				path: `filters.${field.name}`,
				example: '{{ $now.minus({ hours: 1 }) }}',
			});
			return (thing) => passes(startTimeOf(kind, thing), time);
		},
	};
}

function runningLongerThan(kind: LiveKind, leastMinutes: number): Filter {
	const { noun, statuses } = kind;
	const field: INodeProperties = {
		displayName: 'Running Longer Than (Minutes)',
		name: 'runningLongerThan',
		type: 'number',
		typeOptions: { minValue: leastMinutes },
		default: 60,
		description: `Only live ${noun}s that started more than this long ago`,
	};
	return {
		field,
		read: (value, item) => {
			const nextStep = 'Enter a number of minutes, or remove the filter.';
			if (value === undefined || value === null || value === '') {
				throw emptyField(item, {
					field: field.displayName,
					path: `filters.${field.name}`,
					nextStep,
				});
			}
			const isNumber =
				typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
			const minutes = Number(value);
			if (!isNumber || !(minutes >= 0)) {
				throw new InvalidInput(
					`'${field.displayName}' is not a number: "${quoteValue(value)}"`,
					nextStep,
				);
			}
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
			const values = Array.isArray(value) ? value : [value];
			const wanted = new Set(values.map((each) => readFilterText(item, each, field).toLowerCase()));
			if (wanted.size === 0) readFilterText(item, '', field);
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
	kind: LiveKind,
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
		name: 'filters',
		type: 'collection',
		placeholder: 'Add filter',
		default: {},
		description: `Only ${noun}s that match all added filters`,
		options: filters
			.map(({ field }) => field)
			.sort((a, b) => a.displayName.localeCompare(b.displayName)),
	};
}

/**
 * Reads the filters of an item. A filter without a value is an error: its expression found nothing, and
 * without the filter more things would match than the user wants.
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
	return Object.entries(item.parameter('filters') as IDataObject).flatMap(([name, value]) => {
		const filter = filters.find(({ field }) => field.name === name);
		if (!filter) {
			throw new InvalidInput(
				`This node does not have a filter "${quotable(name)}"`,
				'Open the node, remove the filter, and choose the filters again.',
			);
		}
		const given = valueIn(value);
		const isUnset = isEmpty(given) || (Array.isArray(given) && given.length === 0);
		if (onlyReads && isUnset && item.isFromModel(`filters.${name}`)) return [];
		return [filter.read(value, item)];
	});
}

/** Whether the model of an AI agent fills in all filters of an item. */
export function areLeftToModel(item: Item): boolean {
	const entered = item.rawParameter('filters');
	if (typeof entered !== 'object' || entered === null) return item.isFromModel('filters');
	return Object.keys(entered).every((name) => item.isFromModel(`filters.${name}`));
}
