import type { IHookFunctions } from 'n8n-workflow';
import { WebhookPathTakenError } from 'n8n-workflow';
import { idOf } from '../http/answer';
import { type CallEventName, isCallEvent } from '../api/callEvents';
import { checkCredentialWithoutItem, type RequestOptions, VideoSdkClient } from '../http/client';
import { isTimeOver, VideoSdkFailure } from '../http/failure';
import { isObject } from '../shared/isObject';
import { mayPass } from '../http/retry';
import { deleteWebhook, register, unregister } from '../api/sipWebhooks';
import { credentialText } from '../shared/visible';
import { explainError } from '../errors/explainError';
import { InvalidInput } from '../errors/invalidInput';
import { isOutOfReach } from '../shared/thisMachine';
import { wantedEvents } from './wantedEvents';

/** How requests to VideoSDK are made: a user waits for them, or n8n, which has a deadline. */
const PATIENCE = { timeout: 5_000, maxRetries: 1, giveUpAfter: 5_000 };

/** The same for an attempt in the background, which the next attempt repeats. */
const ONCE = { timeout: 30_000, maxRetries: 0 };

/** Milliseconds between two attempts to register after the workflow was published. They double each time. */
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 60_000;

const open = async (context: IHookFunctions, patience: Partial<RequestOptions> = PATIENCE) =>
	await VideoSdkClient.openAtOnce(context, patience);

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

const entryOf = (context: IHookFunctions) => `${ownerOf(context)} ${urlOf(context)}`;

/**
 * Workflows, with their URLs, that this process has registered, or may have: a response can be lost. Only
 * these are unregistered without a known ID. n8n also calls `removeWebhook` after each attempt to publish
 * that failed, and n8n 1 for a copy that it has refused because the original has the same URL.
 */
const registered = new Set<string>();

/** The latest attempt to register each workflow with its URL. What an older one still does is undone. */
const latestAttempts = new Map<string, symbol>();

const reachabilityStep = (context: IHookFunctions) =>
	`VideoSDK must be able to reach n8n at ${urlOf(context)} from the internet. If that is not the public address of n8n, ask the administrator of n8n to set the environment variable WEBHOOK_URL to the public address and to restart n8n.`;

/** @throws InvalidInput if VideoSDK cannot reach the URL */
async function checkAddress(context: IHookFunctions): Promise<void> {
	const { baseUrl } = await context.getCredentials('videoSdkApi');
	if (!isOutOfReach(urlOf(context), credentialText(baseUrl))) return;
	throw new InvalidInput(
		'The trigger is not registered for call events',
		reachabilityStep(context),
	);
}

/** The next step for failures whose usual one is about fields that the trigger does not have. */
function ownNextStep(context: IHookFunctions, thrown: unknown): string | undefined {
	const cause = thrown instanceof VideoSdkFailure ? thrown.cause : undefined;
	if (isTimeOver(thrown)) return 'Try again in a minute.';
	if (cause?.kind === 'status' && [400, 409, 422].includes(cause.status)) {
		return reachabilityStep(context);
	}
	return undefined;
}

/** @param nextStep instead of the one of the error */
function wordsOf(
	context: IHookFunctions,
	thrown: unknown,
	nextStep = ownNextStep(context, thrown),
): string {
	const { error, details } = explainError(context.getNode(), thrown);
	const { videoSdkMessage: said } = details;
	const after = nextStep
		? [...(said === undefined ? [] : [`VideoSDK said: "${said.replace(/\.$/, '')}"`]), nextStep]
		: [error.description];
	return [error.message, ...after].filter(Boolean).join('. ');
}

/**
 * The error that n8n shows when a workflow cannot be published. After any error of another class, n8n 2
 * tries again four times within 15 seconds before it shows it (n8n: triggers/trigger-activation-retry), and
 * it replaces the message of a NodeOperationError that contains the name of a system error.
 */
class CannotPublish extends WebhookPathTakenError {
	constructor(node: string, message: string) {
		super(node);
		this.message = message;
	}
}

/** Makes the error for n8n from what was thrown while the workflow was published. */
export const cannotPublish = (context: IHookFunctions, thrown: unknown): Error =>
	new CannotPublish(context.getNode().name, wordsOf(context, thrown));

/** Attempts to register until it worked, it cannot work, or there is a newer attempt. */
class Registration {
	private readonly id = Symbol();

	private readonly entry: string;

	private readonly url: string;

	private readonly known?: string;

	constructor(
		private readonly context: IHookFunctions,
		private readonly events: CallEventName[],
	) {
		this.entry = entryOf(context);
		this.url = urlOf(context);
		this.known = knownOf(context);
		latestAttempts.set(this.entry, this.id);
	}

	/** Tries once. @throws VideoSdkFailure */
	async attempt(client: VideoSdkClient): Promise<void> {
		const onMayExist = () => registered.add(this.entry);
		const id = await register(client, this.url, this.events, onMayExist, this.known);
		if (this.isLatest) {
			staticDataOf(this.context).callWebhook = { id, owner: ownerOf(this.context) };
		} else if (id !== this.known) {
			await deleteWebhook(client, id);
		}
	}

	/**
	 * Tries again, later and later. n8n no longer saves what that changes of the static data, but the webhook
	 * is also found by its URL.
	 *
	 * @param failure of the attempt before
	 */
	async goOn(failure: unknown): Promise<void> {
		const { logger } = this.context;
		const noEvents = `the trigger at ${this.url} receives no call events`;
		const client = await open(this.context, ONCE);
		let latest = failure;
		for (let pause = FIRST_PAUSE; isTemporary(latest); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
			const step = `n8n keeps trying to register the trigger. Until that succeeds, ${noEvents}.`;
			logger.warn(wordsOf(this.context, latest, step));
			await client.wait(pause);
			if (!this.isLatest) return;
			latest = await this.attempt(client).catch((error: unknown) => error);
			if (!this.isLatest) return;
		}
		if (latest === undefined) {
			logger.info(`The trigger at ${this.url} is now registered for call events.`);
		} else {
			const words = wordsOf(this.context, latest);
			logger.error(
				`${words} When the problem is solved, unpublish the workflow and publish it again (in n8n 1: deactivate and activate it). Until you do, ${noEvents}.`,
			);
		}
	}

	private get isLatest(): boolean {
		return latestAttempts.get(this.entry) === this.id;
	}
}

const isTemporary = (error: unknown) => error instanceof VideoSdkFailure && mayPass(error.cause);

/**
 * Registers the trigger with VideoSDK for the chosen events, or unregisters it: only call events need
 * that. n8n also calls this when the events change, without calling `removeWebhook` first.
 *
 * If VideoSDK is not available, the workflow is published without, and the trigger is registered later: n8n 2
 * would take an error as final, count the workflow as published, and answer its URL with 404.
 *
 * @throws an error if the workflow must not be published, or while the user listens for a test event
 */
export async function updateWebhook(context: IHookFunctions): Promise<void> {
	const events = [...new Set(wantedEvents(context).filter(isCallEvent))];
	// Events of sessions need it too: their key and their session are fetched.
	await checkCredentialWithoutItem(context);
	if (events.length === 0) return await removeWebhook(context);
	await checkAddress(context);
	const client = await open(context);
	const registration = new Registration(context, events);
	try {
		await registration.attempt(client);
	} catch (error) {
		if (context.getMode() === 'manual' || !isTemporary(error)) return await Promise.reject(error);
		void registration.goOn(error).catch(() => {});
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
			`${sentence} VideoSDK may continue to send call events to ${url}. ${nextStep}`,
		);
	};
	const known = knownOf(context);
	latestAttempts.delete(entryOf(context));
	try {
		if (known === undefined && !registered.has(entryOf(context))) return;
		const wasThere = await unregister(await open(context), url, known);
		delete staticDataOf(context).callWebhook;
		registered.delete(entryOf(context));
		if (known !== undefined && !wasThere) {
			warn(
				`Webhook "${known}" for call events is not in this VideoSDK project.`,
				'If the webhook is in another VideoSDK project, delete it there.',
			);
		}
	} catch (error) {
		warn(
			wordsOf(context, error),
			"To delete the webhook, publish the workflow and unpublish it again (in n8n 1: activate and deactivate it). If the URL is the Test URL, open the trigger and click 'Execute step' instead.",
		);
	}
}
