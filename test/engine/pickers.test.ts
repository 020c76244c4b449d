import type { IDataObject } from 'n8n-workflow';
import { credentialOf, type Fault, type Options, type VideoSdkApi } from '../../dev/videosdk-api';
import { countOf, failing, LIST, pageOf } from './sessions';
import { useEngine } from './setup';

const { engine, startApi } = useEngine();

const search = async (api: VideoSdkApi, method: string, filter?: string) =>
	await engine().search(method, credentialOf(api), filter);

/** What each entry picks: nothing, if it only says something. */
const valuesOf = ({ results }: Awaited<ReturnType<typeof search>>) =>
	results.map(({ value }) => value);

/** A VideoSDK that has one page of these rows. */
const listing = (rows: IDataObject[]): Options => ({
	faults: ({ attempt }) => pageOf(attempt === 1 ? rows : []),
});

function addMany(api: VideoSdkApi, count: number, fields: IDataObject = {}) {
	return Array.from({ length: count }, () => api.sessions.add(fields).sessionId);
}

describe('the session picker', () => {
	const labelsOf = ({ results }: Awaited<ReturnType<typeof search>>) =>
		results.map(({ name }) => name);

	test('the session picker lists live sessions first, with status, ID, start, deployment', async () => {
		const api = await startApi();
		api.deployments.add({ id: 'd1', name: 'Support line' });
		const fields = { start: '2025-06-18T20:16:10.643Z', deploymentId: 'd1', tag: 'v1.0' };
		api.sessions.add({ ...fields, sessionId: 'session-8a93774e-caa0', status: 'running' });
		api.sessions.add({ ...fields, sessionId: '9b04885f-dbb1-4ce9', status: 'completed' });
		const found = await search(api, 'searchSessions');
		expect(labelsOf(found)).toEqual([
			'running · 8a93774e · since Jun 19, 2025, 01:46 · Support line',
			'completed · 9b04885f · Jun 19, 2025, 01:46 · Support line',
		]);
		expect(found.results.map(({ value }) => value)).toEqual([
			'session-8a93774e-caa0',
			'9b04885f-dbb1-4ce9',
		]);
	});

	test('the session picker shortens long deployment names, but searches them in full', async () => {
		const api = await startApi();
		api.deployments.add({ id: 'd1', name: 'Appointment reminders for the Northern Clinics' });
		api.sessions.add({ deploymentId: 'd1', sessionId: '9b04885f-dbb1-4ce9', status: 'completed' });
		const found = await search(api, 'searchSessions', 'northern');
		expect(labelsOf(found)).toEqual([
			expect.stringMatching(/^completed · 9b04885f · .* · Appointme…linics$/),
		]);
		expect(await search(api, 'searchSessions', 'me…lin')).toEqual(found);
	});

	test.each<[string, Fault]>([
		['cannot be listed', { kind: 'status', status: 403 }],
		['are not a list', { kind: 'wrongJson', text: '{}' }],
	])('the session picker works if deployments %s', async (_name, fault) => {
		const isDeployments = ({ route }: { route: string }) => route.includes('ai-deployments');
		const api = await startApi({
			faults: (request) => (isDeployments(request) ? fault : undefined),
		});
		api.sessions.add({ sessionId: 'a', deploymentId: '2f5f787c-0396-4ae0', status: 'completed' });
		const [label] = labelsOf(await search(api, 'searchSessions'));
		expect(label).toMatch(/^completed · a · .* · deployment 2f5f787c$/);
	});

	test('the session picker shows the ID of a deployment that has no name', async () => {
		const deployments = pageOf([{ id: 'd1' }, { id: 'd2', name: '' }]);
		const api = await startApi({
			faults: ({ route }) => (route.includes('ai-deployments') ? deployments : undefined),
		});
		for (const deploymentId of ['d1', 'd2']) api.sessions.add({ deploymentId });
		expect(labelsOf(await search(api, 'searchSessions'))).toEqual([
			expect.stringMatching(/ · deployment d2$/),
			expect.stringMatching(/ · deployment d1$/),
		]);
	});

	test('the session picker lists deployments once per page of sessions', async () => {
		const api = await startApi();
		addMany(api, 3);
		await search(api, 'searchSessions');
		expect(api.stats.requests.get('GET /ai/v1/ai-deployments')?.count).toBe(1);
	});

	test('the session picker lists live sessions first even if they are the oldest', async () => {
		const api = await startApi();
		const live = addMany(api, 46);
		addMany(api, 654, { status: 'completed' });
		const values = valuesOf(await search(api, 'searchSessions'));
		expect(new Set(values.slice(0, 46))).toEqual(new Set(live));
		// 54 that have ended, and what to do for the others.
		expect(values).toHaveLength(101);
	});

	test('the session picker shows matching sessions from every page', async () => {
		const api = await startApi();
		for (let page = 1; page <= 3; page++) {
			addMany(api, 10);
			addMany(api, 90, { status: 'completed' });
		}
		const { results } = await search(api, 'searchSessions', 'running');
		expect(results).toHaveLength(30);
		expect(results.every(({ value }) => value !== ' ')).toBe(true);
	});

	test('the session picker says what to do if more sessions match than it lists', async () => {
		const api = await startApi();
		addMany(api, 900);
		const { results } = await search(api, 'searchSessions');
		expect(results).toHaveLength(101);
		expect(results.at(-1)).toEqual({
			name: "Not all sessions are listed. Type to narrow the list, or choose 'By ID'",
			value: ' ',
		});
	});

	test('the session picker says how many sessions it searched if there are too many', async () => {
		const api = await startApi();
		api.sessions.add({ tag: 'oldest' });
		addMany(api, 3_000);
		const { results } = await search(api, 'searchSessions', 'oldest');
		expect(results).toEqual([
			{
				// A person does not wait for longer than ten seconds, so on a busy machine these are fewer.
				name: expect.stringMatching(
					/^Only [\d,]+ sessions were searched\. If yours is not listed, choose 'By ID'$/,
				),
				value: ' ',
			},
		]);
		expect(countOf(api, LIST)).toBeLessThanOrEqual(30);
	});

	test('the session picker shows a partial list if a later page cannot be read', async () => {
		const api = await startApi({
			faults: ({ path = '' }) =>
				path.includes('page=2') ? { kind: 'status', status: 403 } : undefined,
		});
		addMany(api, 150, { tag: 'x' });
		const { results } = await search(api, 'searchSessions', 'x');
		expect(results).toHaveLength(101);
		expect(results.at(-1)?.name).toMatch(/^Only 100 sessions were searched\. /);
	});

	test.each([
		['deployment name', 'support'],
		["the caller's number in metadata", '555 0142'],
		['a number in metadata', '4711'],
		['tag', ' V9. '],
		['status', 'queued'],
		['ID', 'WANT'],
		['start', 'jun 18'],
	])('the session picker searches by %s', async (_name, typed) => {
		const api = await startApi();
		api.deployments.add({ id: 'd1', name: 'Support line' });
		api.deployments.add({ id: 'd2', name: 'Reminders' });
		const other = { deploymentId: 'd2', tag: 'v1.0', start: '2025-06-17T11:16:10.643Z' };
		api.sessions.add({ ...other, sessionId: 'other' });
		api.sessions.add({
			sessionId: 'wanted',
			deploymentId: 'd1',
			tag: 'v9.0',
			status: 'queued',
			start: '2025-06-18T11:16:10.643Z',
			metadata: { caller: { number: '+1 212 555 0142' }, order: 4711 },
		});
		const { results } = await search(api, 'searchSessions', typed);
		expect(results.map(({ value }) => value)).toEqual(['wanted']);
	});

	test('the session picker stops if the server returns the first page every time', async () => {
		const api = await startApi({ list: { ignorePage: true } });
		api.sessions.add({ sessionId: 'a' });
		expect(valuesOf(await search(api, 'searchSessions'))).toEqual(['a']);
	});

	test('the session picker omits sessions without an ID', async () => {
		const api = await startApi({
			faults: ({ route, attempt }) => (route.endsWith('sessions') ? pages[attempt - 1] : undefined),
		});
		const without = [{ status: 'running' }, { sessionId: '' }, { sessionId: {} }, {}];
		const pages = [...[without, [...without, { sessionId: 'a' }]], []].map(pageOf);
		expect((await search(api, 'searchSessions')).results).toEqual([{ name: 'a', value: 'a' }]);
	});

	test('the session picker is empty if nothing matches the search', async () => {
		expect(await search(await startApi(), 'searchSessions', 'x')).toEqual({ results: [] });
	});

	test('the session picker fails immediately if throttled for longer than ten seconds', async () => {
		const refusal: Fault = { kind: 'status', status: 429, headers: { 'retry-after': '11' } };
		const api = await startApi({ faults: () => refusal });
		await expect(search(api, 'searchSessions')).rejects.toMatchObject({
			httpCode: '429',
			description: "Try again in a minute, or choose 'By ID' in this field, and enter the ID.",
		});
		expect(countOf(api, LIST)).toBe(1);
	});

	test('the session picker explains why sessions cannot be listed', async () => {
		const api = await startApi(failing(403));
		await expect(search(api, 'searchSessions')).rejects.toMatchObject({
			name: 'NodeApiError',
			message:
				'Sessions could not be listed: VideoSDK does not allow this API key to do this ("A fault on purpose")',
			httpCode: '403',
		});
	});
});

test('the deployment picker lists each version, and an entry for any version', async () => {
	const api = await startApi();
	api.deployments.add({ id: 'd1', name: 'Support line', tag: 'v1.0' });
	api.deployments.add({ id: 'd2', name: '', tag: '' });
	const { results } = await search(api, 'searchDeployments');
	expect(results).toEqual([
		{ name: 'd2 · any version', value: 'd2' },
		{ name: 'Support line · any version', value: 'd1' },
		{ name: 'Support line · v1.0', value: 'd1?tag=v1.0' },
	]);
});

describe('the call picker', () => {
	test('the call picker lists live calls first, and searches by phone number', async () => {
		const api = await startApi();
		api.calls.add({ callId: 'live', from: '+491511111111' });
		api.calls.add({ callId: 'over', status: 'missed' });
		const { results } = await search(api, 'searchCalls');
		expect(results.map(({ value }) => value)).toEqual(['live', 'over']);
		expect(results[0]?.name).toMatch(
			/^answered · live · to \+14155550123 · since .* · from \+491511111111$/,
		);
		const found = await search(api, 'searchCalls', '491511');
		expect(found.results.map(({ value }) => value)).toEqual(['live']);
	});

	test("the call picker shows the caller's number first for an inbound call", async () => {
		const api = await startApi();
		api.calls.add({ callId: 'in', type: 'inbound', from: '+491511111111' });
		const { results } = await search(api, 'searchCalls');
		expect(results[0]?.name).toMatch(/ · from \+491511111111 · since .* · to \+14155550123$/);
	});

	test('the call picker shows calls with missing fields, and omits calls without an ID', async () => {
		const rows = [
			{ callId: 'a', to: '+14155550123', status: 'missed' },
			{ id: 'b', start: '2025-06-18T20:16:10.643Z' },
			{ from: '+14155550123', to: '+14155550124', status: 'answered' },
		];
		const api = await startApi(listing(rows));
		const { results } = await search(api, 'searchCalls');
		expect(results).toEqual([
			{ name: 'b · since Jun 19, 2025, 01:46', value: 'b' },
			{ name: 'missed · a · to +14155550123', value: 'a' },
		]);
	});
});

describe('the room picker', () => {
	test('the room picker lists only rooms that have a live session', async () => {
		const api = await startApi();
		api.rooms.add({ roomId: 'abcd', status: 'ended' });
		api.rooms.add({ roomId: 'efgh' });
		const { results } = await search(api, 'searchRooms');
		expect(results).toEqual([
			{ name: expect.stringMatching(/^efgh · ongoing · since /), value: 'efgh' },
		]);
	});
});

test.each([
	[
		'searchSessions',
		'This project has no agent sessions yet. For a room or a call, choose another resource',
	],
	['searchDeployments', 'This project has no deployments yet'],
	['searchCalls', 'This project has no calls yet'],
	['searchRooms', 'This project has no live rooms'],
])('%s says so if there is nothing to pick', async (method, name) => {
	expect(await search(await startApi(), method)).toEqual({ results: [{ name, value: ' ' }] });
});
