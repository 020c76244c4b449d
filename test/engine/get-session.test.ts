import { byId } from '../../dev/n8n/flow';
import { itemsOf, stopsNever } from '../support/nodeRun';
import { session } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const get = session('get', { sessionId: byId('={{ $json.sessionId }}') });

test('Get Session returns simplified fields, and runningSeconds for a live session', async () => {
	const api = await startApi();
	const start = new Date(Date.now() - 90_000).toISOString();
	const session = { sessionId: 'a', status: 'running', deploymentId: 'd1', tag: 'v1', start };
	api.sessions.add({ ...session, cost: { amount: 1 } });
	api.sessions.add({ sessionId: 'b', start });
	api.sessions.setStatus('b', 'completed');
	const { items, hint } = await run(api, get, itemsOf(['a', 'b']));
	const [live, ended] = items;
	const runningSeconds = Number(live?.json.runningSeconds);
	expect(live).toEqual({
		json: { ...session, runningSeconds, createdAt: api.sessions.find('a')?.createdAt },
		pairedItem: { item: 0 },
	});
	expect([90, 91, 92]).toContain(runningSeconds);
	expect(ended?.json).toMatchObject({ sessionId: 'b', status: 'completed', duration: 90 });
	expect(ended?.json).not.toHaveProperty('runningSeconds');
	expect(hint).toBeUndefined();
});

test('Get Session reports a session that does not exist as an error of its item', async () => {
	const api = await startApi();
	const { sessionId } = api.sessions.add();
	const { items, failed } = await run(api, get, itemsOf(['none', sessionId]), stopsNever);
	expect(items[0]?.pairedItem).toEqual({ item: 1 });
	expect(failed[0]?.json).toMatchObject({
		error: {
			message:
				'Session "none" could not be retrieved: there is no such session in this VideoSDK project',
			sessionId: 'none',
			httpCode: '404',
		},
	});
});

test.each(['{"message":"Session not found"}', '{"data":{}}'])(
	'Get Session fails if the response is %s',
	async (text) => {
		const api = await startApi({ faults: () => ({ kind: 'wrongJson', text }) });
		const { items, failed } = await run(api, get, itemsOf(['a']), stopsNever);
		expect(items).toEqual([]);
		expect(failed[0]?.json.error).toMatchObject({
			message:
				'Session "a" could not be retrieved: the response from VideoSDK has no session in it',
			description: expect.stringContaining(
				text.includes('not found') ? 'VideoSDK said: "Session not found".' : 'Base URL',
			),
		});
	},
);
