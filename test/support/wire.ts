import { randomUUID } from 'node:crypto';
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { type RequestOptions, VideoSdkClient } from '../../nodes/VideoSdk/api/client';
import type { RequestContext } from '../../nodes/VideoSdk/api/transport';

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
	/** Makes the client of another execution, with the same API key. */
	open(): Promise<VideoSdkClient>;
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
	const context = {
		getCredentials: async () => ({ apiKey, secretKey: 'secret' }),
		getExecutionCancelSignal: () => signal,
		helpers: {
			httpRequestWithAuthentication: async (_type: string, request: IHttpRequestOptions) => {
				const number = requests.push(request);
				return { statusCode: 200, headers: {}, ...(await answer(request, number)) };
			},
		},
	};
	const to = context as unknown as RequestContext;
	return {
		client: await VideoSdkClient.open(to, options),
		requests,
		open: async () => await VideoSdkClient.open(to, options),
		openAtOnce: async () => await VideoSdkClient.openAtOnce(to, options),
	};
}
