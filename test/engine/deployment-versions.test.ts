import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import { credentialOf, type VideoSdkApi } from '../../dev/videosdk-api';
import { addSessions, askedToEnd, deployment, idsIn, onceEach, session } from './sessions';
import { useEngine } from './setup';

const { engine, startApi, run } = useEngine();

const LINE = 'Sales line (DE)';

type Method = 'searchDeployments' | 'searchVersions';

/** The field as the editor saves it when this entry of the list is picked. */
async function picked(api: VideoSdkApi, entry: string, method: Method = 'searchDeployments') {
	const { results } = await engine().search(method, credentialOf(api));
	const { value } = results.find(({ name }) => name === entry) ?? {};
	if (value === undefined) throw new Error(`The list has no entry "${entry}".`);
	return { __rl: true, mode: 'list', value: String(value), cachedResultName: entry };
}

/** A project with two versions of one deployment, and one of another. */
async function twoVersions() {
	const api = await startApi();
	api.deployments.add({ id: 'other', name: 'Reminders', tag: 'v1.0' });
	for (const tag of ['v1.0', 'v2/0 beta']) api.deployments.add({ id: 'd', name: LINE, tag });
	return api;
}

test('the deployment list has an entry for any version and one for each version', async () => {
	const api = await twoVersions();
	const names = async (method: Method, filter?: string) =>
		(await engine().search(method, credentialOf(api), filter)).results.map(({ name }) => name);
	const versions = [`${LINE} · v2/0 beta`, `${LINE} · v1.0`];
	expect(await names('searchDeployments')).toEqual([
		`${LINE} · any version`,
		...versions,
		'Reminders · any version',
		'Reminders · v1.0',
	]);
	expect(await names('searchVersions')).toEqual([...versions, 'Reminders · v1.0']);
	expect(await names('searchDeployments', 'beta')).toEqual([versions[0]]);
});

describe('Start Session', () => {
	const start = (deploymentId: IDataObject, tag = '') =>
		session('start', { deploymentId, tag, additionalFields: {}, options: {} });

	test.each([
		[`${LINE} · v1.0`, { deploymentId: 'd', tag: 'v1.0' }],
		[`${LINE} · v2/0 beta`, { deploymentId: 'd', tag: 'v2/0 beta' }],
	])('Start Session starts the version that was picked: %s', async (entry, fields) => {
		const api = await twoVersions();
		const { items } = await run(api, start(await picked(api, entry)));
		expect(items[0]?.json).toMatchObject(fields);
	});

	test.each([
		[undefined, undefined],
		['v1.0', 'v1.0'],
	])('Start Session uses Tag if the picked entry has no version: %s', async (tag, sent) => {
		const api = await twoVersions();
		const parameters = start(await picked(api, `${LINE} · any version`), tag);
		const { items } = await run(api, parameters);
		expect(items[0]?.json.deploymentId).toBe('d');
		if (sent) expect(items[0]?.json.tag).toBe(sent);
	});

	test('Start Session starts the picked version even if a hidden Tag has another one', async () => {
		const api = await twoVersions();
		const { items } = await run(api, start(await picked(api, `${LINE} · v1.0`), 'v9'));
		expect(items[0]?.json).toMatchObject({ deploymentId: 'd', tag: 'v1.0' });
	});

	test('Start Session fails if Tag contradicts the version from an expression', async () => {
		const api = await twoVersions();
		const items = [{ json: { version: 'd?tag=v1.0' } }];
		const { error } = await run(api, start(byId('={{ $json.version }}'), 'v9'), items);
		expect(error).toMatchObject({
			message: `In 'Deployment', version "v1.0" is chosen, but 'Tag' is "v9"`,
			description: "Clear 'Tag', or choose the version that you want in 'Deployment'.",
		});
		expect(api.stats.requests.size).toBe(0);
	});
});

describe('the Deployment filter', () => {
	async function withSessions() {
		const api = await twoVersions();
		const [old, beta] = ['v1.0', 'v2/0 beta'].map((tag) =>
			addSessions(api, 3, { deploymentId: 'd', tag }),
		);
		addSessions(api, 2, { deploymentId: 'other', tag: 'v1.0' });
		return { api, old: old ?? [], beta: beta ?? [] };
	}
	const endMany = (filters: IDataObject) =>
		session('endMany', { dryRun: false, allLiveSessions: false, filters });

	test('End Many Sessions ends only the sessions of the picked version', async () => {
		const { api, old } = await withSessions();
		await run(api, endMany({ deploymentId: await picked(api, `${LINE} · v1.0`) }));
		expect(askedToEnd(api)).toEqual(onceEach(old));
	});

	test.each([[`${LINE} · any version`], [undefined]])(
		'End Many Sessions ends every version for entry %s',
		async (entry) => {
			const { api, old, beta } = await withSessions();
			const saved = { __rl: true, mode: 'list', value: 'd', cachedResultName: `${LINE} · v1.0` };
			const deploymentId = entry ? await picked(api, entry) : saved;
			await run(api, endMany({ deploymentId }));
			expect(askedToEnd(api)).toEqual(onceEach([...old, ...beta]));
		},
	);

	test('Get Many Sessions returns only the sessions of the picked version', async () => {
		const { api, beta } = await withSessions();
		const filters = { deploymentId: await picked(api, `${LINE} · v2/0 beta`) };
		const { items } = await run(api, session('getAll', { returnAll: true, filters }));
		expect(idsIn(items)).toEqual(beta);
	});

	test('End Many Sessions fails if the Tag filter contradicts the picked version', async () => {
		const { api } = await withSessions();
		const deploymentId = await picked(api, `${LINE} · v1.0`);
		const { error } = await run(api, endMany({ deploymentId, tag: 'v9' }));
		expect(error).toMatchObject({
			message: `In 'Deployment', version "v1.0" is chosen, but 'Tag' is "v9"`,
			description: "Remove the filter 'Tag', or choose the version that you want in 'Deployment'.",
		});
		expect(askedToEnd(api)).toEqual({});
	});
});

test('Get Deployment needs no Tag if a version was picked', async () => {
	const api = await twoVersions();
	const deploymentId = await picked(api, `${LINE} · v2/0 beta`, 'searchVersions');
	const { items } = await run(api, deployment('get', { deploymentId }));
	expect(items[0]?.json).toMatchObject({ id: 'd', name: LINE, tag: 'v2/0 beta' });
});
