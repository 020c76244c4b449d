import { randomUUID } from 'node:crypto';
import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
} from 'n8n-workflow';
import { defaultRequestOptions } from '../../nodes/VideoSdk/http/client';
import type { Run } from '../../nodes/VideoSdk/execution/run';
import type { Operation } from '../../nodes/VideoSdk/execution/operation';
import type { Outcome } from '../../nodes/VideoSdk/execution/work';
import { runOverItems } from '../../nodes/VideoSdk/execution/runOverItems';
import type { WireAnswer } from './wire';

/** How an operation is run. */
export interface RunOverSettings {
	/** Whether On Error lets the workflow continue. */
	continues?: boolean;
	/** Settings of the node. */
	node?: Partial<INode>;
	options?: IDataObject;
	/** Returns the value of a field for an item, or its raw value. */
	parameter?(name: string, index: number, fallback: unknown, how: IDataObject): unknown;
	signal?: AbortSignal;
	maxConcurrency?: number;
	/** The answer to a request, by default an empty object. */
	answer?(request: IHttpRequestOptions): WireAnswer | Promise<WireAnswer>;
	hasCredential?: boolean;
	/** The URL that resumes the execution. */
	resumeUrl?: string;
	/** The answer to a request from n8n to itself. */
	answerToItself?(): Promise<{ statusCode: number; body: unknown }>;
	/** Why n8n sends no request to itself. */
	blocked?: string;
}

/** The result of an operation. */
export interface RunOver {
	/** The output, unless an error was thrown. */
	items?: INodeExecutionData[];
	error?: unknown;
	hints: unknown[];
	requests: IHttpRequestOptions[];
	/** The requests from n8n to itself. */
	posts: IHttpRequestOptions[];
	/** For each time that n8n was told to store the execution: until when, and the output in that case. */
	waits: Array<{ until: Date; item?: INodeExecutionData }>;
}

/** Makes an execution of the node with these items, with functions instead of n8n and the network. */
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
		blocked,
	}: RunOverSettings = {},
): Omit<RunOver, 'items' | 'error'> & { context: IExecuteFunctions } {
	const hints: unknown[] = [];
	const requests: IHttpRequestOptions[] = [];
	const posts: IHttpRequestOptions[] = [];
	const waits: RunOver['waits'] = [];
	const executeData = { data: { main: [items.map((json) => ({ json }))] } };
	// An API key that no other test has: what is learned of its limits is kept.
	const credentials = { apiKey: randomUUID(), secretKey: 'secret' };
	const context = {
		continueOnFail: () => continues,
		getExecutionCancelSignal: () => signal,
		getCredentials: async () => {
			if (!hasCredential) throw new Error('There is no credential.');
			return credentials;
		},
		getInputData: () => items.map((json) => ({ json })),
		getWorkflow: () => ({ id: 'workflow' }),
		getNode: () => ({
			id: 'node',
			name: 'VideoSDK',
			type: 'videoSdk',
			typeVersion: 1,
			parameters: {},
			...node,
		}),
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
				if (blocked !== undefined) throw new Error(blocked);
				if (request.abortSignal?.aborted) throw new Error('canceled');
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
	operation: Operation | ((run: Run) => Promise<Outcome[]>),
	{ options = {}, maxConcurrency = 500, ...settings }: RunOverSettings = {},
): Promise<RunOver> {
	const described = typeof operation === 'function' ? [] : operation.fields;
	const { parameter = () => undefined } = settings;
	const { context, ...met } = executionOf(items, {
		...settings,
		// n8n gives a field that is not set its default, unless it is hidden, as those of tools are here.
		parameter: (name, ...how) => {
			const given = parameter(name, ...how);
			const field = described.find((one) => one.name === name);
			if (given !== undefined || field?.displayOptions?.show?.['@tool']) return given;
			return field?.type === 'resourceLocator' ? '' : field?.default;
		},
	});
	const thing = { noun: 'thing', idField: 'id' };
	const result = await runOverItems(
		context,
		typeof operation === 'function'
			? { option: { name: 'Do', value: 'do' }, fields: [], thing, done: 'done', execute: operation }
			: operation,
		options,
		{ ...defaultRequestOptions, maxConcurrency },
	).then(
		(output) => ({ items: output }),
		(error: unknown) => ({ error }),
	);
	return { ...result, ...met };
}
