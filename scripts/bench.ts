/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node on a developer's machine, never inside n8n */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';
import { startVideoSdkApi, type Options } from '../test/support/videosdk-api';
import { allNames, createContestants, type Name, names } from './bench/contestants';
import { type Bench, measure, type Measurement } from './bench/measure';
import { type Cell, report, type Runs } from './bench/report';
import { prepareN8n } from './n8n/install';
import { packInto } from './n8n/packed';
import { N8nRest } from './n8n/rest';
import { freePort, type RunningN8n, startN8n } from './n8n/server';

const ROOT = path.join(__dirname, '..');
const REPORT = path.join(ROOT, 'docs', 'benchmark.md');

const DEFAULT_RUNS = 7;

/** Each takes a minute, and they differ little. */
const MEMORY_RUNS = 3;

/** Sessions of a run that only loads what is loaded with the first. */
const WARM_UP = 50;

/** A run one by one that takes longer, in seconds, is done once. */
const LONG = 30;

/** One that takes longer is not done. */
const TOO_LONG = 120;

interface Situation {
	title: string;
	sessions: number;
	api: Options;
	contestants: Name[];
}

const unlimited: Options = { delayMs: 0, maxAtOnce: undefined, retryAfterSeconds: undefined };

const count = (sessions: number) => `${sessions.toLocaleString('en')} sessions`;

const timed: Situation[] = [
	{
		title: `${count(300)}, an API that takes 50 ms, 20 requests at once, and says Retry-After: 1`,
		sessions: 300,
		api: { delayMs: 50, maxAtOnce: 20, retryAfterSeconds: 1 },
		contestants: ['ours', 'oursWith100', 'peer', 'peerContinues', 'minimal'],
	},
	...[100, 400, 2_000].flatMap((sessions) =>
		[0, 50, 200].map(
			(delayMs): Situation => ({
				title: `${count(sessions)}, an API that takes ${delayMs} ms`,
				sessions,
				api: { delayMs },
				contestants: ['ours', 'oursWith100', 'peer', 'minimal', 'empty'],
			}),
		),
	),
];

const remembered: Situation = {
	title: `${count(10_000)}, an API that takes 0 ms`,
	sessions: 10_000,
	api: {},
	contestants: ['ours', 'peer', 'minimal', 'empty'],
};

/** How often to run something in a situation: what takes long one by one is not repeated. */
function runsOf(name: Name, { sessions, api: { delayMs = 0 } }: Situation, runs: number): number {
	const seconds = name === 'minimal' ? (sessions * (delayMs + 4)) / 1000 : 0;
	if (seconds > TOO_LONG) return 0;
	return seconds > LONG ? 1 : runs;
}

/** Measures each contestant of a situation, in turns: what changes with time changes for all. */
async function compare(
	situation: Situation,
	runs: number,
	measureOne: (name: Name, sessions: number) => Promise<Measurement>,
): Promise<Cell> {
	const { title, sessions, contestants } = situation;
	const measured: Runs = {};
	for (let round = 1; round <= runs; round++) {
		for (const name of contestants) {
			if (round > runsOf(name, situation, runs)) continue;
			const result = await measureOne(name, sessions);
			(measured[name] ??= []).push(result);
			console.log(`${title}, ${names[name]}, ${round}: ${JSON.stringify(result)}`);
		}
	}
	return { title, runs: measured };
}

/** Runs all of it, and writes docs/benchmark.md. `npm run bench [-- runs]` */
async function bench(): Promise<void> {
	const runs = Number(process.argv[2] ?? DEFAULT_RUNS);
	const folder = await mkdtemp(path.join(os.tmpdir(), 'n8n-nodes-videosdk-bench-'));
	const api = await startVideoSdkApi();
	let running: RunningN8n | undefined;
	try {
		const n8n = await prepareN8n(console.log);
		const extensions = path.join(folder, 'extensions');
		await build({
			entryPoints: [path.join(__dirname, 'bench', 'minimalNode.ts')],
			outfile: path.join(extensions, 'VideoSdkMinimal.node.js'),
			format: 'cjs',
			platform: 'node',
		});
		const place = { n8n, home: path.join(folder, 'home'), port: await freePort() };
		const start = async (tarball?: string): Promise<Bench> => {
			const env = { N8N_CUSTOM_EXTENSIONS: extensions };
			running = await startN8n({ ...place, tarball, env });
			return { n8n: running, rest: new N8nRest(running.url), api };
		};

		const shared = await start(await packInto(folder));
		await shared.rest.setUpOwner();
		const contestants = await createContestants(shared.rest, api);
		for (const name of allNames) await measure(shared, contestants[name], WARM_UP);
		const time: Cell[] = [];
		for (const situation of timed) {
			api.set({ ...unlimited, ...situation.api });
			const run = async (name: Name, sessions: number) =>
				await measure(shared, contestants[name], sessions);
			time.push(await compare(situation, runs, run));
		}
		await shared.n8n.stop();

		// V8 keeps what it once had, so each run gets an n8n of its own.
		api.set(unlimited);
		const memory = await compare(
			remembered,
			Math.min(runs, MEMORY_RUNS),
			async (name, sessions) => {
				const fresh = await start();
				fresh.rest.cookie = shared.rest.cookie;
				// Code that is loaded with the first request is no memory of a run.
				await measure(fresh, contestants[name], WARM_UP);
				const result = await measure(fresh, contestants[name], sessions);
				await fresh.n8n.stop();
				return result;
			},
		);

		const circumstances = { ...(await versions()), runs, long: LONG, tooLong: TOO_LONG };
		const style = { ...(await resolveConfig(REPORT)), parser: 'markdown' };
		await writeFile(REPORT, await format(report(circumstances, time, memory), style));
		console.log(`Written to ${path.relative(ROOT, REPORT)}.`);
	} finally {
		await running?.stop();
		await api.close();
		await rm(folder, { recursive: true, force: true, maxRetries: 3 });
	}
}

async function versions(): Promise<{ version: string; n8nVersion: string }> {
	const versionOf = async (...folder: string[]) => {
		const file = path.join(ROOT, ...folder, 'package.json');
		return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
	};
	return {
		version: await versionOf(),
		n8nVersion: await versionOf('scripts', 'n8n', 'node_modules', 'n8n'),
	};
}

void bench();
