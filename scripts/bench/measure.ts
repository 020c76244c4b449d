/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node on a developer's machine, never inside n8n */
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { N8nRest } from '../../dev/n8n/rest';
import { type RunningN8n, startN8n, type StartOptions } from '../../dev/n8n/server';
import type { VideoSdkApi } from '../../dev/videosdk-api';
import { post } from '../../test/e2e/support/outside';
import type { Contestant } from './contestants';

/** The figures of one run of a workflow. */
export interface Measurement {
	/** Seconds from the request to the webhook to its answer. */
	wall: number;
	/** CPU seconds of the n8n process, with its threads and the time after the answer. */
	cpu: number;
	/** Largest resident set of the n8n process, in MB. */
	memory: number;
	/** Most requests that the API had open at once. */
	mostInFlight: number;
	/** Requests that the API throttled with 429 or 503. */
	throttled: number;
	/** Sessions that were ended. */
	ended: number;
	/** Sessions that were not ended, or that are not in the output as ended. */
	lost: number;
}

/** The figures of many simultaneous calls of a webhook. */
export interface CallsMeasurement {
	/** Calls that were answered with 200. */
	answered: number;
	/** Sessions that were ended. */
	ended: number;
	/** Seconds until the last call was answered. */
	wall: number;
	/** Requests that the API throttled with 429 or 503. */
	throttled: number;
}

/** The figures of a start of n8n. */
export interface StartMeasurement {
	/** Seconds until the editor is ready. */
	wall: number;
	/** CPU seconds of the n8n process, until it is idle. */
	cpu: number;
	/** Largest resident set of the n8n process until then, in MB. */
	memory: number;
}

/** What a measurement runs on. */
export interface Bench {
	n8n: RunningN8n;
	rest: N8nRest;
	api: VideoSdkApi;
}

/** Ticks a second that /proc counts in: USER_HZ, which Linux shows as 100 on all its platforms. */
const TICKS = 100;

/** Seconds of CPU time that a process has used in user and kernel mode (proc(5), stat). */
export async function cpuTime(pid: number): Promise<number> {
	const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
	// The name of the command is before these fields, in brackets, and may have spaces in it.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Resets the largest resident set (proc(5), clear_refs). */
export async function resetPeakMemory(pid: number): Promise<void> {
	await writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** The largest resident set of a process since it was reset, in MB. */
export async function peakMemory(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8');
	const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
	return Number(kilobytes) / 1024;
}

/** Waits until a process is nearly idle. @returns its CPU time until then */
export async function idle(pid: number): Promise<number> {
	for (let before = await cpuTime(pid); ; ) {
		await sleep(250);
		const now = await cpuTime(pid);
		if (now - before <= 0.02) return before;
		before = now;
	}
}

const SESSION_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The sessions that have ended, according to the output of the last node. */
async function reported(rest: N8nRest, { workflow, last }: Contestant): Promise<Set<string>> {
	const [latest] = await rest.executions(workflow.id);
	if (!latest) throw new Error(`"${workflow.name}" has not run.`);
	const { data } = await rest.finished(latest.id, 600_000);
	const items = data.resultData.runData[last]?.at(-1)?.data?.main?.[0] ?? [];
	const ids = items
		.filter(({ json, error }) => !error && !json.error)
		.flatMap(({ json }) => JSON.stringify(json).match(SESSION_ID) ?? []);
	return new Set(ids);
}

/** Runs a workflow once with new sessions. */
export async function measure(
	{ n8n, rest, api }: Bench,
	contestant: Contestant,
	sessions: number,
): Promise<Measurement> {
	const sessionIds = Array.from({ length: sessions }, () => api.sessions.add().sessionId);
	api.resetStats();
	await idle(n8n.pid);
	await resetPeakMemory(n8n.pid);
	const cpuBefore = await cpuTime(n8n.pid);
	const start = performance.now();
	// A workflow that fails answers 500. Its result is looked up below.
	const response = await fetch(`${n8n.url}/webhook/${contestant.path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ sessionIds }),
	});
	await response.text();
	if (response.status === 404) throw new Error(`"${contestant.name}" has no webhook.`);
	const wall = (performance.now() - start) / 1000;
	const cpu = (await idle(n8n.pid)) - cpuBefore;
	const memory = await peakMemory(n8n.pid);

	const { mostInFlight, throttled, endings } = api.stats;
	const known = await reported(rest, contestant);
	const lost = sessionIds.filter((id) => !endings.has(id) || !known.has(id)).length;
	return { wall, cpu, memory, mostInFlight, throttled, ended: endings.size, lost };
}

/** Calls a workflow's webhook many times at once, each time with a new session of its own. */
export async function measureCalls(
	{ n8n, api }: Bench,
	contestant: Contestant,
	calls: number,
): Promise<CallsMeasurement> {
	const sessionIds = Array.from({ length: calls }, () => api.sessions.add().sessionId);
	api.resetStats();
	await idle(n8n.pid);
	const start = performance.now();
	const answers = await Promise.all(
		sessionIds.map(
			async (sessionId) => await post(`${n8n.url}/webhook/${contestant.path}`, { sessionId }),
		),
	);
	const wall = (performance.now() - start) / 1000;
	await idle(n8n.pid);

	const answered = answers.filter(({ status }) => status === 200).length;
	const { endings, throttled } = api.stats;
	return { answered, ended: endings.size, wall, throttled };
}

/** Starts an n8n, and stops it as soon as it is idle. */
export async function measureStart(place: StartOptions): Promise<StartMeasurement> {
	const start = performance.now();
	const n8n = await startN8n(place);
	try {
		const wall = (performance.now() - start) / 1000;
		const cpu = await idle(n8n.pid);
		return { wall, cpu, memory: await peakMemory(n8n.pid) };
	} finally {
		await n8n.stop();
	}
}

/** The median: the middle number, or the mean of the two in the middle. */
export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const half = sorted.length / 2;
	const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1);
	return (low + high) / 2;
}

/** The median of each figure. */
export function medians(runs: Measurement[]): Measurement {
	const of = (figure: keyof Measurement) => median(runs.map((run) => run[figure]));
	return {
		wall: of('wall'),
		cpu: of('cpu'),
		memory: of('memory'),
		mostInFlight: of('mostInFlight'),
		throttled: of('throttled'),
		ended: of('ended'),
		lost: of('lost'),
	};
}
