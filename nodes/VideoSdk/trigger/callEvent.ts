import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { idOf } from '../http/answer';
import { type CallEventName, canHaveHappened, isCallEvent } from '../api/callEvents';
import { calls } from '../api/calls';
import { VideoSdkClient } from '../http/client';
import { isNotFound, VideoSdkFailure } from '../http/failure';
import { isObject } from '../shared/isObject';
import { getOne } from '../api/live';
import { isSendableId } from '../shared/sendable';
import { explainError } from '../errors/explainError';
import { readEventBody } from '../events/eventBody';
import { SECOND_LOOK } from '../events/fetchSession';
import { ALREADY_RECEIVED, answer, PATIENCE } from '../events/response';
import { unconfirmedEventsOf } from './unconfirmedEvents';

/** An event of a phone call. */
interface CallEvent {
	event: CallEventName;
	callId: string;
	/** All fields that were sent with it. */
	data: IDataObject;
}

/**
 * Reads an event of a call. Its fields are not documented: the ID of the call is in `callId` or `id`.
 *
 * @param wanted the events that the trigger is for
 * @returns undefined for anything else, and for an event without a call
 */
export function readCallEvent(rawBody: Buffer, wanted: string[]): CallEvent | undefined {
	// Most triggers want no events of calls. Then the body is not read before its signature is checked.
	if (!wanted.some(isCallEvent)) return undefined;
	const { webhookType: event = '', data } = readEventBody(rawBody) ?? {};
	if (!isCallEvent(event) || !wanted.includes(event) || !isObject(data)) return undefined;
	const callId = idOf(data.callId) ?? idOf(data.id);
	return isSendableId(callId) ? { event, callId, data } : undefined;
}

/**
 * How the request for the call is made. Events come in bursts, and VideoSDK may not send one again, so a
 * refused request is retried until the event has to be answered.
 */
const LOOK_UP = { timeout: 4_000, maxRetries: 1, giveUpAfter: PATIENCE.timeout };

/**
 * Looks the call up, and once more if that fails or if the status does not fit the event yet.
 *
 * @returns `none` if the project has no such call, `unavailable` if it could not be looked up in time
 */
async function lookUp(
	context: IWebhookFunctions,
	{ event, callId }: CallEvent,
): Promise<IDataObject | 'none' | 'unavailable'> {
	const unavailable = (reason: string) => {
		const { name } = context.getNode();
		context.logger.warn(
			`Node "${name}" did not accept the event ${event}: ${reason}. The event is lost unless VideoSDK sends it again.`,
		);
		return 'unavailable' as const;
	};
	try {
		const client = await VideoSdkClient.openAtOnce(context, LOOK_UP);
		const ask = async () => await getOne(client, calls, callId);
		const lookTwice = async () => {
			const call = await ask().catch(() => undefined);
			if (call && canHaveHappened(event, call)) return call;
			await client.wait(SECOND_LOOK);
			return await ask();
		};
		const late = client.wait(PATIENCE.timeout).then(() => undefined);
		return (
			(await Promise.race([lookTwice(), late])) ??
			unavailable('the lookup of the call took too long')
		);
	} catch (error) {
		if (error instanceof VideoSdkFailure && isNotFound(error)) return 'none';
		return unavailable(explainError(context.getNode(), error).error.message);
	}
}

/**
 * Receives an event of a call, and starts the workflow if VideoSDK confirms it. Whether VideoSDK signs
 * these events is not documented, so the call is looked up: the output has the fields of the call, and
 * those of the event separately, in `eventData`.
 *
 * @param isSigned whether it has a valid signature
 * @param trigger identifies the trigger
 * @param repeats whether the event came before; `isRepeat` remembers it
 */
export async function receiveCallEvent(
	context: IWebhookFunctions,
	callEvent: CallEvent,
	isSigned: boolean,
	trigger: string,
	repeats: Record<'isKnown' | 'isRepeat', (event: string) => boolean>,
): Promise<IWebhookResponseData> {
	const receivedAt = new Date().toISOString();
	const { event, callId, data } = callEvent;
	// Sent again because the answer was late or lost: to look it up again would make a burst longer.
	if (repeats.isKnown(`${event} ${callId}`)) return answer(context, 200, ALREADY_RECEIVED);
	const unconfirmed = unconfirmedEventsOf(trigger);
	const later = 'The call could not be looked up. Send the event again later.';
	if (!isSigned && !unconfirmed.add()) return answer(context, 503, later);

	const call = await lookUp(context, callEvent);
	if (call === 'unavailable') return answer(context, 503, later);
	if (call === 'none') {
		return answer(context, 200, 'There is no such call in this VideoSDK project.');
	}
	if (!isSigned) unconfirmed.confirm();
	if (!canHaveHappened(event, call)) {
		return answer(
			context,
			503,
			'The status of the call does not fit the event yet. Send the event again later.',
		);
	}
	// A call is updated more than once.
	const update = event === 'call-update' ? ` ${String(call.status)}` : '';
	if (repeats.isRepeat(`${event} ${callId}${update}`))
		return answer(context, 200, ALREADY_RECEIVED);
	const known = { event, callId };
	const more = { eventData: data, isSigned, receivedAt };
	return { workflowData: [[{ json: { ...known, ...call, ...known, ...more } }]] };
}
