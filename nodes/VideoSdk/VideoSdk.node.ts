import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';
import { checkN8n } from './execution/checkN8n';
import type { Operation } from './execution/operation';
import { InvalidInput } from './errors/invalidInput';
import { runOverItems } from './execution/runOverItems';
import { readOptions, requestOptionsIn } from './fields/requestOptions';
import { searchBatchCalls } from './listSearch/searchBatchCalls';
import { searchCalls } from './listSearch/searchCalls';
import { searchDeployments, searchVersions } from './listSearch/searchDeployments';
import { searchRooms } from './listSearch/searchRooms';
import { searchSessions } from './listSearch/searchSessions';
import * as agentDeployment from './resources/agentDeployment';
import * as agentSession from './resources/agentSession';
import * as batchCall from './resources/batchCall';
import * as call from './resources/call';
import * as room from './resources/room';
import { resume, resumeWebhooks } from './resources/agentSession/startAndWait/resume';

interface Resource {
	operations: Record<string, Operation>;
	description: INodeProperties[];
}

const resources: Record<string, Resource> = {
	agentSession,
	agentDeployment,
	batchCall,
	call,
	room,
};

/** Reads the options of an operation. If one is wrong, the operation fails for each item. */
function withOptionsOf(
	context: IExecuteFunctions,
	{ description, run }: Operation,
): { options: IDataObject; run: Operation['run'] } {
	const values = context.getNodeParameter('options', 0, {}) as IDataObject;
	const rawParameter = (name: string) =>
		context.getNodeParameter(name, 0, '', { rawExpressions: true });
	// Options take no expression, so none is left to a model.
	const source = { json: {}, rawParameter, isFromModel: () => false };
	try {
		return { options: readOptions(source, description, values), run };
	} catch (error) {
		const fail = () => {
			throw error instanceof InvalidInput
				? new InvalidInput(error.message, error.nextStep, 'node')
				: error;
		};
		return { options: {}, run: async (batch) => await batch.forEachItem(fail) };
	}
}

export class VideoSdk implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'VideoSDK',
		name: 'videoSdk',
		icon: { light: 'file:../../icons/videosdk.svg', dark: 'file:../../icons/videosdk.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ ($parameter["operation"].replace("getAll", "getMany").replace("endSession", "end") + ($parameter["operation"] === "endMany" && $parameter["dryRun"] === true ? " (dry run)" : "") + ": " + $parameter["resource"]).replace(/[A-Z]/g, " $&").toSentenceCase() }}',
		description:
			'End, start and monitor AI voice agents, phone calls and rooms, or run a workflow when a session or call starts or ends',
		defaults: { name: 'VideoSDK' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'videoSdkApi', required: true }],
		waitingNodeTooltip:
			"The session was started. The workflow continues when VideoSDK sends the event that is chosen in 'Resume On', or when the time limit is reached.",
		webhooks: resumeWebhooks,
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				default: 'agentSession',
				options: [
					{
						name: 'Agent Deployment',
						value: 'agentDeployment',
						description: 'A hosted AI voice agent. Start a session to run it.',
					},
					{
						name: 'Agent Session',
						value: 'agentSession',
						description: 'If you have a session ID: one run of a deployed AI voice agent',
					},
					{
						name: 'Batch Call',
						value: 'batchCall',
						description: 'If you have a batch call ID: a campaign that calls many phone numbers',
					},
					{
						name: 'Call',
						value: 'call',
						description: 'If you have a call ID: a phone call into or out of a room',
					},
					{
						name: 'Room',
						value: 'room',
						description:
							'If you have a room ID: where callers meet agents, however the agent was started (CLI, dashboard, Dispatch, phone number)',
					},
				],
			},
			...Object.values(resources).flatMap(({ description }) => description),
		],
	};

	methods = {
		listSearch: {
			searchBatchCalls,
			searchCalls,
			searchDeployments,
			searchRooms,
			searchSessions,
			searchVersions,
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		checkN8n(this.getNode());
		const resource = this.getNodeParameter('resource', 0);
		const operation = this.getNodeParameter('operation', 0);
		const chosen = resources[resource]?.operations[operation];
		if (!chosen) {
			throw new NodeOperationError(
				this.getNode(),
				'This version of the VideoSDK node does not have the selected operation',
				{
					description: `The workflow uses operation "${operation}" of resource "${resource}". Open the node and choose an operation. If the workflow was made elsewhere, update the VideoSDK package in this n8n.`,
				},
			);
		}
		const { options, run } = withOptionsOf(this, chosen);
		return [await runOverItems(this, { ...chosen, run }, options, requestOptionsIn(options))];
	}

	/** Receives the events of a session that an execution waits for. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await resume(this);
	}
}
