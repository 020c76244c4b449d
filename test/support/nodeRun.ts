import type { IDataObject, INode, INodeExecutionData, IRun } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { CredentialFields } from '../../dev/videosdk-api';
import { type Engine, type Result, workflowOf } from './engine';

/** Parameters of End Session, for items that carry a `sessionId`. */
export function endSession(options: IDataObject = {}): IDataObject {
	const sessionId = byId('={{ $json.sessionId }}');
	return { resource: 'agentSession', operation: 'end', sessionId, options };
}

/** Items that carry these session IDs. */
export function itemsOf(sessionIds: readonly unknown[]): INodeExecutionData[] {
	return sessionIds.map((sessionId) => ({ json: { sessionId: sessionId as string } }));
}

/** The result of one node. */
export interface NodeRun extends Pick<Result, 'run' | 'decryptions'> {
	/** The items of its success output. */
	items: INodeExecutionData[];
	/** The items of its error output. */
	failed: INodeExecutionData[];
	/** The error that stopped the workflow. */
	error?: { name: string; message: string; description: string; httpCode?: string };
	/** The hint in its output panel. */
	hint?: string;
}

export interface RunSettings {
	/** Settings of the node besides its parameters, such as On Error. */
	node?: Partial<INode>;
	/** Milliseconds until the execution is stopped. */
	stopAfter?: number;
	/** Time zone of the workflow. */
	timezone?: string;
}

/** The node as a tool of an AI agent. */
export const asTool: RunSettings = { node: { type: 'n8n-nodes-videosdk.videoSdkTool' } };

export const stopsNever: RunSettings = { node: { onError: 'continueErrorOutput' } };

/**
 * Runs the VideoSDK node alone.
 *
 * @param parameters of the node
 */
export async function runNode(
	engine: Engine,
	credential: CredentialFields,
	parameters: IDataObject,
	items: INodeExecutionData[] = [{ json: {} }],
	{ node, stopAfter, timezone }: RunSettings = {},
): Promise<NodeRun> {
	const workflow = { ...workflowOf(parameters, node), settings: { timezone } };
	const result = await engine.run(workflow, credential, items, { stopAfter });
	const { run, decryptions } = result;
	const [succeeded = [], failed = []] = result.outputs('VideoSDK');
	return {
		run,
		decryptions,
		items: succeeded,
		failed,
		error: run.data.resultData.error as NodeRun['error'],
		hint: result.hints('VideoSDK')[0]?.message,
	};
}

/**
 * Looks for a token, the API key or the secret in the data of a run: in keys and values, and in the parts
 * of errors that JSON leaves out (cause, stack).
 *
 * @returns the texts that contain one
 */
export function leaksIn(run: IRun, { apiKey, secretKey }: CredentialFields): string[] {
	const secrets = [apiKey, secretKey].filter((secret) => secret.trim() !== '');
	const isLeak = (text: string) =>
		/eyJ[\w-]+\.[\w-]+/.test(text) || secrets.some((secret) => text.includes(secret));
	const leaks: string[] = [];
	const seen = new Set<unknown>();
	const left: unknown[] = [run];
	while (left.length > 0) {
		const value = left.pop();
		if (typeof value === 'string' && isLeak(value)) leaks.push(value);
		if (typeof value !== 'object' || value === null || seen.has(value)) continue;
		seen.add(value);
		for (const key of Reflect.ownKeys(value)) {
			if (typeof key === 'string') left.push(key);
			left.push((value as Record<PropertyKey, unknown>)[key]);
		}
	}
	return leaks;
}
