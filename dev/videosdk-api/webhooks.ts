/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { JsonObject } from './answer';
import type { Options } from './options';
import type { ListedOnly, Session } from './sessions';
import type { Stats } from './stats';
import type { Timers } from './timers';

/** The body of an event. */
export interface WebhookEvent {
	webhookType: string;
	data: JsonObject & ({ sessionId: string } | { callId: string });
}

/**
 * What a webhook type says of a state.
 * Assumed: `completed` is told as `stopped`, with no `stopping` before it.
 */
const typeEndings = new Map([
	['queued', 'starting'],
	['running', 'started'],
	['stopping', 'stopping'],
	['stopped', 'stopped'],
	['completed', 'stopped'],
	['failed', 'failed'],
]);

/** Every webhook type, in the documented spelling and in that of VideoSDK's SDK. */
export const webhookTypes: readonly string[] = [...new Set(typeEndings.values())].flatMap(
	(ending) => [`ai-deployment-session-${ending}`, `agent-session-${ending}`],
);

// Assumed: all three numbers.
const mostAttempts = 4;
const waitMs = 100;
const answerWithinMs = 10_000;

function isLoopback(address: string): boolean {
	const { protocol, hostname } = new URL(address);
	const host = /^(localhost|127(\.\d+){3}|\[::1\])$/;
	return protocol === 'http:' && host.test(hostname);
}

interface KeyPair {
	publicKey: KeyObject;
	privateKey: KeyObject;
}

/** Key pairs of fake APIs that are closed. Making one takes up to half a second. */
const spareKeys: KeyPair[] = [];

const idOf = ({ data }: WebhookEvent) => String(data.sessionId ?? data.callId);

/** Signs and sends webhook events, only ever to this machine. */
export class Webhooks {
	#keys: KeyPair | undefined;
	#closed = false;
	readonly #agent = new Agent({ keepAlive: false });
	readonly #lastOf = new Map<string, Promise<unknown>>();

	constructor(
		private readonly options: Options,
		private readonly stats: Stats,
		private readonly timers: Timers,
	) {}

	/** The public key, PEM. */
	publicKey(): string {
		return this.#keyPair().publicKey.export({ type: 'spki', format: 'pem' }).toString();
	}

	/** Forgets the key pair; the next use takes another one. */
	rotateKey(): void {
		this.#keys = undefined;
	}

	/** The `videosdk-signature` of a body: RSA-SHA256 over its bytes, base64. */
	sign(body: string | Buffer): string {
		return sign('RSA-SHA256', Buffer.from(body), this.#keyPair().privateKey).toString('base64');
	}

	/** Sends a session's new state to its webhook, after its earlier events, if it asked for it. */
	announce(session: Session, webhook: ListedOnly['webhook']): void {
		const ending = typeEndings.get(session.status);
		if (!webhook || !ending) return;
		if (!webhook.events.some((type) => type.endsWith(`-session-${ending}`))) return;
		const webhookType = `${this.options.eventSpelling ?? 'ai-deployment-session'}-${ending}`;
		this.queue(webhook.endpoint, { webhookType, data: session });
	}

	/** Sends an event after the earlier ones of the same session or call. */
	queue(endPoint: string, event: WebhookEvent, isSigned = true): void {
		const id = idOf(event);
		const sent = (this.#lastOf.get(id) ?? Promise.resolve())
			.then(async () => await this.send(endPoint, event, isSigned))
			.catch(() => 0)
			.finally(() => {
				if (this.#lastOf.get(id) === sent) this.#lastOf.delete(id);
			});
		this.#lastOf.set(id, sent);
	}

	/**
	 * POSTs an event, signed by default, and gives the answer's HTTP status, 0 when no answer came.
	 * Assumed: after a 503, no connection, or 10 seconds without an answer it is sent again, up to
	 * 3 times, 100 ms apart.
	 * @throws Error when `endPoint` is not http on loopback: nothing leaves this machine
	 */
	async send(endPoint: string, event: WebhookEvent, isSigned = true): Promise<number> {
		const delivery = {
			type: event.webhookType,
			id: idOf(event),
			status: 0,
			attempts: 0,
		};
		const local = isLoopback(endPoint);
		while (local && !this.#closed && delivery.attempts < mostAttempts) {
			if (delivery.attempts > 0) await this.timers.wait(waitMs);
			delivery.attempts += 1;
			delivery.status = await this.#post(endPoint, JSON.stringify(event), isSigned);
			if (delivery.status !== 0 && delivery.status !== 503) break;
		}
		this.stats.deliveries.push(delivery);
		if (!local) throw new Error(`${endPoint} is not http on loopback: nothing was sent`);
		return delivery.status;
	}

	/** Breaks off what is being sent. */
	close(): void {
		this.#closed = true;
		if (this.#keys) spareKeys.push(this.#keys);
		this.#keys = undefined;
		this.#agent.destroy();
	}

	async #post(endPoint: string, body: string, isSigned: boolean): Promise<number> {
		const headers = {
			'content-type': 'application/json',
			'content-length': Buffer.byteLength(body),
			...(isSigned && { 'videosdk-signature': this.sign(body) }),
		};
		return await new Promise((resolve) => {
			const post = request(endPoint, { method: 'POST', agent: this.#agent, headers });
			post.setTimeout(answerWithinMs, () => post.destroy());
			post.on('error', () => resolve(0));
			post.on('response', (response) => {
				response.resume();
				response.on('close', () => resolve(response.statusCode ?? 0));
			});
			post.end(body);
		});
	}

	#keyPair(): KeyPair {
		this.#keys ??= spareKeys.pop() ?? generateKeyPairSync('rsa', { modulusLength: 2048 });
		return this.#keys;
	}
}
