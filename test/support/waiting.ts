/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import express, { type Response } from 'express';
import { parse, stringify } from 'flatted';
import { WebhookContext, WorkflowExecute } from 'n8n-core';
import type {
	IDataObject,
	IExecuteData,
	INode,
	INodeExecutionData,
	IRun,
	IRunExecutionData,
} from 'n8n-workflow';
import { createRunExecutionData, sleep } from 'n8n-workflow';
import { listen, type Listening } from '../../dev/listen';
import type { CredentialFields } from '../../dev/videosdk-api';
import { type Engine, workflowOf } from './engine';
import { type Reply, type WebhookRequest, withRawBody } from './webhook';

/** How an execution is started; see {@link WaitingExecution}. */
export interface WaitingSettings {
	credential: CredentialFields;
	/** Of the VideoSDK node. */
	parameters: IDataObject;
	items?: INodeExecutionData[];
	/** Settings of the node besides its parameters, such as On Error. */
	node?: Partial<INode>;
}

/**
 * An execution of a workflow with a VideoSDK node that waits, with its resume URL. It is stored and
 * resumed as in n8n (webhooks/waiting-webhooks and webhook-helpers, wait-tracker), and as in n8n 1, which
 * accepts two simultaneous calls. When it is resumed, it is read from what was stored, as in queue mode.
 */
export class WaitingExecution {
	status: 'running' | 'waiting' | 'over' = 'running';

	/** How often n8n has resumed it. */
	resumes = 0;

	/** The result of the part that ran last. */
	run?: IRun;

	/** The errors that n8n would report. */
	readonly errors: unknown[] = [];

	private stored = '';

	/** A credential that no other test has, since the key of VideoSDK is kept by credential. */
	private readonly credentials = { videoSdkApi: { id: randomUUID(), name: 'VideoSDK' } };

	private listening?: Listening;

	private constructor(
		private readonly engine: Engine,
		private readonly settings: WaitingSettings,
	) {}

	/** Runs the workflow until it waits, or is over. */
	static async start(engine: Engine, settings: WaitingSettings): Promise<WaitingExecution> {
		const execution = new WaitingExecution(engine, settings);
		const app = express().use(
			async (request, response) => await execution.serve(withRawBody(request), response),
		);
		execution.listening = await listen(createServer(app), { backlog: 2_048 });
		const { nodes } = execution.prepare();
		const [first] = nodes;
		if (!first) throw new Error('The workflow has no node.');
		const items = settings.items ?? [{ json: {} }];
		const start: IExecuteData = { node: first, data: { main: [items] }, source: null };
		await execution.process(
			createRunExecutionData({ executionData: { nodeExecutionStack: [start] } }),
		);
		return execution;
	}

	/** The resume URL, without the path of the node at its end. */
	get url(): string {
		return `${this.listening?.url}/webhook-waiting/1`;
	}

	/** Waits until it is over. */
	async over(): Promise<void> {
		while (this.status !== 'over') await sleep(10);
	}

	/** The items of one output of the VideoSDK node. */
	output(index = 0): INodeExecutionData[] {
		return this.runOf('VideoSDK')?.data?.main?.[index] ?? [];
	}

	/** The last run of a node. */
	runOf(node: string) {
		return this.run?.data.resultData.runData[node]?.at(-1);
	}

	/** Sends a request from outside. */
	async post(
		path: string,
		body: string | Buffer,
		headers: Record<string, string> = {},
	): Promise<Reply> {
		const response = await fetch(this.url + path, {
			method: 'POST',
			body,
			headers: { 'content-type': 'application/json', ...headers },
		});
		return { status: response.status, text: await response.text() };
	}

	/** Does what n8n does when the time of a wait is over. */
	async timeOut(): Promise<void> {
		await this.process(parse(this.stored) as IRunExecutionData);
	}

	async close(): Promise<void> {
		await this.listening?.close();
	}

	private prepare() {
		const { parameters, node, credential } = this.settings;
		const workflow = workflowOf(parameters, { credentials: this.credentials, ...node });
		const prepared = this.engine.prepare(workflow, credential, this.listening?.url);
		prepared.additionalData.executionId = '1';
		prepared.additionalData.webhookWaitingBaseUrl += '/webhook-waiting';
		return prepared;
	}

	private async process(data: IRunExecutionData): Promise<void> {
		this.status = 'running';
		const { workflow, additionalData } = this.prepare();
		const run = await new WorkflowExecute(additionalData, 'webhook', data).processRunExecutionData(
			workflow,
		);
		this.stored = stringify(run.data);
		this.run = run;
		this.status = run.waitTill ? 'waiting' : 'over';
	}

	private async serve(request: WebhookRequest, response: Response): Promise<void> {
		if (this.status !== 'waiting') {
			const state = this.status === 'running' ? 'is running already' : 'has finished already';
			response.status(409).json({ code: 0, message: `The execution "1" ${state}.` });
			return;
		}
		try {
			await this.resume(request, response);
		} catch (error) {
			this.errors.push(error);
			if (!response.headersSent) response.status(500).json({ message: 'Workflow Webhook Error' });
		}
	}

	private async resume(request: WebhookRequest, response: Response): Promise<void> {
		const data = parse(this.stored) as IRunExecutionData;
		const [entry] = data.executionData?.nodeExecutionStack ?? [];
		const { workflow, additionalData } = this.prepare();
		const name = String(data.resultData.lastNodeExecuted);
		const node = workflow.getNode(name);
		const type = this.engine.nodeType('videoSdk');
		const [webhookDescription] = type.description.webhooks ?? [];
		const suffix = request.path.slice('/webhook-waiting/1/'.length);
		if (!entry || !node || webhookDescription?.path !== suffix) {
			response.status(404).json({ message: 'There is no waiting webhook with this path.' });
			return;
		}
		entry.node.disabled = true;
		data.waitTill = undefined;
		data.resultData.runData[name]?.pop();

		await request.readRawBody();
		if (request.headers['content-type']?.startsWith('application/json')) {
			request.body = JSON.parse(String(request.rawBody)) as unknown;
		}
		const context = new WebhookContext(
			workflow,
			node,
			{ ...additionalData, httpRequest: request, httpResponse: response },
			'webhook',
			{
				httpMethod: 'POST',
				node: name,
				path: suffix,
				webhookDescription,
				workflowId: 'test',
				workflowExecuteAdditionalData: additionalData,
			},
			[],
			data,
		);
		const { workflowData } = (await type.webhook?.call(context)) ?? {};
		if (!workflowData) return;
		entry.data.main = workflowData;
		response.json({ message: 'Workflow was started' });
		this.resumes++;
		await this.process(parse(stringify(data)) as IRunExecutionData);
	}
}
