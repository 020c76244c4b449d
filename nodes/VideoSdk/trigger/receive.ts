import type {
	IDataObject,
	IHookFunctions,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { bareId } from '../api/sessions';
import { explainError } from '../errors/explainError';
import { InvalidInput } from '../errors/invalidInput';
import { readAddedSwitch } from '../fields/switch';
import { readCallEvent, receiveCallEvent } from './callEvent';
import { fetchSession, NO_SUCH_SESSION, withEvent } from '../events/fetchSession';
import { ALREADY_RECEIVED, answer, NOT_AWAITED } from '../events/response';
import { Repeats } from '../events/repeats';
import { type KeySource, parsePem, takeEvent } from '../events/signedEvent';
import { sourceOf } from '../events/sourceOf';
import { triggerOptions } from './triggerFields';
import { wantedEvents } from './wantedEvents';

const repeats = new Repeats();

type Context = IHookFunctions | IWebhookFunctions;

const optionsOf = (context: Context) =>
	context.getNodeParameter('triggerOptions', {}) as IDataObject;

/** Whether an option is on. These options are on by default. @throws InvalidInput */
const isOn = (
	context: Context,
	option: 'fetchSession' | 'ignoreRepeats' | 'verifySignature',
): boolean =>
	readAddedSwitch(
		sourceOf(context),
		optionsOf(context),
		triggerOptions[option],
		'triggerOptions',
	) ?? true;

/** Reads where the key for checking signatures comes from. */
function keySourceOf(context: Context): KeySource {
	const { publicKey } = optionsOf(context);
	return publicKey === undefined ? 'fetch' : { pasted: parsePem(publicKey) };
}

/** @throws InvalidInput */
function readAllFields(context: Context): void {
	wantedEvents(context);
	isOn(context, 'fetchSession');
	isOn(context, 'ignoreRepeats');
	if (!isOn(context, 'verifySignature')) return;
	const source = keySourceOf(context);
	if (source !== 'fetch' && !source.pasted) {
		throw new InvalidInput(
			"'Public Key (PEM)' is not an RSA public key",
			"Paste the whole key in 'Public Key (PEM)', from the line BEGIN PUBLIC KEY to the line END PUBLIC KEY. Or remove the option, so that the node gets the key from VideoSDK.",
		);
	}
}

/**
 * Checks the fields of the trigger when the workflow is published, since the user sees the error then.
 *
 * @throws NodeOperationError
 */
export function checkFields(context: IHookFunctions): void {
	try {
		readAllFields(context);
	} catch (error) {
		throw explainError(context.getNode(), error).error;
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
 * Receives a request to the URL of the trigger as `receiveEvent` does. A field of the trigger that cannot
 * be read is logged: only its user should see what is wrong with it. The answer is then 503, so that
 * VideoSDK sends the event again.
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		return await receiveEvent(context);
	} catch (error) {
		if (!(error instanceof InvalidInput)) return await Promise.reject(error);
		context.logger.warn(
			`Node "${context.getNode().name}" did not accept an event. ${error.message}. ${error.nextStep}`,
		);
		return answer(context, 503, 'The trigger is not set up correctly. Send the event again later.');
	}
}

/**
 * Receives a request to the URL of the trigger. It starts the workflow for an event that VideoSDK signed
 * and that the trigger is for. Any other request is only answered: with 200 for an event that the trigger
 * is not for, and otherwise as `takeEvent` says.
 */
async function receiveEvent(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const keySource = isOn(context, 'verifySignature') ? keySourceOf(context) : 'unchecked';
	const wanted = wantedEvents(context);
	const taken = await takeEvent(context, keySource, (rawBody) => readCallEvent(rawBody, wanted));
	if ('answered' in taken) return taken.answered;
	const { event, isSigned } = taken;
	if ('callId' in event) {
		const recognize = (how: 'isKnown' | 'isRepeat') => (of: string) => {
			const repeat = repeatArguments(context, of, !isSigned);
			return repeat !== undefined && repeats[how](...repeat);
		};
		return await receiveCallEvent(context, event, isSigned, triggerOf(context), {
			isKnown: recognize('isKnown'),
			isRepeat: recognize('isRepeat'),
		});
	}

	if (!wanted.includes(event.event)) return answer(context, 200, NOT_AWAITED);
	const repeat = repeatArguments(context, `${event.event} ${event.sessionId}`);
	if (repeat && repeats.isRepeat(...repeat)) return answer(context, 200, ALREADY_RECEIVED);

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
