import type { IDataObject, IExecuteFunctions, INode, INodeProperties } from 'n8n-workflow';
import { deepCopy } from 'n8n-workflow';
import pMap from 'p-map';
import { NotAttempted, type RequestOptions, type Tally, type VideoSdkClient } from '../http/client';
import { Clients } from '../http/clients';
import { CredentialProblem } from '../http/credentialProblem';
import { type ExplainedError, explainError } from '../errors/explainError';
import { InvalidInput } from '../errors/invalidInput';
import { isTool } from '../shared/isTool';
import type { Item, Outcome, Work } from './work';
import { ResumableExecution } from './resumableExecution';
import { isFromModel, problemOfTool, refuseCredentialOfTool } from './toolFields';

/** One run of the node: its items, and the means to work on many of them at once. */
export class Run {
	/** Sentences for the output panel, added to those about the outcomes. */
	readonly hints: string[] = [];

	/** Aborts when the execution is stopped. */
	readonly signal?: AbortSignal;

	/** The node, with its settings. */
	readonly node: INode;

	/** Whether an AI agent runs the node as a tool. */
	readonly isTool: boolean;

	/** Whether On Error is Stop Workflow. */
	readonly stopsOnFailure: boolean;

	/** The execution, for an operation that makes n8n store it. */
	readonly execution: ResumableExecution;

	private readonly maxConcurrency: number;

	private readonly clients: Clients;

	/** The answers that several items may need, for each project. */
	private readonly asked = new Map<VideoSdkClient, Map<string, Promise<IDataObject>>>();

	/** Why nothing may be done for any item. */
	private readonly problem?: InvalidInput;

	private isStopped = false;

	constructor(
		private readonly context: IExecuteFunctions,
		fields: INodeProperties[],
		/** They take no expressions, so they are the same for all items. */
		readonly options: IDataObject,
		requestOptions: RequestOptions,
	) {
		this.stopsOnFailure = !context.continueOnFail();
		this.maxConcurrency = requestOptions.maxConcurrency;
		this.signal = context.getExecutionCancelSignal();
		this.execution = new ResumableExecution(context);
		this.clients = new Clients(context, requestOptions, this.size);
		this.node = context.getNode();
		this.isTool = isTool(this.node);
		if (this.isTool) this.problem = problemOfTool(fields, this.node.parameters);
	}

	/** The number of items. */
	get size(): number {
		return this.context.getInputData().length;
	}

	/** What happened to the requests of the run. */
	get tally(): Tally {
		return this.clients.tally;
	}

	/** Whether the credential can differ between items. @returns undefined if n8n does not tell */
	async credentialVaries(): Promise<boolean | undefined> {
		return await this.clients.vary();
	}

	/**
	 * Reads the fields of all items before anything is done.
	 *
	 * @param read reads an item. What it throws is a problem of the item
	 */
	async readItems<Value>(
		read: (item: Item) => Value,
	): Promise<{ values: Value[]; problems: Outcome[] }> {
		const values: Value[] = [];
		const problems: Outcome[] = [];
		for (const index of this.indexes()) {
			try {
				values.push(read(this.itemAt(index, await this.clientOf(index))));
			} catch (error) {
				problems.push({ index, failure: this.explain(index, error) });
			}
		}
		return { values, problems };
	}

	/**
	 * Sends a request that several items need.
	 *
	 * @param indexes of the items
	 * @returns the answer, or a failure for each item
	 */
	async ask<Answer>(
		indexes: number[],
		ask: () => Promise<Answer>,
	): Promise<{ answer: Answer } | { failures: Outcome[] }> {
		try {
			return { answer: await ask() };
		} catch (error) {
			if (this.signal?.aborted) return { failures: [] };
			return { failures: indexes.map((index) => ({ index, failure: this.explain(index, error) })) };
		}
	}

	/**
	 * Does the work for each input item, many at once. If On Error is Stop Workflow, no new work is started
	 * after a failure.
	 *
	 * @param read makes the work from the fields of an item. If it throws, the item has failed
	 * @returns the outcomes, in the order of the items
	 */
	async forEachItem(read: (item: Item) => Work): Promise<Outcome[]> {
		return await this.settle(
			this.indexes().map((index) => ({ index })),
			async ({ index }) => read(this.itemAt(index, await this.clientOf(index))),
		);
	}

	/**
	 * Does all work, many at once, even if some of it fails.
	 *
	 * @param works each with the index of its item
	 * @returns the outcomes, in the same order
	 */
	async runAll(works: Array<Work & { index: number }>): Promise<Outcome[]> {
		return await this.settle(works, async (work) => work, { stops: false });
	}

	/**
	 * Takes a second step for each outcome that succeeded. It starts after the first step of all items, so
	 * that waiting for one session does not hold up another.
	 *
	 * @param step returns the row with its new fields
	 * @param how `stops: false` takes it after a failure too, as it completes what was begun
	 */
	async continueWith(
		outcomes: Outcome[],
		step: (row: IDataObject, client: VideoSdkClient) => Promise<IDataObject>,
		{ stops = this.stopsOnFailure } = {},
	): Promise<Outcome[]> {
		const next = await this.settle(
			outcomes,
			async ({ index, about, rows }) => {
				const row = rows?.[0];
				return row && { about, run: async () => await step(row, await this.clientOf(index)) };
			},
			{ stops, concurrency: Number.POSITIVE_INFINITY },
		);
		return next.map((outcome, place) =>
			outcome.rows || outcome.failure ? outcome : (outcomes[place] ?? outcome),
		);
	}

	/**
	 * Sends one request if several items of the run need the same answer of a project, and returns a
	 * separate object to each.
	 */
	async once(
		client: VideoSdkClient,
		key: string,
		ask: () => Promise<IDataObject>,
	): Promise<IDataObject> {
		const asked = this.asked.get(client) ?? new Map<string, Promise<IDataObject>>();
		this.asked.set(client, asked);
		const first = asked.get(key);
		if (first) return deepCopy(await first);
		const answer = ask();
		asked.set(key, answer);
		return await answer;
	}

	/** Starts no new work after a failure. */
	private stop() {
		this.isStopped = true;
		this.clients.stopNewWork();
	}

	/**
	 * Returns the client of an item.
	 *
	 * @throws InvalidInput or an error of n8n if its credential cannot be read: only the item fails. If the
	 * run failed, n8n could pass the items on as if nothing had failed
	 */
	private async clientOf(index: number): Promise<VideoSdkClient> {
		if (this.isTool) refuseCredentialOfTool((await this.clients.expressions()) ?? []);
		return await this.clients.of(index).catch(async (error: unknown) => {
			const isOurs = error instanceof CredentialProblem;
			return await Promise.reject(isOurs ? new InvalidInput(error.message, error.nextStep) : error);
		});
	}

	private explain(index: number, thrown: unknown): ExplainedError {
		if (!(thrown instanceof InvalidInput)) return explainError(this.node, thrown, index);
		// A problem of the node does not depend on the item.
		if (thrown.of === 'node') return explainError(this.node, thrown);
		// n8n's own errors name the item in the same way.
		const which = this.size === 1 ? '' : ` [item ${index}]`;
		const named = new InvalidInput(thrown.message + which, thrown.nextStep);
		return { ...explainError(this.node, named, index), reason: thrown.message };
	}

	/** The indexes of the input items. */
	private indexes(): number[] {
		return [...this.context.getInputData().keys()];
	}

	private itemAt(index: number, client: VideoSdkClient): Item {
		if (this.problem) throw this.problem;
		const rawParameter = (name: string) =>
			this.context.getNodeParameter(name, index, '', { rawExpressions: true });
		return {
			index,
			json: this.context.getInputData()[index]?.json ?? {},
			client,
			parameter: (name) => this.context.getNodeParameter(name, index, '', { extractValue: true }),
			rawParameter,
			isFromModel: (name) => this.isTool && isFromModel(rawParameter(name)),
			timezone: this.context.getTimezone(),
		};
	}

	private async settle<Thing extends { index: number }>(
		things: Thing[],
		workFor: (thing: Thing) => Promise<Work | undefined>,
		{ stops = this.stopsOnFailure, concurrency = this.maxConcurrency } = {},
	): Promise<Outcome[]> {
		const pairs = things.map((thing) => ({ thing, outcome: { index: thing.index } as Outcome }));
		const settleOne = async ({ thing, outcome }: (typeof pairs)[number]) => {
			// After a failure only the fields are read, so that the summary can name the item.
			const isTooLate = stops && this.isStopped;
			try {
				const work = await workFor(thing);
				outcome.about = work?.about;
				if (!work || isTooLate) return;
				const rows = await work.run();
				outcome.rows = Array.isArray(rows) ? rows : [rows];
			} catch (error) {
				if (isTooLate || this.signal?.aborted || error instanceof NotAttempted) return;
				if (stops) this.stop();
				outcome.failure = this.explain(thing.index, error);
			}
		};
		await pMap(pairs, settleOne, { concurrency, signal: this.signal }).catch(
			// If the execution was stopped, what was done until then is returned.
			async (error: unknown) => {
				if (!this.signal?.aborted) await Promise.reject(error);
			},
		);
		return pairs.map(({ outcome }) => outcome);
	}
}
