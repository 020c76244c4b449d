import { createSecretKey } from 'crypto';
import sign from 'jsonwebtoken/sign';
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	Icon,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

/** Seconds. VideoSDK sets no lifetime; a short one limits what a leaked token is worth. */
const TOKEN_LIFETIME = 600;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const SERVER_PROBLEM =
	'VideoSDK returned a server error, so the credential could not be checked. Try again in a minute.';

/** What a project lacks that is not on the pay-as-you-go plan: VideoSDK says "Please Enable AI Worker Services". */
const AI_WORKERS =
	'Hosted AI agents need AI Worker Services, which are part of the pay-as-you-go plan. If these services are off, turn them on in the VideoSDK dashboard.';

/** n8n passes on nothing of an answer but its status. */
const WHAT_IT_SAID =
	"To see VideoSDK's own message, run the operation 'Get Many' of the resource 'Agent Session' in a VideoSDK node that uses this credential.";

const NO_AI_WORKERS =
	'This VideoSDK project does not have AI Worker Services. They are part of the pay-as-you-go plan: choose that plan and turn them on in the VideoSDK dashboard (app.videosdk.live).';

const SHOULD_BE =
	"'Base URL' should be https://api.videosdk.live unless you use a proxy, a regional address, or a test server.";

const NOT_VIDEOSDK = `The server at 'Base URL' responded, but it is not the VideoSDK API. ${SHOULD_BE}`;

const REDIRECT = `The server at 'Base URL' redirects to another address. n8n does not follow redirects, because that would send the access token to the other address. ${SHOULD_BE}`;

/**
 * Drops the characters that nobody sees, such as zero-width spaces: they come along when a key is copied
 * from a chat or a PDF. The credential imports nothing from the nodes, which have the same in `shared/`.
 */
function visible(text: string): string {
	return text.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '');
}

const COPY_IT = 'Copy it from the VideoSDK dashboard (app.videosdk.live, API keys).';

function required(
	credentials: ICredentialDataDecryptedObject,
	field: string,
	label: string,
	nextStep = COPY_IT,
) {
	const value = visible(String(credentials[field] ?? '')).trim();
	if (value === '') {
		throw new UserError(`'${label}' in the VideoSDK credential is empty. ${nextStep}`);
	}
	return value;
}

/** Without `URL.canParse`, which in Node.js 20 refuses a host with an umlaut after some thousand calls. */
function parseUrl(value: string): URL | undefined {
	try {
		return new URL(value);
	} catch {
		return undefined;
	}
}

function readBaseUrl(credentials: ICredentialDataDecryptedObject): URL {
	const value = required(credentials, 'baseUrl', 'Base URL', 'Enter https://api.videosdk.live');
	const url = parseUrl(value);
	// No error may show a password in front of the host.
	const shown = value.replace(/^(\w+:\/\/)?.*@/s, '$1');
	if (!url || !/^https?:$/.test(url.protocol)) {
		throw new UserError(
			`'Base URL' in the VideoSDK credential is not a web address: "${shown}". It should look like https://api.videosdk.live`,
		);
	}
	if (url.protocol !== 'https:' && !LOOPBACK.test(url.hostname)) {
		throw new UserError(
			`'Base URL' in the VideoSDK credential must start with https://, but is "${shown}". Without https://, others on the network could read the access token.`,
		);
	}
	if (url.username !== '' || url.password !== '') {
		throw new UserError(
			`'Base URL' in the VideoSDK credential must not contain a user name and password, because n8n would not send them. Enter "${shown}"`,
		);
	}
	return url;
}

/**
 * The URL of a request: a path is appended to the base URL, a whole URL is used as it is. n8n's older
 * request helper, which the HTTP Request node uses, has `uri` instead of `url`.
 */
function targetOf(
	{ url, uri, baseURL }: IHttpRequestOptions & { uri?: string },
	base: URL,
): URL | undefined {
	const address = String(url ?? uri ?? '');
	if (/^[a-z][a-z\d+.-]*:/i.test(address)) return parseUrl(address);
	const from = (baseURL ?? base.origin + base.pathname).replace(/\/+$/, '');
	return parseUrl(`${from}/${address.replace(/^\/+/, '')}`);
}

const WHERE =
	'Copy both keys from the <a href="https://app.videosdk.live" target="_blank">VideoSDK dashboard</a>, under API keys';

export class VideoSdkApi implements ICredentialType {
	name = 'videoSdkApi';

	displayName = 'VideoSDK API';

	icon: Icon = { light: 'file:../icons/videosdk.svg', dark: 'file:../icons/videosdk.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-videosdk/n8n-nodes-videosdk/blob/main/docs/credential.md';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'The API key of your VideoSDK project',
			hint: WHERE,
		},
		{
			displayName: 'Secret Key',
			name: 'secretKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description:
				'The secret key that belongs to the API key. n8n signs each request with it, and never sends it.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: 'https://api.videosdk.live',
			placeholder: 'e.g. https://api.videosdk.live',
			description:
				'The address of the VideoSDK API. n8n sends the access token to this address and nowhere else.',
			hint: 'Leave this as it is unless you use a proxy, a regional address, or a test server',
		},
	];

	/**
	 * Signs one request: makes a token that lives ten minutes and puts it, bare, into the
	 * `Authorization` header. Nothing is cached or stored.
	 *
	 * Claims are those of VideoSDK's documentation (realtime-communication/authentication);
	 * `roles: ['crawler']` opens the server API and cannot join a meeting. VideoSDK wants the
	 * token without a `Bearer` prefix.
	 *
	 * Redirects are switched off for both of n8n's request helpers, which would otherwise send the header
	 * to any host that a redirect names.
	 *
	 * @param credentials the decrypted fields; key, secret and base URL are trimmed, and what nobody sees is dropped
	 * @param requestOptions the request; a `url` that is a path is completed with the base URL
	 * @returns the request with its header
	 * @throws UserError before anything is signed if key, secret or base URL is missing, if the
	 * base URL is neither https nor loopback, or if the request goes to another origin
	 */
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const apiKey = required(credentials, 'apiKey', 'API Key');
		const secretKey = required(credentials, 'secretKey', 'Secret Key');
		const base = readBaseUrl(credentials);
		const target = targetOf(requestOptions, base);
		if (!target) {
			throw new UserError(
				'The request has an invalid address, so nothing was sent. Check the URL of the request.',
			);
		}
		if (target.origin !== base.origin) {
			throw new UserError(
				`The VideoSDK credential is only for ${base.origin}, but the request goes to ${target.origin}. Nothing was sent. If ${target.origin} is the right server, enter it as 'Base URL' in the credential.`,
			);
		}

		const token = sign(
			{ apikey: apiKey, permissions: ['allow_join'], roles: ['crawler'], version: 2 },
			// A key object, since jsonwebtoken first tries to read text as an RSA key: half a millisecond.
			createSecretKey(Buffer.from(secretKey)),
			{ algorithm: 'HS256', expiresIn: TOKEN_LIFETIME },
		);

		const legacyRedirects = { followRedirect: false, followAllRedirects: false };
		return {
			...requestOptions,
			...legacyRedirects,
			baseURL: undefined,
			url: target.href,
			headers: { ...requestOptions.headers, Authorization: token },
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
		};
	}

	test: ICredentialTestRequest = {
		request: {
			url: '/ai/v1/ai-deployment-sessions',
			qs: { page: 1, perPage: 1 },
		},
		rules: [
			...Object.entries({
				301: REDIRECT,
				302: REDIRECT,
				303: REDIRECT,
				307: REDIRECT,
				308: REDIRECT,
				400: `VideoSDK rejected the request. ${SHOULD_BE} ${AI_WORKERS} ${WHAT_IT_SAID}`,
				401: 'VideoSDK did not accept the API key or the secret key. Copy both again from the VideoSDK dashboard (app.videosdk.live, API keys), and check that the clock of the server that runs n8n is right.',
				402: `The plan of this VideoSDK project does not include hosted AI agents (Agent Cloud), or a payment is due. Check the plan and the balance in the VideoSDK dashboard. ${AI_WORKERS} ${WHAT_IT_SAID}`,
				403: `VideoSDK does not allow this API key to use hosted AI agents (Agent Cloud), or a proxy blocked the request. Check the permissions of the key in the VideoSDK dashboard. ${AI_WORKERS} ${WHAT_IT_SAID}`,
				404: `There is no VideoSDK API at 'Base URL'. ${SHOULD_BE}`,
				429: 'VideoSDK is receiving too many requests from this account. Wait a minute, then test the credential again.',
				500: SERVER_PROBLEM,
				502: SERVER_PROBLEM,
				503: SERVER_PROBLEM,
				504: SERVER_PROBLEM,
			}).map(([value, message]) => ({
				type: 'responseCode' as const,
				properties: { value: Number(value), message },
			})),
			// An error can come with status 200. n8n's type has rules of one kind only; n8n itself takes both.
			...[
				{ key: 'message', value: 'Please Enable AI Worker Services', message: NO_AI_WORKERS },
				{
					key: 'success',
					value: false,
					message: `VideoSDK responded, but reported a failure. ${AI_WORKERS} ${WHAT_IT_SAID}`,
				},
				// Any web page answers with 200, but only VideoSDK's list has this field.
				{ key: 'data', value: undefined, message: NOT_VIDEOSDK },
			].map((properties) => ({ type: 'responseSuccessBody' as const, properties })),
		] as ICredentialTestRequest['rules'],
	};
}
