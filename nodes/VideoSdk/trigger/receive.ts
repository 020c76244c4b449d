import { createPublicKey, type KeyObject } from 'crypto';
import type {
	IDataObject,
	IHookFunctions,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { VideoSdkClient } from '../api/client';
import { VideoSdkFailure } from '../api/failure';
import { getPublicKey } from '../api/publicKey';
import { getSession } from '../api/sessions';
import { explainError } from '../execution/explainError';
import { readEvent, type SessionEvent } from './event';
import { Repeats } from './repeats';
import { isSigned, PublicKey } from './signature';

/** Bytes. */
const LARGEST_BODY = 1_048_576;

/** VideoSDK waits for the answer to an event, so it is asked something back once, and not for long. */
const PATIENCE = { timeout: 9_000, maxRetries: 0 };

/** Milliseconds after which a session that is unknown is asked for again: its event may be faster. */
const SECOND_LOOK = 1_000;

/** Keys by credential, for all triggers of this n8n. */
const publicKeys = new Map<string, PublicKey>();

const repeats = new Repeats();

/** n8n's request: Express's, with the means to read the body as it came. */
interface WebhookRequest {
	rawBody?: Buffer;
	readRawBody?(): Promise<void>;
}

/** Answers, and starts no workflow. */
function answer(
	context: IWebhookFunctions,
	status: 200 | 400 | 401 | 413 | 503,
	message: string,
): IWebhookResponseData {
	context.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

/** Gives the body as it came, or undefined if it cannot be read. */
async function readRawBody(context: IWebhookFunctions): Promise<Buffer | 'too large' | undefined> {
	const request: WebhookRequest = context.getRequestObject();
	try {
		await request.readRawBody?.();
	} catch (error) {
		return (error as { type?: string }).type === 'entity.too.large' ? 'too large' : undefined;
	}
	const { rawBody = Buffer.alloc(0) } = request;
	return rawBody.length > LARGEST_BODY ? 'too large' : rawBody;
}

function parsePem(pem: unknown): KeyObject | undefined {
	try {
		const key = createPublicKey(String(pem));
		return key.asymmetricKeyType === 'rsa' ? key : undefined;
	} catch {
		return undefined;
	}
}

const pastedKey = (context: IHookFunctions | IWebhookFunctions) =>
	context.getNodeParameter('publicKeySource', 'fetch') === 'paste'
		? { key: parsePem(context.getNodeParameter('publicKey', '')) }
		: undefined;

/**
 * Checks that a pasted key is one, while somebody is there to read that it is not.
 *
 * @throws NodeOperationError
 */
export function checkPastedKey(context: IHookFunctions): void {
	if (context.getNodeParameter('verifySignature', true) !== true) return;
	const pasted = pastedKey(context);
	if (pasted && !pasted.key) {
		throw new NodeOperationError(context.getNode(), 'The public key is not an RSA key', {
			description:
				'Paste the whole key in Public Key (PEM), from the line BEGIN PUBLIC KEY to the line END PUBLIC KEY, or let it be fetched from VideoSDK.',
		});
	}
}

/** @throws if the key cannot be had */
async function isFromVideoSdk(
	context: IWebhookFunctions,
	rawBody: Buffer,
	signature: string,
): Promise<boolean> {
	const pasted = pastedKey(context);
	if (pasted) return pasted.key !== undefined && isSigned(rawBody, signature, pasted.key);

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

/** @returns undefined if the project has no such session */
async function unlessUnknown(session: Promise<IDataObject>): Promise<IDataObject | undefined> {
	return await session.catch(async (error: unknown) => {
		const cause = error instanceof VideoSdkFailure ? error.cause : undefined;
		if (cause?.kind === 'status' && cause.status === 404) return undefined;
		return await Promise.reject(error);
	});
}

/**
 * Gives the session's fields, or says why they are missing: the event counts for more than they do.
 *
 * @returns undefined if the project has no such session
 */
async function fetchSession(
	context: IWebhookFunctions,
	sessionId: string,
): Promise<IDataObject | undefined> {
	try {
		const client = await VideoSdkClient.openAtOnce(context, PATIENCE);
		const ask = async () => await unlessUnknown(getSession(client, sessionId));
		const session = await ask();
		if (session) return session;
		await client.wait(SECOND_LOOK);
		return await ask();
	} catch (error) {
		return { fetchError: explainError(context.getNode(), error).error.message };
	}
}

/** What `Repeats` wants to know of an event; undefined where a repeat is to start a run like any. */
function memoryOf(
	context: IWebhookFunctions,
	{ event, sessionId }: SessionEvent,
): Parameters<Repeats['forget']> | undefined {
	const ignoresRepeats = context.getNodeParameter('ignoreRepeats', true) !== false;
	// Who tries out a workflow sends the same event again, and wants to see it.
	if (!ignoresRepeats || context.getMode() === 'manual') return undefined;
	const trigger = `${context.getWorkflow().id}/${context.getNode().id}`;
	return [trigger, `${event} ${sessionId}`, context.getWorkflowStaticData('node')];
}

/** Reads which events are wanted. An expression may give a list, a text such as `started, failed`, or nothing. */
function wantedEvents(context: IWebhookFunctions): string[] {
	return [context.getNodeParameter('events', []) as unknown]
		.flat()
		.flatMap((wanted) => (typeof wanted === 'string' ? wanted.split(/[\s,]+/) : []));
}

/**
 * Takes a request that came to the trigger's URL, and starts the workflow if it is an event that is
 * wanted and that VideoSDK signed. What is refused leaves nothing behind in n8n but its answer.
 * VideoSDK signs for all its customers with one key, for all that is known: that a session is one of
 * the user's own project is only told by looking it up.
 *
 * Answers 200 to an event, wanted or not, 401 without a fitting signature, 400 to what is no event,
 * 413 to more than 1 MB, and 503 if the public key cannot be had, so that VideoSDK sends it again.
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const rawBody = await readRawBody(context);
	if (rawBody === undefined) return answer(context, 400, 'The body could not be read.');
	if (rawBody === 'too large') return answer(context, 413, 'The body is larger than 1 MB.');

	if (context.getNodeParameter('verifySignature', true) !== false) {
		const signature = context.getHeaderData()['videosdk-signature'];
		if (typeof signature !== 'string') {
			return answer(context, 401, 'The header videosdk-signature is missing.');
		}
		try {
			if (!(await isFromVideoSdk(context, rawBody, signature))) {
				return answer(context, 401, 'The signature does not fit the body.');
			}
		} catch {
			return answer(context, 503, 'The key to check the signature with cannot be had now.');
		}
	}

	const event = readEvent(rawBody);
	if (!event) return answer(context, 400, 'The body is no event of VideoSDK.');
	if (event === 'other' || !wantedEvents(context).includes(event.event)) {
		return answer(context, 200, 'The workflow does not wait for this event.');
	}
	const memory = memoryOf(context, event);
	if (memory && repeats.isRepeat(...memory)) return answer(context, 200, 'This event came before.');

	const receivedAt = new Date().toISOString();
	const { sessionId, data } = event;
	const isWanted = context.getNodeParameter('fetchSession', true) !== false;
	const session = isWanted ? await fetchSession(context, sessionId) : {};
	if (!session) {
		if (memory) repeats.forget(...memory);
		return answer(context, 200, 'There is no such session in the project of the credential.');
	}
	const known = { event: event.event, sessionId };
	return {
		workflowData: [[{ json: { ...known, ...session, ...data, ...known, receivedAt } }]],
	};
}
