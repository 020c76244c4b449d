import type { INode, INodeParameters } from 'n8n-workflow';
import pMap, { pMapSkip } from 'p-map';
import { changed, fieldsNode, find, flow, sessionNode, webhookNode } from '../../../dev/n8n/flow';
import type { N8nRest, WorkflowFile } from '../../../dev/n8n/rest';
import { allExecutions } from './executions';
import { expect, type World } from './fixtures';
import type { Recorder } from './outside';

/** The node that waits. */
export const NODE = 'Start and wait';

/** The node after it. */
export const AFTER = 'Afterwards';

/** A workflow that is called with a customer, starts a session, and knows both afterwards. */
export function waitingFlow(...then: INode[]): { workflow: WorkflowFile; webhook: INode } {
	const webhook = webhookNode();
	const options = { startWithoutDeployment: true };
	const workflow = flow(
		'Start a session and wait',
		webhook,
		sessionNode(NODE, 'startAndWait', { options }),
		fieldsNode(AFTER, { customer: "={{ $('Webhook').item.json.body.customer }}" }),
		...then,
	);
	return { workflow, webhook };
}

/**
 * Gives an execution with its session, if it is stored to its end: n8n 1 changes the status before
 * the data, both when it stores an execution and when it goes on with it.
 */
async function readStored(rest: N8nRest, id: string, name: string) {
	const { status, data } = await rest.execution(id);
	const [item] = data.resultData.runData[name]?.at(-1)?.data?.main?.[0] ?? [];
	return status === 'waiting' && item ? { id, sessionId: String(item.json.sessionId) } : pMapSkip;
}

/** Waits until so many executions of a workflow are stored, and gives the session of each. */
export async function stored(rest: N8nRest, workflowId: string, count = 1, name = NODE) {
	let waiting: Array<{ id: string; sessionId: string }> = [];
	await expect
		.poll(
			async () => {
				const listed = await allExecutions(rest, workflowId);
				const ids = listed.filter(({ status }) => status === 'waiting').map(({ id }) => id);
				if (ids.length !== count) return ids.length;
				waiting = await pMap(ids, async (id) => await readStored(rest, id, name), {
					concurrency: 5,
				});
				return waiting.length;
			},
			{ timeout: 60_000 },
		)
		.toBe(count);
	return waiting;
}

/** The node of the example “Start a session, wait for its end, report” that waits. */
export const WAITS = 'Start session and wait';

/** That example, with a chat to report to and parameters for the node that waits. */
export async function callAndReport(
	world: Pick<World, 'example'>,
	chat: Recorder,
	parameters: INodeParameters,
): Promise<{ workflow: WorkflowFile; webhook: INode }> {
	const example = changed(await world.example('call-and-report'), WAITS, parameters);
	const workflow = changed(example, 'Report to chat', { url: `${chat.url}/incoming-webhook` });
	return { workflow, webhook: find(workflow, 'Webhook') };
}
