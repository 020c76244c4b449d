import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { VideoSdkApi } from '../../dev/videosdk-api';
import { countOf, minutesAgo, session } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const DEPLOYMENTS = 'GET /ai/v1/ai-deployments';

/** A resource: what adds a live thing of it to the fake VideoSDK, with its ID. */
interface Resource {
	resource: string;
	idField: string;
	add(api: VideoSdkApi, id: string, start: string): void;
}

const resources: Resource[] = [
	{
		resource: 'agentSession',
		idField: 'sessionId',
		add: (api, sessionId, start) => api.sessions.add({ sessionId, start }),
	},
	{
		resource: 'call',
		idField: 'callId',
		add: (api, callId, start) => api.calls.add({ callId, start }),
	},
	{
		resource: 'room',
		idField: 'roomId',
		add: (api, roomId, start) => api.rooms.add({ roomId, start }),
	},
];

describe.each(resources)('a dry run of End Many ($resource)', ({ resource, idField, add }) => {
	const dryRun = (parameters: IDataObject = {}): IDataObject => ({
		resource,
		operation: 'endMany',
		dryRun: true,
		filters: {},
		...parameters,
	});

	test(`a dry run (${resource}) lists what has been live longest first`, async () => {
		const api = await startApi();
		for (const [id, minutes] of Object.entries({ short: 5, longest: 600, long: 90 }))
			add(api, id, minutesAgo(minutes));
		const { items } = await run(api, dryRun());
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
	])(`a dry run (${resource}) shows the start in time zone %s`, async (timezone, start) => {
		const api = await startApi();
		add(api, 'one', '2026-01-02T03:04:05.678Z');
		const { items } = await run(api, dryRun(), undefined, { timezone });
		expect(items[0]?.json.start).toBe(start);
	});

	test(`a dry run (${resource}) keeps the order of the input items`, async () => {
		const api = await startApi();
		for (const [id, minutes] of Object.entries({ a: 10, b: 20, c: 30 }))
			add(api, id, minutesAgo(minutes));
		const minutes = '={{ $json.minutes }}';
		const { items } = await run(api, dryRun({ filters: { runningLongerThan: minutes } }), [
			{ json: { minutes: 25 } },
			{ json: { minutes: 5 } },
		]);
		expect(items.map(({ json, pairedItem }) => [json[idField], pairedItem])).toEqual([
			['c', { item: 0 }],
			['b', { item: 1 }],
			['a', { item: 1 }],
		]);
	});
});

describe('a dry run of End Many Sessions', () => {
	const dryRun = session('endMany', { dryRun: true, filters: {} });

	test('a dry run adds the deployment name of each session with one extra request', async () => {
		const api = await startApi();
		const day = api.deployments.add({ name: 'Day line' }).id;
		const night = api.deployments.add({ name: 'Night line' }).id;
		for (const deploymentId of [day, night, day, 'deleted']) api.sessions.add({ deploymentId });
		const { items } = await run(api, dryRun);
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
		const { items, error } = await run(api, dryRun);
		expect(error).toBeUndefined();
		expect(items).toHaveLength(1);
		expect(items[0]?.json).not.toHaveProperty('deploymentName');
		expect(countOf(api, DEPLOYMENTS)).toBe(1);
	});

	test('a dry run does not look up deployment names if nothing matches', async () => {
		const api = await startApi();
		api.sessions.add({ deploymentId: api.deployments.add().id });
		await run(api, session('endMany', { dryRun: true, filters: { tag: 'none' } }));
		expect(countOf(api, DEPLOYMENTS)).toBe(0);
	});

	test('deployment names are not looked up when sessions are really ended', async () => {
		const api = await startApi();
		const deploymentId = api.deployments.add().id;
		const [newest, oldest] = [5, 600].map(
			(ago) => api.sessions.add({ deploymentId, start: minutesAgo(ago) }).sessionId,
		);
		const { items } = await run(
			api,
			session('endMany', { dryRun: false, filters: { deploymentId: byId(deploymentId) } }),
		);
		expect(items.map(({ json }) => json.sessionId)).toEqual([oldest, newest]);
		expect(items[0]?.json).not.toHaveProperty('runningMinutes');
		expect(countOf(api, DEPLOYMENTS)).toBe(0);
	});
});
