import { verify } from 'jsonwebtoken';
import type { IHttpRequestOptions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';
import { VideoSdkApi } from '../../credentials/VideoSdkApi.credentials';

const fields = {
	...{ apiKey: 'the-api-key', secretKey: 'the-secret', baseUrl: 'https://api.videosdk.live' },
};

const request: IHttpRequestOptions = { url: '/ai/v1/ai-deployment-sessions' };

/** What n8n's older request helper has, and its types have not. */
type Legacy = Partial<IHttpRequestOptions> & { uri?: string };

const credential = new VideoSdkApi();

async function signed(options: Legacy = request, changed: Partial<typeof fields> = {}) {
	const sent = options as IHttpRequestOptions;
	const result = await credential.authenticate({ ...fields, ...changed }, sent);
	return { ...result, token: String(result.headers?.Authorization) };
}

afterEach(() => jest.useRealTimers());

const ORIGIN = 'https://a.example';
const EVIL = 'https://evil.example';
const API = 'https://api.videosdk.live';

describe('the token', () => {
	test('is one that jsonwebtoken accepts, with the documented claims and no other', async () => {
		jest.useFakeTimers({ now: Date.UTC(2025, 5, 18) });
		const { token } = await signed();
		const iat = Date.UTC(2025, 5, 18) / 1000;
		const claims = { apikey: 'the-api-key', permissions: ['allow_join'], roles: ['crawler'] };
		expect(
			verify(token, fields.secretKey, { algorithms: ['HS256'], complete: true }),
		).toMatchObject({ header: { alg: 'HS256', typ: 'JWT' } });
		expect(verify(token, fields.secretKey)).toEqual({ ...claims, version: 2, iat, exp: iat + 600 });
	});

	test.each([
		['spaces', ' the-api-key\n', '\tthe-secret ', ` ${API}`],
		[
			'what nobody sees',
			'\u200bthe-api-key\u202c ',
			'the\u2068-secret\ufeff',
			`\u202a${API}\u200b`,
		],
	])('is the same where a field has %s', async (_name, apiKey, secretKey, baseUrl) => {
		const { token, url } = await signed(request, { apiKey, secretKey, baseUrl });
		expect(verify(token, fields.secretKey)).toMatchObject({ apikey: 'the-api-key' });
		expect(url).toBe(`${API}/ai/v1/ai-deployment-sessions`);
	});

	test('stands bare in the header, beside the headers of the request', async () => {
		const { headers } = await signed({ ...request, headers: { 'X-Other': '1' } });
		const Authorization = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/);
		expect(headers).toEqual({ 'X-Other': '1', Authorization });
	});

	test('is made anew for each request, from the fields as they are then', async () => {
		jest.useFakeTimers({ now: 0 });
		const first = await signed();
		jest.setSystemTime(1_000);
		const second = await signed();
		const third = await signed(request, { secretKey: 'another' });
		expect(second.token).not.toBe(first.token);
		expect(() => verify(third.token, fields.secretKey)).toThrow('invalid signature');
		expect(verify(third.token, 'another')).toMatchObject({ iat: 1 });
	});

	test('is kept nowhere, and neither are key and secret', async () => {
		const made = new VideoSdkApi();
		const before = JSON.stringify(made);
		const options = { ...request, headers: {} };
		await made.authenticate(fields, options);
		expect(JSON.stringify(made)).toBe(before);
		expect(options).toEqual({ ...request, headers: {} });
	});
});

describe('the request', () => {
	test.each<[string, string, Legacy, string]>([
		['a path', ORIGIN, { url: '/x' }, `${ORIGIN}/x`],
		['a path without a slash', ORIGIN, { url: 'x' }, `${ORIGIN}/x`],
		['below a proxy', ` ${ORIGIN}/videosdk/ `, { url: '/x' }, `${ORIGIN}/videosdk/x`],
		['another port', `${ORIGIN}:8443`, { url: '/x' }, `${ORIGIN}:8443/x`],
		['its usual port', `${ORIGIN}:443`, { url: `${ORIGIN}/x` }, `${ORIGIN}/x`],
		['a whole address', ORIGIN, { url: `${ORIGIN}/x?y` }, `${ORIGIN}/x?y`],
		['as n8n once said it', ORIGIN, { uri: `${ORIGIN}/x` }, `${ORIGIN}/x`],
		['its own base', ORIGIN, { baseURL: `${ORIGIN}/v2`, url: '/x' }, `${ORIGIN}/v2/x`],
		['what looks like a host', ORIGIN, { url: '//evil.example/x' }, `${ORIGIN}/evil.example/x`],
		['a user and a host', ORIGIN, { url: '@evil.example' }, `${ORIGIN}/@evil.example`],
		['a colon in a later part', ORIGIN, { url: 'x/a:b' }, `${ORIGIN}/x/a:b`],
		['a path with two slashes', ORIGIN, { url: 'x//y' }, `${ORIGIN}/x//y`],
		['below a path with slashes', `${ORIGIN}/v2//`, { url: 'x' }, `${ORIGIN}/v2/x`],
		['a base alone', ORIGIN, { baseURL: `${ORIGIN}/v2` }, `${ORIGIN}/v2/`],
	])('%s goes to the base URL', async (_name, baseUrl, options, expected) => {
		const { url, baseURL } = await signed(options, { baseUrl });
		expect({ url, baseURL }).toEqual({ url: expected, baseURL: undefined });
	});

	test.each<[string, Legacy, string?]>([
		['another host', { url: `${EVIL}/x` }, `goes to ${EVIL}.`],
		['another host, as n8n once said it', { uri: `${EVIL}/x` }],
		['another port', { url: `${API}:8443/x` }],
		['plain http', { url: 'http://api.videosdk.live/x' }],
		['a subdomain', { url: `${API}.evil.example/x` }],
		['a host that ends alike', { url: 'https://evilapi.videosdk.live/x' }],
		['the host as a user', { url: `${API}@evil.example/x` }],
		['the host as a user and a password', { url: `${API}:443@evil.example/` }],
		['a backslash', { url: 'https:\\\\evil.example\\x' }],
		['no slashes', { url: 'https:evil.example' }],
		['capitals', { url: 'HTTPS://EVIL.EXAMPLE' }],
		['another base', { baseURL: EVIL, url: '/x' }],
		['another base that ends in the host', { baseURL: `${EVIL}/api.videosdk.live`, url: '' }],
		['a base as a user', { baseURL: `${API}@evil.example`, url: 'x' }],
		['another scheme', { url: 'data:text/plain,x' }],
	])('%s is refused before anything is signed', async (...[, options, where = 'goes to ']) => {
		const refusal = signed(options);
		await expect(refusal).rejects.toThrow(UserError);
		await expect(refusal).rejects.toThrow(
			/^The VideoSDK credential is only for https:\/\/api\.videosdk\.live, but the request goes to .* Nothing was sent\./,
		);
		await expect(refusal).rejects.toThrow(where);
		await expect(refusal).rejects.not.toThrow(/the-api-key|the-secret/);
	});

	test('an address that is none is refused', async () => {
		const error = 'The request has an invalid address';
		await expect(signed({ url: 'https://[' })).rejects.toThrow(error);
	});

	test('follows no redirect, with either request helper of n8n, and keeps its options', async () => {
		const options = { ...request, method: 'POST', body: { a: 1 }, qs: { b: 2 } } as const;
		expect(await signed({ ...options, disableFollowRedirect: false })).toMatchObject({
			...{ method: 'POST', body: { a: 1 }, qs: { b: 2 } },
			...{ disableFollowRedirect: true, sendCredentialsOnCrossOriginRedirect: false },
			...{ followRedirect: false, followAllRedirects: false },
		});
	});
});

describe('the base URL', () => {
	test.each([
		...['http://localhost:3000', 'http://127.0.0.1:3000', 'http://127.1.2.3', 'http://[::1]:3000'],
		...['HTTP://LOCALHOST', 'https://anywhere.example'],
	])('%s is allowed', async (baseUrl) => {
		const { url } = await signed(request, { baseUrl });
		expect(url).toBe(`${new URL(baseUrl).origin}/ai/v1/ai-deployment-sessions`);
	});

	test.each([
		...['http://api.videosdk.live', 'http://localhost.evil.example', 'http://[::2]'],
		...['http://127.0.0.1.evil.example', 'http://localhost@evil.example', 'http://10.0.0.1'],
	])('%s is not: the token would go over the line for all to read', async (baseUrl) => {
		await expect(signed(request, { baseUrl })).rejects.toThrow(/must start with https:\/\//);
	});

	const noUser = /must not contain a user name.* Enter "https:\/\/api\.example"$/;

	test.each([
		[
			'https://user:password@api.example/path',
			/must not contain a user name.* Enter "https:\/\/api\.example\/path"$/,
		],
		['https://user:pass/word@api.example', /is not a web address: "https:\/\/api\.example"/],
		['https://user:pass\nword@api.example', noUser],
		['https://:password@api.example', noUser],
		['https://user@api.example', noUser],
		['http://user:password@api.example', /but is "http:\/\/api\.example"/],
		['user:password@api.example', /is not a web address: "api\.example"/],
	])('%s is not, and no error shows what stands before the host', async (baseUrl, says) => {
		const signing = signed(request, { baseUrl });
		await expect(signing).rejects.toThrow(says);
		await expect(signing).rejects.not.toThrow(/user:|word@/);
	});

	test('a host with an umlaut is one each time', async () => {
		const hosts = new Set<string>();
		for (let time = 0; time < 10_000; time++) {
			hosts.add(new URL((await signed(request, { baseUrl: 'https://bücher.example' })).url).host);
		}
		expect([...hosts]).toEqual(['xn--bcher-kva.example']);
	});

	test('an @ in its path is no user name', async () => {
		const baseUrl = 'https://proxy.example/@videosdk';
		expect((await signed(request, { baseUrl })).url).toContain(`${baseUrl}/ai/`);
	});

	test.each([
		...['api.videosdk.live', 'ftp://api.videosdk.live', 'https://', 'javascript:x'],
		...['xhttp://localhost', 'httpx://localhost', 'https://['],
	])('%s is no web address', async (baseUrl) => {
		await expect(signed(request, { baseUrl })).rejects.toThrow(/is not a web address/);
	});
});

const copyIt = 'Copy it from the VideoSDK dashboard (app.videosdk.live, API keys).';

test.each([
	['apiKey', 'API Key', copyIt],
	['secretKey', 'Secret Key', copyIt],
	['baseUrl', 'Base URL', 'Enter https://api.videosdk.live'],
])('an empty %s is named, with what to enter', async (field, label, nextStep) => {
	const error = new UserError(`'${label}' in the VideoSDK credential is empty. ${nextStep}`);
	for (const value of ['', ' \n', undefined]) {
		await expect(signed(request, { [field]: value })).rejects.toThrow(error);
	}
});

test('the form masks key and secret, and a link says where they are', () => {
	const form = new VideoSdkApi();
	expect(form).toMatchObject({
		name: 'videoSdkApi',
		displayName: expect.stringContaining('VideoSDK'),
		icon: { light: expect.stringMatching(/[.]svg$/), dark: expect.stringMatching(/dark[.]svg$/) },
		documentationUrl: expect.stringMatching(/^https:/),
	});
	const secret = { required: true, default: '', type: 'string', typeOptions: { password: true } };
	const hint = expect.stringContaining('href="https://app.videosdk.live"');
	const base = { name: 'baseUrl', required: true, default: fields.baseUrl, type: 'string' };
	const placeholder = expect.stringContaining('https://api.videosdk.live');
	expect(form.properties).toEqual(
		[
			{ name: 'apiKey', ...secret, hint },
			{ name: 'secretKey', ...secret },
			{ ...base, placeholder, hint: expect.stringMatching(/^Leave this as it is/) },
		].map((field) => ({
			...field,
			displayName: expect.stringMatching(/^[A-Z]/),
			description: expect.stringMatching(/^[A-Z].{20}/),
		})),
	);
});

test('the test of the credential asks for one session, and explains each answer', () => {
	const { request: asked, rules = [] } = new VideoSdkApi().test;
	expect(asked).toEqual({ url: request.url, qs: { page: 1, perPage: 1 } });
	const codes = rules.map(({ properties }) => 'value' in properties && properties.value);
	const statuses = [301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 429, 500, 502, 503, 504];
	expect(codes).toEqual(expect.arrayContaining(statuses));
	for (const { type, properties } of rules) {
		expect(['responseCode', 'responseSuccessBody']).toContain(type);
		expect(properties.message).toMatch(/^[A-Z].{20,}[.]$/);
	}
	for (const status of [400, 402, 403]) {
		const { properties } = rules[codes.indexOf(status)] ?? {};
		expect(properties?.message).toMatch(
			/run the operation 'Get Many' of the resource 'Agent Session' in a VideoSDK node that uses this credential\.$/,
		);
	}
});
