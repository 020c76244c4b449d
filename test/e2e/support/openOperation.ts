import { flow, node } from '../../../dev/n8n/flow';
import type { Account } from './account';
import type { Editor, NodePanel } from './ui';

/** Opens a new node, in which the operation is chosen by hand. */
export async function openOperation(
	editor: Editor,
	account: Account,
	resource: string,
	operation: string,
	name = `${resource}: ${operation}`,
): Promise<NodePanel> {
	const start = node('Start', 'n8n-nodes-base.manualTrigger');
	const fresh = node('VideoSDK', 'n8n-nodes-videosdk.videoSdk');
	await editor.open(await account.save(flow(name, start, fresh)));
	const panel = await editor.openNode('VideoSDK');
	await panel.choose('resource', resource);
	await panel.choose('operation', operation);
	return panel;
}
