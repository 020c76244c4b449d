import { InvalidInput } from '../../../nodes/VideoSdk/execution/invalidInput';
import { readLimit, readListLimit } from '../../../nodes/VideoSdk/fields/limit';
import { itemWith } from '../../support/item';

const read = (value: unknown) => readLimit(value);

test.each<[unknown, number]>([
	[1, 1],
	[50, 50],
	['7', 7],
	[' 7 ', 7],
	[1e6, 1_000_000],
])('a limit may be %j', (value, expected) => {
	expect(read(value)).toBe(expected);
});

test.each([
	[0],
	[-1],
	[2.5],
	[Number.NaN],
	[Number.POSITIVE_INFINITY],
	[''],
	[' '],
	['0'],
	['2.5'],
	['ten'],
	['7 sessions'],
	[true],
	[null],
	[undefined],
	[[7]],
	[{}],
])('a limit may not be %j', (value) => {
	expect(() => read(value)).toThrow(
		new InvalidInput("'Limit' is not a whole number of at least 1", ''),
	);
});

test('an error says what a limit looks like', () => {
	const nextStep = expect.stringContaining('such as 50') as string;
	expect(() => read('ten')).toThrow(expect.objectContaining({ nextStep }));
});

test.each([
	[{ returnAll: true, limit: 7 }, Number.POSITIVE_INFINITY],
	[{ returnAll: false, limit: 7 }, 7],
	[{ limit: 7 }, 7],
	[{ returnAll: 'yes', limit: 7 }, 7],
])('of a list, %j wants %d rows', (values, expected) => {
	expect(readListLimit(itemWith(values))).toBe(expected);
});
