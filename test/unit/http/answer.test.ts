import { idOf } from '../../../nodes/VideoSdk/http/answer';

test.each<[unknown, string | undefined]>([
	['a', 'a'],
	[' a', ' a'],
	[7, '7'],
	['', undefined],
	[' ', undefined],
	[null, undefined],
	[undefined, undefined],
	[true, undefined],
	[{}, undefined],
	[['a'], undefined],
])('the ID read from %j is %j', (value, expected) => {
	expect(idOf(value)).toBe(expected);
});
