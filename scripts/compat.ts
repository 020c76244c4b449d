/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node on a developer's machine, never inside n8n */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findNode, prepareFolder } from '../dev/n8n/install';
import { startGroup } from '../dev/n8n/processes';
import { folders } from './compat/folders';

// Runs the tests with each supported n8n and Node.js: `npm run test:compat`. With versions of n8n as
// arguments, only those are tested. `--prepare` only downloads. `--rest` is for CI: it leaves out
// three long files that depend little on n8n, and what CI runs anyway: `npm test`, and the newest n8n on
// its own Node.js.
// n8n 3 is only a container image: its defaults are tested with the newest n8n that npm has, which is a
// step of its own in CI.

const ROOT = path.join(__dirname, '..');
const REPORTS = path.join(ROOT, '.tmp', 'compat');
const BIN = path.join(ROOT, 'node_modules');

/** One row of the table: some tests with one n8n and one Node. */
interface Run {
	n8n: string;
	node: string;
	tests: 'engine' | 'unit' | 'unit, engine' | 'server' | 'server, defaults of n8n 3';
	/** Tells jest.config.js and the end-to-end tests which n8n to use, and how. */
	env: NodeJS.ProcessEnv;
	/** The end-to-end tests to run, by a part of the file's name, if not all. */
	files?: string[];
}

interface Counts {
	passed: number;
	failed: number;
	skipped: number;
}

async function main(): Promise<void> {
	// Processes that are started here have a group of their own, which ends when this process exits.
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
	const options = process.argv.slice(2).filter((arg) => arg.startsWith('--'));
	const named = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
	const needed = (await folders()).filter(
		({ version }) => named.length === 0 || named.includes(version),
	);
	await Promise.all(needed.map(async ({ folder }) => await prepareFolder(folder, console.log)));
	if (options.includes('--prepare')) return;

	const isRest = options.includes('--rest');
	const isInCi = ({ env, node }: Run) => !env.N8N_VERSION && node === process.execPath;
	const runs = (await matrix(isRest)).filter(
		(one) => (named.length === 0 || named.includes(one.n8n)) && !(isRest && isInCi(one)),
	);
	if (runs.length === 0) throw new Error('No n8n of that version is tested: see test/compat.');

	await mkdir(REPORTS, { recursive: true });
	const table: object[] = [];
	for (const one of runs) {
		const started = Date.now();
		console.log(`\nn8n ${one.n8n}, ${one.node}: ${one.tests}`);
		const counts = await (one.tests.startsWith('server')
			? playwright(one)
			: jest(one, isRest ? ['faults', 'values', 'customers'] : []));
		if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
		const seconds = Math.round((Date.now() - started) / 1000);
		const { n8n, tests } = one;
		table.push({ n8n, node: await versionOf(one.node), tests, ...counts, seconds });
	}
	console.table(table);
}

/**
 * The newest n8n-core with each Node.js, the older ones with the Node.js of their time.
 *
 * @param isRest whether to leave out what takes long or runs in CI anyway
 */
async function matrix(isRest: boolean): Promise<Run[]> {
	const all = await folders();
	const nodes = all.filter(({ hasServer }) => hasServer).map(({ folder }) => findNode(folder).node);
	return all.flatMap(({ version: n8n, folder, isNewest, hasServer }): Run[] => {
		if (isNewest) {
			const tests = isRest ? 'unit' : 'unit, engine';
			const onEach = [...new Set([process.execPath, ...nodes])];
			const runs = onEach.map((node): Run => ({ n8n, node, tests, env: {} }));
			return isRest ? runs : [...runs, asN8n3(n8n)];
		}
		const env = { N8N_VERSION: n8n };
		const { node } = findNode(folder);
		const engine: Run = { n8n, node, tests: 'engine', env };
		return hasServer ? [engine, { n8n, node: process.execPath, tests: 'server', env }] : [engine];
	});
}

/** What is different in n8n 3: where manual executions run, and which addresses nodes may use. */
function asN8n3(n8n: string): Run {
	return {
		n8n,
		node: process.execPath,
		tests: 'server, defaults of n8n 3',
		env: { DEFAULTS_OF_N8N_3: 'true' },
		files: ['13-queue-mode', '16-start-and-wait', '21-restart'],
	};
}

/**
 * Runs tests with Jest, except long ones that do not depend on n8n.
 *
 * @param leftOut other tests to leave out, by a part of the file's name
 */
async function jest({ node, tests, env }: Run, leftOut: string[]): Promise<Counts> {
	const report = path.join(REPORTS, 'jest.json');
	const suites = tests.split(', ').map((suite) => `test/${suite}`);
	// `--forceExit`, since what a test has left open must not hold up the next run.
	const vendor = ['trigger-vendor', 'vendor-requests'];
	const ignored = ['--testPathIgnorePatterns', ...vendor, 'videosdk-api', ...leftOut];
	const args = ['--ci', '--forceExit', '--json', `--outputFile=${report}`, ...suites, ...ignored];
	const json = await reported(
		node,
		[path.join(BIN, 'jest', 'bin', 'jest.js'), ...args],
		env,
		report,
	);
	return {
		passed: json.numPassedTests ?? 0,
		// A file that cannot be loaded counts no failed test.
		failed: json.numFailedTests || json.numFailedTestSuites || 0,
		skipped: json.numPendingTests ?? 0,
	};
}

async function playwright({ node, env, files = [] }: Run): Promise<Counts> {
	const report = path.join(REPORTS, 'e2e.json');
	const args = [path.join(BIN, '@playwright', 'test', 'cli.js'), 'test', ...files];
	const json = await reported(node, args, { ...env, E2E_OUTPUT: REPORTS }, report);
	const { expected = 0, flaky = 0, unexpected = 0, skipped = 0 } = json.stats ?? {};
	return { passed: expected + flaky, failed: unexpected, skipped };
}

/** The parts of the reports of Jest and Playwright that are read. */
interface Report {
	numPassedTests?: number;
	numFailedTests?: number;
	numFailedTestSuites?: number;
	numPendingTests?: number;
	stats?: { expected: number; flaky: number; unexpected: number; skipped: number };
}

async function reported(
	node: string,
	args: string[],
	env: NodeJS.ProcessEnv,
	report: string,
): Promise<Report> {
	await rm(report, { force: true });
	const { ended } = startGroup(node, args, {
		cwd: ROOT,
		env: { ...process.env, ...env },
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	const how = await ended;
	const text = await readFile(report, 'utf8').catch(() => {
		throw new Error(`The tests left no report: ${how}.`);
	});
	return JSON.parse(text) as Report;
}

async function versionOf(node: string): Promise<string> {
	const { stdout } = await promisify(execFile)(node, ['--version']);
	return stdout.trim();
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
