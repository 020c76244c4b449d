import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { RequestOptions } from '../http/client';
import { Run } from './run';
import type { Operation } from './operation';
import { hintFor, summaryOf } from './summary';
import { toItem } from './toItem';

/**
 * Runs an operation over all input items.
 *
 * @param options the node's options
 * @param requestOptions the same options, as the client takes them
 * @returns the rows in the order of the items, each paired with its item. If On Error lets the workflow
 * continue, a failure becomes an item that has only `error`: every version of n8n sends such an item to
 * the error output, with the fields of the input item
 * @throws NodeApiError or NodeOperationError if something failed and On Error is Stop Workflow. Requests
 * in progress finish first, and the description sums up the run
 */
export async function runOverItems(
	context: IExecuteFunctions,
	operation: Operation,
	options: IDataObject,
	requestOptions: RequestOptions,
): Promise<INodeExecutionData[]> {
	const run = new Run(context, operation.fields, options, requestOptions);
	const outcomes = await operation.execute(run);
	const wasStopped = run.signal?.aborted === true;

	const firstFailure = outcomes.find(({ failure }) => failure)?.failure;
	if (firstFailure && run.stopsOnFailure && !wasStopped) {
		const { error } = firstFailure;
		// If the node itself is wrong, nothing was started that could be summed up.
		if (outcomes.length > 1 && error.context.itemIndex !== undefined) {
			error.description = summaryOf(outcomes, operation, error.description ?? '');
		}
		throw error;
	}

	const hint = hintFor(outcomes, run.hints, operation, run.tally);
	if (hint) context.addExecutionHints({ message: hint, type: 'info', location: 'outputPane' });
	return outcomes.flatMap((outcome) =>
		outcome.failure ? [toItem(outcome)] : (outcome.rows ?? []).map((row) => toItem(outcome, row)),
	);
}
