/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import tls from 'node:tls';
import type { VideoSdkApi } from '../../dev/videosdk-api';
import { credentialOf } from '../../dev/videosdk-api';
import { endSession, itemsOf } from '../support/nodeRun';
import { startTls, type TlsServer } from '../support/tls';
import { countOf, session, START } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

let server: TlsServer | undefined;

/** Gives the credential of a fake API behind TLS. */
async function behindTls(api: VideoSdkApi, isDamaged?: () => boolean) {
	server = await startTls(Number(new URL(api.url).port), isDamaged);
	return { ...credentialOf(api), baseUrl: server.url };
}

afterEach(() => {
	server?.close();
	jest.restoreAllMocks();
});

test('End Session sends nothing to a server with an untrusted certificate', async () => {
	const api = await startApi();
	const { error } = await run(await behindTls(api), endSession(), itemsOf(['s1']));
	expect(error).toMatchObject({
		message: 'Session "s1" was not ended: the server at \'Base URL\' has no valid TLS certificate',
		description: expect.stringMatching(
			/^Nothing was sent to it\..*NODE_EXTRA_CA_CERTS\. Error code: DEPTH_ZERO_SELF_SIGNED_CERT\.$/,
		),
	});
	expect(api.stats.requests.size).toBe(0);
});

describe('a damaged TLS response', () => {
	// As NODE_TLS_REJECT_UNAUTHORIZED=0 would, which cannot be set within Jest.
	beforeEach(() => {
		const connect = tls.connect as (options: tls.ConnectionOptions) => tls.TLSSocket;
		jest
			.spyOn(tls, 'connect')
			.mockImplementation((options) =>
				connect({ ...(options as tls.ConnectionOptions), rejectUnauthorized: false }),
			);
	});

	test('End Session retries after a damaged TLS response', async () => {
		let toDamage = 1;
		const api = await startApi();
		api.sessions.add({ sessionId: 's1' });
		const credential = await behindTls(api, () => toDamage-- > 0);
		const { items, error } = await run(credential, endSession(), itemsOf(['s1']));
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json)).toMatchObject([{ status: 'completed' }]);
	});

	test('Start Session does not retry after a damaged TLS response', async () => {
		const api = await startApi();
		const credential = await behindTls(api, () => true);
		const options = { startWithoutDeployment: true };
		const { error } = await run(credential, session('start', { options }));
		expect(error).toMatchObject({
			message: 'The session may not have been started: the connection to VideoSDK was lost',
			description: expect.stringMatching(/^A session may have started anyway.*BAD_RECORD_MAC\.$/),
		});
		expect(countOf(api, START)).toBe(1);
	});
});
