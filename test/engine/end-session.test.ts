/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- the tests run in Node, never inside n8n */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import { listen } from '../../dev/listen';
import { credentialOf, type Fault } from '../../dev/videosdk-api';
import { endSession, itemsOf, stopsNever } from '../support/nodeRun';
import { countOf, idsIn, SESSIONS } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

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
});

test('End Session suggests a similar field name if the expression returned nothing', async () => {
	const input = [{ sessionId: 'a' }, { session_id: 'b' }].map((json) => ({ json }));
	const { failed } = await run(await startApi(), noRetry, input, stopsNever);
	expect(failed[1]?.json.error).toMatchObject({
		message: "The expression in 'Session' returned nothing [item 1]",
		description: "Did you mean {{ $json.session_id }}? The input has nothing in 'sessionId'.",
	});
});

describe('a session that does not end', () => {
	/** Reasons after which VideoSDK may have done what it was asked for. */
	const uncertain = /server error|did not respond|was lost|not in the expected format/;

	const from = (status: number, body?: IDataObject | string): Fault => ({
		...{ kind: 'status', status, body: body ?? { message: 'No, because', code: 'E_42' } },
		headers: { 'x-request-id': 'req-1' },
	});
	const format = 'the response from VideoSDK is not in the expected format';
	const lost = 'the connection to VideoSDK was lost';
	const said = /VideoSDK said: "No, because"\. Error code: E_42\. Request ID: req-1\.$/;
	const page = '<html>Bad Gateway</html>';

	test.each<[string, Fault, string, RegExp]>([
		['400', from(400), 'VideoSDK rejected the request (HTTP 400)', said],
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

	test.each([
		['at a closed port', 'http:', 'n8n could not connect to VideoSDK'],
		['without TLS', 'https:', "the server at 'Base URL' has no valid TLS certificate"],
	])('End Session explains the error of a server %s', async (_name, protocol, reason) => {
		const api = await startApi();
		const baseUrl = api.url.replace('http:', protocol);
		if (protocol === 'http:') await api.close();
		const { error } = await run({ ...credentialOf(api), baseUrl }, noRetry, itemsOf(['a']));
		expect(error?.message).toBe(`Session "a" was not ended: ${reason}`);
		expect(error?.description).toMatch(/Base URL/);
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

	test('End Session suggests that the path in Base URL may be wrong', async () => {
		const api = await startApi();
		const credential = { ...credentialOf(api), baseUrl: `${api.url}/v2/\u200b` };
		const { error } = await run(credential, endSession(), itemsOf(['a']));
		expect(error?.message).toContain('there is no such');
		expect(error?.description).toContain(
			'Also check \'Base URL\' in the VideoSDK credential: it ends with "/v2"',
		);
	});

	test.each([301, 307, 308])(
		'HTTP %i is not followed, so the target of the redirect receives nothing',
		async (status) => {
			let connections = 0;
			const elsewhere = createServer().on('connection', () => connections++);
			const { port, close } = await listen(elsewhere);
			const headers = { location: `http://localhost:${port}/take-it` };
			const api = await startApi({ faults: () => ({ kind: 'status', status, headers }) });
			const { error } = await run(api, endSession(), itemsOf(['a']));
			expect(error).toMatchObject({
				httpCode: String(status),
				message: expect.stringMatching(
					/: the server at 'Base URL' redirects to another address, and the node does not follow redirects$/,
				),
				description: expect.stringContaining("Check 'Base URL'"),
			});
			await close();
			expect(connections).toBe(0);
			expect(countOf(api, END)).toBe(1);
		},
	);
});

describe('On Error for a batch in which some items fail', () => {
	const failing: Fault = { kind: 'status', status: 500, body: { message: 'Broken' } };
	const ids = ['good-1', 'unknown', 'failing', { no: 'id' }, 'good-2'];
	const good = [
		[0, 'good-1'],
		[4, 'good-2'],
	];
	const broken =
		'Session "failing" may not have been ended: VideoSDK returned a server error (HTTP 500)';
	const problems = [
		[1, 'Session "unknown" was not ended: there is no such session in this VideoSDK project'],
		[2, broken],
		[3, 'The session ID is a group of fields, not text [item 3]'],
	];

	async function runBatch(onError: INode['onError']) {
		const api = await startApi({
			faults: ({ sessionId }) => (sessionId === 'failing' ? failing : undefined),
		});
		for (const sessionId of ['good-1', 'failing', 'good-2']) api.sessions.add({ sessionId });
		const input = itemsOf(ids).map(({ json }) => ({ json: { ...json, caller: 'C' } }));
		return await run(api, noRetry, input, { node: { onError } });
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
				message: broken,
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
		expect(error?.description).toMatch(/^Ended \d of 5 sessions\. /);
	});
});
