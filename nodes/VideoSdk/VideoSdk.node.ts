import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
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
import { agentDeploymentResource } from './resources/agentDeployment';
import { agentSessionResource } from './resources/agentSession';
import { resume, resumeWebhooks } from './resources/agentSession/startAndWait/resume';
import { batchCallResource } from './resources/batchCall';
import { callResource } from './resources/call';
import { roomResource } from './resources/room';

/** In the order of their names, as the panel lists them. */
const resources = [
	agentDeploymentResource,
	agentSessionResource,
	batchCallResource,
	callResource,
	roomResource,
];

/** Reads the options of an operation. If one is wrong, the operation fails for each item. */
function withOptionsOf(
	context: IExecuteFunctions,
	{ fields, execute }: Operation,
): { options: IDataObject; execute: Operation['execute'] } {
	const values = context.getNodeParameter('options', 0, {}) as IDataObject;
	const rawParameter = (name: string) =>
		context.getNodeParameter(name, 0, '', { rawExpressions: true });
	// Options take no expression, so none is left to a model.
	const source = { json: {}, rawParameter, isFromModel: () => false };
	try {
		return { options: readOptions(source, fields, values), execute };
	} catch (error) {
		const fail = () => {
			throw error instanceof InvalidInput
				? new InvalidInput(error.message, error.nextStep, 'node')
				: error;
		};
		return { options: {}, execute: async (run) => await run.forEachItem(fail) };
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
			'Start, monitor, and end AI voice agents and phone calls, end rooms, or run a workflow when a session or call starts or ends',
		defaults: { name: 'VideoSDK' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'videoSdkApi', required: true }],
		waitingNodeTooltip:
			"The session was started. The workflow continues when VideoSDK sends the event that you chose in 'Resume On', or when the time limit, if there is one, is reached.",
		webhooks: resumeWebhooks,
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				default: 'agentSession',
				options: resources.map(({ option }) => option),
			},
			...resources.flatMap(({ description }) => description),
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
		const chosen = resources.find(({ option }) => option.value === resource)?.operations[operation];
		if (!chosen) {
			throw new NodeOperationError(
				this.getNode(),
				'This version of the VideoSDK node does not have the selected operation',
				{
					description: `The workflow uses the operation "${operation}" of the resource "${resource}". Open the node and choose an operation. If the workflow was made elsewhere, update the VideoSDK package in this n8n instance.`,
				},
			);
		}
		const { options, execute } = withOptionsOf(this, chosen);
		return [await runOverItems(this, { ...chosen, execute }, options, requestOptionsIn(options))];
	}

	/** Receives the events of a session that an execution waits for. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await resume(this);
	}
}
