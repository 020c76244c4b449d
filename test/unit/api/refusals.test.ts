import { Governor } from '../../../nodes/VideoSdk/api/governor';
import { Refusals } from '../../../nodes/VideoSdk/api/refusals';
import { useFakeTime } from '../../support/fakeTime';

const REFUSED = { kind: 'status', status: 429 } as const;

useFakeTime(0);

/** Refuses a request; before each refusal but the first, so many others succeed. */
function refuse(...others: number[]): Refusals {
	const governor = new Governor();
	const refusals = new Refusals(governor);
	refusals.add(REFUSED);
	for (const count of others) {
		governor.successes += count;
		refusals.add(REFUSED);
	}
	return refusals;
}

test.each<[number[], boolean]>([
	[[], false],
	[[0], false],
	[[1], true],
	[[5, 0], false],
	[[0, 3], false],
	[[0, 3, 1], true],
])(
	'a request refused again after %j others succeeded is taken to be refused for itself: %s',
	(others, expected) => {
		const refusals = refuse(...others);
		expect(refusals.concernItAlone).toBe(expected);
		expect(refusals.count).toBe(others.length + 1);
	},
);

test('the time since the first refusal is known, and the last one', () => {
	const refusals = new Refusals(new Governor());
	expect(refusals.duration).toBe(0);
	refusals.add(REFUSED);
	jest.advanceTimersByTime(1_000);
	refusals.add({ kind: 'status', status: 503 });
	jest.advanceTimersByTime(500);
	expect(refusals.duration).toBe(1_500);
	expect(refusals.cause).toEqual({ kind: 'status', status: 503 });
});
