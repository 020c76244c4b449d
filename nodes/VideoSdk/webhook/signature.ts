import { createPublicKey, type KeyObject, verify } from 'crypto';
import { uptime } from '../api/uptime';

/**
 * Tells whether VideoSDK signed a body: RSA-SHA256 over the raw bytes, in base64
 * (documentation: webhook-verification).
 *
 * @param signature value of the header `videosdk-signature`
 */
export function isSigned(rawBody: Buffer, signature: string, key: KeyObject): boolean {
	return verify('RSA-SHA256', rawBody, key, Buffer.from(signature, 'base64'));
}

/** Milliseconds that a key is used before it is fetched again. */
const LIFETIME = 3_600_000;

/** Milliseconds between two fetches while a key is known, whatever causes them. */
const SHORTEST_INTERVAL = 60_000;

/** Milliseconds that a fetch stands, failed or not, so that a burst of events does not repeat it. */
const SHORTEST_INTERVAL_WITHOUT_KEY = 10_000;

/** Asks VideoSDK for its public key, as PEM. */
type FetchPem = () => Promise<string>;

/**
 * The public key of VideoSDK, fetched when it is needed and kept for an hour, or longer while it
 * cannot be fetched anew.
 */
export class PublicKey {
	private fetched?: { key: KeyObject; at: number };

	private lastFetch?: { result: Promise<KeyObject>; at: number };

	/**
	 * Gives the key, fetched once however many ask at the same time.
	 *
	 * @throws what `fetchPem` throws, or an error if it gave no key, unless a key is known
	 */
	async get(fetchPem: FetchPem): Promise<KeyObject> {
		const known = this.fetched;
		if (!known) return await this.fetch(fetchPem, SHORTEST_INTERVAL_WITHOUT_KEY);
		if (uptime() - known.at < LIFETIME) return known.key;
		return await this.fetch(fetchPem, SHORTEST_INTERVAL).catch(() => known.key);
	}

	/**
	 * Gives the key anew, for a signature that did not fit: VideoSDK may have changed it. It is
	 * fetched at most once a minute, so that nobody can make us ask VideoSDK by sending forged events.
	 *
	 * @param tried the key that did not fit
	 * @returns undefined if there is no other key, so the signature is wrong
	 * @throws as `get` does
	 */
	async renew(tried: KeyObject, fetchPem: FetchPem): Promise<KeyObject | undefined> {
		const key = await this.fetch(fetchPem, SHORTEST_INTERVAL);
		return key === tried ? undefined : key;
	}

	private async fetch(fetchPem: FetchPem, shortestInterval: number): Promise<KeyObject> {
		const now = uptime();
		if (!this.lastFetch || now - this.lastFetch.at >= shortestInterval) {
			const result = fetchPem().then((pem) => {
				const key = createPublicKey(pem);
				this.fetched = { key, at: now };
				return key;
			});
			this.lastFetch = { result, at: now };
		}
		return await this.lastFetch.result;
	}
}
