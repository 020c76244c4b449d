import type { INodeExecutionData, ITaskData } from 'n8n-workflow';
import type { Execution, ExecutionSummary, N8nRest, Workflow } from '../../../dev/n8n/rest';
import { expect } from './fixtures';

const underWay = ['new', 'running', 'waiting'];

/**
 * Lists all executions, of one workflow or of all, the newest first. It does not use n8n's own
 * pages, which are cut by ID but sorted by time: executions that started at once get lost.
 */
export async function allExecutions(
	rest: N8nRest,
	workflowId?: string,
): Promise<ExecutionSummary[]> {
	const all = new Map<string, ExecutionSummary>();
	let startedBefore: string | undefined;
	for (;;) {
		const filter = encodeURIComponent(JSON.stringify({ workflowId, startedBefore }));
		const { results } = await rest.call<{ results: ExecutionSummary[] }>(
			'GET',
			`/rest/executions?filter=${filter}&limit=100`,
		);
		const known = all.size;
		for (const execution of results) all.set(execution.id, execution);
		if (all.size === known) break;
		startedBefore = results.at(-1)?.startedAt;
	}
	return [...all.values()].sort((a, b) => Number(b.id) - Number(a.id));
}

/** Waits until a workflow has so many executions and all are over, and gets them, oldest first. */
export async function finishedExecutions(
	rest: N8nRest,
	workflowId: string,
	count: number,
	timeout = 60_000,
): Promise<Execution[]> {
	let listed: ExecutionSummary[] = [];
	await expect
		.poll(
			async () => {
				listed = await allExecutions(rest, workflowId);
				return listed.filter(({ status }) => !underWay.includes(status)).length;
			},
			{ timeout, message: `${count} executions of workflow ${workflowId} to be over` },
		)
		.toBeGreaterThanOrEqual(count);
	expect(listed, `executions of workflow ${workflowId}`).toHaveLength(count);
	const executions: Execution[] = [];
	for (const { id } of listed.reverse()) executions.push(await rest.finished(id, timeout));
	return executions;
}

/** Waits for the only execution of a workflow. */
export async function onlyExecution(
	rest: N8nRest,
	workflowId: string,
	timeout?: number,
): Promise<Execution> {
	const [execution] = await finishedExecutions(rest, workflowId, 1, timeout);
	if (!execution) throw new Error(`Workflow ${workflowId} has no execution.`);
	return execution;
}

/** How a node ran the last time. @throws Error when it did not run */
export function ranNode({ data, id }: Execution, name: string): ITaskData {
	const run = data.resultData.runData[name]?.at(-1);
	if (!run) throw new Error(`"${name}" did not run in execution ${id}.`);
	return run;
}

/** What came out of a node at one of its outputs. */
export function output(execution: Execution, name: string, index = 0): INodeExecutionData[] {
	return ranNode(execution, name).data?.main?.[index] ?? [];
}

/** Publishes a workflow, which should fail, and gives what n8n says of it: its answer, or later its status. */
export async function problemOfPublishing(
	rest: N8nRest,
	{ id, versionId }: Workflow,
): Promise<string> {
	try {
		await rest.call('POST', `/rest/workflows/${id}/activate`, { versionId });
		return JSON.stringify(await rest.call('GET', `/rest/workflows/${id}/publication-status`));
	} catch (error) {
		return String(error);
	}
}
