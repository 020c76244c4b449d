import { randomUUID } from 'node:crypto';
import { ApiError } from './answer';
import type { Call } from './calls';
import type { Options } from './options';
import type { Page } from './paging';
import { Store } from './store';
import type { Webhooks } from './webhooks';

/** Where events of calls go. Times are ISO-8601. */
export interface SipWebhook {
	id: string;
	url: string;
	events: string[];
	createdAt: string;
	updatedAt: string;
}

/** Every event that the page of Create Webhook allows. */
export const callEvents = [
	'call-started',
	'call-answered',
	'call-hangup',
	'call-transferred',
	'call-missed',
	'call-update',
	'call-ringing',
];

/**
 * Which event a status is told as, beside `call-update`, which each is told as.
 * Assumed: all of it, and that other statuses are told as `call-update` only.
 */
const eventOfStatus = new Map([
	['initiated', 'call-started'],
	['incoming', 'call-started'],
	['ringing', 'call-ringing'],
	['answered', 'call-answered'],
	['transferred', 'call-transferred'],
	['missed', 'call-missed'],
	['not-answered', 'call-missed'],
	['rejected', 'call-missed'],
	['ended', 'call-hangup'],
]);

/** The project's webhooks for events of calls. */
export class SipWebhooks {
	readonly #store: Store<SipWebhook>;
	/** The IDs of those that get no event more. */
	readonly #deleted = new Set<string>();

	constructor(
		private readonly options: Options,
		private readonly webhooks: Webhooks,
	) {
		this.#store = new Store(options, 'Webhook', ({ id }) => id);
	}

	/** Copies of all webhooks, oldest first. */
	all(): SipWebhook[] {
		return this.#store.all().filter(({ id }) => !this.#deleted.has(id));
	}

	/**
	 * Registers a webhook. The same URL may be registered more than once (assumed).
	 * @throws ApiError 400 for events that there are not (assumed)
	 */
	create(url: string, events: unknown): SipWebhook {
		if (!URL.canParse(url) || !/^https?:/.test(url)) throw new ApiError(400, 'url must be a URL');
		const isListed = (event: unknown) => callEvents.includes(String(event));
		if (!Array.isArray(events) || events.length === 0 || !events.every(isListed)) {
			throw new ApiError(400, 'events must be a list of call events');
		}
		const now = new Date().toISOString();
		const id = `wh_${randomUUID()}`;
		return this.#store.add({
			...{ id, url, events: events as string[], createdAt: now, updatedAt: now },
		});
	}

	/**
	 * One page of the webhooks, newest first; see `pageOf`. As VideoSDK's SDK has it, a row spells its
	 * ID `webhookId`; the documented sample says `id`. `search` is refused: it is not sent.
	 */
	list(query: URLSearchParams): Page<Omit<SipWebhook, 'id'> & { webhookId: string }> {
		const isListed = ({ id }: SipWebhook) =>
			this.options.listsDeletedWebhooks === true || !this.#deleted.has(id);
		const { data, pageInfo } = this.#store.list(query, isListed);
		return { data: data.map(({ id, ...webhook }) => ({ webhookId: id, ...webhook })), pageInfo };
	}

	/**
	 * Forgets a webhook, which gets no event more.
	 * Assumed: one that was deleted before is a 404.
	 * @throws ApiError
	 */
	delete(id: string): void {
		if (this.#deleted.has(this.#store.kept(id).id)) throw new ApiError(404, 'Webhook not found');
		this.#deleted.add(id);
	}

	/**
	 * Sends the new status of a call to the webhooks that want its events.
	 * Assumed: all fields. The vendor's n8n example reads `webhookType` and `data.to`.
	 */
	announce(call: Call): void {
		const types = [eventOfStatus.get(call.status), 'call-update'];
		for (const { url, events } of this.all()) {
			for (const webhookType of types) {
				if (webhookType === undefined || !events.includes(webhookType)) continue;
				const { callId, status, type, roomId, from, to } = call;
				const data = { callId, status, type, roomId, from, to };
				this.webhooks.queue(url, { webhookType, data }, this.options.signsCallEvents === true);
			}
		}
	}
}
