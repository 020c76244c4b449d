import { byId } from '../../dev/n8n/flow';
import { deployment } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

test('Create Deployment returns the new deployment', async () => {
	const api = await startApi();
	const parameters = deployment('create', { name: ' Line ', description: ' Night ' });
	const { items } = await run(api, parameters);
	const generated = { id: expect.any(String), createdAt: expect.any(String) };
	expect(items[0]?.json).toMatchObject({ name: 'Line', description: 'Night', ...generated });
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
