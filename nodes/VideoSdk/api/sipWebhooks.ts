import type { IDataObject } from 'n8n-workflow';
import { idOf, unwrap } from '../http/answer';
import type { CallEventName } from './callEvents';
import type { VideoSdkClient } from '../http/client';
import { isNotFound, VideoSdkFailure } from '../http/failure';
import { readList } from '../http/pages';
import { quotable } from '../shared/quotable';
import type { ApiRequest } from '../http/request';

const WEBHOOKS = '/v2/sip/webhooks';

const NOT_REGISTERED = 'The trigger is not registered for call events';

interface SipWebhook {
	id: string;
	url: unknown;
	events: unknown;
}

/** In lists, the vendor's SDK spells the ID `webhookId`, and the documentation `id`. */
const readId = ({ id, webhookId }: IDataObject) => idOf(id) ?? idOf(webhookId);

/** Reads all webhooks. Whether VideoSDK's search finds only exact URLs is not documented. */
async function listWebhooks(client: VideoSdkClient, consequence: string): Promise<SipWebhook[]> {
	const webhooks: SipWebhook[] = [];
	const list = {
		endpoint: 'Fetch All Webhooks',
		path: WEBHOOKS,
		keyOf: readId,
		consequence,
	};
	for await (const row of readList(client, list)) {
		const id = readId(row);
		if (id !== undefined) webhooks.push({ id, url: row.url, events: row.events });
	}
	return webhooks;
}

/** Deletes a webhook. @returns false if the project does not have it @throws VideoSdkFailure */
export async function deleteWebhook(client: VideoSdkClient, id: string): Promise<boolean> {
	const answer = await client.attempt({
		endpoint: 'Delete Webhook',
		method: 'DELETE',
		path: `${WEBHOOKS}/${encodeURIComponent(id)}`,
		consequence: `Webhook "${quotable(id)}" for call events was not deleted`,
		idempotent: true,
	});
	if (!(answer instanceof VideoSdkFailure)) return true;
	if (isNotFound(answer)) return false;
	throw answer;
}

/**
 * Creates a webhook. If the answer is lost, the webhook is looked for in the list, so that it is not
 * created twice.
 *
 * @throws VideoSdkFailure
 */
async function createWebhook(
	client: VideoSdkClient,
	url: string,
	events: CallEventName[],
	isCreated: (webhook: SipWebhook) => boolean,
	onMayExist: () => void,
): Promise<string> {
	const request: ApiRequest = {
		endpoint: 'Create Webhook',
		method: 'POST',
		path: WEBHOOKS,
		body: { url, events },
		consequence: NOT_REGISTERED,
		idempotent: false,
	};
	const answer = await client.attempt(request);
	const isFailure = answer instanceof VideoSdkFailure;
	if (isFailure && !answer.mayHaveTakenEffect) throw answer;
	onMayExist();
	const id = isFailure ? undefined : readId(unwrap(answer) ?? answer);
	const createdId = id ?? (await listWebhooks(client, NOT_REGISTERED)).find(isCreated)?.id;
	if (createdId !== undefined) return createdId;
	const problem = 'has no webhook in it (the field "id" is missing)';
	throw isFailure ? answer : new VideoSdkFailure({ kind: 'unreadable', problem }, request, true);
}

const sorted = (events: unknown) => JSON.stringify([events].flat().sort());

/**
 * Registers a URL for events of calls. The webhook that was registered last is kept if it is for this URL
 * and these events. Otherwise a new one is created, and all others for this URL are deleted: a webhook
 * that VideoSDK lists may be one that no longer receives anything, since Delete Webhook only marks it as
 * deleted.
 *
 * @param onMayExist is called when VideoSDK has created a webhook, or may have
 * @param known ID of the webhook that was registered last, perhaps for another URL
 * @returns the ID of the webhook
 * @throws VideoSdkFailure
 */
export async function register(
	client: VideoSdkClient,
	url: string,
	events: CallEventName[],
	onMayExist: () => void,
	known?: string,
): Promise<string> {
	const listed = await listWebhooks(client, NOT_REGISTERED);
	const isCurrent = (webhook: SipWebhook) =>
		webhook.id === known && webhook.url === url && sorted(webhook.events) === sorted(events);
	const isCreated = (webhook: SipWebhook) =>
		webhook.url === url && !listed.some(({ id }) => id === webhook.id);
	const id =
		listed.find(isCurrent)?.id ?? (await createWebhook(client, url, events, isCreated, onMayExist));
	for (const webhook of listed) {
		const isOurs = webhook.url === url || webhook.id === known;
		if (isOurs && webhook.id !== id) await deleteWebhook(client, webhook.id);
	}
	return id;
}

/**
 * Unregisters a URL for events of calls.
 *
 * @param known ID of the webhook. Without it, or if VideoSDK does not have it, all webhooks with the URL
 * are deleted.
 * @returns whether there was a webhook
 * @throws VideoSdkFailure
 */
export async function unregister(
	client: VideoSdkClient,
	url: string,
	known?: string,
): Promise<boolean> {
	if (known !== undefined && (await deleteWebhook(client, known))) return true;
	const listed = await listWebhooks(client, 'The webhooks for call events were not deleted');
	const ours = listed.filter((webhook) => webhook.url === url);
	for (const { id } of ours) await deleteWebhook(client, id);
	return ours.length > 0;
}
