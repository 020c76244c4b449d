import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { deepCopy } from 'n8n-workflow';
import pMap from 'p-map';
import { NotAttempted, type RequestOptions, VideoSdkClient } from '../api/client';
import { type ExplainedError, explainError } from './explainError';
import { InvalidInput } from './invalidInput';
import type { Item, Operation, Outcome, Work } from './operation';
import { summaryOf, hintFor } from './summary';

/** One run of the node: its items, and the means to work on many of them at once. */
export class Batch {
	/** Sentences for the output panel, beside those about the outcomes. */
	readonly hints: string[] = [];

	readonly signal?: AbortSignal;

	private readonly maxConcurrency: number;

	private readonly opening: Promise<VideoSdkClient>;

	private readonly asked = new Map<string, Promise<IDataObject>>();

	private isStopped = false;

	/** Whether On Error is Stop Workflow. */
	readonly stopsOnFailure: boolean;

	constructor(
		private readonly context: IExecuteFunctions,
		readonly options: IDataObject,
		requestOptions: RequestOptions,
	) {
		this.stopsOnFailure = !context.continueOnFail();
		this.maxConcurrency = requestOptions.maxConcurrency;
		this.signal = context.getExecutionCancelSignal();
		this.opening = VideoSdkClient.open(context, requestOptions);
		// It fails each item that needs it: n8n would send them on as if all were well.
		this.opening.catch(() => {});
	}

	/** How many items there are. */
	get size(): number {
		return this.context.getInputData().length;
	}

	/** Whether an AI agent runs the node as a tool. */
	get isTool(): boolean {
		return this.context.getNode().type.endsWith('Tool');
	}

	/** Where a request makes n8n go on with the execution, once that is stored. */
	get resumeUrl(): string {
		return String(this.context.evaluateExpression('{{ $execution.resumeUrl }}', 0));
	}

	/**
	 * Has n8n store the execution when the node is done, and go on with it at a call of its resume URL.
	 *
	 * @param until when n8n goes on by itself
	 * @param row what then comes out, since n8n does not run the node again; until then an expression
	 * of the node sees it as its input
	 */
	async wait(until: Date, row: IDataObject): Promise<void> {
		this.context.getExecuteData().data.main = [[toItem({ index: 0 }, row)]];
		await this.context.putExecutionToWait(until);
	}

	/** Sends something from n8n to itself. @returns status and body of the answer, whatever they are */
	async post(
		url: string,
		body: string,
		headers: Record<string, string>,
	): Promise<{ statusCode: number; body: unknown }> {
		return (await this.context.helpers.httpRequest({
			method: 'POST',
			url,
			body,
			headers: { 'Content-Type': 'application/json', ...headers },
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
		})) as { statusCode: number; body: unknown };
	}

	/** Gives the client, or undefined if the credential cannot be read. */
	async client(): Promise<VideoSdkClient | undefined> {
		return await this.opening.catch(() => undefined);
	}

	/**
	 * Reads the fields of all items before anything is done.
	 *
	 * @param read what it throws is a problem of the item
	 */
	async readItems<Value>(
		read: (item: Item) => Value,
	): Promise<{ values: Value[]; problems: Outcome[] }> {
		const values: Value[] = [];
		const problems: Outcome[] = [];
		for (const index of this.indexes()) {
			try {
				values.push(read(this.itemAt(index, await this.opening)));
			} catch (error) {
				problems.push({ index, failure: this.explain(index, error) });
			}
		}
		return { values, problems };
	}

	/**
	 * Asks for what several items need.
	 *
	 * @param indexes of the items
	 * @returns the answer, or a failure for each of them
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
	 * Does what `read` makes of each input item, many at once. After a failure nothing more is begun
	 * if On Error is Stop Workflow.
	 *
	 * @param read reads the fields of an item; what it throws is the outcome of the item
	 * @returns the outcomes, in the order of the items
	 */
	async forEachItem(read: (item: Item) => Work): Promise<Outcome[]> {
		return await this.settle(
			this.indexes().map((index) => ({ index })),
			async ({ index }) => read(this.itemAt(index, await this.opening)),
		);
	}

	/**
	 * Does all of this, many at once, whatever fails.
	 *
	 * @param works with the index of the item that each is for
	 * @returns the outcomes, in the same order
	 */
	async all(works: Array<Work & { index: number }>): Promise<Outcome[]> {
		return await this.settle(works, async (work) => work, { stops: false });
	}

	/**
	 * Goes on with the rows of what succeeded. It begins when all else has settled, so that waiting
	 * for one session holds up no other.
	 *
	 * @param step gives the row anew
	 */
	async continueWith(
		outcomes: Outcome[],
		step: (row: IDataObject, client: VideoSdkClient) => Promise<IDataObject>,
	): Promise<Outcome[]> {
		const next = await this.settle(
			outcomes,
			async ({ about, rows }) => {
				const row = rows?.[0];
				return row && { about, run: async () => await step(row, await this.opening) };
			},
			{ concurrency: Number.POSITIVE_INFINITY },
		);
		return next.map((outcome, place) =>
			outcome.rows || outcome.failure ? outcome : (outcomes[place] ?? outcome),
		);
	}

	/**
	 * Sends one request for what several items of the run want by the same key, and gives each an
	 * object of its own.
	 */
	async once(key: string, ask: () => Promise<IDataObject>): Promise<IDataObject> {
		const first = this.asked.get(key);
		if (first) return deepCopy(await first);
		const answer = ask();
		this.asked.set(key, answer);
		return await answer;
	}

	/** After a failure, nothing more is begun. */
	private async stop() {
		this.isStopped = true;
		(await this.client())?.beginNothing();
	}

	private explain(index: number, thrown: unknown): ExplainedError {
		const isOnlyItem = this.indexes().length === 1;
		// As n8n's own errors name an item.
		const error =
			thrown instanceof InvalidInput && thrown.of === 'item' && !isOnlyItem
				? new InvalidInput(`${thrown.message} [item ${index}]`, thrown.nextStep)
				: thrown;
		return explainError(this.context.getNode(), error, index);
	}

	/** Places of the input items. */
	private indexes(): number[] {
		return [...this.context.getInputData().keys()];
	}

	private itemAt(index: number, client: VideoSdkClient): Item {
		return {
			index,
			json: this.context.getInputData()[index]?.json ?? {},
			client,
			options: this.options,
			parameter: (name) => this.context.getNodeParameter(name, index, '', { extractValue: true }),
			written: (name) => this.context.getNodeParameter(name, index, '', { rawExpressions: true }),
			once: async (key, ask) => await this.once(key, ask),
			retriesOnFail: this.context.getNode().retryOnFail === true,
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
			// It is only read, for its name.
			const isTooLate = stops && this.isStopped;
			try {
				const work = await workFor(thing);
				outcome.about = work?.about;
				if (!work || isTooLate) return;
				const rows = await work.run();
				outcome.rows = Array.isArray(rows) ? rows : [rows];
			} catch (error) {
				if (isTooLate || this.signal?.aborted || error instanceof NotAttempted) return;
				if (stops) await this.stop();
				outcome.failure = this.explain(thing.index, error);
			}
		};
		await pMap(pairs, settleOne, { concurrency, signal: this.signal }).catch(
			// What was done before the execution was stopped is kept.
			async (error: unknown) => {
				if (!this.signal?.aborted) await Promise.reject(error);
			},
		);
		return pairs.map(({ outcome }) => outcome);
	}
}

/** Gives an item for a row of an outcome, or for its failure: `error`, and nothing else in it. */
export function toItem({ index, about, failure }: Outcome, row?: IDataObject): INodeExecutionData {
	const json = failure
		? { error: { message: failure.error.message, ...failure.about, ...about, ...failure.details } }
		: (row ?? {});
	return { json, pairedItem: { item: index } };
}

/**
 * Runs an operation over all input items.
 *
 * @param options the node's options
 * @param requestOptions how requests are made, as those options say
 * @returns the rows in the order of the items, each paired with its item. If On Error lets the
 * workflow continue, a failure gives an item with `error` and nothing else in it: that is what every
 * n8n sends to the error output, together with the fields of the input item
 * @throws NodeApiError or NodeOperationError if something failed and On Error is Stop Workflow.
 * Requests in progress finish first, and the description sums up the whole run
 */
export async function runOverItems(
	context: IExecuteFunctions,
	operation: Operation,
	options: IDataObject,
	requestOptions: RequestOptions,
): Promise<INodeExecutionData[]> {
	const batch = new Batch(context, options, requestOptions);
	const outcomes = await operation.run(batch);
	const wasStopped = batch.signal?.aborted === true;

	const firstFailure = outcomes.find(({ failure }) => failure)?.failure;
	if (firstFailure && batch.stopsOnFailure && !wasStopped) {
		const { error } = firstFailure;
		if (outcomes.length > 1) {
			error.description = `${summaryOf(outcomes, operation)} ${error.description ?? ''}`.trim();
		}
		throw error;
	}

	const hint = hintFor(outcomes, batch.hints, operation.thing.noun, (await batch.client())?.tally);
	if (hint) context.addExecutionHints({ message: hint, type: 'info', location: 'outputPane' });
	return outcomes.flatMap((outcome) =>
		outcome.failure ? [toItem(outcome)] : (outcome.rows ?? []).map((row) => toItem(outcome, row)),
	);
}
