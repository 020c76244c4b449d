import type { INode, INodeParameters } from 'n8n-workflow';
import { byId, flow, node, sessionNode, webhookNode } from '../../dev/n8n/flow';
import type { SavedCredential, N8nRest, Workflow } from '../../dev/n8n/rest';
import { credentialOf, type VideoSdkApi } from '../../dev/videosdk-api';

/** A workflow that ends the sessions in the body of a webhook call. */
export interface Contestant {
	name: string;
	workflow: Workflow;
	/** Path of its production URL. */
	path: string;
	/** Name of the node whose items are the results. */
	last: string;
}

/** What is compared, by the names and in the order of the tables. */
export const names = {
	ours: 'VideoSDK node',
	oursKnowing: 'VideoSDK node, limit known',
	peer: 'JWT node + HTTP Request',
	peerContinues: 'JWT node + HTTP Request, On Error: Continue',
	peerRetries: 'JWT node + HTTP Request, Retry On Fail',
	minimal: 'One by one',
	empty: 'Empty workflow',
} as const;

export type Name = keyof typeof names;

export const allNames = Object.keys(names) as Name[];

/** What the body of a webhook call has: `sessionIds`, a list, or one `sessionId`. */
export type Body = 'list' | 'one';

const withCredential = (one: INode, { id, name, type }: SavedCredential): INode => ({
	...one,
	credentials: { [type]: { id, name } },
});

/** The nodes that end the sessions, and where they find the ID of one. */
async function stepsOf(rest: N8nRest, api: VideoSdkApi, name: Name, body: Body): Promise<INode[]> {
	const [source, field] =
		body === 'list' ? ['Sessions', 'sessionId'] : ['Webhook', 'body.sessionId'];

	const videoSdk = async (one: INode) => {
		return [
			withCredential(
				one,
				await rest.createCredential('VideoSDK', 'videoSdkApi', credentialOf(api)),
			),
		];
	};
	const ours = async () =>
		await videoSdk(sessionNode('End', 'end', { sessionId: byId(`={{ $json.${field} }}`) }));
	const peer = async (settings: Partial<INode> = {}) => {
		const secret = { keyType: 'passphrase', secret: api.secret, algorithm: 'HS256' };
		const jwt = await rest.createCredential('JWT', 'jwtAuth', secret);
		const claims = `{ apikey: '${api.apiKey}', permissions: ['allow_join'], version: 2, exp: Math.floor(Date.now() / 1000) + 600 }`;
		const request: INodeParameters = {
			method: 'POST',
			url: `${api.url}/ai/v1/ai-deployment-sessions/end`,
			sendHeaders: true,
			headerParameters: { parameters: [{ name: 'Authorization', value: '={{ $json.token }}' }] },
			sendBody: true,
			bodyParameters: {
				parameters: [{ name: 'sessionId', value: `={{ $('${source}').item.json.${field} }}` }],
			},
			options: {},
		};
		return [
			withCredential(
				node('Token', 'n8n-nodes-base.jwt', { useJson: true, claimsJson: `={{ ${claims} }}` }),
				jwt,
			),
			node('End', 'n8n-nodes-base.httpRequest', request, { typeVersion: 4.2, ...settings }),
		];
	};

	const steps: Record<Name, () => Promise<INode[]>> = {
		ours,
		oursKnowing: ours,
		peer,
		peerContinues: async () => await peer({ onError: 'continueRegularOutput' }),
		peerRetries: async () =>
			await peer({ retryOnFail: true, maxTries: 3, waitBetweenTries: 1_000 }),
		minimal: async () =>
			await videoSdk(node('End', 'CUSTOM.videoSdkMinimal', { sessionId: `={{ $json.${field} }}` })),
		empty: async () => [],
	};
	return await steps[name]();
}

/**
 * Makes one of the workflows that are compared, and activates it: a webhook, a node that splits the list
 * of its body into items (if it has a list), and the nodes that end the sessions.
 */
export async function createContestant(
	rest: N8nRest,
	api: VideoSdkApi,
	name: Name,
	body: Body,
): Promise<Contestant> {
	const responseData = body === 'list' ? 'noData' : 'firstEntryJson';
	const webhook = webhookNode({ responseMode: 'lastNode', responseData });
	const split = node('Sessions', 'n8n-nodes-base.splitOut', {
		fieldToSplitOut: 'body.sessionIds',
		options: { destinationFieldName: 'sessionId' },
	});
	const before = body === 'list' ? [webhook, split] : [webhook];
	const steps = [...before, ...(await stepsOf(rest, api, name, body))];
	const workflow = await rest.createWorkflow(flow(names[name], ...steps));
	await rest.activate(workflow);
	const last = steps.at(-1)?.name ?? '';
	return { name: names[name], workflow, path: String(webhook.parameters.path), last };
}
