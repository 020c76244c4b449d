import type { INodeProperties } from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';
import { InvalidInput } from '../errors/invalidInput';
import type { Item } from '../execution/work';
import { readChoice } from './choice';
import { readNumber } from './number';
import { readSwitch } from './switch';
import { quoteValue } from './text';
import { howToGiveATime, inTimeZone, readTime, TIME_ZONE_HINT } from './time';

/** Milliseconds. */
const UNITS = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

const LONGEST = 365 * UNITS.days;

const interval = { show: { limitWaitTime: [true], limitType: ['afterTimeInterval'] } };

const untilTime = {
	field: 'Max Date and Time',
	path: 'maxDateAndTime',
	what: 'a time in the future, at most a year from now',
	example: '{{ $now.plus({ hours: 1 }) }}',
};

const limitWaitTime: INodeProperties = {
	displayName: 'Limit Wait Time',
	name: 'limitWaitTime',
	type: 'boolean',
	noDataExpression: true,
	default: true,
	description:
		'Whether to continue after a time limit, even if the session is still live. The session then stays live, and the output has timedOut set to true.',
};

const limitType: INodeProperties = {
	displayName: 'Limit Type',
	name: 'limitType',
	type: 'options',
	noDataExpression: true,
	default: 'afterTimeInterval',
	displayOptions: { show: { limitWaitTime: [true] } },
	options: [
		{
			name: 'After Time Interval',
			value: 'afterTimeInterval',
			description: 'The limit is a length of time',
		},
		{
			name: 'At Specified Time',
			value: 'atSpecifiedTime',
			description: 'The limit is a date and time',
		},
	],
	description: 'Whether the limit is a length of time, or a date and time',
};

const amount: INodeProperties = {
	displayName: 'Amount',
	name: 'resumeAmount',
	type: 'number',
	typeOptions: { minValue: 0, numberPrecision: 2 },
	default: 1,
	displayOptions: interval,
	description: 'Maximum time to wait. n8n can take up to a minute longer.',
};

const unit: INodeProperties = {
	displayName: 'Unit',
	name: 'resumeUnit',
	type: 'options',
	noDataExpression: true,
	default: 'hours',
	displayOptions: interval,
	options: [
		{ name: 'Days', value: 'days' },
		{ name: 'Hours', value: 'hours' },
		{ name: 'Minutes', value: 'minutes' },
		{ name: 'Seconds', value: 'seconds' },
	],
	description: 'Unit of the time to wait',
};

/** The fields for how long n8n waits, with the names that they have in n8n's own nodes. */
export const waitLimitFields: INodeProperties[] = [
	limitWaitTime,
	limitType,
	amount,
	unit,
	{
		displayName: untilTime.field,
		name: untilTime.path,
		type: 'dateTime',
		default: '',
		required: true,
		displayOptions: { show: { limitWaitTime: [true], limitType: ['atSpecifiedTime'] } },
		description: 'When to stop waiting. n8n can take up to a minute longer.',
		hint: TIME_ZONE_HINT,
	},
];

function readEnd(item: Item): Date {
	const end = new Date(readTime(item, item.parameter(untilTime.path), untilTime));
	const duration = end.getTime() - Date.now();
	if (duration > 0 && duration <= LONGEST) return end;
	const problem = duration > 0 ? 'more than a year from now' : 'in the past';
	throw new InvalidInput(
		`'${untilTime.field}' is ${problem}: ${String(inTimeZone(end.getTime(), item.timezone))}`,
		howToGiveATime(item, untilTime),
	);
}

/** @returns milliseconds */
function readDuration(item: Item): number {
	const value = item.parameter(amount.name);
	const chosen = readChoice(item, item.parameter(unit.name), unit) as keyof typeof UNITS;
	// Too small an amount is told in other words, below.
	const written = { ...amount, typeOptions: {} };
	const duration = readNumber(item, value, written) * UNITS[chosen];
	if (duration > 0 && duration <= LONGEST) return duration;
	throw new InvalidInput(
		`'Amount' is not a valid wait time: "${quoteValue(value)}" (${chosen})`,
		"Enter a number above 0. The longest wait is a year. To wait without a limit, turn off 'Limit Wait Time'.",
	);
}

/**
 * Reads how long to wait, or until when.
 *
 * @returns a function that returns the end of a wait that begins now
 * @throws InvalidInput
 */
export function readWaitLimit(item: Item): () => Date {
	if (!readSwitch(item, item.parameter(limitWaitTime.name), limitWaitTime)) {
		return () => WAIT_INDEFINITELY;
	}
	if (readChoice(item, item.parameter(limitType.name), limitType) === 'atSpecifiedTime') {
		const end = readEnd(item);
		return () => end;
	}
	const duration = readDuration(item);
	return () => new Date(Date.now() + duration);
}
