import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Fault } from '../../dev/videosdk-api';
import { itemsOf } from '../support/nodeRun';
import { countOf, deployment } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

describe('deployments', () => {
	test('Create gives the deployment', async () => {
		const api = await startApi();
		const { items } = await run(
			api,
			deployment('create', { name: ' Line ', description: ' Night ' }),
		);
		expect(items[0]?.json).toMatchObject({
			id: expect.any(String),
			name: 'Line',
			description: 'Night',
			createdAt: expect.any(String),
		});
	});

	test.each([[undefined], [''], [' ']])('Create needs no description: %j', async (description) => {
		const parameters = deployment('create', { name: 'Line', description });
		const { items } = await run(await startApi(), parameters);
		expect(items[0]?.json).toMatchObject({ name: 'Line', description: '' });
	});

	test('Create needs a name', async () => {
		const api = await startApi();
		const { error } = await run(api, deployment('create', { name: ' ' }));
		expect(error?.message).toBe("'Name' is empty");
		expect(api.stats.requests.size).toBe(0);
	});

	test('Create is never sent twice, and says how to find out', async () => {
		const api = await startApi({ faults: () => ({ kind: 'reset', processed: true }) });
		const { error } = await run(api, deployment('create', { name: 'Line', description: 'Night' }));
		expect(error).toMatchObject({
			message: 'Deployment "Line" may not have been created: the connection to VideoSDK was lost',
			description: expect.stringMatching(/^It may have been created anyway\. .* Get Many/),
		});
		expect(countOf(api, 'POST /ai/v1/ai-deployments')).toBe(1);
	});

	test('Get gives one version of a deployment', async () => {
		const api = await startApi();
		const { id } = api.deployments.add({ name: 'Line', tag: 'v 2/0' });
		const { items } = await run(api, deployment('get', { deploymentId: byId(id), tag: 'v 2/0' }));
		expect(items[0]?.json).toMatchObject({ id, name: 'Line', tag: 'v 2/0' });
	});

	test('Get gives each item its own version, and asks once for one that is named twice', async () => {
		const api = await startApi();
		const { id } = api.deployments.add({ tag: 'v1' });
		const other = api.deployments.add({ tag: 'v1' });
		const asked = [id, other.id, id];
		const parameters = deployment('get', {
			deploymentId: byId('={{ $json.sessionId }}'),
			tag: 'v1',
		});
		const { items } = await run(api, parameters, itemsOf(asked));
		expect(items.map(({ json }) => json.id)).toEqual(asked);
		expect(countOf(api, 'GET /ai/v1/ai-deployments/{deploymentId}/{tag}')).toBe(2);
	});

	test('Get says that there is no such deployment', async () => {
		const parameters = deployment('get', { deploymentId: byId('d1'), tag: 'v1' });
		const { error } = await run(await startApi(), parameters);
		expect(error?.message).toBe(
			'Deployment "d1" with tag "v1" could not be read: there is no such deployment in this VideoSDK project',
		);
		expect(error).toHaveProperty(
			'description',
			expect.stringMatching(/^Check the ID of the deployment, its tag, and that the API key/),
		);
	});

	test.each<[string, IDataObject, string]>([
		[
			'deployment',
			{ deploymentId: byId('={{ $json.none }}'), tag: 'v1' },
			"The expression in 'Deployment' returned nothing",
		],
		[
			'tag',
			{ deploymentId: byId('d1'), tag: '={{ $json.none }}' },
			"The expression in 'Tag' returned nothing",
		],
	])('Get needs a %s', async (_name, parameters, message) => {
		const { error } = await run(await startApi(), deployment('get', parameters));
		expect(error?.message).toBe(message);
	});

	test('Get Many gives all, or as many as wanted', async () => {
		const api = await startApi();
		const ids = Array.from({ length: 120 }, () => api.deployments.add().id).reverse();
		const { items } = await run(api, deployment('getAll', { returnAll: true }));
		expect(items.map(({ json }) => json.id)).toEqual(ids);
		const { items: some } = await run(api, deployment('getAll', { returnAll: false, limit: 3 }));
		expect(some.map(({ json }) => json.id)).toEqual(ids.slice(0, 3));
	});

	test('Get Many gives what has no ID as it came, each of several', async () => {
		const rows = [{ name: 'Nameless' }, {}, { id: 'd1', tag: 'v1' }, {}, { id: 'undefined' }];
		const page = (data: IDataObject[]): Fault => ({
			kind: 'wrongJson',
			text: JSON.stringify({ data }),
		});
		const api = await startApi({ faults: ({ attempt }) => page(attempt === 1 ? rows : []) });
		const { items } = await run(api, deployment('getAll', { returnAll: true }));
		expect(items.map(({ json }) => json)).toEqual(rows);
	});
});
