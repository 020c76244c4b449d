/* eslint-disable @n8n/community-nodes/no-restricted-imports, no-console -- runs in Node on a developer's machine, never inside n8n */
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { INode } from 'n8n-workflow';
import { flow, node, sessionNode, webhookNode } from '../../dev/n8n/flow';
import { N8nRest, type Workflow } from '../../dev/n8n/rest';
import { type RunningN8n, startN8n, type StartOptions } from '../../dev/n8n/server';
import {
	credentialOf,
	type Options,
	startVideoSdkApi,
	type VideoSdkApi,
} from '../../dev/videosdk-api';
import { cpuTime, idle, median, peakMemory, resetPeakMemory } from './measure';

/** A list with live sessions among those that have ended. */
export interface LongList {
	title: string;
	listed: number;
	api: Options;
}

/** Live sessions in each list: half are the newest, and half are spread over the rest. */
const LIVE = 100;

const limits: Array<[string, Options]> = [
	['no limit', {}],
	['max 20 concurrent requests, Retry-After: 1', { maxAtOnce: 20, retryAfterSeconds: 1 }],
	['10 requests per second', { limit: { requests: 10, perMs: 1_000 } }],
];

/** All situations. Some take an hour, so they are chosen by a word in their title. */
export const longLists: LongList[] = [1_000, 5_000, 10_000, 100_000].flatMap((listed) =>
	[50, 100, 200].flatMap((delayMs) =>
		limits.map(([limit, api]) => ({
			title: `Emergency stop with a long list: ${listed.toLocaleString('en')} listed, ${LIVE} live, API response time ${delayMs} ms, ${limit}`,
			listed,
			api: { delayMs, ...api },
		})),
	),
);

const contestants = {
	ours: 'VideoSDK node, End Many',
	before: 'VideoSDK node, previous build',
	loop: 'HTTP Request with pagination',
} as const;

type Contestant = keyof typeof contestants;

/** Times are seconds since the webhook was called. */
interface Sweep {
	firstEnd: number;
	lastEnd: number;
	wall: number;
	/** CPU seconds of the n8n process. */
	cpu: number;
	/** Largest resident set of the n8n process, in MB. */
	memory: number;
	pages: number;
	ended: number;
}

async function stepsOf(
	rest: N8nRest,
	api: VideoSdkApi,
	name: Contestant,
	isLimited: boolean,
): Promise<INode[]> {
	if (name !== 'loop') {
		const saved = await rest.createCredential('VideoSDK', 'videoSdkApi', credentialOf(api));
		const parameters = { dryRun: false, allLiveSessions: true, filters: {}, options: {} };
		const credentials = { [saved.type]: { id: saved.id, name: saved.name } };
		return [sessionNode('End', 'endMany', parameters, { credentials })];
	}
	const secret = { keyType: 'passphrase', secret: api.secret, algorithm: 'HS256' };
	const jwt = await rest.createCredential('JWT', 'jwtAuth', secret);
	const claims = `{ apikey: '${api.apiKey}', permissions: ['allow_join'], version: 2, exp: Math.floor(Date.now() / 1000) + 600 }`;
	const sessions = `${api.url}/ai/v1/ai-deployment-sessions`;
	const token = { name: 'Authorization', value: "={{ $('Token').first().json.token }}" };
	const headers = { sendHeaders: true, headerParameters: { parameters: [token] } };
	const request = (title: string, parameters: INode['parameters']) =>
		node(title, 'n8n-nodes-base.httpRequest', { ...headers, ...parameters }, { typeVersion: 4.2 });
	return [
		node(
			'Token',
			'n8n-nodes-base.jwt',
			{ useJson: true, claimsJson: `={{ ${claims} }}` },
			{ credentials: { jwtAuth: { id: jwt.id, name: jwt.name } } },
		),
		request('Pages', {
			url: sessions,
			sendQuery: true,
			queryParameters: { parameters: [{ name: 'perPage', value: '100' }] },
			options: {
				pagination: {
					pagination: {
						paginationMode: 'updateAParameterInEachRequest',
						parameters: {
							parameters: [{ type: 'qs', name: 'page', value: '={{ $pageCount + 1 }}' }],
						},
						paginationCompleteWhen: 'other',
						completeExpression: '={{ $response.body.data.length === 0 }}',
					},
				},
			},
		}),
		node('Sessions', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'data', options: {} }),
		node(
			'Live',
			'n8n-nodes-base.filter',
			{
				conditions: {
					options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
					combinator: 'and',
					conditions: [
						{
							id: 'live',
							leftValue: '={{ $json.status }}',
							rightValue: 'running',
							operator: { type: 'string', operation: 'equals' },
						},
					],
				},
			},
			{ typeVersion: 2.2 },
		),
		request('End', {
			method: 'POST',
			url: `${sessions}/end`,
			sendBody: true,
			bodyParameters: { parameters: [{ name: 'sessionId', value: '={{ $json.sessionId }}' }] },
			// Without a pace the node fails at the first throttled request.
			options: isLimited ? { batching: { batch: { batchSize: 10, batchInterval: 1_000 } } } : {},
		}),
	];
}

async function fill(api: VideoSdkApi, listed: number): Promise<void> {
	for (let place = listed; place > 0; place--) {
		// Connections that n8n closes meanwhile have to be noticed.
		if (place % 1_000 === 0) await nextTurn();
		const isLive = place <= LIVE / 2 || place % Math.ceil((2 * listed) / LIVE) === 0;
		const createdAt = new Date(Date.now() - place * 60_000).toISOString();
		api.sessions.add({ status: isLive ? 'running' : 'completed', start: createdAt, createdAt });
	}
}

/**
 * Runs a workflow to its end, however long it takes: `fetch` waits for five minutes at most. What a workflow
 * that fails has ended is in the table.
 */
async function callWebhook(url: string): Promise<void> {
	const call = http.request(url, { method: 'POST' }).end();
	const [response] = (await once(call, 'response')) as [http.IncomingMessage];
	const body = await text(response);
	if (response.statusCode !== 200) console.log(`${url} answered ${response.statusCode}: ${body}`);
}

async function sweep(
	n8n: RunningN8n,
	rest: N8nRest,
	{ listed, api: options }: Omit<LongList, 'title'>,
	name: Contestant,
): Promise<Sweep> {
	const api = await startVideoSdkApi(options);
	try {
		await fill(api, listed);
		const trigger = webhookNode({ responseMode: 'lastNode', responseData: 'noData' });
		const isLimited = options.maxAtOnce !== undefined || options.limit !== undefined;
		const steps = [trigger, ...(await stepsOf(rest, api, name, isLimited))];
		const workflow: Workflow = await rest.createWorkflow(flow(contestants[name], ...steps));
		await rest.activate(workflow);
		await idle(n8n.pid);
		await resetPeakMemory(n8n.pid);
		const cpuBefore = await cpuTime(n8n.pid);
		api.resetStats();
		const begin = performance.now();
		await callWebhook(`${n8n.url}/webhook/${String(trigger.parameters.path)}`);
		const wall = (performance.now() - begin) / 1000;
		const cpu = (await idle(n8n.pid)) - cpuBefore;
		const memory = await peakMemory(n8n.pid);
		await rest.deactivate(workflow.id);
		const { firstEndMs, lastEndMs, endings, requests } = api.stats;
		return {
			firstEnd: firstEndMs / 1000,
			lastEnd: lastEndMs / 1000,
			wall,
			cpu,
			memory,
			pages: requests.get('GET /ai/v1/ai-deployment-sessions')?.count ?? 0,
			ended: endings.size,
		};
	} finally {
		await api.close();
	}
}

/**
 * Measures the emergency stop with long lists, each run in an n8n of its own, and prints tables.
 *
 * @param tarballs of this build and, to compare with it, of the build before
 */
export async function measureLongLists(
	chosen: LongList[],
	runs: number,
	place: StartOptions,
	tarballs: { ours: string; before?: string },
): Promise<void> {
	const names = (Object.keys(contestants) as Contestant[]).filter(
		(name) => name !== 'before' || tarballs.before,
	);
	const cookies = new Map<string, string>();
	for (const list of chosen) {
		const measured = new Map<Contestant, Sweep[]>(names.map((name) => [name, []]));
		for (let round = 1; round <= runs; round++) {
			for (const name of names) {
				const tarball = (name === 'before' && tarballs.before) || tarballs.ours;
				const home = path.join(place.home, 'long', name);
				const n8n = await startN8n({ ...place, home, tarball });
				try {
					const rest = new N8nRest(n8n.url);
					const cookie = cookies.get(home);
					if (cookie) rest.cookie = cookie;
					else await rest.setUpOwner();
					cookies.set(home, rest.cookie);
					// Code is loaded with the first request, which must not be measured.
					await sweep(n8n, rest, { listed: 100, api: {} }, name);
					const result = await sweep(n8n, rest, list, name);
					measured.get(name)?.push(result);
					console.log(`${list.title}, ${contestants[name]}, ${round}: ${JSON.stringify(result)}`);
				} finally {
					await n8n.stop();
				}
			}
		}
		console.log(table(list, measured));
	}
}

function table({ title }: LongList, measured: ReadonlyMap<Contestant, Sweep[]>): string {
	const of = (name: Contestant, figure: keyof Sweep) =>
		median((measured.get(name) ?? []).map((run) => run[figure]));
	const compared = (name: Contestant, figure: keyof Sweep) =>
		`${of(name, figure).toFixed(2)} | ${(of(name, figure) / of('loop', figure)).toFixed(2)} ×`;
	const rows = [...measured.keys()].map(
		(name) =>
			`| ${contestants[name]} | ${compared(name, 'firstEnd')} | ${compared(name, 'lastEnd')} | ${compared(name, 'wall')} | ${of(name, 'cpu').toFixed(2)} | ${of(name, 'memory').toFixed(0)} | ${of(name, 'pages')} | ${of(name, 'ended')} |`,
	);
	return [
		`### ${title}`,
		'',
		'| | First end, s | vs. baseline | Last end, s | vs. baseline | Wall, s | vs. baseline | CPU, s | Peak, MB | Pages | Ended |',
		'| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
		...rows,
	].join('\n');
}
