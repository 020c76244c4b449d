import type { IDataObject } from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';
import { InvalidInput } from '../../../nodes/VideoSdk/errors/invalidInput';
import { readWaitLimit } from '../../../nodes/VideoSdk/fields/waitLimit';
import { itemWith } from '../../support/item';

const now = Date.UTC(2025, 5, 18, 12);

beforeEach(() => {
	jest.useFakeTimers({ now });
});
afterEach(() => {
	jest.useRealTimers();
});

const read = (resumeAmount: unknown, resumeUnit: unknown, limitWaitTime: unknown = true) =>
	readWaitLimit(
		itemWith({ limitWaitTime, limitType: 'afterTimeInterval', resumeAmount, resumeUnit } as never),
	);

test.each<[unknown, string, number]>([
	[30, 'seconds', 30_000],
	[0.5, 'minutes', 30_000],
	[1, 'hours', 3_600_000],
	[2, 'days', 2 * 86_400_000],
	[365, 'days', 365 * 86_400_000],
	[' 5\u200b', 'Minutes', 300_000],
])('a wait of %j %s ends after exactly that time', (amount, unit, duration) => {
	expect(read(amount, unit)()).toEqual(new Date(now + duration));
});

test('a wait begins when its end is computed, not when its fields are read', () => {
	const endOf = read(1, 'minutes');
	jest.setSystemTime(now + 5_000);
	expect(endOf()).toEqual(new Date(now + 65_000));
});

test('a wait without a limit has no end, whatever its amount', () => {
	expect(read('none', 'none', false)()).toEqual(WAIT_INDEFINITELY);
});

const howLong =
	"Enter a number above 0. The longest wait is a year. To wait without a limit, turn off 'Limit Wait Time'.";
const number = "In 'Amount', enter a number, such as 1.";

const notValid = "'Amount' is not a valid wait time";
const noNumber = "'Amount' is not a number";
const noUnit = `'Unit' does not have this choice: "weeks"`;

test.each<[unknown, string, string, string]>([
	[0, 'hours', `${notValid}: "0" (hours)`, howLong],
	[365.01, 'days', `${notValid}: "365.01" (days)`, howLong],
	[-1, 'hours', `${notValid}: "-1" (hours)`, howLong],
	['an', 'hours', `${noNumber}: "an"`, number],
	[undefined, 'hours', "'Amount' is empty", number],
	[1, 'weeks', noUnit, "The choices for 'Unit' are: Days, Hours, Minutes, Seconds."],
	[1, '', "'Unit' is empty", "Choose one in 'Unit': Days, Hours, Minutes, Seconds."],
])('a wait of %j %s is rejected', (amount, unit, message, nextStep) => {
	const refused = expect(() => read(amount, unit));
	refused.toThrow(InvalidInput);
	refused.toThrow(expect.objectContaining({ message, nextStep }));
});

describe('a wait until a specified time', () => {
	const until = (maxDateAndTime: unknown, timezone = 'UTC', written = '') => {
		const fields = { limitWaitTime: true, limitType: 'atSpecifiedTime', maxDateAndTime };
		const item = itemWith(fields as IDataObject, { timezone, rawParameter: () => written });
		return readWaitLimit(item);
	};

	test.each<[string, unknown, string]>([
		['text without a zone', '2025-06-18T15:30:00', 'Europe/Berlin'],
		['text with a zone', '2025-06-18T15:30:00+02:00', 'Asia/Tokyo'],
		['milliseconds', now + 5_400_000, 'UTC'],
		['a Date', new Date(now + 5_400_000), 'UTC'],
	])('the end of a wait can be %s', (_form, time, timezone) => {
		expect(until(time, timezone)()).toEqual(new Date(now + 5_400_000));
	});

	test('a wait until a time ends at that time, whenever it begins', () => {
		const endOf = until('2025-06-18T12:00:01');
		jest.setSystemTime(now + 5_000);
		expect(endOf()).toEqual(new Date(now + 1_000));
	});

	test('a wait until a time may take a year', () => {
		expect(until('2026-06-18T12:00:00')()).toEqual(new Date('2026-06-18T12:00:00Z'));
	});

	const refusal = (...given: Parameters<typeof until>): unknown => {
		try {
			return until(...given);
		} catch (error) {
			return error;
		}
	};
	const choose =
		'Choose a time in the future, at most a year from now, or use an expression that returns one, such as {{ $now.plus({ hours: 1 }) }}. As text, a time looks like 2025-06-18T10:30:00, in the time zone of this workflow (Europe/Berlin).';

	const [noTime, past] = [
		"'Max Date and Time' is not a time",
		"'Max Date and Time' is in the past",
	];
	const tooFar = "'Max Date and Time' is more than a year from now";

	test.each<[string, unknown, string]>([
		['left empty', '', "'Max Date and Time' is empty"],
		['soon', 'soon', `${noTime}: "soon"`],
		['45', 45, `${noTime}: "45"`],
		['in the past', '2025-06-18T13:59:59', `${past}: 2025-06-18T13:59:59.000+02:00`],
		['now', '2025-06-18T14:00:00', `${past}: 2025-06-18T14:00:00.000+02:00`],
		['too far away', '2026-06-18T14:00:01', `${tooFar}: 2026-06-18T14:00:01.000+02:00`],
	])('a wait is rejected if its end is %s', (_what, time, message) => {
		const error = refusal(time, 'Europe/Berlin');
		expect(error).toBeInstanceOf(InvalidInput);
		expect(error).toMatchObject({ message, nextStep: choose });
	});

	test('an expression for the end of a wait that returns nothing is reported', () => {
		expect(refusal(undefined, 'Europe/Berlin', '={{ $json.none }}')).toMatchObject({
			message: "The expression in 'Max Date and Time' returned nothing",
			nextStep: `Compare the field name in the expression with the input on the left. ${choose}`,
		});
	});
});
