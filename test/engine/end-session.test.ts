/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- the tests run in Node, never inside n8n */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import { listen } from '../../dev/listen';
import { byId } from '../../dev/n8n/flow';
import { type CredentialFields, credentialOf, type Fault } from '../../dev/videosdk-api';
import { endSession, itemsOf, stopsNever } from '../support/nodeRun';
import { countOf, idsIn, session, SESSIONS } from './sessions';
import { useEngine } from './setup';

const { startApi, run, refused } = useEngine();

const END = `POST ${SESSIONS}/end`;

const noRetry = endSession({ maxRetries: 0, timeout: 150 });

describe('a session that ends', () => {
	test('End Session returns every field from VideoSDK, including unknown ones', async () => {
		const api = await startApi();
		const fields = { cost: { amount: 1.5, currency: 'USD' }, participants: ['a'], recording: null };
		const { sessionId } = api.sessions.add(fields);
		const { items, error, hint, decryptions } = await run(api, endSession(), itemsOf([sessionId]));
		expect(error).toBeUndefined();
		const json = { ...api.sessions.find(sessionId), message: 'Session stopped successfully' };
		expect(items).toEqual([{ json, pairedItem: { item: 0 } }]);
		const ended = { status: 'completed', duration: expect.any(Number) as number };
		expect(json).toMatchObject({ ...ended, ...fields });
		expect(hint).toBeUndefined();
		expect(decryptions).toBe(1);
		expect(countOf(api, END)).toBe(1);
	});

	test('End Session accepts an ID that is a number or has whitespace around it', async () => {
		const api = await startApi();
		for (const sessionId of ['4711', 'a']) api.sessions.add({ sessionId });
		const { items } = await run(api, endSession(), itemsOf([4711, ' a\n']));
		expect(idsIn(items)).toEqual(['4711', 'a']);
	});

	test('End Session accepts a session that was picked from the list', async () => {
		const api = await startApi();
		const { sessionId } = api.sessions.add();
		const picked = { __rl: true, mode: 'list', value: sessionId, cachedResultName: 'running' };
		const { items } = await run(api, { ...endSession(), sessionId: picked });
		expect(idsIn(items)).toEqual([sessionId]);
	});
});

describe('a session ID that cannot be sent', () => {
	const step =
		"In 'Session', enter the ID of one session. After a Webhook node, the expression is usually {{ $json.body.sessionId }}, and after a VideoSDK Trigger or 'Start Session', {{ $json.sessionId }}.";
	const nothing = "The expression in 'Session' returned nothing";
	const compare = 'Compare the field name in the expression with the input on the left';

	test.each<[unknown, string, string]>([
		[undefined, nothing, `${compare}. ${step}`],
		['  ', nothing, `${compare}. ${step}`],
		[{ sessionId: 'a' }, 'The session ID is a group of fields, not text', step],
		['a\nb', 'The session ID contains a line break or a tab', step],
		['..', 'The session ID consists only of dots', step],
		[
			2 ** 53,
			'The session ID is a number with decimals, or with more digits than n8n can store exactly',
			'It must be text: put it in quotes in the node or app that it comes from.',
		],
	])('End Session rejects the ID %j without a request', async (sessionId, message, description) => {
		const context = { itemIndex: 0 };
		const expected = { name: 'NodeOperationError', message, description, context };
		expect(await refused(endSession(), itemsOf([sessionId]))).toMatchObject(expected);
	});

	test('End Session suggests a similar field name if the expression returned nothing', async () => {
		const input = [{ sessionId: 'a' }, { session_id: 'b' }].map((json) => ({ json }));
		const { failed } = await run(await startApi(), noRetry, input, stopsNever);
		expect(failed[1]?.json.error).toMatchObject({
			message: `${nothing} [item 1]`,
			description: "Did you mean {{ $json.session_id }}? The input has nothing in 'sessionId'.",
		});
	});
});

describe('a session that does not end', () => {
	/** Reasons after which VideoSDK may have done what it was asked for. */
	const uncertain =
		/server error|did not respond|was lost|not in the expected format|no session in it/;

	const from = (status: number, body?: IDataObject | string): Fault => ({
		...{ kind: 'status', status, body: body ?? { message: 'No, because', code: 'E_42' } },
		headers: { 'x-request-id': 'req-1' },
	});
	const noSession = 'there is no such session in this VideoSDK project';
	const format = 'the response from VideoSDK is not in the expected format';
	const lost = 'the connection to VideoSDK was lost';
	const said = /VideoSDK said: "No, because"\. Error code: E_42\. Request ID: req-1\.$/;
	const page = '<html>Bad Gateway</html>';

	test.each<[string, Fault, string, RegExp]>([
		['400', from(400), 'VideoSDK rejected the request (HTTP 400)', said],
		[
			'402',
			from(402),
			`${noSession}, or the plan of the project does not include this feature ("No, because")`,
			/ Error code: E_42\. Request ID: req-1\.$/,
		],
		['404', from(404), noSession, said],
		['409', from(409), 'the current status of the session does not allow it', said],
		[
			'502 with an HTML page',
			from(502, page),
			'VideoSDK returned a server error (HTTP 502)',
			/^The session may have ended anyway\. .* Request ID: req-1\.$/,
		],
		[
			'no response',
			{ kind: 'stall' },
			'VideoSDK did not respond within 0.15 seconds',
			/option 'Timeout \(Milliseconds\)'/,
		],
		['a connection reset', { kind: 'reset' }, lost, /Error code: ECONNRESET\.$/],
		['a truncated response', { kind: 'truncated' }, lost, /try to end it again/],
		['invalid JSON', { kind: 'wrongJson', text: '{"message":' }, format, /proxy or gateway/],
		['an HTML page', from(200, page), format, /req-1/],
		[
			'a response without a session',
			from(200, { message: 'Fine', data: [] }),
			'the response from VideoSDK has no session in it',
			/^The session may have ended/,
		],
	])('End Session explains the error after %s', async (_name, fault, reason, description) => {
		const { error } = await run(await startApi({ faults: () => fault }), noRetry, itemsOf(['a']));
		expect(error).toMatchObject({
			name: 'NodeApiError',
			message: `Session "a" ${uncertain.test(reason) ? 'may not have been' : 'was not'} ended: ${reason}`,
			description: expect.stringMatching(description),
			httpCode: fault.kind === 'status' && fault.status !== 200 ? String(fault.status) : null,
			context: { itemIndex: 0 },
		});
	});

	test('an error that VideoSDK was not reached does not say the session may have ended', async () => {
		const api = await startApi();
		await api.close();
		const { error } = await run(credentialOf(api), noRetry, itemsOf(['a']));
		expect(error).toMatchObject({
			message: 'Session "a" was not ended: n8n could not connect to VideoSDK',
			description: expect.stringMatching(
				/can reach the internet.*Base URL.*Error code: ECONNREFUSED\.$/,
			),
		});
		expect(error?.description).not.toContain('may have ended');
	});

	const none = "'API Key' in the VideoSDK credential is empty";

	test.each<[string, (url: string) => Partial<CredentialFields>, string]>([
		[
			'an https Base URL of a server without TLS',
			(url) => ({ baseUrl: url.replace('http:', 'https:') }),
			"the server at 'Base URL' has no valid TLS certificate",
		],
		[
			'a Base URL with http:',
			() => ({ baseUrl: 'http://videosdk.example' }),
			'must start with https://',
		],
		['an empty API Key', () => ({ apiKey: ' ' }), none],
	])('End Session sends no request with %s', async (_name, fields, expected) => {
		const api = await startApi();
		const credential = { ...credentialOf(api), ...fields(api.url) };
		const { error } = await run(credential, noRetry, itemsOf(['a']));
		expect(error?.message).toMatch(/^Session "a" was not ended: /);
		expect(`${error?.message} ${error?.description}`).toContain(expected);
		expect(api.stats.requests.size).toBe(0);
	});

	test('a proxy that blocks VideoSDK is named as a possible reason for HTTP 403', async () => {
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
		['End Session', endSession()],
		['Get Session', session('get', { sessionId: byId('a') })],
		['Start Session', session('start', { deploymentId: byId('d') })],
	])('%s suggests that the path in Base URL may be wrong', async (_operation, parameters) => {
		const api = await startApi();
		const credential = { ...credentialOf(api), baseUrl: `${api.url}/v2/\u200b` };
		const { error } = await run(credential, parameters, itemsOf(['a']));
		expect(error?.message).toContain('there is no such');
		expect(error?.description).toContain(
			'Also check \'Base URL\' in the VideoSDK credential: it ends with "/v2"',
		);
	});

	test('credentials that were pasted with invisible characters still authenticate', async () => {
		const api = await startApi();
		const { apiKey, secretKey, baseUrl } = credentialOf(api);
		const pasted = {
			apiKey: `\u200b${apiKey}\u202c`,
			secretKey: `\u2068${secretKey}\ufeff`,
			baseUrl: `\u202a${baseUrl}\u200b`,
		};
		const { sessionId } = api.sessions.add();
		const { items } = await run(pasted, endSession(), itemsOf([`\u2068${sessionId}\u2069`]));
		expect(idsIn(items)).toEqual([sessionId]);
	});

	test('a wrong Secret Key fails at the first request, and ends nothing', async () => {
		const api = await startApi();
		const { sessionId } = api.sessions.add();
		const credential = { ...credentialOf(api), secretKey: 'not-the-secret' };
		const { error } = await run(credential, endSession(), itemsOf([sessionId]));
		expect(error).toMatchObject({
			message: expect.stringContaining('VideoSDK did not accept the API key or the secret key'),
			description: expect.stringMatching(/clock.*VideoSDK said/),
			httpCode: '401',
		});
		expect(api.sessions.find(sessionId)?.status).toBe('running');
		expect(countOf(api, END)).toBe(1);
	});

	test('a token that the server repeats in its response is redacted', async () => {
		const server = createServer(({ headers: { authorization } }, response) => {
			const headers = { 'content-type': 'application/json', 'x-request-id': authorization };
			const body = { message: `Bad token ${authorization}`, code: authorization };
			response.writeHead(401, headers).end(JSON.stringify(body));
		});
		const { url, close } = await listen(server);
		const credential = { apiKey: 'k-e-y', secretKey: 's-e-c', baseUrl: url };
		const { error } = await run(credential, noRetry, itemsOf(['a']));
		await close();
		expect(error?.description).toContain('VideoSDK said: "Bad token [token]"');
	});

	test.each([301, 307, 308])(
		'HTTP %i is not followed, so the target of the redirect receives nothing',
		async (status) => {
			let connections = 0;
			const elsewhere = createServer().on('connection', () => connections++);
			const { port, close } = await listen(elsewhere);
			const headers = { location: `http://localhost:${port}/take-it` };
			const api = await startApi({ faults: () => ({ kind: 'status', status, headers }) });
			for (const operation of ['end', 'get']) {
				const { error } = await run(api, { ...endSession(), operation }, itemsOf(['a']));
				expect(error).toMatchObject({
					httpCode: String(status),
					message: expect.stringMatching(
						/: the server at 'Base URL' redirects to another address, and the node does not follow redirects$/,
					),
					description: expect.stringContaining("Check 'Base URL'"),
				});
			}
			await close();
			expect(connections).toBe(0);
			expect([...api.stats.requests.values()].map(({ count }) => count)).toEqual([1, 1]);
		},
	);
});

describe('On Error for a batch in which some items fail', () => {
	const faults: Record<string, Fault> = {
		failing: { kind: 'status', status: 500, body: { message: 'Broken' } },
		garbage: { kind: 'wrongJson', text: 'oops' },
	};
	const ids = ['good-1', 'unknown', 'failing', 'good-2', 'garbage', { no: 'id' }, 'good-3'];
	const server = 'VideoSDK returned a server error (HTTP 500)';
	const good = ['good-1', 'good-2', 'good-3'].map((id, index) => [3 * index, id]);
	const problems = [
		[1, 'Session "unknown" was not ended: there is no such session in this VideoSDK project'],
		[2, `Session "failing" may not have been ended: ${server}`],
		[
			4,
			'Session "garbage" may not have been ended: the response from VideoSDK is not in the expected format',
		],
		[5, 'The session ID is a group of fields, not text [item 5]'],
	];

	async function runBatch(onError: INode['onError']) {
		const api = await startApi({ faults: ({ sessionId = '' }) => faults[sessionId] });
		for (const sessionId of ['good-1', 'failing', 'good-2', 'garbage', 'good-3']) {
			api.sessions.add({ sessionId });
		}
		const input = itemsOf(ids).map(({ json }) => ({ json: { ...json, caller: 'C' } }));
		return await run(api, noRetry, input as INodeExecutionData[], { node: { onError } });
	}

	const outcomesOf = (items: INodeExecutionData[]) =>
		items.map(({ json, pairedItem }) => [
			(pairedItem as { item: number }).item,
			(json.error as IDataObject | undefined)?.message ?? json.sessionId,
		]);

	test('Continue (using error output) keeps item order and input fields on both outputs', async () => {
		const { items, failed, error } = await runBatch('continueErrorOutput');
		expect(error).toBeUndefined();
		expect(outcomesOf(items)).toEqual(good);
		expect(outcomesOf(failed)).toEqual(problems);
		expect(failed[1]?.json).toEqual({
			sessionId: 'failing',
			caller: 'C',
			error: {
				message: problems[1]?.[1],
				sessionId: 'failing',
				description: expect.stringContaining('VideoSDK said: "Broken".'),
				httpCode: '500',
				videoSdkMessage: 'Broken',
				requestId: expect.any(String),
			},
		});
	});

	test('Continue returns results and errors on one output in item order', async () => {
		const { items, failed, error } = await runBatch('continueRegularOutput');
		expect([error, failed]).toEqual([undefined, []]);
		const all = [...good, ...problems].sort(([a], [b]) => Number(a) - Number(b));
		expect(outcomesOf(items)).toEqual(all);
	});

	test('Stop Workflow fails with the first failure in item order', async () => {
		const { items, error } = await runBatch('stopWorkflow');
		expect(items).toEqual([]);
		expect(error?.message).toBe(problems[0]?.[1]);
		expect(error?.description).toMatch(/^Ended \d of 7 sessions\. /);
	});
});

test('Wait Until Ended polls the ID of the item if the response names no session', async () => {
	const answer: Fault = {
		kind: 'wrongJson',
		text: '{"message":"Fine","data":{}}',
		processed: true,
	};
	const api = await startApi({
		endTakesMs: 100,
		faults: ({ method }) => (method === 'POST' ? answer : undefined),
	});
	for (const sessionId of ['a', 'b']) api.sessions.add({ sessionId });
	const options = { waitUntilEnded: true, waitTimeout: 10 };
	const { items, error } = await run(api, endSession(options), itemsOf(['a', 'b']));
	expect(error).toBeUndefined();
	expect(items).toMatchObject([
		{ json: { sessionId: 'a', status: 'stopped' } },
		{ json: { sessionId: 'b', status: 'stopped' } },
	]);
});
