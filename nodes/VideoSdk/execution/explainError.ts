import type { IDataObject, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { VideoSdkFailure } from '../api/failure';
import { explainFailure } from './explainFailure';
import { InvalidInput } from './invalidInput';

/** Facts about an error that a later node can use, beside its message. */
interface ErrorDetails {
	description: string;
	httpCode?: string;
	videoSdkMessage?: string;
	requestId?: string;
	/** The session that failed. */
	session?: IDataObject;
}

/** An error in the user's words, and the error that n8n shows. */
export interface ExplainedError {
	error: NodeApiError | NodeOperationError;
	/** The IDs it is about, by the names of their fields. */
	about?: Record<string, string>;
	details: ErrorDetails;
}

function failureError(node: INode, failure: VideoSdkFailure, itemIndex?: number): ExplainedError {
	const { cause, purpose, errorResponse } = failure;
	const { message, description } = explainFailure(failure);
	const httpCode =
		'status' in cause && cause.status !== undefined ? String(cause.status) : undefined;
	const error = new NodeApiError(node, { message } as JsonObject, {
		message,
		description,
		httpCode,
		itemIndex,
	});
	// n8n replaces a message that happens to contain the name of a system error, as an ID may.
	error.message = message;
	return {
		error,
		about: purpose.about,
		details: {
			description,
			httpCode,
			videoSdkMessage: errorResponse?.message,
			requestId: errorResponse?.requestId,
		},
	};
}

/**
 * Turns whatever went wrong into an error that says what happened, to what, and what to do
 * next.
 *
 * @param node the node it is shown on
 * @param thrown a VideoSdkFailure, an InvalidInput, or an error of n8n, such as an expression's
 * @param itemIndex the item it happened to
 */
export function explainError(
	{ ...node }: INode,
	thrown: unknown,
	itemIndex?: number,
): ExplainedError {
	// n8n keeps the node with the error, and its fields may hold what no error may show.
	node.parameters = {};
	if (thrown instanceof VideoSdkFailure) return failureError(node, thrown, itemIndex);
	const error =
		thrown instanceof InvalidInput
			? new NodeOperationError(node, thrown.message, { itemIndex, description: thrown.nextStep })
			: new NodeOperationError(node, thrown instanceof Error ? thrown : String(thrown), {
					itemIndex,
				});
	if (thrown instanceof InvalidInput) error.message = thrown.message;
	return { error, details: { description: error.description ?? '' } };
}
