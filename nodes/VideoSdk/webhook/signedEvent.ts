import { createPublicKey, type KeyObject } from 'crypto';
import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { VideoSdkClient } from '../api/client';
import { getPublicKey } from '../api/publicKey';
import { readSessionEvent, type SessionEvent } from './sessionEvent';
import { isSigned, PublicKey } from './signature';

/** Bytes. */
const LARGEST_BODY = 1_048_576;

/**
 * How VideoSDK is asked something while it waits for the answer to an event: once, and not for long.
 */
export const PATIENCE = { timeout: 9_000, maxRetries: 0 };

/** Keys by credential, for all nodes of a type in this n8n. */
const publicKeys = new Map<string, PublicKey>();

/** n8n's request: Express's, with the means to read the body as it came. */
interface WebhookRequest {
	rawBody?: Buffer;
	readRawBody?(): Promise<void>;
}

/** Where the key comes from that a signature is checked with; undefined within if it is no key. */
export type KeySource = 'fetch' | { pasted: KeyObject | undefined };

type Status = 200 | 400 | 401 | 413 | 503;

/** Answers a request, and has the workflow do nothing. */
export function answer(
	context: IWebhookFunctions,
	status: Status,
	message: string,
): IWebhookResponseData {
	context.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

/** The answer to an event that the workflow does not wait for. */
export const NOT_AWAITED = 'The workflow does not wait for this event.';

/** Gives the body as it came, or undefined if it cannot be read. */
export async function readRawBody(
	context: IWebhookFunctions,
): Promise<Buffer | 'too large' | undefined> {
	const request: WebhookRequest = context.getRequestObject();
	try {
		await request.readRawBody?.();
	} catch (error) {
		return (error as { type?: string }).type === 'entity.too.large' ? 'too large' : undefined;
	}
	const { rawBody = Buffer.alloc(0) } = request;
	return rawBody.length > LARGEST_BODY ? 'too large' : rawBody;
}

/** Reads an RSA public key. @returns undefined if it is none */
export function parsePem(pem: unknown): KeyObject | undefined {
	try {
		const key = createPublicKey(String(pem));
		return key.asymmetricKeyType === 'rsa' ? key : undefined;
	} catch {
		return undefined;
	}
}

/** @throws if the key is not available */
async function isFromVideoSdk(
	context: IWebhookFunctions,
	rawBody: Buffer,
	signature: string,
	source: KeySource,
): Promise<boolean> {
	if (source !== 'fetch') {
		return source.pasted !== undefined && isSigned(rawBody, signature, source.pasted);
	}
	const credentialId = context.getNode().credentials?.videoSdkApi?.id ?? '';
	const publicKey = publicKeys.get(credentialId) ?? new PublicKey();
	publicKeys.set(credentialId, publicKey);
	const fetchPem = async () =>
		await getPublicKey(await VideoSdkClient.openAtOnce(context, PATIENCE));

	const key = await publicKey.get(fetchPem);
	if (isSigned(rawBody, signature, key)) return true;
	const newKey = await publicKey.renew(key, fetchPem);
	return newKey !== undefined && isSigned(rawBody, signature, newKey);
}

/**
 * Takes an event that VideoSDK sent. VideoSDK apparently signs for all its customers with one key: only
 * a look at VideoSDK tells whether a session is of the user's own project.
 *
 * @param source of the key; `unchecked` takes what anyone sends
 * @param readOther reads an event that is wanted beside those of a session; one without a signature
 * is taken too, as its caller looks into it
 * @returns the event, and whether its signature was checked; or, when the request has been answered,
 * what n8n is to be given. The answers are 401 without a fitting signature, 400 to what is no event,
 * 413 to more than 1 MB, 503 if the public key is not available, so that VideoSDK sends it again, and
 * 200 to an event about something else
 */
export async function takeEvent<Other = never>(
	context: IWebhookFunctions,
	source: KeySource | 'unchecked',
	readOther: (rawBody: Buffer) => Other | undefined = () => undefined,
): Promise<
	{ event: SessionEvent | Other; isSigned: boolean } | { answered: IWebhookResponseData }
> {
	const refuse = (status: Status, message: string) => ({
		answered: answer(context, status, message),
	});
	const rawBody = await readRawBody(context);
	if (rawBody === undefined) {
		// The sender is gone, so the answer tells nobody.
		context.logger.warn(
			`A request to node "${context.getNode().name}" could not be read: it was broken off, for example because n8n was too busy to answer in time. If it was an event, it is lost unless VideoSDK sends it again.`,
		);
		return refuse(400, 'The body could not be read.');
	}
	if (rawBody === 'too large') return refuse(413, 'The body is larger than 1 MB.');

	const other = readOther(rawBody);
	const signature = context.getHeaderData()['videosdk-signature'];
	const isChecked = source !== 'unchecked' && !(other && signature === undefined);
	if (isChecked) {
		if (typeof signature !== 'string') {
			return refuse(401, 'The header videosdk-signature is missing.');
		}
		try {
			if (!(await isFromVideoSdk(context, rawBody, signature, source))) {
				return refuse(401, 'The signature does not match the body.');
			}
		} catch {
			return refuse(
				503,
				'The key for checking the signature is not available. Send the event again later.',
			);
		}
	}

	const event = other ?? readSessionEvent(rawBody);
	if (!event) return refuse(400, 'The body is not a VideoSDK event.');
	if (event === 'other') return refuse(200, NOT_AWAITED);
	return { event, isSigned: isChecked };
}
