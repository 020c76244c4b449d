import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import {
	type FaultChooser,
	type FaultRates,
	type Options,
	seededFaults,
	startVideoSdkApi,
	credentialOf,
} from '../../dev/videosdk-api';
import type { Engine } from './engine';
import { endSession, itemsOf, leaksIn, runNode, stopsNever } from './nodeRun';

/** So few that some sessions cannot be ended. */
const MAX_RETRIES = 2;

const options = { maxRetries: MAX_RETRIES, maxConcurrency: 50, timeout: 1_000 };

const rates: FaultRates = {
	rateLimited: 0.002,
	rateLimitedWithRetryAfter: 0.01,
	serverError: 0.05,
	htmlPage: 0.05,
	resetBefore: 0.05,
	stall: 0.01,
	wrongJson: 0.03,
	truncated: 0.03,
	resetAfter: 0.05,
	lostAnswer: 0.05,
	unavailableAfter: 0.01,
};

const MOST_FAULTS_PER_SESSION = 5;

/** The limits of the API, which alternate with the seed: seven seeds in a row have one of each kind. */
function limitsOf(seed: number): Options {
	const limit = { requests: 80 + 20 * (seed % 5), perMs: 1_000 };
	const atOnce = { maxAtOnce: 10, delayMs: 20 };
	const kinds: Options[] = [
		{ delayMs: 50 },
		{ limit },
		{ limit, retryAfterSeconds: 1 },
		{ limit, retryAfterSeconds: 0 },
		{ limit, throttledStatus: 503 },
		atOnce,
		{ ...atOnce, throttledStatus: 503, retryAfterSeconds: 1 },
	];
	return kinds[seed % kinds.length] ?? {};
}

/** Describes the limits of the API. */
function wordsOf({ limit, maxAtOnce, throttledStatus = 429, retryAfterSeconds }: Options): string {
	const most = limit ? `${limit.requests} a second` : maxAtOnce && `${maxAtOnce} at once`;
	if (!most) return 'none';
	const header = retryAfterSeconds === undefined ? '' : `, Retry-After ${retryAfterSeconds}`;
	return `${most}, ${throttledStatus}${header}`;
}

/** The result of a run under faults. */
export interface FaultRun {
	seed: number;
	/** The limits of the API. */
	limit: string;
	items: number;
	ended: number;
	alreadyEnded: number;
	/** Reported as failed, and in fact failed. */
	failed: number;
	/** Requests to End that were sent again. */
	repeated: number;
	/** Requests that were throttled with 429 or 503. */
	throttled: number;
	/** Most requests open at once. */
	open: number;
	/** Items without an outcome. */
	lost: number;
	/** Outcomes that are not true, come twice, or have no item. */
	invented: number;
	/** What was wrong, as sentences. */
	problems: string[];
}

/** The faults of the seed, but with a short Retry-After. */
function faultsOf(seed: number): FaultChooser {
	const choose = seededFaults(seed, rates, MOST_FAULTS_PER_SESSION);
	return (request) => {
		const fault = choose(request);
		if (fault?.kind !== 'status' || fault.status !== 429) return fault;
		return { ...fault, ...(fault.headers && { headers: { 'retry-after': '0.05' } }) };
	};
}

/** Session IDs: mostly of running sessions, some ended, some unknown, and some that are there twice. */
function namesOf(count: number): string[] {
	return Array.from({ length: count }, (_, index) => {
		if (index % 50 === 7) return `running-${index - 7}`;
		if (index % 50 === 17) return `unknown-${index}`;
		return index % 50 === 27 ? `ended-${index}` : `running-${index}`;
	});
}

const indexOf = ({ pairedItem }: INodeExecutionData) => (pairedItem as { item: number }).item;

/**
 * Ends many sessions under faults and limits, the same each time for the same seed, and compares the
 * output of the node with the state of the fake API.
 */
export async function runUnderFaults(
	engine: Engine,
	seed: number,
	sessions = 1_000,
): Promise<FaultRun> {
	const limits = limitsOf(seed);
	const api = await startVideoSdkApi({ ...limits, faults: faultsOf(seed) });
	try {
		const names = namesOf(sessions);
		for (const sessionId of new Set(names)) {
			if (sessionId.startsWith('running')) api.sessions.add({ sessionId });
			if (sessionId.startsWith('ended')) api.sessions.add({ sessionId, status: 'stopped' });
		}
		const { sessionId: bystander } = api.sessions.add();
		const credential = credentialOf(api);
		const { run, items, failed, error } = await runNode(
			engine,
			credential,
			endSession(options),
			itemsOf(names),
			stopsNever,
		);

		const problems: string[] = [];
		const check = (isTrue: boolean, problem: string) => {
			if (!isTrue) problems.push(problem);
			return isTrue;
		};
		const { endings, endRequests, endsThrottled, throttled, mostInFlight } = api.stats;

		const isTrueSuccess = (name: string, { sessionId, alreadyEnded, message }: IDataObject) =>
			check(sessionId === name, `${name}: answered with ${String(sessionId)}`) &&
			check(
				['completed', 'stopped'].includes(String(api.sessions.find(name)?.status)),
				`${name}: said to have ended, but it runs`,
			) &&
			check(
				alreadyEnded === true || (message !== undefined && endings.get(name) === 1),
				`${name}: said to have been ended by this run, but it was not`,
			);
		const isTrueFailure = (name: string, { error }: IDataObject) => {
			const { message, description, sessionId, httpCode } = (error ?? {}) as IDataObject;
			return (
				check(sessionId === name, `${name}: failed as ${String(sessionId)}`) &&
				check(typeof message === 'string' && message !== '', `${name}: failed without a word`) &&
				check(
					!endings.has(name) || String(description).startsWith('The session may have ended anyway'),
					`${name}: said not to have ended, but it has`,
				) &&
				check(
					!['429', '503'].includes(String(httpCode)),
					`${name}: failed because it was throttled, long before it was to be given up`,
				)
			);
		};

		const outcomes = new Map<number, boolean>();
		for (const [side, isTrue] of [
			[items, isTrueSuccess],
			[failed, isTrueFailure],
		] as const) {
			let before = -1;
			for (const item of side) {
				const index = indexOf(item);
				const name = names[index] ?? 'no item';
				check(index > before, `${name}: out of order`);
				before = index;
				outcomes.set(index, isTrue(name, item.json) && !outcomes.has(index));
			}
		}
		const outcomeCount = items.length + failed.length;
		check(error === undefined, `the run stopped: ${error?.message}`);
		check(outcomeCount === outcomes.size, `${outcomeCount - outcomes.size} items came out twice`);
		for (const [index, name] of names.entries()) {
			check(outcomes.has(index), `${name}: lost`);
			if (name.startsWith('unknown')) {
				check(failed.map(indexOf).includes(index), `${name}: said to have ended, but is unknown`);
			}
		}
		for (const [name, count] of endRequests) {
			check(names.includes(name), `${name}: nobody requested it`);
			const throttled = endsThrottled.get(name) ?? 0;
			check(
				count <= 1 + MAX_RETRIES + throttled,
				`${name}: asked to end ${count} times, of which ${throttled} were throttled`,
			);
		}
		check(
			mostInFlight <= options.maxConcurrency,
			`${mostInFlight} requests were open at once, and only ${options.maxConcurrency} may be`,
		);
		for (const [name, count] of endings) check(count === 1, `${name}: ended ${count} times`);
		check(
			api.sessions.find(bystander)?.status === 'running',
			'a session was ended that nobody named',
		);
		problems.push(...leaksIn(run, credential).map((text) => `leaked: ${text}`));

		const requests = [...endRequests.values()].reduce((sum, count) => sum + count, 0);
		const trueOutcomes = [...outcomes.values()].filter((isTrue) => isTrue).length;
		return {
			seed,
			limit: wordsOf(limits),
			items: names.length,
			ended: items.filter(({ json }) => json.alreadyEnded !== true).length,
			alreadyEnded: items.filter(({ json }) => json.alreadyEnded === true).length,
			failed: failed.length,
			repeated: requests - endRequests.size,
			throttled,
			open: mostInFlight,
			lost: names.filter((_, index) => !outcomes.has(index)).length,
			invented: outcomeCount - trueOutcomes,
			problems,
		};
	} finally {
		await api.close();
	}
}
