import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { VideoSdkApi } from '../../dev/videosdk-api';
import { countOf, minutesAgo, session } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const DEPLOYMENTS = 'GET /ai/v1/ai-deployments';

const dryRun = (parameters: IDataObject = {}) =>
	session('endMany', { dryRun: true, filters: {}, ...parameters });

test.each<[string, string, (api: VideoSdkApi, id: string, start: string) => void]>([
	['agentSession', 'sessionId', (api, sessionId, start) => api.sessions.add({ sessionId, start })],
	['call', 'callId', (api, callId, start) => api.calls.add({ callId, start })],
	['room', 'roomId', (api, roomId, start) => api.rooms.add({ roomId, start })],
])('a dry run (%s) lists what has been live longest first', async (resource, idField, add) => {
	const api = await startApi();
	for (const [id, minutes] of Object.entries({ short: 5, longest: 600, long: 90 }))
		add(api, id, minutesAgo(minutes));
	const { items } = await run(api, dryRun({ resource }));
	expect(items.map(({ json }) => [json[idField], json.runningMinutes])).toEqual([
		['longest', 600],
		['long', 90],
		['short', 5],
	]);
	// What a person decides by comes first.
	const fields = ['dryRun', idField, 'status', 'runningMinutes', 'start'];
	expect(Object.keys(items[0]?.json ?? {}).slice(0, fields.length)).toEqual(fields);
});

test.each([
	['Asia/Kolkata', '2026-01-02T08:34:05.678+05:30'],
	['America/New_York', '2026-01-01T22:04:05.678-05:00'],
])('a dry run shows the start in time zone %s', async (timezone, start) => {
	const api = await startApi();
	api.sessions.add({ start: '2026-01-02T03:04:05.678Z' });
	const { items } = await run(api, dryRun(), undefined, { timezone });
	expect(items[0]?.json.start).toBe(start);
});

test('a dry run keeps the order of the input items', async () => {
	const api = await startApi();
	for (const [sessionId, minutes] of Object.entries({ a: 10, b: 20, c: 30 }))
		api.sessions.add({ sessionId, start: minutesAgo(minutes) });
	const filters = { runningLongerThan: '={{ $json.minutes }}' };
	const input = [25, 5].map((minutes) => ({ json: { minutes } }));
	const { items } = await run(api, dryRun({ filters }), input);
	expect(items.map(({ json, pairedItem }) => [json.sessionId, pairedItem])).toEqual([
		['c', { item: 0 }],
		['b', { item: 1 }],
		['a', { item: 1 }],
	]);
});

test('a dry run adds the deployment name of each session with one extra request', async () => {
	const api = await startApi();
	const day = api.deployments.add({ name: 'Day line' }).id;
	const night = api.deployments.add({ name: 'Night line' }).id;
	for (const deploymentId of [day, night, day, 'deleted']) api.sessions.add({ deploymentId });
	const { items } = await run(api, dryRun());
	const names = items.map(({ json }) => [json.deploymentId, json.deploymentName]).sort();
	const expected = [
		[day, 'Day line'],
		[day, 'Day line'],
		[night, 'Night line'],
		['deleted', undefined],
	];
	expect(names).toEqual(expected.sort());
	expect(countOf(api, DEPLOYMENTS)).toBe(1);
});

test('a dry run leaves out deployment names if deployments cannot be listed', async () => {
	const api = await startApi({
		faults: ({ path }) =>
			path.includes('/ai-deployments?') ? { kind: 'status', status: 503 } : undefined,
	});
	api.sessions.add({ deploymentId: api.deployments.add().id });
	const { items, error } = await run(api, dryRun());
	expect(error).toBeUndefined();
	expect(items).toHaveLength(1);
	expect(items[0]?.json).not.toHaveProperty('deploymentName');
	expect(countOf(api, DEPLOYMENTS)).toBe(1);
});

test('a dry run does not look up deployment names if nothing matches', async () => {
	const api = await startApi();
	api.sessions.add({ deploymentId: api.deployments.add().id });
	await run(api, dryRun({ filters: { tag: 'none' } }));
	expect(countOf(api, DEPLOYMENTS)).toBe(0);
});

test('deployment names are not looked up when sessions are really ended', async () => {
	const api = await startApi();
	const deploymentId = api.deployments.add().id;
	const [newest, oldest] = [5, 600].map(
		(ago) => api.sessions.add({ deploymentId, start: minutesAgo(ago) }).sessionId,
	);
	const filters = { deploymentId: byId(deploymentId) };
	const { items } = await run(api, session('endMany', { dryRun: false, filters }));
	expect(items.map(({ json }) => json.sessionId)).toEqual([oldest, newest]);
	expect(items[0]?.json).not.toHaveProperty('runningMinutes');
	expect(countOf(api, DEPLOYMENTS)).toBe(0);
});
