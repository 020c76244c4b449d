import { verify } from 'jsonwebtoken';
import nock from 'nock';
import { endSession, itemsOf } from '../support/nodeRun';
import { useEngine } from './setup';

const { run } = useEngine();

const credential = {
	apiKey: 'key-of-the-project',
	secretKey: 'secret-of-the-project',
	baseUrl: 'https://api.videosdk.live',
};

const path = '/ai/v1/ai-deployment-sessions';

/** The documented sample of an End Session answer. */
const sample = {
	message: 'Session stopped successfully',
	data: {
		sessionId: '8a93774e-caa0-4cd8-9c63-f2771b031b74',
		status: 'completed',
		deploymentId: '2f5f787c-0396-4ae0-929c-f5853628267a',
		tag: 'v1.0',
		start: '2025-06-18T11:16:10.643Z',
		end: '2025-06-18T11:16:54.314Z',
		duration: 43,
		createdAt: '2025-06-18T11:16:10.644Z',
		updatedAt: '2025-06-18T11:16:34.314Z',
	},
};

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
	nock.abortPendingRequests();
	nock.cleanAll();
});
afterAll(() => {
	nock.enableNetConnect();
	nock.restore();
});

/** The one header of that name which n8n-core sent. */
function headerOf(headers: Record<string, string | string[]>, name: string): string {
	return [headers[name]].flat().join();
}

test('End Session sends one JSON POST with the session ID and a bare token', async () => {
	const seen: Array<Record<string, string | string[]>> = [];
	const bodies: unknown[] = [];
	const scope = nock(credential.baseUrl)
		.post(`${path}/end`)
		.reply(function (_uri, body) {
			seen.push(this.req.headers);
			bodies.push(body);
			return [200, sample];
		});
	const { items } = await run(credential, endSession(), itemsOf([sample.data.sessionId]));
	expect(items.map(({ json }) => json)).toEqual([{ ...sample.data, message: sample.message }]);
	expect(scope.isDone()).toBe(true);
	expect(bodies).toEqual([{ sessionId: sample.data.sessionId }]);
	const [headers = {}] = seen;
	expect(headerOf(headers, 'content-type')).toMatch(/^application\/json(;|$)/);
	const token = headerOf(headers, 'authorization');
	expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
	expect(verify(token, credential.secretKey, { algorithms: ['HS256'] })).toMatchObject({
		apikey: credential.apiKey,
		permissions: ['allow_join'],
		roles: ['crawler'],
		version: 2,
	});
});

test.each<[string, string, string]>([
	['get', 'a/b?c', `${path}/a%2Fb%3Fc`],
	['get', '100%', `${path}/100%25`],
	['get', '..%2Fend', `${path}/..%252Fend`],
])('%s encodes the session ID "%s" in the path of the request', async (operation, id, expected) => {
	const scope = nock(credential.baseUrl).get(expected).reply(200, { sessionId: id });
	const { items } = await run(credential, { ...endSession(), operation }, itemsOf([id]));
	expect(items[0]?.json).toEqual({ sessionId: id });
	expect(scope.isDone()).toBe(true);
});

describe('network errors', () => {
	test.each([
		['CERT_HAS_EXPIRED', "the server at 'Base URL' has no valid TLS certificate"],
		['ENOTFOUND', 'n8n could not connect to VideoSDK'],
		['EPIPE', 'the connection to VideoSDK was lost'],
	])('End Session explains the network error %s', async (code, reason) => {
		const effect = reason.endsWith('lost') ? 'may not have been ended' : 'was not ended';
		const failure = Object.assign(new Error(`${code} on the wire`), { code });
		nock(credential.baseUrl).persist().post(`${path}/end`).replyWithError(failure);
		nock(credential.baseUrl).persist().get(`${path}/a`).replyWithError(failure);
		const { error } = await run(credential, endSession({ maxRetries: 0 }), itemsOf(['a']));
		expect(error).toMatchObject({
			name: 'NodeApiError',
			message: `Session "a" ${effect}: ${reason}`,
			description: expect.stringMatching(new RegExp(`Error code: ${code}\\.$`)),
		});
	});

	test('End Session retries after a failed connection until the session ends', async () => {
		const failure = Object.assign(new Error('nobody listens'), { code: 'ECONNREFUSED' });
		nock(credential.baseUrl).post(`${path}/end`).replyWithError(failure);
		nock(credential.baseUrl).post(`${path}/end`).reply(200, sample);
		const { items, hint } = await run(credential, endSession(), itemsOf(['a']));
		expect(items[0]?.json.status).toBe('completed');
		expect(hint).toBe('Ended 1 of 1 session. 1 retry was needed.');
	});
});
