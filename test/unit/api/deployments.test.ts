import type { IDataObject } from 'n8n-workflow';
import {
	createDeployment,
	getDeployment,
	listOfDeployments,
	parseVersion,
	writeVersion,
} from '../../../nodes/VideoSdk/api/deployments';
import { collect } from '../../../nodes/VideoSdk/http/pages';
import fc from '../../support/fastCheck';
import { wireTo } from '../../support/wire';

const DEPLOYMENTS = '/ai/v1/ai-deployments';

describe('getting a version of a deployment', () => {
	test('a deployment is fetched by its encoded ID and tag and returned as received', async () => {
		const { client, requests } = await wireTo(() => ({ body: { id: 'a', other: 1 } }));
		expect(await getDeployment(client, 'a/b', 'v 1?')).toEqual({ id: 'a', other: 1 });
		expect(requests).toMatchObject([{ method: 'GET', url: `${DEPLOYMENTS}/a%2Fb/v%201%3F` }]);
	});

	test('getting a deployment is retried, and its error names the ID and the tag', async () => {
		jest.spyOn(Math, 'random').mockReturnValue(0);
		const { client, requests } = await wireTo((_request, number) => ({
			statusCode: number === 1 ? 502 : 404,
		}));
		const consequence = 'Deployment "a b" with tag "v 1" could not be retrieved';
		const about = { deploymentId: 'a\nb', tag: 'v\n1' };
		await expect(getDeployment(client, 'a\nb', 'v\n1')).rejects.toMatchObject({
			cause: { kind: 'status', status: 404 },
			purpose: { consequence, about, subject: 'deployment' },
		});
		expect(requests).toHaveLength(2);
		jest.restoreAllMocks();
	});
});

describe('creating a deployment', () => {
	const deployment = { name: 'Line\n1', description: 'Night' };

	test('creating a deployment sends its fields and returns the response as received', async () => {
		const { client, requests } = await wireTo(() => ({ body: { id: 'a', other: 1 } }));
		expect(await createDeployment(client, deployment)).toEqual({ id: 'a', other: 1 });
		const sent = { method: 'POST', url: DEPLOYMENTS, body: JSON.stringify(deployment) };
		expect(requests).toMatchObject([sent]);
	});

	test('creating a deployment is not retried if it may have succeeded', async () => {
		const { client, requests } = await wireTo(() => ({ statusCode: 502 }));
		const consequence = 'Deployment "Line 1" was not created';
		await expect(createDeployment(client, deployment)).rejects.toMatchObject({
			mayHaveTakenEffect: true,
			purpose: { consequence, about: { name: 'Line\n1' }, ifItWorked: 'created' },
		});
		expect(requests).toHaveLength(1);
	});
});

describe('the list of deployments', () => {
	const read = async (...pages: IDataObject[][]) => {
		const { client, requests } = await wireTo(({ qs }) => ({
			body: { data: pages[Number(qs?.page) - 1] ?? [] },
		}));
		return { rows: await collect(client, listOfDeployments, 100), requests };
	};

	test('the deployment list has every version and every row without an ID once', async () => {
		const page = [
			...[{ id: 'a', tag: 'v1' }, { id: 'a', tag: 'v2' }, { id: 'a' }, { id: 'b', tag: 'v1' }],
			...[{ id: 7 }, { name: 'Nameless' }, { name: 'Nameless too' }],
		];
		const { rows, requests } = await read(page, page);
		expect(rows).toEqual(page);
		expect(requests).toMatchObject([
			{ method: 'GET', url: DEPLOYMENTS, qs: { page: 1, perPage: 100 } },
			{ qs: { page: 2, perPage: 100 } },
		]);
	});

	test('a deployment that changes between two pages is listed once', async () => {
		const before = { id: 'a', tag: 'v1', status: 'building' };
		const { rows } = await read([before], [{ ...before, status: 'ready' }, { id: 'b' }]);
		expect(rows).toEqual([before, { id: 'b' }]);
	});

	test('a failed deployment list says that deployments could not be listed', async () => {
		const { client } = await wireTo(() => ({ statusCode: 403 }));
		await expect(collect(client, listOfDeployments, 1)).rejects.toMatchObject({
			purpose: { consequence: 'Deployments could not be listed' },
		});
	});
});

describe('a deployment version as text', () => {
	const id = fc.string({ minLength: 1 }).filter((text) => !text.includes('?tag='));
	const tag = fc.option(fc.string({ minLength: 1, unit: 'binary' }), { nil: undefined });

	test('a deployment version that is written as text is parsed back unchanged', () => {
		fc.assert(
			fc.property(id, tag, (deploymentId, tagOfIt) => {
				const version = { deploymentId, ...(tagOfIt !== undefined && { tag: tagOfIt }) };
				expect(parseVersion(writeVersion(version))).toEqual(version);
			}),
		);
	});

	test.each(['2f5f787c-0396', 'd?tag=', 'd?tag=%', 'd?tag=v 1', 'd?TAG=v1', 'd@v1', '?tag', ''])(
		'text without a valid tag is parsed as a deployment ID: %j',
		(text) => {
			expect(parseVersion(text)).toEqual({ deploymentId: text });
		},
	);
});
