import { WAIT_INDEFINITELY } from 'n8n-workflow';
import { InvalidInput } from '../../../nodes/VideoSdk/execution/invalidInput';
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
	readWaitLimit(itemWith({ limitWaitTime, resumeAmount, resumeUnit } as never));

test.each<[unknown, string, number]>([
	[30, 'seconds', 30_000],
	[0.5, 'minutes', 30_000],
	[1, 'hours', 3_600_000],
	[2, 'days', 2 * 86_400_000],
	[365, 'days', 365 * 86_400_000],
])('a wait of %j %s is over when that has passed', (amount, unit, duration) => {
	expect(read(amount, unit)()).toEqual(new Date(now + duration));
});

test('a wait begins when it is asked for its end, not when it is read', () => {
	const endOf = read(1, 'minutes');
	jest.setSystemTime(now + 5_000);
	expect(endOf()).toEqual(new Date(now + 65_000));
});

test('a wait without a limit has no end, whatever its amount', () => {
	expect(read('none', 'none', false)()).toEqual(WAIT_INDEFINITELY);
});

test.each<[unknown, string]>([
	[0, 'hours'],
	[-1, 'hours'],
	[365.01, 'days'],
	[Number.NaN, 'hours'],
	['1', 'hours'],
	[undefined, 'hours'],
	[1, 'weeks'],
])('a wait may not be %j %s', (amount, unit) => {
	const refused = expect(() => read(amount, unit));
	refused.toThrow(InvalidInput);
	refused.toThrow(
		expect.objectContaining({
			message: "'Amount' is not a time to wait",
			nextStep:
				"In 'Amount', enter a number above 0, and with 'Unit' a year at most. To wait without an end, turn off 'Limit Wait Time'.",
		}),
	);
});
