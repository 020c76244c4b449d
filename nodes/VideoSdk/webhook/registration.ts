import type { IHookFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { idOf } from '../api/answer';
import { isCallEvent } from '../api/callEvents';
import { checkCredentialWithoutItem, VideoSdkClient } from '../api/client';
import { VideoSdkFailure } from '../api/failure';
import { isObject } from '../api/isObject';
import { register, unregister } from '../api/sipWebhooks';
import { explainError } from '../execution/explainError';
import { InvalidInput } from '../execution/invalidInput';
import { isOutOfReach } from './thisMachine';
import { wantedEvents } from './wantedEvents';

/** How requests to VideoSDK are made: a user may be waiting, and n8n retries by itself. */
const PATIENCE = { timeout: 10_000, maxRetries: 1, giveUpAfter: 10_000 };

const open = async (context: IHookFunctions) => await VideoSdkClient.openAtOnce(context, PATIENCE);

/** The static data of the node, which has the registered webhook as `callWebhook`. */
const staticDataOf = (context: IHookFunctions) => context.getWorkflowStaticData('node');

/**
 * Identifies a workflow among its copies. Some copies have the static data of the original (n8n's
 * `export:workflow` and public API), and one in another n8n can also have its ID.
 */
const ownerOf = (context: IHookFunctions) =>
	`${context.getInstanceId()}/${String(context.getWorkflow().id)}`;

/** @returns the ID of the webhook, or undefined if this workflow has none: that of a copy is the original's */
function knownOf(context: IHookFunctions): string | undefined {
	const { callWebhook } = staticDataOf(context);
	const isOwn = isObject(callWebhook) && callWebhook.owner === ownerOf(context);
	return isOwn ? idOf(callWebhook.id) : undefined;
}

const urlOf = (context: IHookFunctions) => String(context.getNodeWebhookUrl('default'));

/**
 * Workflows, with their URLs, that this process has registered, or may have: a response can be lost. Only
 * these are unregistered without a known ID, since n8n 1 also calls `removeWebhook` for a copy that it has
 * refused because the original has the same URL.
 */
const registered = new Set<string>();

const entryOf = (context: IHookFunctions) => `${ownerOf(context)} ${urlOf(context)}`;

const reachabilityStep = (context: IHookFunctions) =>
	`VideoSDK must be able to reach n8n at ${urlOf(context)} from the internet. If that is not the public address, set the environment variable WEBHOOK_URL, and restart n8n.`;

/** @throws InvalidInput if VideoSDK cannot reach the URL */
async function checkAddress(context: IHookFunctions): Promise<void> {
	const { baseUrl } = await context.getCredentials('videoSdkApi');
	if (!isOutOfReach(urlOf(context), String(baseUrl))) return;
	throw new InvalidInput(
		'The trigger is not registered for call events',
		reachabilityStep(context),
	);
}

/** The next step for failures whose usual one is about fields that the trigger does not have. */
function ownNextStep(context: IHookFunctions, thrown: unknown): string | undefined {
	const cause = thrown instanceof VideoSdkFailure ? thrown.cause : undefined;
	if (cause?.kind === 'timeout' || cause?.kind === 'gaveUp') {
		return 'Publish the workflow again in a minute.';
	}
	if (cause?.kind === 'status' && [400, 409, 422].includes(cause.status)) {
		return reachabilityStep(context);
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
 * Registers the trigger with VideoSDK for the chosen events, or unregisters it: only call events need
 * that. n8n also calls this when the events change, without calling `removeWebhook` first.
 *
 * @throws NodeOperationError
 */
export async function updateWebhook(context: IHookFunctions): Promise<void> {
	const events = [...new Set(wantedEvents(context).filter(isCallEvent))];
	try {
		// Events of sessions need it too: their key and their session are fetched.
		await checkCredentialWithoutItem(context);
		if (events.length === 0) return await removeWebhook(context);
		await checkAddress(context);
		const known = knownOf(context);
		registered.add(entryOf(context));
		const id = await register(await open(context), urlOf(context), events, known);
		staticDataOf(context).callWebhook = { id, owner: ownerOf(context) };
	} catch (error) {
		// n8n shows either the message or the description of an error here, depending on its kind.
		return await Promise.reject(new NodeOperationError(context.getNode(), wordsOf(context, error)));
	}
}

/**
 * Deletes the webhook that is registered with VideoSDK. A failure is only logged: n8n does not show an
 * error here, and unpublishes the workflow anyway. After an error, n8n 1 would also keep its own webhook,
 * and a test URL would keep receiving events. The ID stays in the static data for the next attempt.
 */
export async function removeWebhook(context: IHookFunctions): Promise<void> {
	const url = urlOf(context);
	const warn = (problem: string, nextStep: string) => {
		const sentence = problem.replace(/\.?$/, '.');
		context.logger.warn(
			`${sentence} VideoSDK may go on sending call events to ${url}. ${nextStep}`,
		);
	};
	const known = knownOf(context);
	try {
		if (known === undefined && !registered.has(entryOf(context))) return;
		const wasThere = await unregister(await open(context), url, known);
		delete staticDataOf(context).callWebhook;
		registered.delete(entryOf(context));
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
