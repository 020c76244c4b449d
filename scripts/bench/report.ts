/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node on a developer's machine, never inside n8n */
import os from 'node:os';
import { allNames, type Name, names } from './contestants';
import type { Packed } from '../../dev/n8n/packed';
import {
	type CallsMeasurement,
	type Measurement,
	median,
	medians,
	type StartMeasurement,
} from './measure';

/** The runs of each contestant in one situation. */
export type Runs<Result = Measurement> = Partial<Record<Name, Result[]>>;

/** One situation that was measured. */
export interface Cell<Result = Measurement> {
	title: string;
	runs: Runs<Result>;
}

/** What the package costs an n8n that does not use it. */
export interface Footprint {
	packed: Packed;
	/** Starts of an n8n, by what it has installed. */
	starts: { without: StartMeasurement[]; with: StartMeasurement[] };
}

/** All situations that were measured. */
export interface Results {
	time: Cell[];
	perSecond: Cell[];
	webhook: Array<Cell<CallsMeasurement>>;
	memory: Cell[];
	footprint?: Footprint;
}

/** The baseline, which the other contestants are compared with. */
const PEER: Name = 'peer';

const entriesOf = <Result>(runs: Runs<Result>) =>
	allNames.flatMap((name) => {
		const measured = runs[name];
		return measured?.length ? [{ name, measured }] : [];
	});

const table = (head: string[], rows: string[][]): string =>
	[head, head.map((_cell, at) => (at === 0 ? '---' : '--:')), ...rows]
		.map((cells) => `| ${cells.join(' | ')} |`)
		.join('\n');

const times = (value: number, peer?: number) =>
	peer === undefined ? '' : `${(value / peer).toFixed(2)} ×`;

/** The median, with the least and the most. */
function spread(values: number[], digits: number): string {
	const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map(
		(value) => value.toFixed(digits),
	);
	return least === most ? `${middle}` : `${middle} (${least}–${most})`;
}

/**
 * A table of times, compared with the baseline, in Markdown.
 *
 * @param runs of each contestant, unless one was enough
 */
export function timeTable({ title, runs: measurements }: Cell, runs: number): string {
	const peer = measurements[PEER] && medians(measurements[PEER]);
	const rows = entriesOf(measurements).map(({ name, measured }) => {
		const { wall, cpu, mostInFlight, throttled, ended, lost } = medians(measured);
		return [
			names[name] + (measured.length < runs ? ' (one run)' : ''),
			spread(
				measured.map((run) => run.wall),
				2,
			),
			name === 'empty' ? '' : times(wall, peer?.wall),
			spread(
				measured.map((run) => run.cpu),
				2,
			),
			name === 'empty' ? '' : times(cpu, peer?.cpu),
			...(name === 'empty' ? ['', '', '', ''] : [mostInFlight, throttled, ended, lost].map(String)),
		];
	});
	const counts = ['Max in flight', 'Throttled', 'Ended', 'Lost'];
	const head = ['', 'Wall, s', 'vs. baseline', 'CPU, s', 'vs. baseline', ...counts];
	return `### ${title}\n\n${table(head, rows)}`;
}

/** A table of the results of simultaneous webhook calls, in Markdown. */
export function callsTable({ title, runs }: Cell<CallsMeasurement>): string {
	const rows = entriesOf(runs).map(({ name, measured }) => {
		const of = (figure: keyof CallsMeasurement, digits = 0) =>
			spread(
				measured.map((run) => run[figure]),
				digits,
			);
		return [names[name], of('answered'), of('ended'), of('wall', 2), of('throttled')];
	});
	return `### ${title}\n\n${table(['', 'Answered', 'Ended', 'Wall, s', 'Throttled'], rows)}`;
}

/** A table of peak memory over that of the empty workflow, in Markdown; see {@link timeTable}. */
export function memoryTable({ title, runs }: Cell, count: number): string {
	const memoryOf = (measured: Measurement[]) => measured.map(({ memory }) => memory);
	const empty = median(memoryOf(runs.empty ?? []));
	const over = (measured: Measurement[]) => memoryOf(measured).map((memory) => memory - empty);
	const minimal = runs.minimal && median(over(runs.minimal));
	const peer = runs[PEER] && median(over(runs[PEER]));
	const rows = entriesOf(runs).map(({ name, measured }) => {
		if (name === 'empty') return [names.empty, spread(memoryOf(measured), 0), '', '', '', ''];
		const values = over(measured);
		return [
			names[name] + (measured.length < count ? ' (one run)' : ''),
			spread(memoryOf(measured), 0),
			spread(values, 0),
			times(median(values), peer),
			times(median(values), minimal),
			String(medians(measured).lost),
		];
	});
	const head = ['', 'Peak, MB', 'Above empty, MB', 'vs. baseline', 'vs. one by one', 'Lost'];
	return `### ${title}\n\n${table(head, rows)}`;
}

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;

/** The size of the package, and a table of starts of n8n with and without it, in Markdown. */
export function footprintSection({ packed, starts }: Footprint): string {
	const row = (title: string, measured: StartMeasurement[]) => {
		const of = (figure: keyof StartMeasurement, digits: number) =>
			spread(
				measured.map((run) => run[figure]),
				digits,
			);
		return [title, of('wall', 1), of('cpu', 1), of('memory', 0)];
	};
	const rows = [
		row('n8n alone', starts.without),
		row('n8n with the VideoSDK package', starts.with),
	];
	return [
		`The package is a ${kilobytes(packed.size)} file. It contains ${packed.files.length} files, ${kilobytes(packed.unpackedSize)} in total. **Start** is the time until the editor is ready. **CPU** and **Peak** (memory) are measured until the n8n process is idle. This n8n has no workflows.`,
		table(['', 'Start, s', 'CPU, s', 'Peak, MB'], rows),
	].join('\n\n');
}

/** How a report was made. */
export interface Circumstances {
	version: string;
	n8nVersion: string;
	/** Of each contestant in each situation. */
	runs: number;
	/** Seconds from which one by one is run once. */
	long: number;
	/** Seconds from which it is not run. */
	tooLong: number;
}

/** The whole report, in Markdown. */
export function report(
	{ version, n8nVersion, runs, long, tooLong }: Circumstances,
	{ time, perSecond, webhook, memory, footprint }: Results,
): string {
	const [cpu] = os.cpus();
	const machine = `${os.availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), ${Math.round(os.totalmem() / 1024 ** 3)} GB, ${os.type()} ${os.release()}`;
	const sections = [
		'# Benchmark',
		`Generated by \`npm run bench -- ${runs}\` on ${new Date().toISOString().slice(0, 10)}: n8n-nodes-videosdk ${version} in n8n ${n8nVersion} with SQLite, on ${machine}. A fake VideoSDK API ran on the same machine.`,
		`Each workflow has a Webhook node, then Split Out, and then one of the following. The body of the webhook call lists the sessions.

- **${names.ours}**: End Session with default options. The node has not used this API before. With **limit known**, the figures are for a second run.
- **${names.peer}**: n8n's built-in nodes; the baseline. They sign a token for each item and send all requests concurrently. If the API throttles requests, they also run with On Error set to Continue, or with Retry On Fail (3 tries, 1 s apart).
- **${names.minimal}**: a minimal generated node, which sends one request at a time.
- **${names.empty}**: no other node, to show what Webhook and Split Out cost.`,
		`${runs === 1 ? 'Each was run once' : `The figures are medians of ${runs} runs, with the minimum and maximum in parentheses. The runs of the workflows alternated`}. **Wall** is the time until the webhook responds. **CPU** is the CPU time of the n8n process, including its work after the response. A session is **lost** if it was not ended, or if the nodes that follow do not get its result. ${runs === 1 ? '**One by one**' : `**One by one** was run only once where it takes longer than ${long} s, and`} was left out where it takes longer than ${tooLong} s.`,
		'## Time',
		...time.map((cell) => timeTable(cell, runs)),
		'## Limits per second',
		'The window of a limit has a fixed length. It starts with the first request after the previous window.',
		...perSecond.map((cell) => timeTable(cell, runs)),
		'## Concurrent webhook calls',
		'Each call names one session, so each call is a separate execution with one item. **Answered** is the number of calls that got HTTP 200, and **Ended** is the number of sessions that were ended. **Wall** is the time until the last response.',
		...webhook.map(callsTable),
		'## Memory',
		'The peak resident set size of the n8n process. n8n was restarted for each run.',
		...memory.map((cell) => memoryTable(cell, runs)),
		...(footprint ? ['## Size and start', footprintSection(footprint)] : []),
	];
	return `${sections.join('\n\n')}\n`;
}
