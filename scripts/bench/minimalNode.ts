/* eslint-disable @n8n/community-nodes/node-usable-as-tool, @n8n/community-nodes/node-connection-type-literal, @n8n/community-nodes/require-node-api-error -- runs in the benchmark's n8n only, where it finds no package to import */
import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

/** A node like those that a generator makes: a loop over the items, one request after the other. */
export class VideoSdkMinimal implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'VideoSDK Minimal',
		name: 'videoSdkMinimal',
		group: ['transform'],
		version: 1,
		description: 'What the benchmark compares with',
		defaults: { name: 'VideoSDK Minimal' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'videoSdkApi', required: true }],
		properties: [{ displayName: 'Session ID', name: 'sessionId', type: 'string', default: '' }],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const returnData: INodeExecutionData[] = [];
		for (let i = 0; i < items.length; i++) {
			try {
				const sessionId = this.getNodeParameter('sessionId', i) as string;
				const response = (await this.helpers.httpRequestWithAuthentication.call(
					this,
					'videoSdkApi',
					{
						method: 'POST',
						url: '/ai/v1/ai-deployment-sessions/end',
						body: { sessionId },
						json: true,
					},
				)) as IDataObject;
				returnData.push({ json: response, pairedItem: { item: i } });
			} catch (error) {
				if (!this.continueOnFail()) throw error;
				returnData.push({
					json: { error: error instanceof Error ? error.message : String(error) },
					pairedItem: { item: i },
				});
			}
		}
		return [returnData];
	}
}
