/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node on a developer's machine, never inside n8n */
import '../test/support/environment';
import { Engine } from '../test/support/engine';
import { type FaultRun, runUnderFaults } from '../test/support/faultRun';

const DEFAULT_SEEDS = 50;

/**
 * Ends a thousand sessions for each of many seeds of faults and limits, and prints the results. It fails
 * if an outcome is lost or untrue, or if too many requests were open at once.
 *
 * `npx tsx scripts/faults.ts [seeds]`, after a build.
 */
async function faults() {
	const seeds = Number(process.argv[2] ?? DEFAULT_SEEDS);
	const engine = await Engine.load();
	const runs: FaultRun[] = [];
	for (let seed = 1; seed <= seeds; seed++) {
		const run = await runUnderFaults(engine, seed);
		run.problems.forEach((problem) => console.log(`seed ${seed}: ${problem}`));
		runs.push(run);
	}
	console.table(
		runs.map(({ problems, ...figures }) => ({ ...figures, problems: problems.length })),
	);
	const sum = (figure: 'items' | 'ended' | 'alreadyEnded' | 'failed' | 'lost' | 'invented') =>
		runs.reduce((total, run) => total + run[figure], 0);
	console.log(
		`${runs.length} seeds, ${sum('items')} items: ${sum('ended')} ended, ${sum('alreadyEnded')} already ended, ${sum('failed')} truthfully failed, ${sum('lost')} lost, ${sum('invented')} invented`,
	);
	process.exitCode = runs.length > 0 && runs.every(({ problems }) => problems.length === 0) ? 0 : 1;
}

void faults();
