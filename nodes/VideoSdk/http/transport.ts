import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	ILoadOptionsFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { causeOf } from './errorCause';
import { type Cause, meaningOf } from './failure';
import { isObject } from '../shared/isObject';
import type { ApiRequest } from './request';
import { isThrottled, parseRetryAfter } from './retry';
import { readErrorResponse } from './errorResponse';
import type { Cancellation } from './cancellation';
import { TimeLimit } from './timeLimit';
import { visible } from '../shared/visible';

/** The n8n contexts that a request can be made from. */
export type RequestContext =
	| IExecuteFunctions
	| IHookFunctions
	| ILoadOptionsFunctions
	| IWebhookFunctions;

/** The name of the credential. */
export const CREDENTIAL = 'videoSdkApi';

interface FullResponse {
	statusCode: number;
	headers: IDataObject;
	body: unknown;
}

/** An answer that can be used. */
export interface Answer {
	body: IDataObject;
}

/** The path of the credential's Base URL. @returns undefined if it has none */
function basePathOf({ baseUrl }: ICredentialDataDecryptedObject): string | undefined {
	const path = visible(String(baseUrl))
		.trim()
		.replace(/^\w+:\/\/[^/]*/, '')
		.replace(/[/?#]*$/, '');
	return path === '' ? undefined : path;
}

function read(
	{ statusCode, headers, body }: FullResponse,
	basePath: string | undefined,
	secrets: string[] = [],
): Cause | Answer {
	const isSuccess = statusCode >= 200 && statusCode <= 299;
	if (!isSuccess || (isObject(body) && body.success === false)) {
		const errorResponse = readErrorResponse(body, headers, secrets);
		const known = meaningOf(errorResponse);
		const cause: Cause = {
			kind: 'status',
			status: statusCode,
			errorResponse,
			retryAfter: parseRetryAfter(headers['retry-after']),
			basePath,
		};
		if (known && !isThrottled(cause)) return { kind: known, status: statusCode, errorResponse };
		return isSuccess ? { kind: 'rejected', errorResponse } : cause;
	}
	if (!isObject(body)) {
		return {
			kind: 'unreadable',
			problem: 'is not in the expected format',
			errorResponse: readErrorResponse(undefined, headers),
		};
	}
	return { body };
}

/** Sends requests through n8n's request helper, which has the credential sign them. */
export class Transport {
	private readonly timeLimit: TimeLimit;

	private readonly basePath?: string;

	/**
	 * @param timeout milliseconds that one request may take
	 * @param stop aborts open requests
	 */
	constructor(
		private readonly context: RequestContext,
		private readonly credentials: ICredentialDataDecryptedObject,
		timeout: number,
		private readonly stop: Cancellation,
	) {
		this.timeLimit = new TimeLimit(timeout);
		this.basePath = basePathOf(credentials);
	}

	/** Sends a request once. @returns the answer, or why there was no usable one */
	async send(request: ApiRequest): Promise<Cause | Answer> {
		const { duration } = this.timeLimit;
		const open = new AbortController();
		const stopListening = this.stop.listen(() => open.abort());
		let endTimeLimit = () => {};
		// n8n's own timeout only limits the silence on a connection: a host that never completes one, or
		// that sends a byte now and then, would hold up the workflow forever.
		const timeout = new Promise<Cause>((resolve) => {
			endTimeLimit = this.timeLimit.begin(() => {
				open.abort();
				resolve({ kind: 'timeout', after: duration });
			});
		});
		try {
			const answer = await Promise.race([this.http(request, open.signal), timeout]);
			return 'kind' in answer ? answer : read(answer, this.basePath, request.secrets);
		} catch (error) {
			return causeOf(error, duration);
		} finally {
			endTimeLimit();
			stopListening();
		}
	}

	/** @param signal aborts the request, and closes its connection */
	private async http(
		{ method, path, qs, body }: ApiRequest,
		signal: AbortSignal,
	): Promise<FullResponse> {
		// n8n replaces the signal of a request by that of the execution, which it gets from its context.
		const context = Object.create(this.context, {
			getExecutionCancelSignal: { value: () => signal },
		}) as RequestContext;
		return (await this.context.helpers.httpRequestWithAuthentication.call(
			context,
			CREDENTIAL,
			{
				method,
				url: path,
				qs,
				// As text: n8n sends an empty object as no body at all.
				body: body && JSON.stringify(body),
				headers: body && { 'Content-Type': 'application/json' },
				json: true,
				abortSignal: signal,
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
			},
			{
				credentialsDecrypted: { id: '', name: '', type: CREDENTIAL, data: this.credentials },
			},
		)) as FullResponse;
	}
}
