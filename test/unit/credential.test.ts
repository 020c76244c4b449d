import { verify } from 'jsonwebtoken';
import type { IHttpRequestOptions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';
import { VideoSdkApi } from '../../credentials/VideoSdkApi.credentials';

const fields = {
	apiKey: 'the-api-key',
	secretKey: 'the-secret',
	baseUrl: 'https://api.videosdk.live',
};

const request: IHttpRequestOptions = { url: '/ai/v1/ai-deployment-sessions' };

/** What n8n's older request helper has, and its types have not. */
type Legacy = Partial<IHttpRequestOptions> & { uri?: string };

const credential = new VideoSdkApi();

async function signed(options: Legacy = request, changed: Partial<typeof fields> = {}) {
	const result = await credential.authenticate(
		{ ...fields, ...changed },
		options as IHttpRequestOptions,
	);
	return { ...result, token: String(result.headers?.Authorization) };
}

afterEach(() => jest.useRealTimers());

describe('the token', () => {
	test('is one that jsonwebtoken accepts, with the claims of the documentation', async () => {
		jest.useFakeTimers({ now: Date.UTC(2025, 5, 18) });
		const { token } = await signed();
		const iat = Date.UTC(2025, 5, 18) / 1000;
		expect(
			verify(token, fields.secretKey, { algorithms: ['HS256'], complete: true }),
		).toMatchObject({
			header: { alg: 'HS256', typ: 'JWT' },
			payload: {
				apikey: 'the-api-key',
				permissions: ['allow_join'],
				roles: ['crawler'],
				version: 2,
				iat,
				exp: iat + 600,
			},
		});
	});

	test('is the same where a field has characters that nobody sees', async () => {
		const { token, url } = await signed(request, {
			apiKey: '\u200bthe-api-key\u202c ',
			secretKey: 'the\u2068-secret\ufeff',
			baseUrl: '\u202ahttps://api.videosdk.live\u200b',
		});
		expect(verify(token, fields.secretKey)).toMatchObject({ apikey: 'the-api-key' });
		expect(url).toBe('https://api.videosdk.live/ai/v1/ai-deployment-sessions');
	});

	test('carries no claim beside these', async () => {
		const { token } = await signed();
		expect(Object.keys(verify(token, fields.secretKey)).sort()).toEqual([
			'apikey',
			'exp',
			'iat',
			'permissions',
			'roles',
			'version',
		]);
	});

	test('stands bare in the header, beside the headers of the request', async () => {
		const { headers } = await signed({ ...request, headers: { 'X-Other': '1' } });
		expect(headers).toEqual({
			'X-Other': '1',
			Authorization: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
		});
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

	test('is made of key and secret without the spaces around them', async () => {
		const { token } = await signed(request, { apiKey: ' key\n', secretKey: '\tsecret ' });
		expect(verify(token, 'secret')).toMatchObject({ apikey: 'key' });
	});
});

describe('the request', () => {
	test.each<[string, string, Legacy, string]>([
		['a path', 'https://a.example', { url: '/x' }, 'https://a.example/x'],
		['a path without a slash', 'https://a.example', { url: 'x' }, 'https://a.example/x'],
		[
			'below a proxy',
			' https://a.example/videosdk/ ',
			{ url: '/x' },
			'https://a.example/videosdk/x',
		],
		['another port', 'https://a.example:8443', { url: '/x' }, 'https://a.example:8443/x'],
		[
			'its usual port',
			'https://a.example:443',
			{ url: 'https://a.example/x' },
			'https://a.example/x',
		],
		[
			'a whole address',
			'https://a.example',
			{ url: 'https://a.example/x?y' },
			'https://a.example/x?y',
		],
		[
			'as n8n once said it',
			'https://a.example',
			{ uri: 'https://a.example/x' },
			'https://a.example/x',
		],
		[
			'its own base',
			'https://a.example',
			{ baseURL: 'https://a.example/v2', url: '/x' },
			'https://a.example/v2/x',
		],
		[
			'what looks like a host',
			'https://a.example',
			{ url: '//evil.example/x' },
			'https://a.example/evil.example/x',
		],
		[
			'a user and a host',
			'https://a.example',
			{ url: '@evil.example' },
			'https://a.example/@evil.example',
		],
		['a path with a colon', 'https://a.example', { url: '/x/a:b' }, 'https://a.example/x/a:b'],
		['a colon in a later part', 'https://a.example', { url: 'x/a:b' }, 'https://a.example/x/a:b'],
		['a path with two slashes', 'https://a.example', { url: 'x//y' }, 'https://a.example/x//y'],
		['below a path with slashes', 'https://a.example/v2//', { url: 'x' }, 'https://a.example/v2/x'],
		[
			'a base alone',
			'https://a.example',
			{ baseURL: 'https://a.example/v2' },
			'https://a.example/v2/',
		],
	])('%s goes to the base URL', async (_name, baseUrl, options, expected) => {
		const { url, baseURL } = await signed(options, { baseUrl });
		expect({ url, baseURL }).toEqual({ url: expected, baseURL: undefined });
	});

	test.each<[string, Legacy]>([
		['another host', { url: 'https://evil.example/x' }],
		['another host, as n8n once said it', { uri: 'https://evil.example/x' }],
		['another port', { url: 'https://api.videosdk.live:8443/x' }],
		['plain http', { url: 'http://api.videosdk.live/x' }],
		['a subdomain', { url: 'https://api.videosdk.live.evil.example/x' }],
		['a host that ends alike', { url: 'https://evilapi.videosdk.live/x' }],
		['the host as a user', { url: 'https://api.videosdk.live@evil.example/x' }],
		['the host as a user and a password', { url: 'https://api.videosdk.live:443@evil.example/' }],
		['a backslash', { url: 'https:\\\\evil.example\\x' }],
		['no slashes', { url: 'https:evil.example' }],
		['capitals', { url: 'HTTPS://EVIL.EXAMPLE' }],
		['another base', { baseURL: 'https://evil.example', url: '/x' }],
		[
			'another base that ends in the host',
			{ baseURL: 'https://evil.example/api.videosdk.live', url: '' },
		],
		['a base as a user', { baseURL: 'https://api.videosdk.live@evil.example', url: 'x' }],
		['another scheme', { url: 'data:text/plain,x' }],
	])('%s is refused before anything is signed', async (_name, options) => {
		const refusal = signed(options);
		await expect(refusal).rejects.toThrow(UserError);
		await expect(refusal).rejects.toThrow(
			/^The VideoSDK credential is only for https:\/\/api\.videosdk\.live, but the request goes to .* Nothing was sent\./,
		);
	});

	test.each<[string, Legacy, string]>([
		['where it would go', { url: 'https://evil.example/x' }, 'goes to https://evil.example.'],
		['an invalid address', { url: 'https://[' }, 'The request has an invalid address'],
	])('a refusal says %s', async (_name, options, text) => {
		await expect(signed(options)).rejects.toThrow(text);
	});

	test('follows no redirect, with either of n8n’s request helpers', async () => {
		expect(await signed({ ...request, disableFollowRedirect: false })).toMatchObject({
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
			followRedirect: false,
			followAllRedirects: false,
		});
	});

	test('keeps the rest of its options', async () => {
		expect(
			await signed({ ...request, method: 'POST', body: { a: 1 }, qs: { b: 2 } }),
		).toMatchObject({ method: 'POST', body: { a: 1 }, qs: { b: 2 } });
	});
});

describe('the base URL', () => {
	test.each([
		'http://localhost:3000',
		'http://127.0.0.1:3000',
		'http://127.1.2.3',
		'http://[::1]:3000',
		'HTTP://LOCALHOST',
		'https://anywhere.example',
	])('%s is allowed', async (baseUrl) => {
		expect((await signed(request, { baseUrl })).url).toBe(
			`${new URL(baseUrl).origin}/ai/v1/ai-deployment-sessions`,
		);
	});

	test.each([
		'http://api.videosdk.live',
		'http://localhost.evil.example',
		'http://127.0.0.1.evil.example',
		'http://localhost@evil.example',
		'http://10.0.0.1',
		'http://[::2]',
	])('%s is not: the token would go over the line for all to read', async (baseUrl) => {
		await expect(signed(request, { baseUrl })).rejects.toThrow(/must start with https:\/\//);
	});

	test.each([
		[
			'https://user:password@api.example/path',
			/must not contain a user name.* Enter "https:\/\/api\.example\/path"$/,
		],
		['https://user:pass/word@api.example', /is not a web address: "https:\/\/api\.example"/],
		[
			'https://user:pass\nword@api.example',
			/must not contain a user name.* Enter "https:\/\/api\.example"$/,
		],
		[
			'https://:password@api.example',
			/must not contain a user name.* Enter "https:\/\/api\.example"$/,
		],
		['https://user@api.example', /must not contain a user name.* Enter "https:\/\/api\.example"$/],
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
		'api.videosdk.live',
		'ftp://api.videosdk.live',
		'https://',
		'javascript:x',
		'xhttp://localhost',
		'httpx://localhost',
		'https://[',
	])('%s is no web address', async (baseUrl) => {
		await expect(signed(request, { baseUrl })).rejects.toThrow(/is not a web address/);
	});
});

test.each([
	['apiKey', 'API Key', 'Copy it from the VideoSDK dashboard (app.videosdk.live, API keys).'],
	['secretKey', 'Secret Key', 'Copy it from the VideoSDK dashboard (app.videosdk.live, API keys).'],
	['baseUrl', 'Base URL', 'Enter https://api.videosdk.live'],
])('an empty %s is named, with what to enter', async (field, label, nextStep) => {
	for (const value of ['', ' \n', undefined]) {
		await expect(signed(request, { [field]: value })).rejects.toThrow(
			new UserError(`'${label}' in the VideoSDK credential is empty. ${nextStep}`),
		);
	}
});

test('no refusal shows key or secret', async () => {
	const refusals = await Promise.allSettled([
		signed({ url: 'https://evil.example' }),
		signed(request, { baseUrl: 'http://evil.example' }),
		signed(request, { baseUrl: '' }),
	]);
	expect(refusals.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
	const texts = refusals.map((refusal) => ('reason' in refusal ? String(refusal.reason) : ''));
	expect(texts.join()).not.toMatch(/the-api-key|the-secret/);
});

test('the form asks for key, secret and base URL; the first two are masked, and a link says where they are', () => {
	const form = new VideoSdkApi();
	expect(form).toMatchObject({
		name: 'videoSdkApi',
		displayName: expect.stringContaining('VideoSDK'),
		icon: { light: expect.stringMatching(/[.]svg$/), dark: expect.stringMatching(/dark[.]svg$/) },
		documentationUrl: expect.stringMatching(/^https:/),
	});
	const secret = { required: true, default: '', type: 'string', typeOptions: { password: true } };
	const link = expect.stringContaining('href="https://app.videosdk.live"');
	const address = expect.stringContaining('https://api.videosdk.live');
	expect(form.properties).toEqual(
		[
			{ name: 'apiKey', ...secret, hint: link },
			{ name: 'secretKey', ...secret },
			{
				name: 'baseUrl',
				required: true,
				default: fields.baseUrl,
				type: 'string',
				placeholder: address,
				hint: expect.stringMatching(/^Leave this as it is/),
			},
		].map((field) => ({
			...field,
			displayName: expect.stringMatching(/^[A-Z]/),
			description: expect.stringMatching(/^[A-Z].{20}/),
		})),
	);
});

describe('the test of the credential', () => {
	test('asks for one session', () => {
		expect(new VideoSdkApi().test.request).toEqual({
			url: request.url,
			qs: { page: 1, perPage: 1 },
		});
	});

	test('has a sentence for each answer that it may get', () => {
		const { rules = [] } = new VideoSdkApi().test;
		const codes = rules.map(({ properties }) => 'value' in properties && properties.value);
		expect(codes).toEqual(
			expect.arrayContaining([
				...[301, 302, 303, 307, 308],
				...[400, 401, 402, 403, 404, 429],
				...[500, 502, 503, 504],
			]),
		);
		for (const { type, properties } of rules) {
			expect(['responseCode', 'responseSuccessBody']).toContain(type);
			expect(properties.message).toMatch(/^[A-Z].{20,}[.]$/);
		}
	});

	test.each([400, 402, 403])('says for %i where to read what VideoSDK said', (status) => {
		const { rules = [] } = new VideoSdkApi().test;
		const rule = rules.find(
			({ properties }) => 'value' in properties && properties.value === status,
		);
		expect(rule?.properties.message).toMatch(
			/run the operation 'Get Many' in a VideoSDK node that uses this credential\.$/,
		);
	});
});
