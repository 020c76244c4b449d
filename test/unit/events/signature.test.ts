import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from '../../support/fastCheck';
import { hasValidSignature, PublicKey } from '../../../nodes/VideoSdk/events/signature';

const event = Buffer.from('{"webhookType":"ai-deployment-session-started","data":{}}');

/** A key pair of VideoSDK's, or of somebody else. */
function makeSigner() {
	const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const signed = (body: Buffer) => sign('RSA-SHA256', body, privateKey).toString('base64');
	const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
	/** The signature is one of `event`. */
	return { publicKey, privateKey, pem, sign: signed, signature: signed(event) };
}

const [videoSdk, renewed, forger] = [makeSigner(), makeSigner(), makeSigner()];

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

describe('a signature', () => {
	test('a signature is valid for the body that it was made for, whatever its bytes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				const signature = videoSdk.sign(Buffer.from(bytes));
				return hasValidSignature(Buffer.from(bytes), signature, videoSdk.publicKey);
			}),
		);
	});

	test('a signature is invalid for a body with any changed bit or an extra byte', () => {
		const others = [Buffer.alloc(0), Buffer.concat([event, Buffer.from(' ')])];
		for (let bit = 0; bit < event.length * 8; bit++) {
			const altered = Buffer.from(event);
			altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
			others.push(altered);
		}
		const fits = (body: Buffer) => hasValidSignature(body, videoSdk.signature, videoSdk.publicKey);
		expect(others.filter(fits)).toEqual([]);
	});

	const withKey = (algorithm: string, options: object = {}) =>
		sign(algorithm, event, { key: videoSdk.privateKey, ...options }).toString('base64');

	test.each<[string, string]>([
		['made with another key', forger.signature],
		['made with SHA-1', withKey('RSA-SHA1')],
		['made with SHA-512', withKey('RSA-SHA512')],
		['made with PSS padding', withKey('RSA-SHA256', { padding: constants.RSA_PKCS1_PSS_PADDING })],
		['empty', ''],
		['too short', 'AAAA'],
		['not Base64', '✓\0='],
		['of 75,000 bytes', 'A'.repeat(100_000)],
	])('a signature is invalid, without an exception, if it is %s', (_name, signature) => {
		expect(hasValidSignature(event, signature, videoSdk.publicKey)).toBe(false);
	});
});

describe('the public key of VideoSDK', () => {
	const unreachable = new Error('n8n could not connect to VideoSDK');

	/** A key cache, VideoSDK behind it, and events checked as the trigger checks them. */
	function setUp() {
		const publicKey = new PublicKey();
		const fetchPem = jest.fn(async () => videoSdk.pem);
		return {
			fetchPem,
			get: async () => await publicKey.get(fetchPem),
			renew: async (tried: KeyObject) => await publicKey.renew(tried, fetchPem),
			async accepts({ signature }: typeof videoSdk): Promise<boolean> {
				const key = await publicKey.get(fetchPem);
				if (hasValidSignature(event, signature, key)) return true;
				const newKey = await publicKey.renew(key, fetchPem);
				return newKey !== undefined && hasValidSignature(event, signature, newKey);
			},
		};
	}

	/** The distinct results of 500 concurrent calls. */
	const of500 = async <T>(action: () => Promise<T>) => [
		...new Set(await Promise.all(Array.from({ length: 500 }, action))),
	];

	const pass = (duration: number) => jest.advanceTimersByTime(duration);

	beforeEach(() => jest.useFakeTimers({ now: Date.UTC(2025, 5, 18) }));
	afterEach(() => jest.useRealTimers());

	test('the public key is fetched once for 500 events and cached for an hour', async () => {
		const { fetchPem, get, accepts } = setUp();
		expect(await of500(async () => await accepts(videoSdk))).toEqual([true]);
		const key = await get();
		pass(HOUR - 1);
		expect(await get()).toBe(key);
		expect(fetchPem).toHaveBeenCalledTimes(1);
		pass(1);
		fetchPem.mockResolvedValue(renewed.pem);
		expect(await of500(async () => await accepts(renewed))).toEqual([true]);
		expect(await get()).not.toBe(key);
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('forged events refetch the public key at most once a minute', async () => {
		const { fetchPem, accepts, get } = setUp();
		await get();
		for (const times of [1, 2, 3]) {
			pass(MINUTE - 1);
			expect(await of500(async () => await accepts(forger))).toEqual([false]);
			expect(fetchPem).toHaveBeenCalledTimes(times);
			pass(1);
			expect(await of500(async () => await accepts(forger))).toEqual([false]);
			expect(fetchPem).toHaveBeenCalledTimes(times + 1);
		}
	});

	test('renewing the public key gives nothing if VideoSDK still has the same key', async () => {
		const { get, renew } = setUp();
		expect(await renew(await get())).toBeUndefined();
	});

	test('a changed public key is renewed once for 500 concurrent events', async () => {
		const { fetchPem, accepts, get } = setUp();
		await get();
		fetchPem.mockResolvedValue(renewed.pem);
		pass(MINUTE);
		expect(await of500(async () => await accepts(renewed))).toEqual([true]);
		expect(await accepts(videoSdk)).toBe(false);
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('the public key is cached for an hour after its renewal', async () => {
		const { fetchPem, accepts, get } = setUp();
		await get();
		pass(HOUR - 1);
		await accepts(forger);
		pass(HOUR - 1);
		await get();
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('a failed fetch of the public key is repeated after ten seconds, not before', async () => {
		const { fetchPem, get, accepts } = setUp();
		fetchPem.mockRejectedValueOnce(unreachable);
		const failing = async () => await get().catch((error: unknown) => error);
		expect(await of500(failing)).toEqual([unreachable]);
		pass(10 * SECOND - 1);
		expect(await failing()).toBe(unreachable);
		expect(fetchPem).toHaveBeenCalledTimes(1);
		pass(1);
		expect(await accepts(videoSdk)).toBe(true);
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('an invalid public key is an error and is fetched again after ten seconds', async () => {
		const { fetchPem, get, accepts } = setUp();
		fetchPem.mockResolvedValueOnce('-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n');
		await expect(get()).rejects.toThrow();
		pass(10 * SECOND);
		expect(await accepts(videoSdk)).toBe(true);
	});

	test('the public key still verifies its events when it cannot be renewed', async () => {
		const { fetchPem, accepts, get } = setUp();
		const key = await get();
		fetchPem.mockRejectedValue(unreachable);
		pass(MINUTE);
		const forged = accepts(forger).catch((error: unknown) => error);
		expect(await of500(async () => await accepts(videoSdk))).toEqual([true]);
		expect(await forged).toBe(unreachable);
		pass(HOUR - MINUTE - 1);
		expect(await get()).toBe(key);
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('an expired public key is used until a renewal, tried once a minute, succeeds', async () => {
		const { fetchPem, accepts, get } = setUp();
		const key = await get();
		fetchPem.mockRejectedValue(unreachable);
		pass(HOUR);
		for (let second = 0; second < 3_600; second++) {
			expect(await get()).toBe(key);
			pass(SECOND);
		}
		expect(fetchPem).toHaveBeenCalledTimes(1 + 60);
		await expect(accepts(renewed)).rejects.toBe(unreachable);
		fetchPem.mockResolvedValue(renewed.pem);
		pass(MINUTE - 1);
		await expect(accepts(renewed)).rejects.toBe(unreachable);
		pass(1);
		expect(await accepts(renewed)).toBe(true);
		expect(await get()).not.toBe(key);
	});
});
