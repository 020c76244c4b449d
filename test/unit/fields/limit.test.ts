import { readListLimit } from '../../../nodes/VideoSdk/fields/limit';
import { itemWith } from '../../support/item';

test.each([
	[{ returnAll: true, limit: 7 }, Number.POSITIVE_INFINITY],
	[{ returnAll: false, limit: 7 }, 7],
	[{ returnAll: 'TRUE', limit: 7 }, Number.POSITIVE_INFINITY],
	[{ returnAll: 0, limit: ' 7 ' }, 7],
])('the fields %j limit a list to %d rows', (values, expected) => {
	expect(readListLimit(itemWith(values))).toBe(expected);
});
