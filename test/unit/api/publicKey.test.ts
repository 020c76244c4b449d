import { getPublicKey } from '../../../nodes/VideoSdk/api/publicKey';
import { wireTo } from '../../support/wire';

const purpose = {
	consequence:
		'The public key for checking the signatures of VideoSDK webhooks could not be retrieved',
};

test('the public key is returned as VideoSDK sends it', async () => {
	const { client, requests } = await wireTo(() => ({ body: { publicKey: 'PEM' } }));
	expect(await getPublicKey(client)).toBe('PEM');
	expect(requests).toMatchObject([{ method: 'GET', url: '/v2/public/rsa-public-key' }]);
});

test.each([[{}], [{ publicKey: null }], [{ publicKey: { n: 1 } }]])(
	'getting the public key fails if the response has none: %j',
	async (body) => {
		const { client } = await wireTo(() => ({ body }));
		await expect(getPublicKey(client)).rejects.toMatchObject({
			cause: { kind: 'unreadable', problem: 'has no key in it (the field "publicKey" is missing)' },
			purpose,
		});
	},
);

test('getting the public key is retried and fails with the status of its request', async () => {
	jest.spyOn(Math, 'random').mockReturnValue(0);
	const { client, requests } = await wireTo((_request, number) => ({
		statusCode: number === 1 ? 502 : 403,
	}));
	await expect(getPublicKey(client)).rejects.toMatchObject({ cause: { status: 403 }, purpose });
	expect(requests).toHaveLength(2);
	jest.restoreAllMocks();
});
