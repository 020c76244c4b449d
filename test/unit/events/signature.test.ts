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
	test('fits each body that it was made for, whatever bytes are in it', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				const signature = videoSdk.sign(Buffer.from(bytes));
				return hasValidSignature(Buffer.from(bytes), signature, videoSdk.publicKey);
			}),
		);
	});

	test('fits no body that differs in one bit, wherever it is, nor a longer one', () => {
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
		['of PSS padding', withKey('RSA-SHA256', { padding: constants.RSA_PKCS1_PSS_PADDING })],
		['empty', ''],
		['too short', 'AAAA'],
		['not of base64', '✓\0='],
		['of 75,000 bytes', 'A'.repeat(100_000)],
	])('does not fit, and nothing throws, when it is %s', (_name, signature) => {
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

	test('is fetched once for 500 events, and kept for an hour', async () => {
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

	test('is fetched once a minute by forged events', async () => {
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

	test('is not tried a second time when there is no other', async () => {
		const { get, renew } = setUp();
		expect(await renew(await get())).toBeUndefined();
	});

	test('is renewed once when VideoSDK changed it, also for 500 concurrent events', async () => {
		const { fetchPem, accepts, get } = setUp();
		await get();
		fetchPem.mockResolvedValue(renewed.pem);
		pass(MINUTE);
		expect(await of500(async () => await accepts(renewed))).toEqual([true]);
		expect(await accepts(videoSdk)).toBe(false);
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('is kept for an hour from its renewal', async () => {
		const { fetchPem, accepts, get } = setUp();
		await get();
		pass(HOUR - 1);
		await accepts(forger);
		pass(HOUR - 1);
		await get();
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('that cannot be fetched is an error, and is asked for again after ten seconds', async () => {
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

	test('that is none is an error, and is asked for again after ten seconds', async () => {
		const { fetchPem, get, accepts } = setUp();
		fetchPem.mockResolvedValueOnce('-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n');
		await expect(get()).rejects.toThrow();
		pass(10 * SECOND);
		expect(await accepts(videoSdk)).toBe(true);
	});

	test('stays good for the events it fits when it cannot be renewed', async () => {
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

	test('serves on for as long as it cannot be renewed, and is asked for once a minute', async () => {
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
