/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node on a developer's machine, never inside n8n */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import getPort from 'get-port';
import { format, resolveConfig } from 'prettier';
import { prepareN8n } from '../dev/n8n/install';
import { packInto, type Packed } from '../dev/n8n/packed';
import { N8nRest } from '../dev/n8n/rest';
import { type RunningN8n, startN8n, type StartOptions } from '../dev/n8n/server';
import { startVideoSdkApi, type Options } from '../dev/videosdk-api';
import {
	type Body,
	type Contestant,
	createContestant,
	type Name,
	names,
} from './bench/contestants';
import { longLists, measureLongLists } from './bench/longList';
import {
	type Bench,
	type CallsMeasurement,
	measure,
	measureCalls,
	type Measurement,
	measureStart,
} from './bench/measure';
import {
	callsTable,
	type Cell,
	type Footprint,
	footprintSection,
	memoryTable,
	report,
	type Results,
	type Runs,
	timeTable,
} from './bench/report';

const ROOT = path.join(__dirname, '..');
const REPORT = path.join(ROOT, 'docs', 'benchmark.md');

/** What other commands measured stands below this line of the report, and stays. */
const KEEP_BELOW = '<!-- `npm run bench` keeps everything below this line. -->';

const DEFAULT_RUNS = 3;

/** Sessions of the first run, which loads code and is not measured. */
const WARM_UP = 50;

/** Seconds. A run of 'One by one' that takes longer is not repeated. */
const LONG = 10;

/** Seconds. A run of 'One by one' that takes longer is left out. */
const TOO_LONG = 60;

interface Situation {
	title: string;
	/** Sessions to end: items of one run, or webhook calls. */
	sessions: number;
	api: Options;
	contestants: Name[];
}

const count = (sessions: number) => `${sessions.toLocaleString('en')} sessions`;

const seconds = (ms: number) => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`);

const twentyAtOnce: Options = { maxAtOnce: 20, retryAfterSeconds: 1 };

const timed: Situation[] = [
	{
		title: `${count(300)}, API response time 50 ms, max 20 concurrent requests, Retry-After: 1`,
		sessions: 300,
		api: { delayMs: 50, ...twentyAtOnce },
		contestants: ['ours', 'oursKnowing', 'peer', 'peerContinues', 'minimal'],
	},
	...[400, 2_000].flatMap((sessions) =>
		[50, 200, 1_000].map(
			(delayMs): Situation => ({
				title: `${count(sessions)}, API response time ${seconds(delayMs)}`,
				sessions,
				api: { delayMs },
				contestants: ['ours', 'peer', 'minimal', 'empty'],
			}),
		),
	),
];

const perSecond: Situation[] = (
	[
		['10 requests per second, 429 without Retry-After', { limit: { requests: 10, perMs: 1_000 } }],
		[
			'20 requests per second, 429 with Retry-After: 0',
			{ limit: { requests: 20, perMs: 1_000 }, retryAfterSeconds: 0 },
		],
		[
			'20 requests per second, 503 without Retry-After',
			{ limit: { requests: 20, perMs: 1_000 }, throttledStatus: 503 },
		],
		[
			'60 requests in 10 seconds, 429 with Retry-After: 1',
			{ limit: { requests: 60, perMs: 10_000 }, retryAfterSeconds: 1 },
		],
	] satisfies Array<[string, Options]>
).map(([limit, api]) => ({
	title: `${count(200)}, API response time 50 ms, ${limit}`,
	sessions: 200,
	api: { delayMs: 50, ...api },
	contestants: ['ours', 'peer', 'peerContinues'],
}));

const webhook: Situation[] = [50, 2_000].flatMap((delayMs) =>
	[{}, twentyAtOnce].map(
		(limits: Options): Situation => ({
			title: `300 concurrent webhook calls, API response time ${seconds(delayMs)}${limits.maxAtOnce ? ', max 20 concurrent requests, Retry-After: 1' : ''}`,
			sessions: 300,
			api: { delayMs, ...limits },
			// Without refusals there is nothing to retry.
			contestants: limits.maxAtOnce ? ['ours', 'peer', 'peerRetries'] : ['ours', 'peer'],
		}),
	),
);

const remembered: Situation[] = [
	{
		title: `Memory: ${count(10_000)}, API response time 0 ms`,
		sessions: 10_000,
		api: {},
		contestants: ['ours', 'peer', 'minimal', 'empty'],
	},
];

/** How often to run a contestant in a situation: long runs of 'One by one' are not repeated. */
function runsOf(name: Name, { sessions, api: { delayMs = 0 } }: Situation, runs: number): number {
	const seconds = name === 'minimal' ? (sessions * (delayMs + 4)) / 1000 : 0;
	if (seconds > TOO_LONG) return 0;
	return seconds > LONG ? 1 : runs;
}

/** Measures the contestants of a situation in turns, so that changes of the machine affect all of them. */
async function compare<Result>(
	situation: Situation,
	runs: number,
	measureOne: (name: Name) => Promise<Result>,
): Promise<Cell<Result>> {
	const { title, contestants } = situation;
	const measured: Runs<Result> = {};
	for (let round = 1; round <= runs; round++) {
		for (const name of contestants) {
			if (round > runsOf(name, situation, runs)) continue;
			const result = await measureOne(name);
			(measured[name] ??= []).push(result);
			console.log(`${title}, ${names[name]}, ${round}: ${JSON.stringify(result)}`);
		}
	}
	return { title, runs: measured };
}

/**
 * Measures a contestant with a new fake API, credential and workflow, since the node remembers for some
 * minutes what it has learned of an API.
 */
async function withNew<Result>(
	{ n8n, rest }: Omit<Bench, 'api'>,
	name: Name,
	body: Body,
	options: Options,
	use: (bench: Bench, contestant: Contestant) => Promise<Result>,
): Promise<Result> {
	const api = await startVideoSdkApi(options);
	try {
		const contestant = await createContestant(rest, api, name, body);
		const result = await use({ n8n, rest, api }, contestant);
		await rest.deactivate(contestant.workflow.id);
		return result;
	} finally {
		await api.close();
	}
}

/** Measures one run. A contestant that knows the limit has a run before, which is not measured. */
async function measureRun(
	n8n: Omit<Bench, 'api'>,
	name: Name,
	{ sessions, api }: Pick<Situation, 'sessions' | 'api'>,
): Promise<Measurement> {
	return await withNew(n8n, name, 'list', api, async (bench, contestant) => {
		if (name === 'oursKnowing') await measure(bench, contestant, sessions);
		return await measure(bench, contestant, sessions);
	});
}

/** Measures concurrent webhook calls. */
async function measureBurst(
	n8n: Omit<Bench, 'api'>,
	name: Name,
	{ sessions, api }: Situation,
): Promise<CallsMeasurement> {
	return await withNew(
		n8n,
		name,
		'one',
		api,
		async (bench, contestant) => await measureCalls(bench, contestant, sessions),
	);
}

/**
 * Measures starts of an n8n with the package and of one without, in turns. The first start of each does
 * not count, since it creates the database.
 */
async function measureFootprint(
	packed: Packed,
	place: StartOptions,
	runs: number,
): Promise<Footprint> {
	const starts: Footprint['starts'] = { without: [], with: [] };
	for (let round = 0; round <= runs; round++) {
		for (const which of ['without', 'with'] as const) {
			const tarball = which === 'with' && round === 0 ? packed.tarball : undefined;
			const home = path.join(place.home, which);
			const start = await measureStart({ ...place, home, tarball });
			console.log(`Start ${which} the package, ${round}: ${JSON.stringify(start)}`);
			if (round > 0) starts[which].push(start);
		}
	}
	return { packed, starts };
}

/**
 * Runs the whole benchmark, and writes docs/benchmark.md; or runs only the situations with a word in
 * their title, and prints their tables.
 *
 * The emergency stop with long lists is only measured if it is chosen by a word, since that takes hours. It can
 * be compared with another build.
 *
 * `npm run bench [-- runs [word [tarball of another build]]]`
 */
async function bench(): Promise<void> {
	const [, , given, word = '', before] = process.argv;
	const runs = Number(given ?? DEFAULT_RUNS);
	if (!(runs >= 1)) throw new Error('Usage: npm run bench [-- runs [word [tarball]]]');
	const chosen = <Chosen extends { title: string }>(situations: Chosen[]) =>
		situations.filter(({ title }) => title.toLowerCase().includes(word.toLowerCase()));

	const folder = await mkdtemp(path.join(os.tmpdir(), 'n8n-nodes-videosdk-bench-'));
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
		const packed = await packInto(folder);
		const env = { N8N_CUSTOM_EXTENSIONS: extensions };
		const place = {
			n8n,
			home: path.join(folder, 'home'),
			port: await getPort({ host: '127.0.0.1' }),
		};
		const long = word ? chosen(longLists) : [];
		if (long.length > 0) {
			await measureLongLists(long, runs, place, { ours: packed.tarball, before });
			return;
		}
		let cookie = '';
		/** n8n frees little of the memory of a workflow, so each long run gets a new n8n. */
		const inNewN8n = async <Result>(
			contestants: Name[],
			use: (started: Omit<Bench, 'api'>) => Promise<Result>,
		): Promise<Result> => {
			running = await startN8n({ ...place, tarball: packed.tarball, env });
			const started = { n8n: running, rest: new N8nRest(running.url) };
			if (cookie) started.rest.cookie = cookie;
			else await started.rest.setUpOwner();
			({ cookie } = started.rest);
			// Code is loaded with the first request, which must not be measured.
			for (const name of contestants) {
				await measureRun(started, name, { sessions: WARM_UP, api: {} });
			}
			const result = await use(started);
			await running.stop();
			return result;
		};

		const results: Results = { time: [], perSecond: [], webhook: [], memory: [] };
		const inOneRun = async (one: Situation) =>
			await inNewN8n(
				one.contestants,
				async (started) =>
					await compare(one, runs, async (name) => await measureRun(started, name, one)),
			);
		for (const one of chosen(timed)) results.time.push(await inOneRun(one));
		for (const one of chosen(perSecond)) results.perSecond.push(await inOneRun(one));
		for (const one of chosen(webhook)) {
			const cell = await inNewN8n(
				one.contestants,
				async (started) =>
					await compare(one, runs, async (name) => await measureBurst(started, name, one)),
			);
			results.webhook.push(cell);
		}
		for (const one of chosen(remembered)) {
			const cell = await compare(
				one,
				runs,
				async (name) =>
					await inNewN8n([name], async (started) => await measureRun(started, name, one)),
			);
			results.memory.push(cell);
		}

		if (chosen([{ title: 'Size and start' }]).length > 0) {
			const home = path.join(folder, 'starts');
			results.footprint = await measureFootprint(packed, { ...place, home }, runs);
		}

		if (word) {
			const { time, perSecond, webhook, memory, footprint } = results;
			const tables = [
				...[...time, ...perSecond].map((cell) => timeTable(cell, runs)),
				...webhook.map(callsTable),
				...memory.map((cell) => memoryTable(cell, runs)),
				...(footprint ? [footprintSection(footprint)] : []),
			];
			console.log(await format(tables.join('\n\n'), { parser: 'markdown' }));
			return;
		}
		const circumstances = { ...(await versions()), runs, long: LONG, tooLong: TOO_LONG };
		const style = { ...(await resolveConfig(REPORT)), parser: 'markdown' };
		const [, kept = ''] = (await readFile(REPORT, 'utf8')).split(KEEP_BELOW);
		const whole = `${report(circumstances, results)}\n${KEEP_BELOW}${kept}`;
		await writeFile(REPORT, await format(whole, style));
		console.log(`Written to ${path.relative(ROOT, REPORT)}.`);
	} finally {
		await running?.stop();
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
		n8nVersion: await versionOf('dev', 'n8n', 'node_modules', 'n8n'),
	};
}

void bench();
