import { randomUUID } from 'node:crypto';
import type { INode, INodeParameters } from 'n8n-workflow';
import type { SavedCredential, WorkflowFile } from './rest';

/** A node as the editor saves it, with an address of its own for those that have one. */
export function node(
	name: string,
	type: string,
	parameters: INodeParameters = {},
	more: Partial<INode> = {},
): INode {
	const id = randomUUID();
	return { id, name, type, parameters, typeVersion: 1, position: [0, 0], webhookId: id, ...more };
}

/** Our node with an operation on sessions. */
export function sessionNode(
	name: string,
	operation: string,
	parameters: INodeParameters = {},
	more: Partial<INode> = {},
): INode {
	const chosen = { resource: 'agentSession', operation, ...parameters };
	return node(name, 'n8n-nodes-videosdk.videoSdk', chosen, more);
}

/** The field that names a session or a deployment, filled in by ID. */
export function byId(value: unknown): { __rl: true; mode: 'id'; value: string } {
	// What no ID is, too: a test may want to see it refused.
	return { __rl: true, mode: 'id', value: value as string };
}

/** A Webhook node at a path that is free; it answers as soon as the workflow has started. */
export function webhookNode(parameters: INodeParameters = {}): INode {
	const path = randomUUID();
	return node(
		'Webhook',
		'n8n-nodes-base.webhook',
		{ httpMethod: 'POST', path, ...parameters },
		{ typeVersion: 2.1 },
	);
}

/** Adds fields that expressions give to each item. */
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

/** A workflow of nodes one after the other. A list of nodes is what follows each output. */
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
 * A workflow with some of a node's parameters, or its settings, changed.
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

/** What a node calls the credential that it wants, for the nodes that the tests use. */
function wanted({ type, parameters }: INode): string | undefined {
	if (type.startsWith('n8n-nodes-videosdk.')) return 'videoSdkApi';
	if (type === '@n8n/n8n-nodes-langchain.lmChatOpenAi') return 'openAiApi';
	const chosen = parameters.nodeCredentialType;
	return typeof chosen === 'string' ? chosen : undefined;
}

/** A workflow with credentials in the nodes that want one of their type. */
export function withCredentials(
	workflow: WorkflowFile,
	...credentials: SavedCredential[]
): WorkflowFile {
	const nodes = workflow.nodes.map((node) => {
		const credential = credentials.find(({ type }) => type === wanted(node));
		if (!credential) return node;
		const { id, name, type } = credential;
		return { ...node, credentials: { ...node.credentials, [type]: { id, name } } };
	});
	return { ...workflow, nodes };
}
