import type {
	IDataObject,
	IHookFunctions,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { readCallEvent, receiveCallEvent } from './callEvent';
import { fetchSession, NO_SUCH_SESSION, withEvent } from './fetchSession';
import { Repeats } from './repeats';
import { answer, type KeySource, NOT_AWAITED, parsePem, takeEvent } from './signedEvent';
import { wantedEvents } from './wantedEvents';

const repeats = new Repeats();

type Context = IHookFunctions | IWebhookFunctions;

const optionsOf = (context: Context) =>
	context.getNodeParameter('triggerOptions', {}) as IDataObject;

/** Whether an option is on that is on unless it was added and switched off. */
const isOn = (
	context: Context,
	option: 'fetchSession' | 'ignoreRepeats' | 'verifySignature',
): boolean => optionsOf(context)[option] !== false;

/** Reads where the key comes from that a signature is checked with. */
function keySourceOf(context: Context): KeySource {
	const { publicKey } = optionsOf(context);
	return publicKey === undefined ? 'fetch' : { pasted: parsePem(publicKey) };
}

/**
 * Checks that a pasted key is one, while somebody is there to read that it is not.
 *
 * @throws NodeOperationError
 */
export function checkPastedKey(context: IHookFunctions): void {
	if (!isOn(context, 'verifySignature')) return;
	const source = keySourceOf(context);
	if (source !== 'fetch' && !source.pasted) {
		throw new NodeOperationError(context.getNode(), "'Public Key (PEM)' is not an RSA public key", {
			description:
				"Paste the whole key in 'Public Key (PEM)', from the line BEGIN PUBLIC KEY to the line END PUBLIC KEY. Or remove the option: the key is then fetched from VideoSDK.",
		});
	}
}

/**
 * What `Repeats` wants to know of an event; undefined where a repeat is to start a run like any.
 *
 * @param mayBeForged whoever knows the ID of a call could otherwise start any number of runs
 */
function memoryOf(
	context: IWebhookFunctions,
	event: string,
	mayBeForged = false,
): Parameters<Repeats['forget']> | undefined {
	// A person who tries out a workflow sends the same event again, and wants to see it.
	if (context.getMode() === 'manual') return undefined;
	if (!isOn(context, 'ignoreRepeats') && !mayBeForged) return undefined;
	return [triggerOf(context), event, context.getWorkflowStaticData('node')];
}

/** Tells a trigger from all others. */
const triggerOf = (context: IWebhookFunctions) =>
	`${context.getWorkflow().id}/${context.getNode().id}`;

/**
 * Takes a request that came to the trigger's URL, and starts the workflow if it is an event that is
 * wanted and that VideoSDK signed. What is refused leaves nothing behind in n8n but its answer: see
 * `takeEvent`, and 200 for an event that is not wanted.
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const keySource = isOn(context, 'verifySignature') ? keySourceOf(context) : 'unchecked';
	const wanted = wantedEvents(context);
	const taken = await takeEvent(context, keySource, (rawBody) => readCallEvent(rawBody, wanted));
	if ('answered' in taken) return taken.answered;
	const { event, isSigned } = taken;
	if ('callId' in event) {
		return await receiveCallEvent(context, event, isSigned, triggerOf(context), (of) => {
			const memory = memoryOf(context, of, !isSigned);
			return memory !== undefined && repeats.isRepeat(...memory);
		});
	}

	if (!wanted.includes(event.event)) return answer(context, 200, NOT_AWAITED);
	const memory = memoryOf(context, `${event.event} ${event.sessionId}`);
	if (memory && repeats.isRepeat(...memory)) return answer(context, 200, 'This event came before.');

	const receivedAt = new Date().toISOString();
	const session = isOn(context, 'fetchSession') ? await fetchSession(context, event.sessionId) : {};
	if (!session) {
		if (memory) repeats.forget(...memory);
		return answer(context, 200, NO_SUCH_SESSION);
	}
	return { workflowData: [[{ json: { ...withEvent(session, event), receivedAt } }]] };
}
