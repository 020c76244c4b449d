import { randomUUID } from 'node:crypto';
import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
} from 'n8n-workflow';
import { defaultRequestOptions } from '../../nodes/VideoSdk/api/client';
import type { Batch } from '../../nodes/VideoSdk/execution/batch';
import type { Operation, Outcome } from '../../nodes/VideoSdk/execution/operation';
import { runOverItems } from '../../nodes/VideoSdk/execution/runOverItems';
import type { WireAnswer } from './wire';

/** How an operation is run. */
export interface RunOverSettings {
	/** Whether On Error lets the workflow continue. */
	continues?: boolean;
	/** What is set on the node. */
	node?: Partial<INode>;
	options?: IDataObject;
	/** Gives the value of a field for an item: what its expression gave, and what is written in it. */
	parameter?(name: string, index: number, fallback: unknown, how: IDataObject): unknown;
	signal?: AbortSignal;
	maxConcurrency?: number;
	/** What a request gets: an empty object, if nothing else. */
	answer?(request: IHttpRequestOptions): WireAnswer | Promise<WireAnswer>;
	hasCredential?: boolean;
	/** Where the execution is resumed. */
	resumeUrl?: string;
	/** What n8n gets for what it sends to itself. */
	answerToItself?(): Promise<{ statusCode: number; body: unknown }>;
}

/** What came of an operation. */
export interface RunOver {
	/** What came out, unless an error was thrown. */
	items?: INodeExecutionData[];
	error?: unknown;
	hints: unknown[];
	requests: IHttpRequestOptions[];
	/** What n8n sent to itself. */
	posts: IHttpRequestOptions[];
	/** Until when n8n was told to store the execution, and what then comes out, for each time. */
	waits: Array<{ until: Date; item?: INodeExecutionData }>;
}

/** Gives an execution of the node with these items, with functions in the place of n8n and the network. */
export function executionOf(
	items: IDataObject[],
	{
		continues = false,
		node,
		parameter = () => undefined,
		signal,
		answer = () => ({}),
		hasCredential = true,
		resumeUrl,
		answerToItself = async () => ({ statusCode: 200, body: {} }),
	}: RunOverSettings = {},
): Omit<RunOver, 'items' | 'error'> & { context: IExecuteFunctions } {
	const hints: unknown[] = [];
	const requests: IHttpRequestOptions[] = [];
	const posts: IHttpRequestOptions[] = [];
	const waits: RunOver['waits'] = [];
	const executeData = { data: { main: [items.map((json) => ({ json }))] } };
	const context = {
		continueOnFail: () => continues,
		getExecutionCancelSignal: () => signal,
		getCredentials: async () => {
			if (!hasCredential) throw new Error('There is no credential.');
			// Of its own: what is learned of one VideoSDK is kept for others to come.
			return { apiKey: randomUUID(), secretKey: 'secret' };
		},
		getInputData: () => items.map((json) => ({ json })),
		getNode: () => ({ name: 'VideoSDK', type: 'videoSdk', typeVersion: 1, ...node }),
		getNodeParameter: parameter,
		getTimezone: () => 'Asia/Kolkata',
		addExecutionHints: (hint: unknown) => hints.push(hint),
		evaluateExpression: (expression: string) =>
			expression === '{{ $execution.resumeUrl }}' ? resumeUrl : undefined,
		getExecuteData: () => executeData,
		putExecutionToWait: async (until: Date) => {
			waits.push({ until, item: executeData.data.main[0]?.[0] });
		},
		helpers: {
			httpRequest: async (request: IHttpRequestOptions) => {
				posts.push(request);
				return await answerToItself();
			},
			httpRequestWithAuthentication: async (_type: string, request: IHttpRequestOptions) => {
				requests.push(request);
				return { statusCode: 200, headers: {}, body: {}, ...(await answer(request)) };
			},
		},
	} as unknown as IExecuteFunctions;
	return { context, hints, requests, posts, waits };
}

/** Runs an operation over items as the node does. */
export async function runOver(
	items: IDataObject[],
	operation: Operation | ((batch: Batch) => Promise<Outcome[]>),
	{ options = {}, maxConcurrency = 500, ...settings }: RunOverSettings = {},
): Promise<RunOver> {
	const { context, ...met } = executionOf(items, settings);
	const thing = { noun: 'thing', idField: 'id' };
	const result = await runOverItems(
		context,
		typeof operation === 'function'
			? { description: [], thing, done: 'done', run: operation }
			: operation,
		options,
		{ ...defaultRequestOptions, maxConcurrency },
	).then(
		(output) => ({ items: output }),
		(error: unknown) => ({ error }),
	);
	return { ...result, ...met };
}
