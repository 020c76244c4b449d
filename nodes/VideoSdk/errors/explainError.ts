import type { IDataObject, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { CredentialProblem } from '../http/credentialProblem';
import { VideoSdkFailure } from '../http/failure';
import { explainFailure } from './explainFailure';
import { InvalidInput } from './invalidInput';
import { isTool } from '../shared/isTool';

/** Details of an error, besides its message, that later nodes can use. */
interface ErrorDetails {
	description: string;
	httpCode?: string;
	videoSdkMessage?: string;
	requestId?: string;
	/** The session that failed. */
	session?: IDataObject;
	/** Of a room that was not ended whole: its live calls, with what became of each. */
	calls?: IDataObject[];
	/** And its session, if that was ended. Of a call whose room was not ended, the call. */
	room?: IDataObject;
	call?: IDataObject;
}

/** An error as n8n shows it, and what later nodes get of it. */
export interface ExplainedError {
	error: NodeApiError | NodeOperationError;
	/** The IDs that it is about, by the names of their fields. */
	about?: Record<string, string>;
	details: ErrorDetails;
	/** Why, as a part of a sentence that names the thing itself. */
	reason: string;
}

function failureError(node: INode, failure: VideoSdkFailure, itemIndex?: number): ExplainedError {
	const { cause, purpose, errorResponse } = failure;
	const { message, description, reason } = explainFailure(failure, isTool(node));
	const httpCode =
		'status' in cause && cause.status !== undefined ? String(cause.status) : undefined;
	const error = new NodeApiError(node, { message } as JsonObject, {
		message,
		description,
		httpCode,
		itemIndex,
	});
	// n8n replaces a message that contains the name of a system error, which an ID may do.
	error.message = message;
	return {
		error,
		reason,
		about: purpose.about,
		details: {
			description,
			httpCode,
			videoSdkMessage: errorResponse?.message,
			requestId: errorResponse?.requestId,
			...purpose.doneAnyway?.fields,
		},
	};
}

/**
 * Makes an error that says what happened, to what, and what to do next.
 *
 * @param node that shows the error
 * @param thrown a VideoSdkFailure, an InvalidInput, a CredentialProblem, or an error of n8n, such as that of an expression
 * @param itemIndex of the item that failed
 */
export function explainError(
	{ ...node }: INode,
	thrown: unknown,
	itemIndex?: number,
): ExplainedError {
	// n8n stores the node with the error, and its fields may contain secrets.
	node.parameters = {};
	if (thrown instanceof VideoSdkFailure) return failureError(node, thrown, itemIndex);
	const isOurs = thrown instanceof InvalidInput || thrown instanceof CredentialProblem;
	const error = isOurs
		? new NodeOperationError(node, thrown.message, { itemIndex, description: thrown.nextStep })
		: new NodeOperationError(node, thrown instanceof Error ? thrown : String(thrown), {
				itemIndex,
			});
	if (isOurs) error.message = thrown.message;
	return { error, reason: error.message, details: { description: error.description ?? '' } };
}
