import { InvalidInput } from '../../../nodes/VideoSdk/execution/invalidInput';
import { readLimit } from '../../../nodes/VideoSdk/fields/limit';

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
