/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createGunzip, createInflate } from 'node:zlib';
import express, { type Request, type Response } from 'express';
import { HookContext, WebhookContext } from 'n8n-core';
import type {
	IDataObject,
	INode,
	INodeParameters,
	INodeType,
	IWebhookData,
	IWorkflowExecuteAdditionalData,
	WebhookSetupMethodNames,
} from 'n8n-workflow';
import { Workflow } from 'n8n-workflow';
import getRawBody from 'raw-body';
import { listen, type Listening } from '../../dev/listen';
import type { CredentialFields } from '../../dev/videosdk-api';
import { additionalDataOf, CredentialsHelper, type Engine } from './engine';

/** Bytes that n8n accepts by default (N8N_PAYLOAD_SIZE_MAX). */
const LARGEST_PAYLOAD = 16 * 1024 * 1024;

const INSTANCE_ID = 'n8n';

/** A request as n8n's first middleware passes it on. */
export type WebhookRequest = Request & { rawBody?: Buffer; readRawBody(): Promise<void> };

/** The response to a request. */
export interface Reply {
	status: number;
	text: string;
}

export interface TriggerSettings {
	credential: CredentialFields;
	parameters?: INodeParameters;
	/** `manual` is n8n's test URL. */
	mode?: 'webhook' | 'manual';
	/** The JSON in the database of an n8n that ran before. */
	staticData?: string;
	/** ID of the workflow, by default one that no other trigger has. */
	workflowId?: string;
	/** ID of the node in the workflow. */
	nodeId?: string;
}

/** Does what n8n's `rawBodyReader` does (n8n: middlewares/body-parser, with the package raw-body). */
export function withRawBody(incoming: Request): WebhookRequest {
	const { 'content-encoding': encoding, 'content-length': length } = incoming.headers;
	const request: WebhookRequest = Object.assign(incoming, {
		async readRawBody() {
			const inflate =
				encoding === 'gzip' ? createGunzip() : encoding === 'deflate' ? createInflate() : undefined;
			request.rawBody ??= await getRawBody(inflate ? request.pipe(inflate) : request, {
				length: inflate ? undefined : length,
				limit: LARGEST_PAYLOAD,
			});
		},
	});
	return request;
}

/**
 * The URL of a VideoSDK Trigger in an active workflow. It handles a request as n8n does (n8n:
 * webhooks/live-webhooks, webhook-helpers and webhook.service): each request gets its own copy of the
 * workflow, with the static data that is saved at that time, and saves the data before the answer.
 */
export class TriggerUrl {
	/** Can be changed from one request to the next, as by a user who saves the workflow. */
	parameters: INodeParameters;

	/** The data of each item that started a run. */
	readonly runs: IDataObject[] = [];

	/** The errors that n8n would report and show as failed executions. */
	readonly errors: unknown[] = [];

	/** The latest request as the trigger saw it. */
	lastRequest?: WebhookRequest;

	/** JSON, as in n8n's database. */
	staticData: string;

	private readonly type: INodeType;

	private readonly node: Omit<INode, 'parameters'>;

	readonly workflowId: string;

	private readonly server: Server;

	private listening?: Listening;

	private constructor(
		private readonly engine: Engine,
		private readonly settings: TriggerSettings,
	) {
		const { parameters = {}, staticData = '{}', workflowId = randomUUID() } = settings;
		const { nodeId = 'trigger' } = settings;
		this.parameters = parameters;
		this.staticData = staticData;
		this.workflowId = workflowId;
		this.type = engine.nodeType('videoSdkTrigger');
		this.node = {
			id: nodeId,
			name: 'VideoSDK Trigger',
			type: 'n8n-nodes-videosdk.videoSdkTrigger',
			typeVersion: 1,
			position: [0, 0],
			webhookId: randomUUID(),
			credentials: { videoSdkApi: { id: randomUUID(), name: 'VideoSDK' } },
		};
		// As in n8n: a node uses the request and response of Express.
		const app = express().use(
			async (request, response) => await this.serve(withRawBody(request), response),
		);
		this.server = createServer(app);
	}

	/** Starts to listen on loopback, with a credential that no other trigger has. */
	static async open(engine: Engine, settings: TriggerSettings): Promise<TriggerUrl> {
		const trigger = new TriggerUrl(engine, settings);
		// A busy machine is slow to take many connections at once, and to use one again.
		trigger.server.keepAliveTimeout = 60_000;
		trigger.listening = await listen(trigger.server, { backlog: 2_048 });
		return trigger;
	}

	get url(): string {
		return `${this.listening?.url}/webhook/${this.node.webhookId}/videosdk`;
	}

	/** Sends a request from outside, without a signature unless it is among the headers. */
	async post(body: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> {
		const response = await fetch(this.url, { method: 'POST', body, headers });
		return { status: response.status, text: await response.text() };
	}

	/**
	 * Calls a lifecycle method of the node, as n8n does when the workflow is activated. If it does not
	 * fail, the static data is saved.
	 */
	async lifecycle(name: WebhookSetupMethodNames): Promise<boolean> {
		const method = this.type.webhookMethods?.default?.[name];
		if (!method) throw new Error(`The trigger has no ${name}.`);
		const { workflow, node, additionalData, webhook } = this.load();
		const isManual = this.settings.mode === 'manual';
		const context = new HookContext(
			workflow,
			node,
			additionalData,
			isManual ? 'manual' : 'trigger',
			isManual ? 'manual' : 'activate',
			webhook,
		);
		context.getInstanceId = () => INSTANCE_ID;
		const result = await method.call(context);
		this.save(workflow);
		return result;
	}

	/** Publishes the workflow: `checkExists`, then `create` unless it says yes. */
	async publish(): Promise<void> {
		if (!(await this.lifecycle('checkExists'))) await this.lifecycle('create');
	}

	/** Remembers a webhook for call events as the one that was registered last. */
	rememberWebhook(id: unknown): void {
		const owner = `${INSTANCE_ID}/${this.workflowId}`;
		this.staticData = JSON.stringify({ 'node:VideoSDK Trigger': { callWebhook: { id, owner } } });
	}

	/** Closes at once, whatever is in progress. */
	async close(): Promise<void> {
		await this.listening?.close();
	}

	private save({ staticData }: Workflow): void {
		if (staticData.__dataChanged === true) this.staticData = JSON.stringify(staticData);
	}

	private load(request: Partial<IWorkflowExecuteAdditionalData> = {}) {
		const byType = () => this.type;
		const node: INode = { ...this.node, parameters: this.parameters };
		const workflow = new Workflow({
			id: this.workflowId,
			active: true,
			nodes: [node],
			connections: {},
			nodeTypes: { getByName: byType, getByNameAndVersion: byType, getKnownTypes: () => ({}) },
			staticData: JSON.parse(this.staticData) as IDataObject,
		});
		const helper = new CredentialsHelper(
			this.engine.credentialType('videoSdkApi'),
			this.settings.credential,
		);
		const webhookBaseUrl = `${this.listening?.url}/webhook`;
		const additionalData = { ...additionalDataOf(helper), webhookBaseUrl, ...request };
		const [description] = this.type.description.webhooks ?? [];
		if (!description) throw new Error('The trigger has no webhook.');
		const webhook: IWebhookData = {
			httpMethod: 'POST',
			node: node.name,
			path: 'videosdk',
			webhookDescription: description,
			workflowId: this.workflowId,
			workflowExecuteAdditionalData: additionalData,
		};
		// The workflow has a copy of the node, to which it has added the defaults of the parameters.
		return { workflow, node: workflow.getNode(node.name) ?? node, additionalData, webhook };
	}

	private async serve(request: WebhookRequest, response: Response): Promise<void> {
		this.lastRequest = request;
		const { workflow, node, additionalData, webhook } = this.load({
			httpRequest: request,
			httpResponse: response,
		});
		const { mode = 'webhook' } = this.settings;
		const context = new WebhookContext(workflow, node, additionalData, mode, webhook, [], null);
		try {
			await this.parseBody(request, workflow, node);
			const { workflowData } = (await this.type.webhook?.call(context)) ?? {};
			this.save(workflow);
			this.runs.push(...(workflowData ?? []).flatMap((items) => items.map(({ json }) => json)));
			if (!response.headersSent) response.json({ message: 'Workflow was started' });
		} catch (error) {
			this.errors.push(error);
			if (!response.headersSent) response.status(500).json({ message: 'Workflow Webhook Error' });
		}
	}

	/** n8n parses a body by its content type, unless the node asks for the raw body in this way. */
	private async parseBody(request: WebhookRequest, workflow: Workflow, node: INode): Promise<void> {
		const wantsRaw = '={{$parameter["options"]["binaryData"]}}';
		if (workflow.expression.getSimpleParameterValue(node, wantsRaw, 'webhook', {})) return;
		await request.readRawBody();
		if (request.headers['content-type']?.startsWith('application/json')) {
			request.body = JSON.parse(String(request.rawBody)) as unknown;
		}
	}
}
