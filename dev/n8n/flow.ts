import { randomUUID } from 'node:crypto';
import type { INode, INodeParameters } from 'n8n-workflow';
import type { SavedCredential, WorkflowFile } from './rest';

/** A node as the editor saves it. The webhook ID is for nodes that have a webhook. */
export function node(
	name: string,
	type: string,
	parameters: INodeParameters = {},
	more: Partial<INode> = {},
): INode {
	const id = randomUUID();
	return { id, name, type, parameters, typeVersion: 1, position: [0, 0], webhookId: id, ...more };
}

/** A VideoSDK node with an operation of agent sessions. */
export function sessionNode(
	name: string,
	operation: string,
	parameters: INodeParameters = {},
	more: Partial<INode> = {},
): INode {
	const chosen = { resource: 'agentSession', operation, ...parameters };
	return node(name, 'n8n-nodes-videosdk.videoSdk', chosen, more);
}

/** The value of a resource locator whose mode is By ID. */
export function byId(value: unknown): { __rl: true; mode: 'id'; value: string } {
	// Also a value that is not an ID: tests check that the node refuses it.
	return { __rl: true, mode: 'id', value: value as string };
}

/** A Webhook node with a new path. It answers as soon as the workflow has started. */
export function webhookNode(parameters: INodeParameters = {}): INode {
	const path = randomUUID();
	return node(
		'Webhook',
		'n8n-nodes-base.webhook',
		{ httpMethod: 'POST', path, ...parameters },
		{ typeVersion: 2.1 },
	);
}

/** A node that adds fields to each item. */
export function fieldsNode(name: string, fields: Record<string, string>): INode {
	const assignments = Object.entries(fields).map(([field, value]) => ({
		id: randomUUID(),
		name: field,
		type: 'string',
		value,
	}));
	return node(
		name,
		'n8n-nodes-base.set',
		{ assignments: { assignments }, includeOtherFields: true },
		{ typeVersion: 3.4 },
	);
}

/** A workflow of nodes in sequence. The nodes of a list each follow one output of the node before. */
export function flow(name: string, ...steps: Array<INode | INode[]>): WorkflowFile {
	const columns = steps.map((step) => (Array.isArray(step) ? step : [step]));
	const nodes = columns.flatMap((column, x) =>
		column.map((one, y): INode => ({ ...one, position: [x * 240, y * 180] })),
	);
	const connections = Object.fromEntries(
		columns.slice(0, -1).flatMap((column, x) => {
			const main = (columns[x + 1] ?? []).map((next) => [
				{ node: next.name, type: 'main' as const, index: 0 },
			]);
			return column.map((one) => [one.name, { main }]);
		}),
	);
	return { name, nodes, connections, settings: { executionOrder: 'v1' } };
}

/**
 * A copy of a workflow, with other parameters or settings of one node.
 *
 * @throws Error when the workflow has no such node: a test would change nothing, and pass
 */
export function changed(
	workflow: WorkflowFile,
	name: string,
	parameters: INodeParameters,
	settings: Partial<INode> = {},
): WorkflowFile {
	const target = find(workflow, name);
	const nodes = workflow.nodes.map((one) =>
		one === target
			? { ...one, ...settings, parameters: { ...one.parameters, ...parameters } }
			: one,
	);
	return { ...workflow, nodes };
}

/** A node of a workflow by its name. @throws Error when there is none */
export function find({ name: workflow, nodes }: WorkflowFile, name: string): INode {
	const found = nodes.find((one) => one.name === name);
	if (!found) throw new Error(`"${workflow}" has no node "${name}".`);
	return found;
}

/** The type of the credential that a node needs, for the nodes in the tests. */
function credentialTypeOf({ type, parameters }: INode): string | undefined {
	if (type.startsWith('n8n-nodes-videosdk.')) return 'videoSdkApi';
	if (type === '@n8n/n8n-nodes-langchain.lmChatOpenAi') return 'openAiApi';
	const chosen = parameters.nodeCredentialType;
	return typeof chosen === 'string' ? chosen : undefined;
}

/** A copy of a workflow, with the credentials in the nodes that need one of their type. */
export function withCredentials(
	workflow: WorkflowFile,
	...credentials: SavedCredential[]
): WorkflowFile {
	const nodes = workflow.nodes.map((node) => {
		const credential = credentials.find(({ type }) => type === credentialTypeOf(node));
		if (!credential) return node;
		const { id, name, type } = credential;
		return { ...node, credentials: { ...node.credentials, [type]: { id, name } } };
	});
	return { ...workflow, nodes };
}
