import type { IHookFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { isCallEvent } from '../api/callEvents';
import { VideoSdkClient } from '../api/client';
import { VideoSdkFailure } from '../api/failure';
import { idOf } from '../api/pages';
import { register, unregister } from '../api/sipWebhooks';
import { explainError } from '../execution/explainError';
import { wantedEvents } from './wantedEvents';

/** n8n tries again by itself, and a person may wait for it. */
const PATIENCE = { timeout: 10_000, maxRetries: 1, giveUpAfter: 10_000 };

const open = async (context: IHookFunctions) => await VideoSdkClient.openAtOnce(context, PATIENCE);

/** Where the ID of the webhook is kept until it is deleted. */
const memoryOf = (context: IHookFunctions) => context.getWorkflowStaticData('node');

const urlOf = (context: IHookFunctions) => String(context.getNodeWebhookUrl('default'));

/** Gives what to do where the advice for the node is about fields that the trigger does not have. */
function ownNextStep(context: IHookFunctions, thrown: unknown): string | undefined {
	const cause = thrown instanceof VideoSdkFailure ? thrown.cause : undefined;
	if (cause?.kind === 'timeout' || cause?.kind === 'gaveUp') {
		return 'Publish the workflow again in a minute.';
	}
	if (cause?.kind === 'status' && [400, 409, 422].includes(cause.status)) {
		return `VideoSDK must be able to reach n8n at ${urlOf(context)} from the internet. If that is not the public address, set the environment variable WEBHOOK_URL, and restart n8n.`;
	}
	return undefined;
}

function wordsOf(context: IHookFunctions, thrown: unknown): string {
	const { error, details } = explainError(context.getNode(), thrown);
	const nextStep = ownNextStep(context, thrown);
	const { videoSdkMessage: said } = details;
	const after = nextStep
		? [...(said === undefined ? [] : [`VideoSDK said: "${said}"`]), nextStep]
		: [error.description];
	return [error.message, ...after].filter(Boolean).join('. ');
}

/**
 * Brings what is registered with VideoSDK up to date with the events that are chosen: only call
 * events need it. n8n calls this also when the events change, without `removeWebhook` before.
 *
 * @throws NodeOperationError
 */
export async function updateWebhook(context: IHookFunctions): Promise<void> {
	const events = [...new Set(wantedEvents(context).filter(isCallEvent))];
	const memory = memoryOf(context);
	const known = idOf(memory.callWebhookId);
	if (events.length === 0) return await removeWebhook(context);
	try {
		memory.callWebhookId = await register(await open(context), urlOf(context), events, known);
	} catch (error) {
		// n8n shows either the message or the description of an error here, depending on its kind.
		return await Promise.reject(new NodeOperationError(context.getNode(), wordsOf(context, error)));
	}
}

/**
 * Deletes what is registered with VideoSDK. A failure is only logged: after an error, n8n unpublishes
 * the workflow anyway, but keeps a webhook of its own, and a test URL goes on taking events. The
 * ID stays in memory, so that it is tried again when the workflow is published the next time.
 */
export async function removeWebhook(context: IHookFunctions): Promise<void> {
	const memory = memoryOf(context);
	const known = idOf(memory.callWebhookId);
	try {
		if (known === undefined && !wantedEvents(context).some(isCallEvent)) return;
		await unregister(await open(context), urlOf(context), known);
		delete memory.callWebhookId;
	} catch (error) {
		context.logger.warn(wordsOf(context, error));
	}
}
