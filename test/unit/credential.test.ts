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
	test('the token verifies with jsonwebtoken and has only the documented claims', async () => {
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
		['leading and trailing spaces', ' the-api-key\n', '\tthe-secret ', ` ${API}`],
		[
			'invisible characters',
			'\u200bthe-api-key\u202c ',
			'the\u2068-secret\ufeff',
			`\u202a${API}\u200b`,
		],
	])('%s in the credential fields are ignored', async (_name, apiKey, secretKey, baseUrl) => {
		const { token, url } = await signed(request, { apiKey, secretKey, baseUrl });
		expect(verify(token, fields.secretKey)).toMatchObject({ apikey: 'the-api-key' });
		expect(url).toBe(`${API}/ai/v1/ai-deployment-sessions`);
	});

	test('the Authorization header is the bare token, and other headers are kept', async () => {
		const { headers } = await signed({ ...request, headers: { 'X-Other': '1' } });
		const Authorization = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/);
		expect(headers).toEqual({ 'X-Other': '1', Authorization });
	});

	test('a new token is signed for each request, from the current field values', async () => {
		jest.useFakeTimers({ now: 0 });
		const first = await signed();
		jest.setSystemTime(1_000);
		const second = await signed();
		const third = await signed(request, { secretKey: 'another' });
		expect(second.token).not.toBe(first.token);
		expect(() => verify(third.token, fields.secretKey)).toThrow('invalid signature');
		expect(verify(third.token, 'another')).toMatchObject({ iat: 1 });
	});

	test('signing stores no token, key or secret in the credential or the request', async () => {
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
		['a path without a leading slash', ORIGIN, { url: 'x' }, `${ORIGIN}/x`],
		[
			'a path below the path of a proxy',
			` ${ORIGIN}/videosdk/ `,
			{ url: '/x' },
			`${ORIGIN}/videosdk/x`,
		],
		['a path and a port in the base URL', `${ORIGIN}:8443`, { url: '/x' }, `${ORIGIN}:8443/x`],
		['a full URL without the default port', `${ORIGIN}:443`, { url: `${ORIGIN}/x` }, `${ORIGIN}/x`],
		['a full URL', ORIGIN, { url: `${ORIGIN}/x?y` }, `${ORIGIN}/x?y`],
		['a full URL in the legacy field uri', ORIGIN, { uri: `${ORIGIN}/x` }, `${ORIGIN}/x`],
		['a baseURL of its own', ORIGIN, { baseURL: `${ORIGIN}/v2`, url: '/x' }, `${ORIGIN}/v2/x`],
		[
			'a path that looks like a host',
			ORIGIN,
			{ url: '//evil.example/x' },
			`${ORIGIN}/evil.example/x`,
		],
		[
			'a path that looks like a user and a host',
			ORIGIN,
			{ url: '@evil.example' },
			`${ORIGIN}/@evil.example`,
		],
		['a colon in a later path segment', ORIGIN, { url: 'x/a:b' }, `${ORIGIN}/x/a:b`],
		['two slashes in its path', ORIGIN, { url: 'x//y' }, `${ORIGIN}/x//y`],
		[
			'a path below a base URL that ends in slashes',
			`${ORIGIN}/v2//`,
			{ url: 'x' },
			`${ORIGIN}/v2/x`,
		],
		['only a baseURL', ORIGIN, { baseURL: `${ORIGIN}/v2` }, `${ORIGIN}/v2/`],
	])('a request with %s goes to the base URL', async (_name, baseUrl, options, expected) => {
		const { url, baseURL } = await signed(options, { baseUrl });
		expect({ url, baseURL }).toEqual({ url: expected, baseURL: undefined });
	});

	test.each<[string, Legacy, string?]>([
		['another host', { url: `${EVIL}/x` }, `goes to ${EVIL}.`],
		['another host in the legacy field uri', { uri: `${EVIL}/x` }],
		['another port', { url: `${API}:8443/x` }],
		['the host over unencrypted HTTP', { url: 'http://api.videosdk.live/x' }],
		['a host that begins with the allowed one', { url: `${API}.evil.example/x` }],
		['a host that ends with the allowed one', { url: 'https://evilapi.videosdk.live/x' }],
		['a host whose user is the allowed host', { url: `${API}@evil.example/x` }],
		['a host whose login is the allowed host', { url: `${API}:443@evil.example/` }],
		['another host after backslashes', { url: 'https:\\\\evil.example\\x' }],
		['another host without slashes', { url: 'https:evil.example' }],
		['another host in capitals', { url: 'HTTPS://EVIL.EXAMPLE' }],
		['another baseURL', { baseURL: EVIL, url: '/x' }],
		['a baseURL that ends with the host', { baseURL: `${EVIL}/api.videosdk.live`, url: '' }],
		['a baseURL with the host as its user', { baseURL: `${API}@evil.example`, url: 'x' }],
		['a URL with another scheme', { url: 'data:text/plain,x' }],
	])('a request to %s is rejected before signing', async (...[, options, where = 'goes to ']) => {
		const refusal = signed(options);
		await expect(refusal).rejects.toThrow(UserError);
		await expect(refusal).rejects.toThrow(
			/^The VideoSDK credential is only for https:\/\/api\.videosdk\.live, but the request goes to .* Nothing was sent\./,
		);
		await expect(refusal).rejects.toThrow(where);
		await expect(refusal).rejects.not.toThrow(/the-api-key|the-secret/);
	});

	test('a request with an invalid URL is rejected', async () => {
		const error = 'The request has an invalid address';
		await expect(signed({ url: 'https://[' })).rejects.toThrow(error);
	});

	test('a signed request keeps its options, and no n8n request helper redirects it', async () => {
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
	])('the base URL %s is allowed', async (baseUrl) => {
		const { url } = await signed(request, { baseUrl });
		expect(url).toBe(`${new URL(baseUrl).origin}/ai/v1/ai-deployment-sessions`);
	});

	test.each([
		...['http://api.videosdk.live', 'http://localhost.evil.example', 'http://[::2]'],
		...['http://127.0.0.1.evil.example', 'http://localhost@evil.example', 'http://10.0.0.1'],
	])('the base URL %s is rejected as unencrypted', async (baseUrl) => {
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
	])('base URL %j is rejected, hiding its login', async (baseUrl, says) => {
		const signing = signed(request, { baseUrl });
		await expect(signing).rejects.toThrow(says);
		await expect(signing).rejects.not.toThrow(/user:|word@/);
	});

	test('a base URL with an umlaut always becomes the same Punycode host', async () => {
		const hosts = new Set<string>();
		for (let time = 0; time < 10_000; time++) {
			hosts.add(new URL((await signed(request, { baseUrl: 'https://bücher.example' })).url).host);
		}
		expect([...hosts]).toEqual(['xn--bcher-kva.example']);
	});

	test('an @ in the path of the base URL is not taken for a user name', async () => {
		const baseUrl = 'https://proxy.example/@videosdk';
		expect((await signed(request, { baseUrl })).url).toContain(`${baseUrl}/ai/`);
	});

	test.each([
		...['api.videosdk.live', 'ftp://api.videosdk.live', 'https://', 'javascript:x'],
		...['xhttp://localhost', 'httpx://localhost', 'https://['],
	])('the base URL %s is rejected as an invalid web address', async (baseUrl) => {
		await expect(signed(request, { baseUrl })).rejects.toThrow(/is not a web address/);
	});
});

const copyIt = 'Copy it from the VideoSDK dashboard (app.videosdk.live, API keys).';

test.each([
	['apiKey', 'API Key', copyIt],
	['secretKey', 'Secret Key', copyIt],
	['baseUrl', 'Base URL', 'Enter https://api.videosdk.live'],
])(
	'an empty %s is an error that names the field and what to enter',
	async (field, label, nextStep) => {
		const error = new UserError(`'${label}' in the VideoSDK credential is empty. ${nextStep}`);
		for (const value of ['', ' \n', undefined]) {
			await expect(signed(request, { [field]: value })).rejects.toThrow(error);
		}
	},
);

test('the credential form masks the key and the secret and links to where they are', () => {
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

test('the credential test requests one session and explains each HTTP status', () => {
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
