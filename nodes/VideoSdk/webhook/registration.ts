import type { IHookFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { idOf } from '../api/answer';
import { isCallEvent } from '../api/callEvents';
import { VideoSdkClient } from '../api/client';
import { VideoSdkFailure } from '../api/failure';
import { isObject } from '../api/isObject';
import { register, unregister } from '../api/sipWebhooks';
import { explainError } from '../execution/explainError';
import { InvalidInput } from '../execution/invalidInput';
import { isOnThisMachine } from './thisMachine';
import { wantedEvents } from './wantedEvents';

/** n8n tries again by itself, and a person may wait for it. */
const PATIENCE = { timeout: 10_000, maxRetries: 1, giveUpAfter: 10_000 };

const open = async (context: IHookFunctions) => await VideoSdkClient.openAtOnce(context, PATIENCE);

/** Where the webhook is kept in mind, as `callWebhook`, until it is deleted. */
const memoryOf = (context: IHookFunctions) => context.getWorkflowStaticData('node');

/**
 * Tells a workflow from its copies. What is kept in mind goes along with some of them (n8n:
 * `export:workflow`, and its public API), also to another n8n, where the workflow has the same ID.
 */
const ownerOf = (context: IHookFunctions) =>
	`${context.getInstanceId()}/${String(context.getWorkflow().id)}`;

/** Whether what is kept in mind is of the original, and this is a copy that never had a webhook. */
function isCopy(context: IHookFunctions): boolean {
	const { callWebhook } = memoryOf(context);
	return isObject(callWebhook) && callWebhook.owner !== ownerOf(context);
}

/** @returns the ID of the webhook, or undefined if this workflow has none */
function knownOf(context: IHookFunctions): string | undefined {
	const { callWebhook } = memoryOf(context);
	return isObject(callWebhook) && !isCopy(context) ? idOf(callWebhook.id) : undefined;
}

const urlOf = (context: IHookFunctions) => String(context.getNodeWebhookUrl('default'));

const reachable = (context: IHookFunctions) =>
	`VideoSDK must be able to reach n8n at ${urlOf(context)} from the internet. If that is not the public address, set the environment variable WEBHOOK_URL, and restart n8n.`;

/** @throws InvalidInput where no event could ever come */
async function checkAddress(context: IHookFunctions): Promise<void> {
	if (!isOnThisMachine(urlOf(context))) return;
	const { baseUrl } = await context.getCredentials('videoSdkApi');
	// A VideoSDK on this machine is one for tests.
	if (isOnThisMachine(String(baseUrl))) return;
	throw new InvalidInput('The trigger is not registered for call events', reachable(context));
}

/** Gives what to do where the advice for the node is about fields that the trigger does not have. */
function ownNextStep(context: IHookFunctions, thrown: unknown): string | undefined {
	const cause = thrown instanceof VideoSdkFailure ? thrown.cause : undefined;
	if (cause?.kind === 'timeout' || cause?.kind === 'gaveUp') {
		return 'Publish the workflow again in a minute.';
	}
	if (cause?.kind === 'status' && [400, 409, 422].includes(cause.status)) {
		return reachable(context);
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
	if (events.length === 0) return await removeWebhook(context);
	try {
		await checkAddress(context);
		const known = knownOf(context);
		const id = await register(await open(context), urlOf(context), events, known);
		memoryOf(context).callWebhook = { id, owner: ownerOf(context) };
	} catch (error) {
		// n8n shows either the message or the description of an error here, depending on its kind.
		return await Promise.reject(new NodeOperationError(context.getNode(), wordsOf(context, error)));
	}
}

/**
 * Deletes what is registered with VideoSDK. A failure is only logged: n8n shows nobody an error here,
 * and unpublishes the workflow anyway, but n8n 1 keeps a webhook of its own after one, and a test URL
 * goes on taking events. The ID stays in memory, so that it is tried again the next time.
 */
export async function removeWebhook(context: IHookFunctions): Promise<void> {
	const url = urlOf(context);
	const warn = (problem: string, nextStep: string) => {
		const sentence = problem.replace(/\.?$/, '.');
		context.logger.warn(
			`${sentence} VideoSDK may go on sending call events to ${url}. ${nextStep}`,
		);
	};
	// n8n 1 calls this also where it has refused a copy that has the URL of the original.
	if (isCopy(context)) return;
	const known = knownOf(context);
	try {
		if (known === undefined && !wantedEvents(context).some(isCallEvent)) return;
		const wasThere = await unregister(await open(context), url, known);
		delete memoryOf(context).callWebhook;
		if (known !== undefined && !wasThere) {
			warn(
				`Webhook "${known}" for call events is not in the project of the credential.`,
				'If it is in another project, delete it there.',
			);
		}
	} catch (error) {
		warn(
			wordsOf(context, error),
			'To delete the webhook, publish the workflow and unpublish it again, or listen for a test event again if this is the test URL.',
		);
	}
}
