import { byId } from '../../dev/n8n/flow';
import { deployment, pageOf } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

test('Create Deployment returns the new deployment', async () => {
	const api = await startApi();
	const parameters = deployment('create', { name: ' Line ', description: ' Night ' });
	const { items } = await run(api, parameters);
	const generated = { id: expect.any(String), createdAt: expect.any(String) };
	expect(items[0]?.json).toMatchObject({ name: 'Line', description: 'Night', ...generated });
});

test.each([[undefined], [''], [' ']])(
	'Create Deployment accepts a missing description: %j',
	async (description) => {
		const parameters = deployment('create', { name: 'Line', description });
		const { items } = await run(await startApi(), parameters);
		expect(items[0]?.json).toMatchObject({ name: 'Line', description: '' });
	},
);

test('Get Deployment returns the version with the given tag', async () => {
	const api = await startApi();
	const { id } = api.deployments.add({ name: 'Line', tag: 'v 2/0' });
	const { items } = await run(api, deployment('get', { deploymentId: byId(id), tag: 'v 2/0' }));
	expect(items[0]?.json).toMatchObject({ id, name: 'Line', tag: 'v 2/0' });
});

test('Get Deployment says that the deployment does not exist', async () => {
	const parameters = deployment('get', { deploymentId: byId('d1'), tag: 'v1' });
	const { error } = await run(await startApi(), parameters);
	expect(error?.message).toBe(
		'Deployment "d1" with tag "v1" could not be retrieved: there is no such deployment in this VideoSDK project',
	);
	expect(error).toHaveProperty(
		'description',
		expect.stringMatching(
			/^Check the ID of the deployment and its tag\. Also check that the API key/,
		),
	);
});

test('Get Many Deployments returns all deployments, or as many as Limit allows', async () => {
	const api = await startApi();
	const ids = Array.from({ length: 120 }, () => api.deployments.add().id).reverse();
	const { items } = await run(api, deployment('getAll', { returnAll: true }));
	expect(items.map(({ json }) => json.id)).toEqual(ids);
	const { items: some } = await run(api, deployment('getAll', { returnAll: false, limit: 3 }));
	expect(some.map(({ json }) => json.id)).toEqual(ids.slice(0, 3));
});

test('Get Many Deployments returns every row without an ID unchanged', async () => {
	const rows = [{ name: 'Nameless' }, {}, { id: 'd1', tag: 'v1' }, {}, { id: 'undefined' }];
	const api = await startApi({ faults: ({ attempt }) => pageOf(attempt === 1 ? rows : []) });
	const { items } = await run(api, deployment('getAll', { returnAll: true }));
	expect(items.map(({ json }) => json)).toEqual(rows);
});
