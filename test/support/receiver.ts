import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type {
	IDataObject,
	IHookFunctions,
	IHttpRequestOptions,
	INode,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import type { WireAnswer } from './wire';

/** The key pair that VideoSDK signs with. */
export const videoSdk = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Writes a public key as VideoSDK does. */
export const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

/** The path of the request for the key. */
export const PEM_PATH = '/v2/public/rsa-public-key';

/** How a node that receives requests from outside is set up. */
export interface ReceiverSettings {
	/** Without them, each field has its default. */
	parameters?: IDataObject;
	mode?: string;
	/** Settings of the node besides its parameters. */
	node?: Partial<INode>;
	/** What VideoSDK answers to requests other than for its key. */
	answer?(request: IHttpRequestOptions): WireAnswer | Promise<WireAnswer>;
	/** Other properties of the context of the node. */
	more?: object;
}

/** How a request is sent. */
export interface Sending {
	/** Signs the body, by default as VideoSDK does. */
	key?: KeyObject | null;
	headers?: Record<string, string>;
	/** The request that n8n passes to the node, instead of one with the raw body. */
	request?: object;
}

/**
 * Makes a node that receives requests from outside, with functions instead of n8n and the network.
 *
 * @param receive handles a request, as the node does
 */
export function receiverOf(
	receive: (context: IWebhookFunctions) => Promise<IWebhookResponseData>,
	{ parameters = {}, mode = 'webhook', node, answer, more }: ReceiverSettings = {},
) {
	const requests: string[] = [];
	/** The warnings in n8n's log. */
	const warnings: string[] = [];
	const staticData: IDataObject = {};
	const credentialId = randomUUID();
	const workflow = { id: randomUUID() };
	const base = {
		getNode: () => ({
			...{ id: 'trigger', name: 'Trigger', type: 'videoSdkTrigger', typeVersion: 1 },
			credentials: { videoSdkApi: { id: credentialId } },
			...node,
		}),
		getNodeParameter: (name: string, fallback: unknown) =>
			name in parameters ? parameters[name] : fallback,
		getCredentials: async () => ({ apiKey: randomUUID(), secretKey: 'secret' }),
		getMode: () => mode,
		logger: { warn: (message: string) => warnings.push(message) },
		getWorkflow: () => workflow,
		getWorkflowStaticData: (of: string) => (of === 'node' ? staticData : {}),
		helpers: {
			httpRequestWithAuthentication: async (_type: string, request: IHttpRequestOptions) => {
				requests.push(request.url);
				const isKey = request.url === PEM_PATH;
				const body = isKey ? { publicKey: pemOf(videoSdk.publicKey) } : { tag: 'v1' };
				return { statusCode: 200, headers: {}, body, ...(await answer?.(request)) };
			},
		},
		...more,
	};

	/**
	 * Sends a request to the node, as n8n does.
	 *
	 * @returns the items that the workflow runs with, or the answer
	 */
	async function send(
		body: string,
		{ key = videoSdk.privateKey, headers, request }: Sending = {},
	): Promise<IDataObject[] | string> {
		const rawBody = Buffer.from(body);
		const signature = key && sign('RSA-SHA256', rawBody, key).toString('base64');
		const replies: string[] = [];
		const context = {
			...base,
			getHeaderData: () => ({ ...(signature && { 'videosdk-signature': signature }), ...headers }),
			getRequestObject: () => request ?? { rawBody },
			getResponseObject: () => ({
				status: (status: number) => ({
					json: ({ message }: { message: string }) => replies.push(`${status} ${message}`),
				}),
			}),
		} as unknown as IWebhookFunctions;
		const { workflowData, noWebhookResponse } = await receive(context);
		expect(noWebhookResponse).toBe(workflowData ? undefined : true);
		expect(replies).toHaveLength(workflowData ? 0 : 1);
		return workflowData?.flat().map(({ json }) => json) ?? replies.join();
	}
	return { send, requests, warnings, staticData, hooks: base as unknown as IHookFunctions };
}
