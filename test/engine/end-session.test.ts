/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- the tests run in Node, never inside n8n */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { listen } from '../../dev/listen';
import { byId } from '../../dev/n8n/flow';
import { credentialOf, type Fault, type Options } from '../../dev/videosdk-api';
import { endSession, itemsOf, type NodeRun, stopsNever } from '../support/nodeRun';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

/** Reasons after which VideoSDK may have done what it was asked for. */
const UNCERTAIN =
	/server error|did not respond|was lost|not in the expected format|no session in it/;

const END = 'POST /ai/v1/ai-deployment-sessions/end';
const FETCH = 'GET /ai/v1/ai-deployment-sessions/{sessionId}';

const noRetry = endSession({ maxRetries: 0, timeout: 150 });

/** Lets requests of these sessions go wrong. */
const faultsOf =
	(faults: Record<string, Fault>): Options['faults'] =>
	({ sessionId = '' }) =>
		faults[sessionId];

describe('a session that ends', () => {
	test('comes out with every field as VideoSDK gave it, unknown ones too, and the message', async () => {
		const api = await startApi();
		const { sessionId } = api.sessions.add({
			cost: { amount: 1.5, currency: 'USD' },
			participants: ['a', 'b'],
			recording: null,
		});
		const { items, error, hint, decryptions } = await run(api, endSession(), itemsOf([sessionId]));
		expect(error).toBeUndefined();
		expect(items).toEqual([
			{
				json: { ...api.sessions.find(sessionId), message: 'Session stopped successfully' },
				pairedItem: { item: 0 },
			},
		]);
		expect(items[0]?.json).toMatchObject({
			status: 'completed',
			duration: expect.any(Number),
			cost: { amount: 1.5, currency: 'USD' },
			recording: null,
		});
		expect(hint).toBeUndefined();
		expect(decryptions).toBe(1);
		expect(api.stats.requests.get(END)?.count).toBe(1);
	});

	test('is found by an ID that is a number, or has spaces around it', async () => {
		const api = await startApi();
		for (const sessionId of ['4711', 'a']) api.sessions.add({ sessionId });
		const { items } = await run(api, endSession(), itemsOf([4711, ' a\n']));
		expect(items.map(({ json }) => json.sessionId)).toEqual(['4711', 'a']);
	});

	test('may be picked from the list instead', async () => {
		const api = await startApi();
		const { sessionId } = api.sessions.add();
		const picked = { __rl: true, mode: 'list', value: sessionId, cachedResultName: 'running' };
		const { items } = await run(api, { ...endSession(), sessionId: picked });
		expect(items[0]?.json.sessionId).toBe(sessionId);
	});
});

describe('a session ID that cannot be sent', () => {
	const step =
		"In 'Session', enter the ID of one session. After a Webhook node, the expression is usually {{ $json.body.sessionId }}.";
	const nothing = "The expression in 'Session' returned nothing";
	const compare = 'Compare the field name in the expression with the input on the left';

	test.each<[string, unknown, string, string]>([
		['missing', undefined, nothing, `${compare}. ${step}`],
		['empty', '', nothing, `${compare}. ${step}`],
		['blank', '  ', nothing, `${compare}. ${step}`],
		['null', null, nothing, `${compare}. ${step}`],
		['an object', { sessionId: 'a' }, 'The session ID is a group of fields, not text', step],
		['a list', ['a'], 'The session ID is a list, not text', step],
		['with a line break', 'a\nb', 'The session ID contains a line break or a tab', step],
		['a path', '..', 'The session ID has only dots', step],
	])('%s: nothing is sent', async (_name, sessionId, message, description) => {
		const api = await startApi();
		const { error } = await run(api, endSession(), itemsOf([sessionId]));
		expect(error).toMatchObject({
			name: 'NodeOperationError',
			message,
			description,
			context: { itemIndex: 0 },
		});
		expect(api.stats.requests.size).toBe(0);
	});

	test('a name that the item has almost is named, and which item it is, where there are several', async () => {
		const api = await startApi();
		const input = [{ sessionId: 'a' }, { session_id: 'b' }].map((json) => ({ json }));
		const { failed } = await run(api, endSession({ maxRetries: 0 }), input, stopsNever);
		expect(failed[1]?.json.error).toMatchObject({
			message: `${nothing} [item 1]`,
			description: "Did you mean {{ $json.session_id }}? The input has nothing in 'sessionId'.",
		});
	});

	test('a number that is too large to be exact has its own advice', async () => {
		const api = await startApi();
		const { error } = await run(api, endSession(), itemsOf([2 ** 53]));
		expect(error).toMatchObject({
			message:
				'The session ID is a number with decimals, or with more digits than n8n can store exactly',
			description: 'Send it as text: put it in quotes in the node that sends it.',
		});
	});

	test('is an error of its item alone', async () => {
		const api = await startApi();
		const { sessionId } = api.sessions.add();
		const { items, failed } = await run(api, endSession(), itemsOf([{}, sessionId]), stopsNever);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
		expect(failed[0]?.json.error).toMatchObject({
			message: 'The session ID is a group of fields, not text [item 0]',
		});
	});

	test('is told of with the expression that failed', async () => {
		const api = await startApi();
		const parameters = { ...endSession(), sessionId: byId('={{ $json.body.sessionId }}') };
		const { error } = await run(api, parameters);
		expect(error?.message).toBe(nothing);
		expect(error?.description).toBe(`${compare}. ${step}`);
	});
});

describe('a session that does not end: one sentence each', () => {
	const from = (status: number, body?: IDataObject | string): Fault => ({
		kind: 'status',
		status,
		body: body ?? { message: 'No, because', code: 'E_42' },
		headers: { 'x-request-id': 'req-1' },
	});
	const codes = / Error code: E_42\. Request ID: req-1\.$/;
	const said = /VideoSDK said: "No, because"\. Error code: E_42\. Request ID: req-1\.$/;

	test.each<[string, Fault, string, string | null, RegExp]>([
		['400', from(400), 'VideoSDK rejected the request (HTTP 400)', '400', said],
		[
			'401',
			from(401),
			'VideoSDK did not accept the API key or the secret key',
			'401',
			/clock.*VideoSDK said/,
		],
		[
			'402',
			from(402),
			'there is no such session in this VideoSDK project, or the plan of the project does not include this feature ("No, because")',
			'402',
			codes,
		],
		[
			'403',
			from(403),
			'VideoSDK does not allow this API key to do this ("No, because")',
			'403',
			codes,
		],
		['404', from(404), 'there is no such session in this VideoSDK project', '404', said],
		['409', from(409), 'its current status does not allow it', '409', said],
		['422', from(422), 'VideoSDK rejected the request (HTTP 422)', '422', said],
		['429', from(429), 'VideoSDK is busy (HTTP 429)', '429', said],
		['500', from(500), 'VideoSDK returned a server error (HTTP 500)', '500', said],
		[
			'502 with a page',
			from(502, '<html>Bad Gateway</html>'),
			'VideoSDK returned a server error (HTTP 502)',
			'502',
			/^It may have ended anyway\. .* Request ID: req-1\.$/,
		],
		[
			'no answer',
			{ kind: 'stall' },
			'VideoSDK did not respond within 0.15 seconds',
			null,
			/option 'Timeout \(Milliseconds\)'/,
		],
		[
			'a reset',
			{ kind: 'reset' },
			'the connection to VideoSDK was lost',
			null,
			/Error code: ECONNRESET\.$/,
		],
		[
			'half an answer',
			{ kind: 'truncated' },
			'the connection to VideoSDK was lost',
			null,
			/minute/,
		],
		[
			'no JSON',
			{ kind: 'wrongJson', text: '{"message":' },
			'the response from VideoSDK is not in the expected format',
			null,
			/proxy or gateway/,
		],
		[
			'a page',
			from(200, '<html>'),
			'the response from VideoSDK is not in the expected format',
			null,
			/req-1/,
		],
		[
			'no data',
			from(200, { message: 'Fine' }),
			'the response from VideoSDK has no session in it',
			null,
			/^It may have ended/,
		],
		[
			'no object in data',
			from(200, { message: 'Fine', data: [] }),
			'the response from VideoSDK has no session in it',
			null,
			/^It may have ended/,
		],
	])('%s', async (_name, fault, reason, httpCode, description) => {
		const sessionId = 'a';
		const api = await startApi({ faults: () => fault });
		api.sessions.add({ sessionId });
		const { error } = await run(api, noRetry, itemsOf([sessionId]));
		expect(error).toMatchObject({
			name: 'NodeApiError',
			message: `Session "a" ${UNCERTAIN.test(reason) ? 'may not have been' : 'was not'} ended: ${reason}`,
			description: expect.stringMatching(description),
			httpCode,
			context: { itemIndex: 0 },
		});
	});

	test('no connection', async () => {
		const api = await startApi();
		const credential = credentialOf(api);
		await api.close();
		const { error } = await run(credential, noRetry, itemsOf(['a']));
		expect(error).toMatchObject({
			message: 'Session "a" was not ended: n8n could not connect to VideoSDK',
			description: expect.stringMatching(
				/can reach the internet.*Base URL.*Error code: ECONNREFUSED\.$/,
			),
		});
		expect(error?.description).not.toContain('may have ended');
	});

	test('a server that does not speak TLS', async () => {
		const api = await startApi();
		const credential = { ...credentialOf(api), baseUrl: api.url.replace('http:', 'https:') };
		const { error } = await run(credential, noRetry, itemsOf(['a']));
		expect(error?.message).toBe(
			'Session "a" was not ended: the server at \'Base URL\' has no valid TLS certificate',
		);
		expect(api.stats.requests.size).toBe(0);
	});

	test('a proxy that allows no connection to VideoSDK', async () => {
		const proxy = createServer();
		proxy.on('connect', (_request, socket: Socket) => {
			socket.end('HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\n\r\nNot allowed');
		});
		const { url, close } = await listen(proxy);
		process.env.HTTPS_PROXY = url;
		const credential = { ...credentialOf(await startApi()), baseUrl: 'https://videosdk.example' };
		const { error } = await run(credential, noRetry, itemsOf(['a'])).finally(async () => {
			delete process.env.HTTPS_PROXY;
			await close();
		});
		expect(error?.description).toBe(
			'Check the API key and its permissions in the VideoSDK dashboard. If n8n uses a proxy, check that the proxy allows connections to VideoSDK: this response may have come from the proxy.',
		);
	});

	test.each([
		['End', endSession()],
		['Get', { resource: 'agentSession', operation: 'get', sessionId: byId('a') }],
		['Start', { resource: 'agentSession', operation: 'start', deploymentId: byId('d') }],
	])('a wrong path in Base URL is named beside the ID: %s', async (_operation, parameters) => {
		const api = await startApi();
		const credential = { ...credentialOf(api), baseUrl: `${api.url}/v2/\u200b` };
		const { error } = await run(credential, parameters, itemsOf(['a']));
		expect(error?.message).toContain('there is no such');
		expect(error?.description).toContain(
			'Also check \'Base URL\' in the VideoSDK credential: it ends with "/v2"',
		);
	});

	test('a key and a secret that were pasted with invisible characters sign in', async () => {
		const api = await startApi();
		const { apiKey, secretKey, baseUrl } = credentialOf(api);
		const pasted = {
			apiKey: `\u200b${apiKey}\u202c`,
			secretKey: `\u2068${secretKey}\ufeff`,
			baseUrl: `\u202a${baseUrl}\u200b`,
		};
		const { sessionId } = api.sessions.add();
		const { items } = await run(pasted, endSession(), itemsOf([`\u2068${sessionId}\u2069`]));
		expect(items).toMatchObject([{ json: { sessionId } }]);
	});

	test('a base URL that is refused', async () => {
		const api = await startApi();
		const credential = { ...credentialOf(api), baseUrl: 'http://videosdk.example' };
		const { error } = await run(credential, noRetry, itemsOf(['a']));
		expect(error).toMatchObject({
			message: 'Session "a" was not ended: the request was not sent',
			description: expect.stringContaining('must start with https://'),
		});
	});

	test('an empty secret', async () => {
		const api = await startApi();
		const credential = { ...credentialOf(api), apiKey: ' ' };
		const { error } = await run(credential, noRetry, itemsOf(['a']));
		expect(error?.description).toContain("'API Key' in the VideoSDK credential is empty");
		expect(api.stats.requests.size).toBe(0);
	});

	test('a wrong secret', async () => {
		const api = await startApi();
		const { sessionId } = api.sessions.add();
		const credential = { ...credentialOf(api), secretKey: 'not-the-secret' };
		const { error } = await run(credential, endSession(), itemsOf([sessionId]));
		expect(error).toMatchObject({ httpCode: '401' });
		expect(api.sessions.find(sessionId)?.status).toBe('running');
		expect(api.stats.requests.get(END)?.count).toBe(1);
	});

	test('the token that a server repeats is shown nowhere', async () => {
		const server = createServer((request, response) => {
			const { authorization } = request.headers;
			const body = { message: `Bad token ${authorization}`, code: authorization };
			response.writeHead(401, {
				'content-type': 'application/json',
				'x-request-id': authorization,
			});
			response.end(JSON.stringify(body));
		});
		const { url, close } = await listen(server);
		const credential = { apiKey: 'k-e-y', secretKey: 's-e-c', baseUrl: url };
		const { error } = await run(credential, noRetry, itemsOf(['a']));
		await close();
		expect(error?.description).toContain('VideoSDK said: "Bad token [token]"');
	});
});

test.each([301, 302, 303, 307, 308])(
	'a redirect (%i) is never followed: its target sees nothing',
	async (status) => {
		let connections = 0;
		const elsewhere = createServer().on('connection', () => connections++);
		const { port, close } = await listen(elsewhere);
		const location = `http://localhost:${port}/take-it`;
		const fault: Fault = { kind: 'status', status, headers: { location } };
		const api = await startApi({ faults: () => fault });
		const { error } = await run(api, endSession(), itemsOf(['a']));
		const get = await run(api, { ...endSession(), operation: 'get' }, itemsOf(['a']));
		await close();
		expect(connections).toBe(0);
		expect(api.stats.requests.get(END)?.count).toBe(1);
		expect(api.stats.requests.get(FETCH)?.count).toBe(1);
		for (const each of [error, get.error]) {
			expect(each).toMatchObject({
				httpCode: String(status),
				message: expect.stringMatching(
					/: the server at 'Base URL' redirects to another address, and the node does not follow redirects$/,
				),
				description: expect.stringContaining("Check 'Base URL'"),
			});
		}
	},
);

describe('a batch of which some fail', () => {
	const faults = faultsOf({
		failing: { kind: 'status', status: 500, body: { message: 'Broken' } },
		garbage: { kind: 'wrongJson', text: 'oops' },
	});
	const input: INodeExecutionData[] = [
		{ json: { sessionId: 'good-1', caller: 'A' } },
		{ json: { sessionId: 'unknown', caller: 'B' } },
		{ json: { sessionId: 'failing', caller: 'C' } },
		{ json: { sessionId: 'good-2', caller: 'D' } },
		{ json: { sessionId: 'garbage', caller: 'E' } },
		{ json: { sessionId: { no: 'id' }, caller: 'F' } },
		{ json: { sessionId: 'good-3', caller: 'G' } },
	];
	const problems = [
		[1, 'Session "unknown" was not ended: there is no such session in this VideoSDK project'],
		[2, 'Session "failing" may not have been ended: VideoSDK returned a server error (HTTP 500)'],
		[
			4,
			'Session "garbage" may not have been ended: the response from VideoSDK is not in the expected format',
		],
		[5, 'The session ID is a group of fields, not text [item 5]'],
	];

	async function runBatch(onError: string): Promise<NodeRun> {
		const api = await startApi({ faults });
		for (const sessionId of ['good-1', 'failing', 'good-2', 'garbage', 'good-3']) {
			api.sessions.add({ sessionId });
		}
		const node = { onError } as NonNullable<Parameters<typeof run>[3]>['node'];
		return await run(api, noRetry, input, { node });
	}

	const outcomesOf = (items: INodeExecutionData[]) =>
		items.map(({ json, pairedItem }) => [
			(pairedItem as { item: number }).item,
			(json.error as IDataObject | undefined)?.message ?? json.sessionId,
		]);

	test('Continue (using error output): each on its side, in order and paired', async () => {
		const { items, failed, error } = await runBatch('continueErrorOutput');
		expect(error).toBeUndefined();
		expect(outcomesOf(items)).toEqual([
			[0, 'good-1'],
			[3, 'good-2'],
			[6, 'good-3'],
		]);
		expect(outcomesOf(failed)).toEqual(problems);
	});

	test('Continue (using error output): a failure carries what came in, and one field more', async () => {
		const { failed } = await runBatch('continueErrorOutput');
		expect(failed[1]?.json).toEqual({
			sessionId: 'failing',
			caller: 'C',
			error: {
				message:
					'Session "failing" may not have been ended: VideoSDK returned a server error (HTTP 500)',
				sessionId: 'failing',
				description: expect.stringContaining('VideoSDK said: "Broken".'),
				httpCode: '500',
				videoSdkMessage: 'Broken',
				requestId: expect.any(String),
			},
		});
	});

	test('Continue: all on one side, in order and paired', async () => {
		const { items, failed, error } = await runBatch('continueRegularOutput');
		expect(error).toBeUndefined();
		expect(failed).toEqual([]);
		expect(outcomesOf(items)).toEqual([
			[0, 'good-1'],
			...problems.slice(0, 2),
			[3, 'good-2'],
			...problems.slice(2),
			[6, 'good-3'],
		]);
	});

	test('Stop Workflow: the first failure in the order of the items stops it', async () => {
		const { items, error } = await runBatch('stopWorkflow');
		expect(items).toEqual([]);
		expect(error?.message).toBe(problems[0]?.[1]);
		expect(error?.description).toMatch(/^Ended \d of 7 sessions\. /);
	});
});

test('waits for each session by its own ID where the answer to End names none', async () => {
	const api = await startApi({
		endTakesMs: 100,
		faults: ({ method }) =>
			method === 'POST'
				? { kind: 'wrongJson', text: '{"message":"Fine","data":{}}', processed: true }
				: undefined,
	});
	for (const sessionId of ['a', 'b']) api.sessions.add({ sessionId });
	const options = { waitUntilEnded: true, waitTimeout: 10 };
	const { items, error } = await run(api, endSession(options), itemsOf(['a', 'b']));
	expect(error).toBeUndefined();
	expect(items.map(({ json }) => [json.sessionId, json.status])).toEqual([
		['a', 'stopped'],
		['b', 'stopped'],
	]);
});
