import type { IDataObject } from 'n8n-workflow';
import { credentialOf, type Fault, type VideoSdkApi } from '../../dev/videosdk-api';
import { setTimeOfDay } from '../support/fakeTime';
import { countOf, LIST } from './sessions';
import { useEngine } from './setup';

const { engine, startApi } = useEngine();

const search = async (api: VideoSdkApi, method: string, filter?: string, token?: string) =>
	await engine().search(method, credentialOf(api), filter, token);

/** Scrolls to the end of a picker. */
async function searchAll(api: VideoSdkApi, method: string, filter?: string) {
	const pages = [await search(api, method, filter)];
	for (let page = pages[0]; page?.paginationToken; ) {
		page = await search(api, method, filter, page.paginationToken as string);
		pages.push(page);
	}
	return pages.map(({ results }) => results);
}

/** What a list of VideoSDK gives for a page with these rows. */
const pageOf = (data: IDataObject[]): Fault => ({
	kind: 'wrongJson',
	text: JSON.stringify({ data }),
});

describe('the picker of sessions', () => {
	/** Without the time at which the list was read. */
	const labelsOf = ({ results }: Awaited<ReturnType<typeof search>>) =>
		results.map(({ name }) => name.replace(/ at \d\d:\d\d$/, ' at …'));

	test('shows live sessions first, each with deployment, start in the zone of the workflow, ID and status', async () => {
		const api = await startApi();
		api.addDeployment({ id: 'd1', name: 'Support line' });
		const fields = { start: '2025-06-18T20:16:10.643Z', deploymentId: 'd1', tag: 'v1.0' };
		api.addSession({ ...fields, sessionId: 'session-8a93774e-caa0', status: 'running' });
		api.addSession({ ...fields, sessionId: '9b04885f-dbb1-4ce9', status: 'completed' });
		const found = await search(api, 'searchSessions');
		expect(labelsOf(found)).toEqual([
			'Support line · 19 Jun 2025, 01:46 · 8a93774e · running at …',
			'Support line · 19 Jun 2025, 01:46 · 9b04885f · completed',
		]);
		expect(found.results.map(({ value }) => value)).toEqual([
			'session-8a93774e-caa0',
			'9b04885f-dbb1-4ce9',
		]);
	});

	test('shortens a long name, so that the status can be seen, and finds it by the whole name', async () => {
		const api = await startApi();
		api.addDeployment({ id: 'd1', name: 'Appointment reminders for the Northern Clinics' });
		api.addSession({ deploymentId: 'd1', sessionId: '9b04885f-dbb1-4ce9', status: 'completed' });
		const found = await search(api, 'searchSessions', 'northern');
		expect(labelsOf(found)).toEqual([
			expect.stringMatching(/^Appointme…linics · .* · 9b04885f · completed$/),
		]);
		expect(await search(api, 'searchSessions', 'me…lin')).toEqual(found);
	});

	test('leaves out the year of a session of this year, and shows that one has not started', async () => {
		const api = await startApi();
		const createdAt = new Date().toISOString();
		api.addSession({ sessionId: 'a', deploymentId: 'd1', status: 'queued', start: '', createdAt });
		const [label] = labelsOf(await search(api, 'searchSessions'));
		expect(label).toMatch(/^deployment d1 · \d{1,2} \w{3,4}, \d\d:\d\d · a · queued at …$/);
	});

	test.each<[string, Fault]>([
		['are refused', { kind: 'status', status: 403 }],
		['are down', { kind: 'status', status: 503 }],
		['are no list', { kind: 'wrongJson', text: '{}' }],
	])('works where deployments %s', async (_name, fault) => {
		const isDeployments = ({ route }: { route: string }) => route.includes('ai-deployments');
		const api = await startApi({
			faults: (request) => (isDeployments(request) ? fault : undefined),
		});
		api.addSession({ sessionId: 'a', deploymentId: '2f5f787c-0396-4ae0', status: 'completed' });
		const [label] = labelsOf(await search(api, 'searchSessions'));
		expect(label).toMatch(/^deployment 2f5f787c · .* · a · completed$/);
	});

	test('shows the ID of a deployment without a name', async () => {
		const deployments = pageOf([{ id: 'd1' }, { id: 'd2', name: '' }]);
		const api = await startApi({
			faults: ({ route }) => (route.includes('ai-deployments') ? deployments : undefined),
		});
		for (const deploymentId of ['d1', 'd2']) api.addSession({ deploymentId });
		expect(labelsOf(await search(api, 'searchSessions'))).toEqual([
			expect.stringMatching(/^deployment d2 · /),
			expect.stringMatching(/^deployment d1 · /),
		]);
	});

	test('asks for the names of deployments once for a page', async () => {
		const api = await startApi();
		for (let session = 1; session <= 3; session++) api.addSession();
		await search(api, 'searchSessions');
		expect(api.stats.requests.get('GET /ai/v1/ai-deployments')?.count).toBe(1);
	});

	test('gives page by page, and ends', async () => {
		const api = await startApi();
		for (let session = 1; session <= 120; session++) api.addSession();
		const pages = await searchAll(api, 'searchSessions');
		expect(pages.map((results) => results.length)).toEqual([50, 50, 20, 0]);
		expect(new Set(pages.flat().map(({ value }) => value)).size).toBe(120);
		expect(countOf(api, LIST)).toBe(4);
	});

	test.each([
		['name of the deployment', 'support'],
		['number of the caller in the metadata', '555 0142'],
		['number in the metadata', '4711'],
		['tag', 'V9.'],
		['status', 'queued'],
		['ID', 'WANT'],
		['start', '18 jun'],
	])('finds the %s', async (_name, typed) => {
		const api = await startApi();
		api.addDeployment({ id: 'd1', name: 'Support line' });
		api.addDeployment({ id: 'd2', name: 'Reminders' });
		const other = { deploymentId: 'd2', tag: 'v1.0', start: '2025-06-17T11:16:10.643Z' };
		api.addSession({ ...other, sessionId: 'other' });
		api.addSession({
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

	test('finds what is typed on whichever page it stands', async () => {
		const api = await startApi();
		api.addSession({ sessionId: 'wanted', tag: 'Night-Shift' });
		for (let session = 1; session <= 120; session++) api.addSession();
		const pages = await searchAll(api, 'searchSessions', ' night ');
		expect(pages.flat().map(({ value }) => value)).toEqual(['wanted']);
	});

	test('looks through ten pages at once for what is typed, and goes on when it is asked again', async () => {
		const api = await startApi();
		api.addSession({ sessionId: 'wanted', tag: 'oldest' });
		for (let session = 1; session < 551; session++) api.addSession();
		const asked = () => countOf(api, LIST);
		const first = await search(api, 'searchSessions', 'oldest');
		expect(first.results).toEqual([]);
		expect(asked()).toBe(10);
		const token = first.paginationToken as string;
		const second = await search(api, 'searchSessions', 'oldest', token);
		expect(second.results.map(({ value }) => value)).toEqual(['wanted']);
		expect(asked()).toBe(12);
	});

	test('ends where the server gives the first page for ever, also a minute later', async () => {
		const api = await startApi({ list: { ignorePage: true } });
		api.addSession({ sessionId: 'a' });
		const first = await search(api, 'searchSessions');
		expect(first.results.map(({ value }) => value)).toEqual(['a']);
		// The time in the label of a live session is another by then.
		setTimeOfDay(Date.now() + 60_000);
		const second = await search(api, 'searchSessions', '', first.paginationToken as string);
		jest.useRealTimers();
		expect(second).toEqual({ results: [] });
	});

	test('leaves out what has no ID', async () => {
		const api = await startApi({
			faults: ({ route, attempt }) => (route.endsWith('sessions') ? pages[attempt - 1] : undefined),
		});
		const without = [{ status: 'running' }, { sessionId: '' }, { sessionId: {} }, {}];
		const pages = [...[without, [...without, { sessionId: 'a' }]], []].map(pageOf);
		expect((await searchAll(api, 'searchSessions')).flat()).toEqual([{ name: 'a', value: 'a' }]);
	});

	test('says that there are none where there are none', async () => {
		const { results, paginationToken } = await search(await startApi(), 'searchSessions');
		expect(results).toEqual([
			{
				name: 'This project has no agent sessions yet. For a room or a call, choose another resource',
				value: '',
			},
		]);
		expect(paginationToken).toBeUndefined();
	});

	test('says so only of an empty list, not of the end of one, nor of one that was not read to its end', async () => {
		const api = await startApi();
		for (let session = 1; session <= 600; session++) api.addSession();
		const first = await search(api, 'searchSessions', 'none fits');
		expect(first).toMatchObject({ results: [], paginationToken: expect.stringMatching(/./) });
		const token = first.paginationToken as string;
		const last = await search(
			api,
			'searchSessions',
			'',
			JSON.stringify({ ...JSON.parse(token), page: 13 }),
		);
		expect(last.results).toEqual([]);
	});

	test('is empty where nothing fits what is typed', async () => {
		const { results, paginationToken } = await search(await startApi(), 'searchSessions', 'x');
		expect({ results, paginationToken }).toEqual({ results: [], paginationToken: undefined });
	});

	test('does not keep a person waiting who is refused for longer than ten seconds', async () => {
		const refusal: Fault = { kind: 'status', status: 429, headers: { 'retry-after': '11' } };
		const api = await startApi({ faults: () => refusal });
		await expect(search(api, 'searchSessions')).rejects.toMatchObject({ httpCode: '429' });
		expect(countOf(api, LIST)).toBe(1);
	});

	test('says in our words why it has nothing to show', async () => {
		const api = await startApi({ faults: () => ({ kind: 'status', status: 403 }) });
		await expect(search(api, 'searchSessions')).rejects.toMatchObject({
			name: 'NodeApiError',
			message: 'Sessions could not be listed: VideoSDK does not allow this API key to do this',
			httpCode: '403',
		});
	});
});

test('the picker of deployments shows name and tag, and an entry for any version', async () => {
	const api = await startApi();
	api.addDeployment({ id: 'd1', name: 'Support line', tag: 'v1.0' });
	api.addDeployment({ id: 'd2', name: '', tag: '' });
	const { results } = await search(api, 'searchDeployments');
	expect(results).toEqual([
		{ name: 'd2 · any version', value: 'd2' },
		{ name: 'Support line · any version', value: 'd1' },
		{ name: 'Support line · v1.0', value: 'd1?tag=v1.0' },
	]);
});

test('the picker of deployments says that there are none', async () => {
	const { results } = await search(await startApi(), 'searchDeployments');
	expect(results).toEqual([{ name: 'This project has no deployments yet', value: '' }]);
});

test('the picker of deployments leaves out what has no ID', async () => {
	const rows = [{ name: 'Nameless', tag: 'v1' }, { id: '' }, { id: 7, name: 'Seven' }, {}];
	const api = await startApi({ faults: ({ attempt }) => [rows, []].map(pageOf)[attempt - 1] });
	const { results } = await search(api, 'searchDeployments');
	expect(results).toEqual([{ name: 'Seven · any version', value: '7' }]);
});

describe('the picker of calls', () => {
	test('shows numbers, live calls first, and finds a call by a number', async () => {
		const api = await startApi();
		api.addCall({ callId: 'live', from: '+491511111111' });
		api.addCall({ callId: 'over', status: 'missed' });
		const { results } = await search(api, 'searchCalls');
		expect(results.map(({ value }) => value)).toEqual(['live', 'over']);
		expect(results[0]?.name).toMatch(
			/^\+491511111111 → \+14155550123 · .* · answered at \d\d:\d\d · live$/,
		);
		const found = await search(api, 'searchCalls', '491511');
		expect(found.results.map(({ value }) => value)).toEqual(['live']);
	});

	test('shows of a call what is known of it, and leaves out what has no ID', async () => {
		const rows = [
			{ callId: 'a', to: '+14155550123', status: 'missed' },
			{ id: 'b', start: '2025-06-18T20:16:10.643Z' },
			{ from: '+14155550123', to: '+14155550124', status: 'answered' },
		];
		const api = await startApi({ faults: ({ attempt }) => [rows, []].map(pageOf)[attempt - 1] });
		const { results } = await search(api, 'searchCalls');
		expect(results).toEqual([
			{ name: '19 Jun 2025, 01:46 · b', value: 'b' },
			{ name: '+14155550123 · missed · a', value: 'a' },
		]);
	});

	test('says that there are none', async () => {
		const { results } = await search(await startApi(), 'searchCalls');
		expect(results).toEqual([{ name: 'This project has no calls yet', value: '' }]);
	});
});

describe('the picker of rooms', () => {
	test('shows those that have a live session', async () => {
		const api = await startApi();
		api.addRoom({ roomId: 'abcd', status: 'ended' });
		api.addRoom({ roomId: 'efgh' });
		const { results } = await search(api, 'searchRooms');
		expect(results).toEqual([
			{ name: expect.stringMatching(/^efgh · .* · ongoing at /), value: 'efgh' },
		]);
	});

	test('shows of a session what is known of it, and leaves out what has no room', async () => {
		const rows = [{ roomId: 'a' }, { id: '1', status: 'ongoing' }];
		const api = await startApi({ faults: ({ attempt }) => [rows, []].map(pageOf)[attempt - 1] });
		expect((await search(api, 'searchRooms')).results).toEqual([
			{ name: expect.stringMatching(/^a · ongoing at /), value: 'a' },
		]);
	});

	test('says that there are none', async () => {
		const { results } = await search(await startApi(), 'searchRooms');
		expect(results).toEqual([{ name: 'This project has no live rooms', value: '' }]);
	});
});
