import { runUnderFaults } from '../support/faultRun';
import { useEngine } from './setup';

const { engine } = useEngine();

// Their limits: per second with Retry-After 0, per second with 503, and at once.
test.each([3, 4, 5])(
	'ending 400 sessions under faults loses and invents no session (seed %i)',
	async (seed) => {
		const { problems, lost, invented, ended, alreadyEnded, failed, repeated, throttled } =
			await runUnderFaults(engine(), seed, 400);
		expect(problems).toEqual([]);
		expect({ lost, invented }).toEqual({ lost: 0, invented: 0 });
		expect(ended + alreadyEnded + failed).toBe(400);
		// Faults there were, of each kind, and most sessions got through them.
		for (const count of [alreadyEnded, failed, repeated, throttled])
			expect(count).toBeGreaterThan(4);
		expect(ended).toBeGreaterThan(240);
	},
	600_000,
);
