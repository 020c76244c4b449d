import { randomUUID } from 'node:crypto';
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { beginRun, type RequestOptions, VideoSdkClient } from '../../nodes/VideoSdk/http/client';
import type { RequestContext } from '../../nodes/VideoSdk/http/transport';

/** An answer, as n8n's request helper gives it. */
export interface WireAnswer {
	statusCode?: number;
	headers?: IDataObject;
	body?: unknown;
}

/** The client of the node, and what it requested. */
export interface Wire {
	client: VideoSdkClient;
	requests: IHttpRequestOptions[];
	/** Stops requests that begin something new. */
	stopNewWork(): void;
	/** Makes the client of another execution, with the same API key. */
	open(): VideoSdkClient;
	/** Makes a client whose requests do not wait in the queue. */
	openAtOnce(): Promise<VideoSdkClient>;
}

/**
 * Makes the node's own client, with a function instead of n8n and the network.
 *
 * @param answer answers a request, whose number counts from 1. What it throws is thrown by n8n
 * @param signal aborts when the execution is stopped
 */
export async function wireTo(
	answer: (
		request: IHttpRequestOptions,
		number: number,
	) => WireAnswer | Promise<WireAnswer | undefined>,
	options: Partial<RequestOptions> = {},
	signal?: AbortSignal,
): Promise<Wire> {
	const requests: IHttpRequestOptions[] = [];
	// An API key that no other test has: what is learned of its limits is kept.
	const apiKey = randomUUID();
	const credentials = { apiKey, secretKey: 'secret' };
	const context = {
		getCredentials: async () => credentials,
		getExecutionCancelSignal: () => signal,
		getNode: () => ({ id: 'node' }),
		getWorkflow: () => ({ id: 'workflow' }),
		helpers: {
			httpRequestWithAuthentication: async (_type: string, request: IHttpRequestOptions) => {
				const number = requests.push(request);
				return { statusCode: 200, headers: {}, ...(await answer(request, number)) };
			},
		},
	};
	const to = context as unknown as RequestContext;
	const run = beginRun(to, options);
	return {
		client: new VideoSdkClient(to, credentials, run),
		requests,
		stopNewWork: run.stopNewWork,
		open: () => new VideoSdkClient(to, credentials, beginRun(to, options)),
		openAtOnce: async () => await VideoSdkClient.openAtOnce(to, options),
	};
}
