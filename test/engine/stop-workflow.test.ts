import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import { itemsOf } from '../support/nodeRun';
import { deployment, session } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const text = '={{ $json.sessionId }}';

test.each<[string, IDataObject]>([
	['End', session('end', { sessionId: byId(text) })],
	['Get', session('get', { sessionId: byId(text) })],
	['Get of a deployment', deployment('get', { deploymentId: byId(text), tag: 'v1' })],
	['Create', deployment('create', { name: text })],
])('%s: with Stop Workflow, what was not attempted is named', async (_name, parameters) => {
	const api = await startApi();
	const options = { maxConcurrency: 1 };
	const { error } = await run(api, { ...parameters, options }, itemsOf(['', 'a', 'b']));
	expect(error?.description).toMatch(/item 0 – .*; "a", "b" – not attempted\./);
	expect(api.stats.requests.size).toBe(0);
});
