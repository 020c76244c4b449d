import { byId, flow, node, sessionNode, webhookNode } from '../../dev/n8n/flow';
import type { SavedCredential } from '../../dev/n8n/rest';
import { startVideoSdkApi, type VideoSdkApi } from '../../dev/videosdk-api';
import { startGateway } from '../support/gateway';
import { onlyExecution, output, problemOfPublishing } from './support/executions';
import { expect, test as base, type World } from './support/fixtures';
import { post, webhookUrl } from './support/outside';

interface Customers {
	/** The projects of two customers, at one address. */
	apis: [VideoSdkApi, VideoSdkApi];
	/** Its key and secret are expressions of the item. */
	ofItem: SavedCredential;
}

const test = base.extend<{ customers: Customers }>({
	customers: async ({ world: { rest } }, use) => {
		const start = async (name: string) =>
			await startVideoSdkApi({ apiKey: `key-of-${name}`, secret: `secret-of-${name}` });
		const apis: Customers['apis'] = [await start('anna'), await start('bert')];
		const gateway = await startGateway(apis);
		const ofItem = await rest.createCredential('VideoSDK of the customer', 'videoSdkApi', {
			apiKey: '={{ $json.apiKey }}',
			secretKey: '={{ $json.secretKey }}',
			baseUrl: gateway.url,
		});
		await use({ apis, ofItem });
		await gateway.close();
		for (const api of apis) await api.close();
	},
});

/** The item of a customer. */
const itemOf = ({ apiKey, secret }: VideoSdkApi, more: object = {}) => ({
	apiKey,
	secretKey: secret,
	...more,
});

/** Runs a node once for the items that a webhook gets, and waits until it is over. */
async function run(
	{ world, ofItem }: { world: World; ofItem: SavedCredential },
	items: object[],
	step: ReturnType<typeof node>,
) {
	const webhook = webhookNode();
	const split = node('Items', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'body.items' });
	const { id, name } = ofItem;
	const ours = { ...step, credentials: { videoSdkApi: { id, name } } };
	const workflow = await world.rest.createWorkflow(flow('Customers', webhook, split, ours));
	await world.rest.activate(workflow);
	try {
		expect((await post(webhookUrl(world.n8n, webhook), { items })).status).toBe(200);
		return await onlyExecution(world.rest, workflow.id);
	} finally {
		await world.rest.deactivate(workflow.id);
	}
}

test('End Session ends only the session of the customer of each item @every-n8n', async ({
	world,
	customers: { apis, ofItem },
}) => {
	const [anna, bert] = apis;
	// Both have sessions with the same IDs.
	for (const api of apis) {
		for (const sessionId of ['one', 'two']) api.sessions.add({ sessionId, owner: api.apiKey });
	}

	const execution = await run(
		{ world, ofItem },
		[
			itemOf(anna, { sessionId: 'one' }),
			itemOf(bert, { sessionId: 'two' }),
			itemOf(anna, { sessionId: 'one' }),
			{ sessionId: 'one' },
		],
		sessionNode(
			'End session',
			'end',
			{ sessionId: byId('={{ $json.sessionId }}') },
			{ onError: 'continueErrorOutput' },
		),
	);

	expect(output(execution, 'End session').map(({ json }) => [json.sessionId, json.owner])).toEqual([
		['one', anna.apiKey],
		['two', bert.apiKey],
		['one', anna.apiKey],
	]);
	expect(output(execution, 'End session', 1)).toMatchObject([
		{
			json: {
				error: {
					message: "'API Key' in the VideoSDK credential is empty for this item [item 3]",
				},
			},
		},
	]);
	expect([...anna.stats.endings]).toEqual([['one', 1]]);
	expect([...bert.stats.endings]).toEqual([['two', 1]]);
});

test('the session list is not shown if the credential reads the item @every-n8n', async ({
	world: { rest },
	customers: { ofItem },
}) => {
	const { id, name } = ofItem;
	const list = rest.call('POST', '/rest/dynamic-node-parameters/resource-locator-results', {
		path: 'parameters.sessionId',
		methodName: 'searchSessions',
		nodeTypeAndVersion: { name: 'n8n-nodes-videosdk.videoSdk', version: 1 },
		currentNodeParameters: { resource: 'agentSession', operation: 'end' },
		credentials: { videoSdkApi: { id, name } },
	});
	await expect(list).rejects.toThrow('The list cannot be shown');
});

test('a trigger cannot be published if its credential reads the item @every-n8n', async ({
	world: { rest },
	customers: { ofItem },
}) => {
	const { id, name } = ofItem;
	const trigger = node(
		'Event',
		'n8n-nodes-videosdk.videoSdkTrigger',
		{ events: ['started'] },
		{ credentials: { videoSdkApi: { id, name } } },
	);
	const workflow = await rest.createWorkflow(flow('Events', trigger));
	await expect
		.poll(async () => await problemOfPublishing(rest, workflow), { timeout: 60_000 })
		.toContain('an expression that reads an input item, but there is no input item here');
	await rest.deactivate(workflow.id);
});
