import type { IDataObject } from 'n8n-workflow';
import { VideoSdk } from '../../nodes/VideoSdk/VideoSdk.node';
import { executionOf, type RunOverSettings } from '../support/runOver';
import { receiverOf } from '../support/receiver';

const node = new VideoSdk();

/** Runs the node with these parameters. */
async function execute(parameters: IDataObject, settings: RunOverSettings = {}) {
	const { context, ...met } = executionOf([{}, {}], {
		parameter: (name, _index, fallback) => parameters[name] ?? fallback,
		...settings,
	});
	const output = await node.execute.call(context).catch((error: unknown) => error);
	return { output, ...met };
}

const get = { resource: 'agentDeployment', operation: 'get', deploymentId: 'd', tag: 'v1' };

test('the node runs the selected operation over all items', async () => {
	const { output, requests } = await execute(get, { answer: () => ({ body: { id: 'd' } }) });
	expect(output).toEqual([
		[
			{ json: { id: 'd' }, pairedItem: { item: 0 } },
			{ json: { id: 'd' }, pairedItem: { item: 1 } },
		],
	]);
	expect(requests).toMatchObject([{ url: '/ai/v1/ai-deployments/d/v1' }]);
});

test('the node does not retry a request if its options allow no retries', async () => {
	const answer = () => ({ statusCode: 502 });
	const { requests } = await execute({ ...get, options: { maxRetries: 0 } }, { answer });
	expect(requests).toHaveLength(1);
});

test.each([
	['agentSession', 'restart'],
	['agent', 'end'],
])(
	'an unknown operation is a clear error: resource %s, operation %s',
	async (resource, operation) => {
		const { output, requests } = await execute({ resource, operation });
		expect(output).toMatchObject({
			message: 'This version of the VideoSDK node does not have the selected operation',
			description: `The workflow uses the operation "${operation}" of the resource "${resource}". Open the node and choose an operation. If the workflow was made elsewhere, update the VideoSDK package in this n8n instance.`,
		});
		expect(requests).toEqual([]);
	},
);

test('the node implements every operation in its panel', async () => {
	const { properties } = node.description;
	const selectors = properties.filter(({ name }) => name === 'operation');
	const listed = selectors.flatMap(({ displayOptions, options = [] }) =>
		options.flatMap((option) =>
			'value' in option ? [[displayOptions?.show?.resource?.[0], option.value]] : [],
		),
	);
	expect(listed).toContainEqual(['room', 'endSession']);
	for (const [resource, operation] of listed) {
		const { output } = await execute({ resource, operation } as IDataObject, {
			hasCredential: false,
		});
		expect(output).toHaveProperty('message', 'There is no credential.');
	}
});

test('the webhook of the node rejects an event without a signature', async () => {
	const { send } = receiverOf(async (context) => await node.webhook.call(context));
	expect(await send('{}', { key: null })).toBe('401 The header videosdk-signature is missing.');
});
