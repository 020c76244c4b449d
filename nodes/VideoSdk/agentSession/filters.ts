import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { tryToParseDateTime } from 'n8n-workflow';
import { deploymentIdField } from '../agentDeployment/deploymentId';
import { InvalidInput } from '../api/failure';
import { hasEnded } from '../api/sessions';
import { readId } from '../id';
import type { Item } from '../items';

type Test = (session: IDataObject) => boolean;

const MINUTE = 60_000;

/** The statuses of a session that has not ended. */
export const liveStatuses = [
	{ name: 'Queued', value: 'queued' },
	{ name: 'Running', value: 'running' },
	{ name: 'Stopping', value: 'stopping' },
];

/** All documented statuses. The samples call an ended session completed or stopped. */
export const allStatuses = [
	{ name: 'Completed', value: 'completed' },
	{ name: 'Failed', value: 'failed' },
	...liveStatuses,
	{ name: 'Stopped', value: 'stopped' },
].sort((a, b) => a.name.localeCompare(b.name));

/**
 * Gives the field that narrows down sessions. VideoSDK documents no filters, so they are applied
 * here, to the whole list.
 *
 * @param statuses those that can be chosen
 */
export function filtersField(statuses: typeof allStatuses): INodeProperties {
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
				displayName: 'Running Longer Than',
				name: 'runningLongerThan',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 60,
				description: 'Only live sessions that started more than this many minutes ago',
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
				options: statuses,
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

/** When a session started; one that is queued has only been created. */
function startOf({ start, createdAt }: IDataObject): number {
	return Date.parse(String(start ?? createdAt));
}

/** Times without a zone are those of the workflow. @returns NaN for what is no time */
function timeOf(value: unknown, timezone: string): number {
	try {
		// What names no year would be read as one: "minute 45" as the year 2045.
		if (!/\d{4}/.test(String(value))) return Number.NaN;
		return tryToParseDateTime(value, timezone).toMillis();
	} catch {
		return Number.NaN;
	}
}

function readTime(item: Item, value: unknown, name: string): number {
	const time = timeOf(value, item.timezone);
	if (Number.isNaN(time)) {
		throw new InvalidInput(
			`The filter ${name} of item ${item.index} is not a time`,
			'Pick a time, or let the expression give one, such as {{ $now.minus({ hours: 1 }) }}.',
		);
	}
	return time;
}

function readText(item: Item, value: unknown, name: string): string {
	const text =
		typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
	return readId(
		item,
		text,
		`filter ${name}`,
		'Give it a value, or remove it: a filter without one would let all sessions pass.',
	);
}

/** Makes the test of a filter, by the filter's name. */
const tests: Record<string, (value: unknown, item: Item) => Test> = {
	deploymentId: (value, item) => {
		const wanted = readText(item, value, 'Deployment');
		return ({ deploymentId }) => String(deploymentId) === wanted;
	},
	runningLongerThan: (value, item) => {
		const isNumber =
			typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
		const minutes = Number(value);
		if (!isNumber || !(minutes >= 0)) {
			throw new InvalidInput(
				`The filter Running Longer Than of item ${item.index} is not a number`,
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
		const wanted = new Set(values.map((each) => readText(item, each, 'Status').toLowerCase()));
		if (wanted.size === 0) readText(item, '', 'Status');
		return ({ status }) => wanted.has(String(status).toLowerCase());
	},
	tag: (value, item) => {
		const wanted = readText(item, value, 'Tag');
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
				`Item ${item.index} has a filter "${name}", which this node does not know`,
				'Remove it: open the node and choose the filters again.',
			);
		}
		return test(value, item);
	});
}
