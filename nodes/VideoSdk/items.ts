import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';
import { deepCopy } from 'n8n-workflow';
import pMap from 'p-map';
import { VideoSdkClient } from './api/client';
import { explainError } from './api/errors';
import { accountOf, hintFor, type Outcome } from './account';
import { readRequestOptions } from './options';

/** One thing that an operation does for an item, such as ending one session. */
export interface Task {
	/** What it is about, by the name of the field: `{ sessionId: '1' }`. */
	about?: Record<string, string>;
	/** Gives the output of the item: one row or many. */
	run(): Promise<IDataObject | IDataObject[]>;
	/** What is only waited for once `run` gave its row, and must not hold up the tasks behind it. */
	finish?(row: IDataObject): Promise<IDataObject>;
}

/** One input item, as an operation sees it. */
export interface Item {
	index: number;
	client: VideoSdkClient;
	/** The node's options. They hold no expressions, so they are the same for all items. */
	options: IDataObject;
	/** Gives the value of a field for this item. Each call evaluates the field's expression anew. */
	parameter(name: string): unknown;
	/** Asks VideoSDK once for what several items of the run ask for by the same key. */
	once(key: string, ask: () => Promise<IDataObject>): Promise<IDataObject>;
	/** Time zone of the workflow, for times that name none. */
	timezone: string;
	/** Whether the run was stopped by a failure: then nothing more is to be asked for. */
	isStopped(): boolean;
}

/** An operation of a resource: its fields, and the tasks that it makes of one item. */
export interface Operation {
	description: INodeProperties[];
	/** What a task that succeeded has done to what it is about: `ended`. */
	done: string;
	run(item: Item): Iterable<Task> | AsyncIterable<Task>;
}

/**
 * Runs an operation over all input items, many at once.
 *
 * @returns the rows in the order of the items, each paired with its item. If On Error lets the
 * workflow continue, a failed task gives an item with `error` and `details` and nothing else in it,
 * which is what n8n sends to the error output, together with the fields of the input item
 * @throws NodeApiError or NodeOperationError if a task failed and On Error is Stop Workflow. What
 * was under way is waited for first, and the description accounts for each task of the run
 */
export async function runOverItems(
	context: IExecuteFunctions,
	operation: Operation,
): Promise<INodeExecutionData[]> {
	const options = context.getNodeParameter('options', 0, {}) as IDataObject;
	const requestOptions = readRequestOptions(options);
	const opening = VideoSdkClient.open(context, requestOptions);
	const client = await opening.catch(() => undefined);
	const signal = context.getExecutionCancelSignal();
	const stopsOnFailure = !context.continueOnFail();
	const asked = new Map<string, Promise<IDataObject>>();
	let isStopped = false;

	const itemAt = async (index: number): Promise<Item> => ({
		index,
		// A credential that cannot be read fails each item: n8n would send them on as if all were well.
		client: await opening,
		options,
		parameter: (name) => context.getNodeParameter(name, index, '', { extractValue: true }),
		once: async (key, ask) => {
			const first = asked.get(key);
			// Each item gets an object of its own: a later node may change one of them.
			if (first) return deepCopy(await first);
			const answer = ask();
			asked.set(key, answer);
			return await answer;
		},
		timezone: context.getTimezone(),
		isStopped: () => isStopped,
	});

	async function* tasks(): AsyncGenerator<{ index: number; task: Task }> {
		for (const index of context.getInputData().keys()) {
			let hasTask = false;
			try {
				for await (const task of operation.run(await itemAt(index))) {
					hasTask = true;
					yield { index, task };
				}
			} catch (error) {
				hasTask = true;
				yield { index, task: { run: async () => await Promise.reject(error) } };
			}
			// An operation that has to ask VideoSDK for its tasks makes none once the run is stopped.
			if (!hasTask && isStopped) yield { index, task: { run: async () => [] } };
		}
	}

	const attempt = async (
		index: number,
		about: Task['about'],
		work: () => Promise<IDataObject | IDataObject[]>,
	): Promise<Outcome> => {
		try {
			const rows = await work();
			return { index, about, rows: Array.isArray(rows) ? rows : [rows] };
		} catch (error) {
			isStopped ||= stopsOnFailure;
			return { index, about, failure: explainError(context.getNode(), error, index) };
		}
	};

	const settled = await pMap(
		tasks(),
		async ({ index, task }): Promise<[Outcome | Promise<Outcome>]> => {
			if (isStopped) return [{ index, about: task.about }];
			const outcome = await attempt(index, task.about, async () => await task.run());
			const { finish } = task;
			const [row] = outcome.rows ?? [];
			if (!finish || !row) return [outcome];
			// In an array: a promise that is given back bare would be waited for.
			return [attempt(index, task.about, async () => await finish(row))];
		},
		{ concurrency: requestOptions.maxConcurrency, signal },
	).catch(async (error: unknown) => (signal?.aborted ? [] : await Promise.reject(error)));
	const outcomes = await Promise.all(settled.flat());
	// An execution that was stopped is no error: n8n would start the error workflow.
	if (signal?.aborted) return [];

	const firstFailure = outcomes.find(({ failure }) => failure)?.failure;
	if (firstFailure && stopsOnFailure) {
		const { error } = firstFailure;
		if (outcomes.length > 1) {
			error.description = `${error.description ?? ''}\n\n${accountOf(outcomes, operation.done)}`;
		}
		throw error;
	}

	const hint = client && hintFor(outcomes, client.tally);
	if (hint) context.addExecutionHints({ message: hint, type: 'info', location: 'outputPane' });
	return outcomes.flatMap(({ index, about, rows, failure }) =>
		failure
			? [
					{
						json: { error: failure.error.message, details: { ...about, ...failure.details } },
						pairedItem: { item: index },
					},
				]
			: (rows ?? []).map((json) => ({ json, pairedItem: { item: index } })),
	);
}
