import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { tryToParseDateTime } from 'n8n-workflow';
import { quotable } from '../api/failure';
import { hasEnded } from '../api/statuses';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';
import { deploymentIdField } from './deploymentId';
import { entriesOf } from './entries';
import { readText } from './text';

type Test = (session: IDataObject) => boolean;

const MINUTE = 60_000;

/**
 * Gives the field that narrows down sessions. VideoSDK documents no filters, so they are applied
 * here, to the whole list.
 *
 * @param statuses those that can be chosen
 */
export function filtersField(statuses: readonly string[]): INodeProperties {
	return {
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add filter',
		default: {},
		description: 'Which sessions are meant. A session has to pass all filters that are added.',
		options: [
			{ ...deploymentIdField, description: 'Only sessions of this deployment' },
			{
				displayName: 'Running Longer Than (Minutes)',
				name: 'runningLongerThan',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 60,
				description: 'Only live sessions that started more than this long ago',
			},
			{
				displayName: 'Started After',
				name: 'startedAfter',
				type: 'dateTime',
				default: '',
				description: 'Only sessions that started after this time',
			},
			{
				displayName: 'Started Before',
				name: 'startedBefore',
				type: 'dateTime',
				default: '',
				description: 'Only sessions that started before this time',
			},
			{
				displayName: 'Status',
				name: 'status',
				type: 'multiOptions',
				default: [],
				options: entriesOf(statuses),
				description: 'Only sessions with one of these statuses',
			},
			{
				displayName: 'Tag',
				name: 'tag',
				type: 'string',
				default: '',
				placeholder: 'e.g. v1.0',
				description: 'Only sessions of this version of a deployment',
			},
		],
	};
}

/** A time in ISO 8601, as n8n's picker and Luxon write it; SQL has a space in the place of the T. */
const ISO_TIME =
	/^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d\d(?::?\d\d)?))?)?$/i;

/** What stands for no time is often 0, which is a time of 1970. VideoSDK is younger than 2000. */
const EARLIEST = Date.UTC(2000);
const LATEST = Date.UTC(9999, 11, 31);

function parseIsoTime(text: string, timezone: string): number {
	if (!ISO_TIME.test(text)) return Number.NaN;
	try {
		const time = tryToParseDateTime(text, timezone);
		// A day that does not exist is no ISO 8601; n8n then takes the next one, in the server's zone.
		return text.startsWith(time.toFormat('yyyy-MM-dd')) ? time.toMillis() : Number.NaN;
	} catch {
		return Number.NaN;
	}
}

/**
 * Reads a time. n8n's own parser alone would take almost any text for one: "order 4711" for the year
 * 4711.
 *
 * @param value a DateTime of Luxon, a Date, milliseconds since 1970, or text in ISO 8601
 * @param timezone of a text that names none
 * @returns milliseconds since 1970, or NaN for what is no time of this age
 */
function timeOf(value: unknown, timezone: string): number {
	const boxed = Object(value ?? {}) as { valueOf?: unknown };
	const plain: unknown = typeof boxed.valueOf === 'function' ? boxed.valueOf() : undefined;
	const time = typeof plain === 'string' ? parseIsoTime(plain.trim(), timezone) : plain;
	return typeof time === 'number' && time >= EARLIEST && time <= LATEST ? time : Number.NaN;
}

/** When a session started; one that is queued has only been created. VideoSDK's times are in UTC. */
function startOf({ start, createdAt }: IDataObject): number {
	return timeOf(start || createdAt, 'UTC');
}

function readTime(item: Item, value: unknown, name: string): number {
	const time = timeOf(value, item.timezone);
	if (Number.isNaN(time)) {
		throw new InvalidInput(
			`The filter ${name} of item ${item.index} is not a time`,
			'Pick a time, or let the expression give one, such as {{ $now.minus({ hours: 1 }) }}. As text, a time looks like 2025-06-18T10:30:00.',
		);
	}
	return time;
}

function readFilterText(item: Item, value: unknown, name: string): string {
	const text =
		typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
	return readText(
		item,
		text,
		`filter ${name}`,
		'Give it a value, or remove it: a filter without one would let all sessions pass.',
	);
}

/** Makes the test of a filter, by the filter's name. */
const tests: Record<string, (value: unknown, item: Item) => Test> = {
	deploymentId: (value, item) => {
		const wanted = readFilterText(item, value, 'Deployment');
		return ({ deploymentId }) => String(deploymentId) === wanted;
	},
	runningLongerThan: (value, item) => {
		const isNumber =
			typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
		const minutes = Number(value);
		if (!isNumber || !(minutes >= 0)) {
			throw new InvalidInput(
				`The filter 'Running Longer Than (Minutes)' of item ${item.index} is not a number`,
				'Give a number of minutes.',
			);
		}
		const latest = Date.now() - minutes * MINUTE;
		return (session) => !hasEnded(session) && startOf(session) < latest;
	},
	startedAfter: (value, item) => {
		const time = readTime(item, value, 'Started After');
		return (session) => startOf(session) > time;
	},
	startedBefore: (value, item) => {
		const time = readTime(item, value, 'Started Before');
		return (session) => startOf(session) < time;
	},
	status: (value, item) => {
		const values = Array.isArray(value) ? value : [value];
		const wanted = new Set(
			values.map((each) => readFilterText(item, each, 'Status').toLowerCase()),
		);
		if (wanted.size === 0) readFilterText(item, '', 'Status');
		return ({ status }) => wanted.has(String(status).toLowerCase());
	},
	tag: (value, item) => {
		const wanted = readFilterText(item, value, 'Tag');
		return ({ tag }) => String(tag) === wanted;
	},
};

/**
 * Reads the filters of an item. A filter that is there but empty is an error: its expression found
 * nothing, and without it more sessions would be meant than the user wants.
 *
 * @returns a test for each filter that was added
 * @throws InvalidInput
 */
export function readFilters(item: Item): Test[] {
	return Object.entries(item.parameter('filters') as IDataObject).map(([name, value]) => {
		const test = tests[name];
		if (!test) {
			throw new InvalidInput(
				`Item ${item.index} has a filter "${quotable(name)}", which this node does not know`,
				'Remove it: open the node and choose the filters again.',
			);
		}
		return test(value, item);
	});
}
