import type { INode, INodeParameters } from 'n8n-workflow';
import { byId, flow, node, sessionNode, webhookNode } from '../../test/e2e/support/flow';
import type { Credential, N8nRest, Workflow } from '../n8n/rest';
import type { VideoSdkApi } from '../../test/support/videosdk-api';

/** A way to end the sessions that a webhook is given. */
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
	oursWith100: 'VideoSDK node, Max Concurrency 100',
	peer: 'JWT node + HTTP Request',
	peerContinues: 'JWT node + HTTP Request, On Error: Continue',
	minimal: 'One by one',
	empty: 'Empty workflow',
} as const;

export type Name = keyof typeof names;

export const allNames = Object.keys(names) as Name[];

const withCredential = (one: INode, { id, name, type }: Credential): INode => ({
	...one,
	credentials: { [type]: { id, name } },
});

/**
 * Makes the workflows that are compared: a webhook, the list of its body split into items, and
 * then what ends the sessions. They are active.
 */
export async function createContestants(
	rest: N8nRest,
	api: VideoSdkApi,
): Promise<Record<Name, Contestant>> {
	const fields = { apiKey: api.apiKey, secretKey: api.secret, baseUrl: api.url };
	const videoSdk = await rest.createCredential('VideoSDK', 'videoSdkApi', fields);
	const secret = { keyType: 'passphrase', secret: api.secret, algorithm: 'HS256' };
	const jwt = await rest.createCredential('JWT', 'jwtAuth', secret);

	const ours = (options: INodeParameters = {}) =>
		withCredential(
			sessionNode('End', 'end', { sessionId: byId('={{ $json.sessionId }}'), options }),
			videoSdk,
		);
	const claims = `{ apikey: '${api.apiKey}', permissions: ['allow_join'], version: 2, exp: Math.floor(Date.now() / 1000) + 600 }`;
	const peer = (settings: Partial<INode> = {}) => [
		withCredential(
			node('Token', 'n8n-nodes-base.jwt', { useJson: true, claimsJson: `={{ ${claims} }}` }),
			jwt,
		),
		node(
			'End',
			'n8n-nodes-base.httpRequest',
			{
				method: 'POST',
				url: `${api.url}/ai/v1/ai-deployment-sessions/end`,
				sendHeaders: true,
				headerParameters: { parameters: [{ name: 'Authorization', value: '={{ $json.token }}' }] },
				sendBody: true,
				bodyParameters: {
					parameters: [{ name: 'sessionId', value: "={{ $('Sessions').item.json.sessionId }}" }],
				},
				options: {},
			},
			{ typeVersion: 4.2, ...settings },
		),
	];
	const minimal = withCredential(
		node('End', 'CUSTOM.videoSdkMinimal', { sessionId: '={{ $json.sessionId }}' }),
		videoSdk,
	);

	const contestant = async (name: Name, ...steps: INode[]): Promise<Contestant> => {
		const webhook = webhookNode({ responseMode: 'lastNode', responseData: 'noData' });
		const sessions = node('Sessions', 'n8n-nodes-base.splitOut', {
			fieldToSplitOut: 'body.sessionIds',
			options: { destinationFieldName: 'sessionId' },
		});
		const workflow = await rest.createWorkflow(flow(names[name], webhook, sessions, ...steps));
		await rest.activate(workflow);
		const last = steps.at(-1)?.name ?? 'Sessions';
		return { name: names[name], workflow, path: String(webhook.parameters.path), last };
	};

	return {
		ours: await contestant('ours', ours()),
		oursWith100: await contestant('oursWith100', ours({ maxConcurrency: 100 })),
		peer: await contestant('peer', ...peer()),
		peerContinues: await contestant('peerContinues', ...peer({ onError: 'continueRegularOutput' })),
		minimal: await contestant('minimal', minimal),
		empty: await contestant('empty'),
	};
}
