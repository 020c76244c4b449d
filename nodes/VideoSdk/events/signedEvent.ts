import { createPublicKey, type KeyObject } from 'crypto';
import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { VideoSdkClient } from '../http/client';
import { CredentialProblem } from '../http/credentialProblem';
import { getPublicKey } from '../api/publicKey';
import { visible } from '../shared/visible';
import { answer, NOT_AWAITED, PATIENCE, readRawBody, type Status } from './response';
import { readSessionEvent, type SessionEvent } from './sessionEvent';
import { hasValidSignature, PublicKey } from './signature';

/** Keys by credential, for all triggers, or all VideoSDK nodes, of this n8n process. */
const publicKeys = new Map<string, PublicKey>();

/** Where the key for checking signatures comes from. A pasted text that is not a key is undefined. */
export type KeySource = 'fetch' | { pasted: KeyObject | undefined };

const KEY = /-----BEGIN ((?:RSA )?PUBLIC KEY)-----(.*?)-----END \1-----/s;

/** A key as it is, or as VideoSDK's JSON shows it: with `\n` as two characters, and in quotes. */
function asPem(text: string): string {
	const [, label, body = ''] = KEY.exec(text) ?? [];
	if (label === undefined) return text;
	const base64 = visible(body).replace(/\\[nr]|[\s\\]/g, '');
	return [`-----BEGIN ${label}-----`, base64, `-----END ${label}-----`].join('\n');
}

/**
 * Reads an RSA public key.
 *
 * @param pasted in PEM (SPKI or PKCS#1), also on one line, indented, or in the JSON of VideoSDK's answer
 * @returns undefined if it is none
 */
export function parsePem(pasted: unknown): KeyObject | undefined {
	try {
		const key = createPublicKey(asPem(String(pasted)));
		return key.asymmetricKeyType === 'rsa' ? key : undefined;
	} catch {
		return undefined;
	}
}

/** @throws an error if the key is not available */
async function isFromVideoSdk(
	context: IWebhookFunctions,
	rawBody: Buffer,
	signature: string,
	source: KeySource,
): Promise<boolean> {
	if (source !== 'fetch') {
		return source.pasted !== undefined && hasValidSignature(rawBody, signature, source.pasted);
	}
	const credentialId = context.getNode().credentials?.videoSdkApi?.id ?? '';
	const publicKey = publicKeys.get(credentialId) ?? new PublicKey();
	publicKeys.set(credentialId, publicKey);
	const fetchPem = async () =>
		await getPublicKey(await VideoSdkClient.openAtOnce(context, PATIENCE));

	const key = await publicKey.get(fetchPem);
	if (hasValidSignature(rawBody, signature, key)) return true;
	const newKey = await publicKey.renew(key, fetchPem);
	return newKey !== undefined && hasValidSignature(rawBody, signature, newKey);
}

/**
 * Reads a request, and accepts it if it is an event that VideoSDK signed. VideoSDK apparently signs with
 * one key for all its customers, so only a look-up shows whether the session is of the user's project.
 *
 * @param source of the key; `unchecked` accepts events from anyone
 * @param readOther reads events of another kind than those of sessions. Such an event is also accepted
 * without a signature: the caller has to confirm it
 * @returns the event, and whether its signature was checked; or what n8n is to get, after the request was
 * answered. The answers are 401 without a valid signature, 400 for a body that is not an event, 413 for
 * more than 1 MB, 503 if the public key is not available, so that VideoSDK sends the event again, and 200
 * for an event about something else
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
			`A request to node "${context.getNode().name}" could not be read: the connection was closed, for example because n8n was too busy to answer in time. If it was an event, it is lost unless VideoSDK sends it again.`,
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
		} catch (error) {
			// The sender cannot do anything about it, the user can.
			if (error instanceof CredentialProblem) {
				context.logger.warn(
					`A request to node "${context.getNode().name}" was not accepted. ${error.message}. ${error.nextStep}`,
				);
			}
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
