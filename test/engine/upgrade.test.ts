/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode, INodeExecutionData, INodeParameters, IPinData } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';
import { checkout } from '../../dev/n8n/packed';
import type { WorkflowFile } from '../../dev/n8n/rest';
import { credentialOf, type VideoSdkApi } from '../../dev/videosdk-api';
import { WaitingExecution } from '../support/waiting';
import { TriggerUrl } from '../support/webhook';
import { operationsOf } from './sessions';
import { useEngine } from './setup';

// Workflows as the editor saved them, and what their nodes gave: `test/upgrade/<version>/`.

const { engine, startApi } = useEngine();

const folder = join(checkout, 'test', 'upgrade');

const files = readdirSync(folder, { recursive: true })
	.map(String)
	.filter((file) => file.endsWith('.json'));

/** A workflow that is kept. The output of the first node is what the others are given. */
type Kept = WorkflowFile & { pinData: IPinData };

const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Kept;

/** Gives a fake API with the project that the kept workflows are about. */
async function startProject(): Promise<VideoSdkApi> {
	const api = await startApi();
	const start = '2025-06-18T10:00:00.000Z';
	const webhook = { endpoint: 'https://n8n.example.com/1', events: [] };
	const participants = [{ participantId: 'p1', name: 'Ann' }];
	for (const each of [1, 2, 3]) {
		const deploymentId = `deployment-${each}`;
		const tag = `v${each}.0`;
		const metadata = { customer: `customer-${each}` };
		api.deployments.add({ id: deploymentId, name: `Line ${each}`, tag, description: 'Support' });
		const session = { sessionId: `session-${each}`, deploymentId, tag, start };
		api.sessions.add({ ...session, webhook, metadata });
		const call = { callId: `call-${each}`, roomId: `room-${each}`, start };
		api.calls.add({ ...call, from: `+1415555010${each}`, metadata });
		api.batchCalls.add({ batchId: `batch-${each}`, createdAt: start });
		api.rooms.add({ id: `id-${each}`, roomId: `room-${each}`, start, participants });
	}
	return api;
}

/** Texts that differ from run to run: times, UUIDs. */
const varying = [
	/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
	/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
];

/** What an output has to have of one that was kept: all its fields. There may be more. */
function like(kept: unknown): unknown {
	if (typeof kept === 'number') return expect.any(Number);
	if (typeof kept === 'string') {
		const pattern = varying.find((each) => each.test(kept));
		return pattern ? expect.stringMatching(pattern) : kept;
	}
	if (Array.isArray(kept)) return kept.map(like);
	if (typeof kept !== 'object' || kept === null) return kept;
	const fields = Object.entries(kept).map(([name, field]) => [name, like(field)]);
	return expect.objectContaining(Object.fromEntries(fields));
}

const isOurs = ({ type }: INode) => type.startsWith('n8n-nodes-videosdk.');

const isTrigger = ({ type }: INode) => type === 'n8n-nodes-videosdk.videoSdkTrigger';

/** What a trigger starts its workflow with when a call has ended, or else a session. */
async function itemsOfTrigger(api: VideoSdkApi, { parameters }: INode) {
	const trigger = await TriggerUrl.open(engine(), { credential: credentialOf(api), parameters });
	if ([parameters.events].flat().includes('call-hangup')) {
		const { callId, status, to } = api.calls.setStatus('call-1', 'ended');
		const data = { callId, status, to };
		await api.webhooks.send(trigger.url, { webhookType: 'call-hangup', data }, false);
	} else {
		const data = { sessionId: 'session-1', status: 'completed' };
		await api.webhooks.send(trigger.url, { webhookType: 'ai-deployment-session-stopped', data });
	}
	await trigger.close();
	return trigger.runs.map((json) => ({ json }));
}

/** What comes out of a node that waits, by itself, once its session has ended. */
async function itemsOfWaiting(
	api: VideoSdkApi,
	{ parameters }: INode,
	items: INodeExecutionData[],
): Promise<INodeExecutionData[]> {
	const settings = { credential: credentialOf(api), parameters, items };
	const execution = await WaitingExecution.start(engine(), settings);
	try {
		if (parameters.resumeOn !== 'started') {
			api.sessions.setStatus(String(execution.output()[0]?.json.sessionId), 'stopped');
		}
		await execution.over();
		return execution.output();
	} finally {
		await execution.close();
	}
}

async function run(api: VideoSdkApi, workflow: Kept): Promise<(node: INode) => Promise<unknown>> {
	const [first] = workflow.nodes;
	const items = workflow.pinData[first?.name ?? ''] ?? [];
	const result = await engine().run(workflow, credentialOf(api), items);
	return async (node) => {
		if (isTrigger(node)) return await itemsOfTrigger(api, node);
		const waits = node.parameters.operation === 'startAndWait';
		return waits ? await itemsOfWaiting(api, node, items) : (result.outputs(node.name)[0] ?? []);
	};
}

/** What n8n makes of a node's parameters: defaults come in, and what has no field goes out. */
function loaded(node: INode): INodeParameters {
	const { description } = engine().nodeType(node.type.replace('n8n-nodes-videosdk.', ''));
	const { properties } = description;
	const { parameters } = node;
	return (
		NodeHelpers.getNodeParameters(properties, parameters, true, false, node, description) ?? {}
	);
}

test.each(files)('%s still returns its saved output', async (file) => {
	const workflow = read(file);
	const api = await startProject();
	const outputOf = await run(api, workflow);
	for (const node of workflow.nodes.filter(isOurs)) {
		expect(loaded(node)).toMatchObject(node.parameters);
		const json = JSON.stringify(await outputOf(node));
		const pinned = workflow.pinData[node.name];
		if (!pinned) throw new Error(`If this is right, pin it to "${node.name}" in pinData: ${json}`);
		expect({ [node.name]: JSON.parse(json) as unknown }).toEqual({ [node.name]: like(pinned) });
	}
});

/** What a saved node does. */
function operationOf(node: INode): string {
	if (isTrigger(node)) return 'trigger';
	const { resource, operation } = loaded(node);
	return `${String(resource)}.${String(operation)}`;
}

test('every operation has a saved workflow in test/upgrade', () => {
	const { properties } = engine().nodeType('videoSdk').description;
	const operations = operationsOf(properties).map((one) => `${one.resource}.${one.operation}`);
	const kept = new Set(files.flatMap((file) => read(file).nodes.filter(isOurs).map(operationOf)));
	const missing = ['trigger', ...operations].filter((operation) => !kept.has(operation));
	if (missing.length > 0) {
		throw new Error(
			`No workflow is kept of ${missing.join(', ')}. ` +
				'Copy that of a similar operation, or build one in `npm run n8n`: a node with only what is required, and one with every field. ' +
				`Save it as test/upgrade/next/${missing[0]}.json. docs/maintaining.md, "Backward compatibility", has the rules.`,
		);
	}
});
