import type { IDataObject } from 'n8n-workflow';
import { credentialOf, type Fault, type VideoSdkApi } from '../../dev/videosdk-api';
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
	test('shows live sessions first, each with status, tag, start and deployment', async () => {
		const api = await startApi();
		const fields = { start: '2025-06-18T11:16:10.643Z', deploymentId: 'd1', tag: 'v1.0' };
		api.addSession({ ...fields, sessionId: 'a', status: 'running' });
		api.addSession({ ...fields, sessionId: 'b', status: 'completed' });
		const { results } = await search(api, 'searchSessions');
		expect(results).toEqual([
			{ name: 'running · v1.0 · 2025-06-18 11:16 UTC · deployment d1 · a', value: 'a' },
			{ name: 'completed · v1.0 · 2025-06-18 11:16 UTC · deployment d1 · b', value: 'b' },
		]);
	});

	test('gives page by page, and ends', async () => {
		const api = await startApi();
		for (let session = 1; session <= 120; session++) api.addSession();
		const pages = await searchAll(api, 'searchSessions');
		expect(pages.map((results) => results.length)).toEqual([50, 50, 20, 0]);
		expect(new Set(pages.flat().map(({ value }) => value)).size).toBe(120);
	});

	test('finds what is typed in any field, on whichever page it stands', async () => {
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
		const asked = () => api.stats.requests.get('GET /ai/v1/ai-deployment-sessions')?.count;
		const first = await search(api, 'searchSessions', 'oldest');
		expect(first.results).toEqual([]);
		expect(asked()).toBe(10);
		const token = first.paginationToken as string;
		const second = await search(api, 'searchSessions', 'oldest', token);
		expect(second.results.map(({ value }) => value)).toEqual(['wanted']);
		expect(asked()).toBe(12);
	});

	test('ends where the server gives the first page for ever', async () => {
		const api = await startApi({ list: { ignorePage: true } });
		api.addSession({ sessionId: 'a' });
		const pages = await searchAll(api, 'searchSessions');
		expect(pages.flat().map(({ value }) => value)).toEqual(['a']);
	});

	test('leaves out what has no ID', async () => {
		const api = await startApi({ faults: ({ attempt }) => pages[attempt - 1] });
		const without = [{ status: 'running' }, { sessionId: '' }, { sessionId: {} }, {}];
		const pages = [...[without, [...without, { sessionId: 'a' }]], []].map(pageOf);
		expect((await searchAll(api, 'searchSessions')).flat()).toEqual([{ name: 'a', value: 'a' }]);
	});

	test('is empty where there is none', async () => {
		const { results, paginationToken } = await search(await startApi(), 'searchSessions', 'x');
		expect({ results, paginationToken }).toEqual({ results: [], paginationToken: undefined });
	});

	test('says in our words why it has nothing to show', async () => {
		const api = await startApi({ faults: () => ({ kind: 'status', status: 403 }) });
		await expect(search(api, 'searchSessions')).rejects.toMatchObject({
			name: 'NodeApiError',
			message: 'Sessions could not be listed: VideoSDK does not allow this API key to do that',
			httpCode: '403',
		});
	});
});

test('the picker of deployments shows name and tag', async () => {
	const api = await startApi();
	api.addDeployment({ id: 'd1', name: 'Support line', tag: 'v1.0' });
	api.addDeployment({ id: 'd2', name: '', tag: '' });
	const { results } = await search(api, 'searchDeployments');
	expect(results).toEqual([
		{ name: 'd2', value: 'd2' },
		{ name: 'Support line · v1.0', value: 'd1' },
	]);
});

test('the picker of deployments leaves out what has no ID', async () => {
	const rows = [{ name: 'Nameless', tag: 'v1' }, { id: '' }, { id: 7, name: 'Seven' }, {}];
	const api = await startApi({ faults: ({ attempt }) => [rows, []].map(pageOf)[attempt - 1] });
	const { results } = await search(api, 'searchDeployments');
	expect(results).toEqual([{ name: 'Seven', value: '7' }]);
});
