import { createPublicKey, type KeyObject, verify } from 'crypto';
import { uptime } from '../shared/uptime';

/**
 * Whether VideoSDK signed a body: RSA-SHA256 over the raw bytes, in base64 (documentation:
 * webhook-verification).
 *
 * @param signature value of the header `videosdk-signature`
 */
export function hasValidSignature(rawBody: Buffer, signature: string, key: KeyObject): boolean {
	return verify('RSA-SHA256', rawBody, key, Buffer.from(signature, 'base64'));
}

/** Milliseconds for which a key is used before it is fetched again. */
const LIFETIME = 3_600_000;

/** The least milliseconds between two fetches while a key is known. */
const SHORTEST_INTERVAL = 60_000;

/** The same while no key is known, so that a burst of events does not repeat a failed fetch. */
const SHORTEST_INTERVAL_WITHOUT_KEY = 10_000;

/** Gets VideoSDK's public key, as PEM. */
type FetchPem = () => Promise<string>;

/** The public key of VideoSDK, fetched when needed and kept for an hour, or until a fetch succeeds again. */
export class PublicKey {
	private fetched?: { key: KeyObject; at: number };

	private lastFetch?: { result: Promise<KeyObject>; at: number };

	/**
	 * Returns the key. Simultaneous calls share one fetch.
	 *
	 * @throws what `fetchPem` throws, or an error if it returned no key, unless a key is known
	 */
	async get(fetchPem: FetchPem): Promise<KeyObject> {
		const known = this.fetched;
		if (!known) return await this.fetch(fetchPem, SHORTEST_INTERVAL_WITHOUT_KEY);
		if (uptime() - known.at < LIFETIME) return known.key;
		return await this.fetch(fetchPem, SHORTEST_INTERVAL).catch(() => known.key);
	}

	/**
	 * Fetches the key again after a signature did not match, since VideoSDK may have changed it. It is
	 * fetched at most once a minute, so that forged events cannot cause any number of requests.
	 *
	 * @param tried the key that did not match
	 * @returns undefined if the key has not changed, so the signature is wrong
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
