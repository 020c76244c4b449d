/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import {
	getAdditionalKeys,
	LoadOptionsContext,
	PackageDirectoryLoader,
	WorkflowExecute,
} from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentialsExpressionResolveValues,
	ICredentialType,
	IDataObject,
	IExecuteData,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	INodeCredentialsDetails,
	INodeListSearchResult,
	INodeParameters,
	INodeType,
	IRun,
	IWorkflowBase,
	IWorkflowExecuteAdditionalData,
	NodeExecutionHint,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { createRunExecutionData, ICredentialsHelper, Workflow } from 'n8n-workflow';
import { checkout } from '../../dev/n8n/packed';
import type { CredentialFields } from '../../dev/videosdk-api';

const videoSdkApi = { videoSdkApi: { id: '1', name: 'VideoSDK' } };

function passThrough(name: string, version: number | number[]): INodeType {
	return {
		description: {
			displayName: name,
			name,
			group: ['trigger'],
			version,
			description: '',
			defaults: { name },
			inputs: ['main'],
			outputs: ['main'],
			properties: [],
		},
		async execute() {
			return [this.getInputData()];
		},
	};
}

/** n8n's own nodes in the examples, which n8n-core does not have. */
const builtInNodes: Record<string, INodeType> = {
	'n8n-nodes-base.webhook': passThrough('webhook', [1, 2, 2.1]),
	'n8n-nodes-base.manualTrigger': passThrough('manualTrigger', 1),
	'n8n-nodes-base.respondToWebhook': passThrough('respondToWebhook', [1, 1.1, 1.5]),
	'n8n-nodes-base.noOp': passThrough('noOp', 1),
};

const mock = passThrough('mock', 1);

const mockNode: INode = {
	id: '',
	name: '',
	typeVersion: 1,
	type: 'mock',
	position: [0, 0],
	parameters: {},
};

/**
 * n8n's credentials helper, with one credential. Its expressions are resolved as in n8n (credentials-helper):
 * with the data of an item in a run, and with none in a webhook, a picker or a trigger that is published.
 */
export class CredentialsHelper extends ICredentialsHelper {
	decryptions = 0;

	constructor(
		private readonly type: ICredentialType,
		private readonly credential: CredentialFields,
	) {
		super();
	}

	override getParentTypes() {
		return [];
	}

	override isCredentialUsableByNode() {
		return true;
	}

	override async authenticate(
		credentials: ICredentialDataDecryptedObject,
		_typeName: string,
		requestOptions: IHttpRequestOptions,
	) {
		const { authenticate } = this.type;
		if (typeof authenticate !== 'function') throw new Error('The credential has no authenticate.');
		return await authenticate.call(this.type, credentials, requestOptions);
	}

	override async preAuthentication() {
		return undefined;
	}

	override async runPreAuthentication() {
		return undefined;
	}

	override async getDecrypted(
		additionalData: IWorkflowExecuteAdditionalData,
		_nodeCredentials: INodeCredentialsDetails,
		_type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		raw?: boolean,
		values?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		this.decryptions++;
		const data: ICredentialDataDecryptedObject = { ...this.credential };
		if (raw === true) return data;
		const keys = getAdditionalKeys(additionalData, mode, null);
		if (values) {
			const { workflow, runExecutionData, runIndex, itemIndex, node, connectionInputData } = values;
			return workflow.expression.getParameterValue(
				data as INodeParameters,
				runExecutionData,
				runIndex,
				itemIndex,
				node.name,
				connectionInputData,
				mode,
				keys,
				executeData,
				false,
				data,
			) as ICredentialDataDecryptedObject;
		}
		const node = { ...mockNode };
		const types = {
			getByName: () => mock,
			getByNameAndVersion: () => mock,
			getKnownTypes: () => ({}),
		};
		const workflow = new Workflow({
			nodes: [node],
			connections: {},
			active: false,
			nodeTypes: types,
		});
		return workflow.expression.getComplexParameterValue(
			node,
			data as INodeParameters,
			mode,
			keys,
			undefined,
			undefined,
			data,
		) as ICredentialDataDecryptedObject;
	}

	override getCredentialsProperties() {
		return this.type.properties;
	}

	override async getCredentials(): Promise<never> {
		throw new Error('The tests store no credentials.');
	}

	override async updateCredentials() {}

	override async updateCredentialsOauthTokenData() {}
}

/** The data that n8n adds to the workflow of an execution. */
export function additionalDataOf(
	helper: CredentialsHelper,
	url = 'http://localhost:5678',
): IWorkflowExecuteAdditionalData {
	return {
		credentialsHelper: helper,
		currentNodeExecutionIndex: 0,
		hooks: { runHook: async () => {}, addHandler: () => {} },
		variables: {},
		restApiUrl: url,
		instanceBaseUrl: url,
		webhookBaseUrl: url,
		webhookWaitingBaseUrl: url,
		webhookTestBaseUrl: url,
		formBaseUrl: url,
		formWaitingBaseUrl: url,
		formTestBaseUrl: url,
		mcpBaseUrl: url,
		mcpTestBaseUrl: url,
	} as unknown as IWorkflowExecuteAdditionalData;
}

/** The result of a workflow. */
export interface Result {
	run: IRun;
	/** The items of each output of a node, in the order of the outputs. */
	outputs(node: string): INodeExecutionData[][];
	/** The hints of a node in its output panel. */
	hints(node: string): NodeExecutionHint[];
	/** How often the credential was decrypted. */
	decryptions: number;
}

/** n8n's own engine with the built package in it, loaded as n8n loads it. */
export class Engine {
	private constructor(private readonly loader: PackageDirectoryLoader) {}

	/** @param folder of the package; by default the checkout */
	static async load(folder = checkout): Promise<Engine> {
		const loader = new PackageDirectoryLoader(folder);
		await loader.loadAll();
		return new Engine(loader);
	}

	/** Returns a node type of the package by its name, such as `videoSdk`. */
	nodeType(name: string): INodeType {
		return this.loader.getNode(name).type as INodeType;
	}

	/** Returns a credential type of the package by its name, such as `videoSdkApi`. */
	credentialType(name: string): ICredentialType {
		return this.loader.getCredential(name).type;
	}

	private nodeTypes() {
		const byType = (type: string): INodeType => {
			const builtIn = builtInNodes[type];
			if (builtIn) return builtIn;
			const name = type.replace(`${this.loader.packageName}.`, '');
			const nodeType = this.nodeType(name.replace(/Tool$/, ''));
			if (!name.endsWith('Tool')) return nodeType;
			// n8n makes the type for an AI agent's tool from that of the node (n8n: tool-generation/ai-tools).
			const description = { ...nodeType.description, name };
			return Object.create(nodeType, { description: { value: description } }) as INodeType;
		};
		return { getByName: byType, getByNameAndVersion: byType, getKnownTypes: () => ({}) };
	}

	/** Makes a workflow, and the data of its executions in an n8n at this URL. */
	prepare(
		definition: Pick<IWorkflowBase, 'nodes' | 'connections' | 'settings'>,
		credential: CredentialFields,
		url?: string,
	) {
		const helper = new CredentialsHelper(this.credentialType('videoSdkApi'), credential);
		return { ...this.workflow(definition), additionalData: additionalDataOf(helper, url) };
	}

	private workflow(definition: Pick<IWorkflowBase, 'nodes' | 'connections' | 'settings'>) {
		// A note on the canvas is no node to n8n's engine, and the examples name no credential.
		const nodes = definition.nodes
			.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote')
			.map((node) => ({ credentials: videoSdkApi, ...node }));
		const workflow = new Workflow({
			id: 'test',
			active: false,
			nodes,
			connections: definition.connections,
			settings: definition.settings,
			nodeTypes: this.nodeTypes(),
		});
		return { workflow, nodes };
	}

	/**
	 * Runs a workflow from its first node, which gets the items.
	 *
	 * @param stopAfter milliseconds after which the execution is stopped, as with n8n's button
	 */
	async run(
		definition: Pick<IWorkflowBase, 'nodes' | 'connections' | 'settings'>,
		credential: CredentialFields,
		items: INodeExecutionData[],
		{ stopAfter }: { stopAfter?: number } = {},
	): Promise<Result> {
		const { workflow, nodes } = this.workflow(definition);
		const [first] = nodes;
		if (!first) throw new Error('The workflow has no node.');
		const start: IExecuteData = { node: first, data: { main: [items] }, source: null };
		const helper = new CredentialsHelper(this.credentialType('videoSdkApi'), credential);
		const execution = new WorkflowExecute(
			additionalDataOf(helper),
			'webhook',
			createRunExecutionData({ executionData: { nodeExecutionStack: [start] } }),
		);
		const running = execution.processRunExecutionData(workflow);
		const stop =
			stopAfter === undefined ? undefined : setTimeout(() => running.cancel(), stopAfter);
		const run = await running;
		clearTimeout(stop);
		const taskOf = (node: string) => run.data.resultData.runData[node]?.at(-1);
		return {
			run,
			outputs: (node) => (taskOf(node)?.data?.main ?? []).map((output) => output ?? []),
			hints: (node) => taskOf(node)?.hints ?? [],
			decryptions: helper.decryptions,
		};
	}

	/**
	 * Gets entries of a picker of the VideoSDK node, as n8n's editor does.
	 *
	 * @param method `searchSessions`
	 * @param timezone of the workflow
	 */
	async search(
		method: string,
		credential: CredentialFields,
		filter?: string,
		timezone = 'Asia/Kolkata',
	): Promise<INodeListSearchResult> {
		const search = this.nodeType('videoSdk').methods?.listSearch?.[method];
		const { workflow } = this.workflow({ ...workflowOf({}), settings: { timezone } });
		const node = workflow.getNode('VideoSDK');
		if (!search || !node) throw new Error(`The node has no picker ${method}.`);
		const helper = new CredentialsHelper(this.credentialType('videoSdkApi'), credential);
		const context = new LoadOptionsContext(workflow, node, additionalDataOf(helper), '');
		return await search.call(context, filter);
	}
}

/** A workflow with a trigger and one VideoSDK node, named `VideoSDK`. */
export function workflowOf(
	parameters: IDataObject,
	settings: Partial<INode> = {},
): Pick<IWorkflowBase, 'nodes' | 'connections'> {
	const trigger: INode = {
		id: '1',
		name: 'Trigger',
		type: 'n8n-nodes-base.manualTrigger',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	};
	const videoSdk = {
		id: '2',
		name: 'VideoSDK',
		type: 'n8n-nodes-videosdk.videoSdk',
		typeVersion: 1,
		position: [200, 0],
		parameters,
		...settings,
	} as INode;
	return {
		nodes: [trigger, videoSdk],
		connections: { Trigger: { main: [[{ node: 'VideoSDK', type: 'main', index: 0 }]] } },
	};
}
