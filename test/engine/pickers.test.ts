import { credentialOf } from '../support/nodeRun';
import type { VideoSdkApi } from '../support/videosdk-api';
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
		expect(pages.map((results) => results.length)).toEqual([50, 50, 20]);
		expect(new Set(pages.flat().map(({ value }) => value)).size).toBe(120);
	});

	test('finds what is typed in any field, on whichever page it stands', async () => {
		const api = await startApi();
		api.addSession({ sessionId: 'wanted', tag: 'Night-Shift' });
		for (let session = 1; session <= 120; session++) api.addSession();
		const pages = await searchAll(api, 'searchSessions', ' night ');
		expect(pages.flat().map(({ value }) => value)).toEqual(['wanted']);
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
