import { randomUUID } from 'node:crypto';
import { ApiError } from './answer';
import type { Call } from './calls';
import type { Options } from './options';
import { pageOf, type Page } from './paging';
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
	readonly #byId = new Map<string, SipWebhook>();
	/** They get no event more. */
	readonly #deleted: SipWebhook[] = [];

	constructor(
		private readonly options: Options,
		private readonly webhooks: Webhooks,
	) {}

	/** Copies of all webhooks, oldest first. */
	all(): SipWebhook[] {
		return [...this.#byId.values()].map((webhook) => ({ ...webhook }));
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
		const webhook = { id, url, events: events as string[], createdAt: now, updatedAt: now };
		this.#byId.set(id, webhook);
		return { ...webhook };
	}

	/**
	 * One page of the webhooks, newest first; see `pageOf`. As VideoSDK's SDK has it, a row spells its
	 * ID `webhookId`; the documented sample says `id`. `search` is refused: it is not sent.
	 */
	list(query: URLSearchParams): Page<Omit<SipWebhook, 'id'> & { webhookId: string }> {
		const deleted = this.options.listsDeletedWebhooks ? this.#deleted : [];
		const all = [...deleted, ...this.#byId.values()];
		const { data, pageInfo } = pageOf(all, query, this.options.list);
		return { data: data.map(({ id, ...webhook }) => ({ webhookId: id, ...webhook })), pageInfo };
	}

	/**
	 * Forgets a webhook, which gets no event more.
	 * Assumed: one that was deleted before is a 404, as is an unknown one.
	 * @throws ApiError
	 */
	delete(id: string): void {
		const webhook = this.#byId.get(id);
		if (!webhook) throw new ApiError(404, 'Webhook not found');
		this.#byId.delete(id);
		this.#deleted.push(webhook);
	}

	/**
	 * Sends the new status of a call to the webhooks that want its events.
	 * Assumed: all fields. The vendor's n8n example reads `webhookType` and `data.to`.
	 */
	announce(call: Call): void {
		const types = [eventOfStatus.get(call.status), 'call-update'];
		for (const { url, events } of this.#byId.values()) {
			for (const webhookType of types) {
				if (webhookType === undefined || !events.includes(webhookType)) continue;
				const { callId, status, type, roomId, from, to } = call;
				const data = { callId, status, type, roomId, from, to };
				this.webhooks.queue(url, { webhookType, data }, this.options.signsCallEvents === true);
			}
		}
	}
}
