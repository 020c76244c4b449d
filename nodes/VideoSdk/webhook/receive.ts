import type {
	IDataObject,
	IHookFunctions,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { bareId } from '../api/sessions';
import { readCallEvent, receiveCallEvent } from './callEvent';
import { fetchSession, NO_SUCH_SESSION, withEvent } from './fetchSession';
import { answer, NOT_AWAITED } from './http';
import { Repeats } from './repeats';
import { type KeySource, parsePem, takeEvent } from './signedEvent';
import { wantedEvents } from './wantedEvents';

const repeats = new Repeats();

type Context = IHookFunctions | IWebhookFunctions;

const optionsOf = (context: Context) =>
	context.getNodeParameter('triggerOptions', {}) as IDataObject;

/** Whether an option is on. These options are on by default. */
const isOn = (
	context: Context,
	option: 'fetchSession' | 'ignoreRepeats' | 'verifySignature',
): boolean => optionsOf(context)[option] !== false;

/** Reads where the key for checking signatures comes from. */
function keySourceOf(context: Context): KeySource {
	const { publicKey } = optionsOf(context);
	return publicKey === undefined ? 'fetch' : { pasted: parsePem(publicKey) };
}

/**
 * Checks the pasted key when the workflow is published, since the user sees the error then.
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
 * Makes the arguments with which `Repeats` recognizes an event.
 *
 * @param mayBeForged ignores repeats even if the option is off: anyone who knows the ID of a call could
 * otherwise start any number of executions
 * @returns undefined if repeats are not ignored
 */
function repeatArguments(
	context: IWebhookFunctions,
	event: string,
	mayBeForged = false,
): Parameters<Repeats['forget']> | undefined {
	// A user who tests the workflow may send the same event again, and wants to see it.
	if (context.getMode() === 'manual') return undefined;
	if (!isOn(context, 'ignoreRepeats') && !mayBeForged) return undefined;
	return [triggerOf(context), event, context.getWorkflowStaticData('node')];
}

/** Identifies a trigger among all others. */
const triggerOf = (context: IWebhookFunctions) =>
	`${context.getWorkflow().id}/${context.getNode().id}`;

/**
 * Receives a request to the URL of the trigger. It starts the workflow for an event that VideoSDK signed
 * and that the trigger is for. Any other request is only answered: with 200 for an event that the trigger
 * is not for, and otherwise as `takeEvent` says.
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const keySource = isOn(context, 'verifySignature') ? keySourceOf(context) : 'unchecked';
	const wanted = wantedEvents(context);
	const taken = await takeEvent(context, keySource, (rawBody) => readCallEvent(rawBody, wanted));
	if ('answered' in taken) return taken.answered;
	const { event, isSigned } = taken;
	if ('callId' in event) {
		return await receiveCallEvent(context, event, isSigned, triggerOf(context), (of) => {
			const repeat = repeatArguments(context, of, !isSigned);
			return repeat !== undefined && repeats.isRepeat(...repeat);
		});
	}

	if (!wanted.includes(event.event)) return answer(context, 200, NOT_AWAITED);
	const repeat = repeatArguments(context, `${event.event} ${event.sessionId}`);
	if (repeat && repeats.isRepeat(...repeat)) return answer(context, 200, 'This event came before.');

	const receivedAt = new Date().toISOString();
	const session = isOn(context, 'fetchSession') ? await fetchSession(context, event.sessionId) : {};
	if (!session) {
		if (repeat) repeats.forget(...repeat);
		return answer(context, 200, NO_SUCH_SESSION);
	}
	// Nodes that follow find the session by the ID with which it was found here.
	const bare = bareId(event.sessionId);
	const sessionId = session.sessionId === bare ? bare : event.sessionId;
	const json = { ...withEvent(session, { ...event, sessionId }), receivedAt };
	return { workflowData: [[{ json }]] };
}
