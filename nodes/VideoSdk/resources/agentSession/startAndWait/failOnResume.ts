import type { INodeExecutionData, IRunExecutionData, IWebhookFunctions } from 'n8n-workflow';

/**
 * Makes the node fail when n8n resumes the execution. If `webhook()` threw the error, n8n would lose the
 * output of earlier nodes, and go on with an empty item (webhooks/webhook-helpers). n8n throws the error
 * that it stores here only if the node is enabled (workflow-execute, rethrowLastNodeError), and it
 * disables the node for a resume.
 *
 * What n8n stores is private: it exports no type for it, and may change it. The tests of Start and Wait in
 * test/engine show it for each n8n.
 *
 * @returns the input of the node, if n8n has stored it: n8n's Retry runs the node with it
 */
export function failOnResume(
	context: IWebhookFunctions,
	error: Error,
): INodeExecutionData[] | undefined {
	const { runExecutionData } = context as { runExecutionData?: IRunExecutionData | null };
	const [entry] = runExecutionData?.executionData?.nodeExecutionStack ?? [];
	if (!runExecutionData || !entry) return undefined;
	entry.node.disabled = false;
	const { resultData } = runExecutionData;
	resultData.error = error as IRunExecutionData['resultData']['error'];
	const source = entry.source?.main?.[0];
	if (!source) return undefined;
	const { previousNode, previousNodeRun = 0, previousNodeOutput = 0 } = source;
	const outputs = resultData.runData[previousNode]?.[previousNodeRun]?.data?.main;
	return outputs?.[previousNodeOutput] ?? undefined;
}
