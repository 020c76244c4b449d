import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from '../../support/fastCheck';
import { hasValidSignature, PublicKey } from '../../../nodes/VideoSdk/events/signature';

const event = Buffer.from('{"webhookType":"ai-deployment-session-started","data":{}}');

/** A key pair of VideoSDK's, or of somebody else. */
function makeSigner(modulusLength = 2048) {
	const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
	const signed = (body: Buffer) => sign('RSA-SHA256', body, privateKey).toString('base64');
	return {
		publicKey,
		privateKey,
		pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
		sign: signed,
		/** Of `event`. */
		signature: signed(event),
	};
}

const videoSdk = makeSigner();
const renewed = makeSigner();
const forger = makeSigner();

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

describe('a signature', () => {
	const bodies = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));

	test('fits each body that it was made for, whatever bytes are in it', () => {
		fc.assert(
			fc.property(bodies, (body) => {
				expect(hasValidSignature(body, videoSdk.sign(body), videoSdk.publicKey)).toBe(true);
			}),
		);
	});

	test.each([1024, 3072, 4096])('fits with a key of %i bits', (bits) => {
		const signer = makeSigner(bits);
		expect(hasValidSignature(event, signer.signature, signer.publicKey)).toBe(true);
	});

	test('fits no body that differs in one bit, wherever it is', () => {
		for (let bit = 0; bit < event.length * 8; bit++) {
			const altered = Buffer.from(event);
			altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
			expect(hasValidSignature(altered, videoSdk.signature, videoSdk.publicKey)).toBe(false);
		}
	});

	test.each<[string, Buffer]>([
		['one byte is missing', event.subarray(0, -1)],
		['a byte is added', Buffer.concat([event, Buffer.from(' ')])],
		['it is empty', Buffer.alloc(0)],
	])('does not fit the body when %s', (_name, body) => {
		expect(hasValidSignature(body, videoSdk.signature, videoSdk.publicKey)).toBe(false);
	});

	const withKey = (algorithm: string, options: object = {}) =>
		sign(algorithm, event, { key: videoSdk.privateKey, ...options }).toString('base64');

	test.each<[string, string]>([
		['another key', forger.signature],
		['SHA-1', withKey('RSA-SHA1')],
		['SHA-512', withKey('RSA-SHA512')],
		['PSS padding', withKey('RSA-SHA256', { padding: constants.RSA_PKCS1_PSS_PADDING })],
	])('does not fit when it was made with %s', (_name, signature) => {
		expect(hasValidSignature(event, signature, videoSdk.publicKey)).toBe(false);
	});

	test.each<[string, string]>([
		['empty', ''],
		['a space', ' '],
		['a word', 'undefined'],
		['too short', 'AAAA'],
		['padding only', '='],
		['a NUL', '\0'],
		['not of base64', '✓'],
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

	const times = async <T>(count: number, action: () => Promise<T>) =>
		await Promise.all(Array.from({ length: count }, action));

	beforeEach(() => jest.useFakeTimers({ now: Date.UTC(2025, 5, 18) }));

	afterEach(() => jest.useRealTimers());

	test('is fetched once for 500 events that come at the same time', async () => {
		const { fetchPem, accepts } = setUp();
		expect(new Set(await times(500, async () => await accepts(videoSdk)))).toEqual(new Set([true]));
		expect(fetchPem).toHaveBeenCalledTimes(1);
	});

	test('is kept for an hour', async () => {
		const { fetchPem, get } = setUp();
		const key = await get();
		jest.advanceTimersByTime(HOUR - 1);
		expect(await get()).toBe(key);
		expect(fetchPem).toHaveBeenCalledTimes(1);
		jest.advanceTimersByTime(1);
		expect(await get()).not.toBe(key);
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('is fetched once when 500 events find it an hour old', async () => {
		const { fetchPem, accepts, get } = setUp();
		await get();
		fetchPem.mockResolvedValue(renewed.pem);
		jest.advanceTimersByTime(HOUR);
		expect(new Set(await times(500, async () => await accepts(renewed)))).toEqual(new Set([true]));
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('is not fetched again by forged events within a minute', async () => {
		const { fetchPem, accepts, get } = setUp();
		await get();
		jest.advanceTimersByTime(MINUTE - 1);
		expect(new Set(await times(500, async () => await accepts(forger)))).toEqual(new Set([false]));
		expect(fetchPem).toHaveBeenCalledTimes(1);
		jest.advanceTimersByTime(1);
		expect(new Set(await times(500, async () => await accepts(forger)))).toEqual(new Set([false]));
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('is fetched once a minute while forged events come each second for an hour and a half', async () => {
		const { fetchPem, accepts } = setUp();
		for (let second = 0; second < 5_400; second++) {
			expect(await accepts(forger)).toBe(false);
			jest.advanceTimersByTime(SECOND);
		}
		expect(fetchPem).toHaveBeenCalledTimes(90);
	});

	test('is not tried a second time when there is no other', async () => {
		const { get, renew } = setUp();
		expect(await renew(await get())).toBeUndefined();
	});

	test('is renewed once when VideoSDK changed it, and 500 events signed with the new one are accepted', async () => {
		const { fetchPem, accepts, get } = setUp();
		await get();
		fetchPem.mockResolvedValue(renewed.pem);
		jest.advanceTimersByTime(MINUTE);
		expect(new Set(await times(500, async () => await accepts(renewed)))).toEqual(new Set([true]));
		expect(fetchPem).toHaveBeenCalledTimes(2);
		expect(await accepts(renewed)).toBe(true);
		expect(await accepts(videoSdk)).toBe(false);
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('is kept for an hour from its renewal', async () => {
		const { fetchPem, accepts, get } = setUp();
		await get();
		jest.advanceTimersByTime(HOUR - 1);
		await accepts(forger);
		jest.advanceTimersByTime(HOUR - 1);
		await get();
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('that cannot be fetched is an error for all who wait for it, and is asked for once', async () => {
		const { fetchPem, get } = setUp();
		fetchPem.mockRejectedValue(unreachable);
		const errors = await times(500, async () => await get().catch((error: unknown) => error));
		expect(new Set(errors)).toEqual(new Set([unreachable]));
		expect(fetchPem).toHaveBeenCalledTimes(1);
	});

	test('that could not be fetched is asked for again after ten seconds', async () => {
		const { fetchPem, get, accepts } = setUp();
		fetchPem.mockRejectedValueOnce(unreachable);
		await expect(get()).rejects.toBe(unreachable);
		jest.advanceTimersByTime(10 * SECOND - 1);
		await expect(get()).rejects.toBe(unreachable);
		expect(fetchPem).toHaveBeenCalledTimes(1);
		jest.advanceTimersByTime(1);
		expect(await accepts(videoSdk)).toBe(true);
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('that is none is an error, and is asked for again after ten seconds', async () => {
		const { fetchPem, get, accepts } = setUp();
		fetchPem.mockResolvedValueOnce('-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n');
		await expect(get()).rejects.toThrow();
		jest.advanceTimersByTime(10 * SECOND);
		expect(await accepts(videoSdk)).toBe(true);
	});

	test('stays good for the events it fits when it cannot be renewed', async () => {
		const { fetchPem, accepts, get } = setUp();
		const key = await get();
		fetchPem.mockRejectedValue(unreachable);
		jest.advanceTimersByTime(MINUTE);
		const [forged, ...signed] = await Promise.allSettled([
			accepts(forger),
			...Array.from({ length: 100 }, async () => await accepts(videoSdk)),
		]);
		expect(forged).toEqual({ status: 'rejected', reason: unreachable });
		expect(new Set(signed.map((outcome) => JSON.stringify(outcome)))).toEqual(
			new Set(['{"status":"fulfilled","value":true}']),
		);
		jest.advanceTimersByTime(HOUR - MINUTE - 1);
		expect(await get()).toBe(key);
		expect(fetchPem).toHaveBeenCalledTimes(2);
	});

	test('serves on for as long as it cannot be renewed, and is asked for once a minute', async () => {
		const { fetchPem, accepts, get } = setUp();
		const key = await get();
		fetchPem.mockRejectedValue(unreachable);
		jest.advanceTimersByTime(HOUR);
		for (let second = 0; second < 3_600; second++) {
			expect(await get()).toBe(key);
			jest.advanceTimersByTime(SECOND);
		}
		expect(fetchPem).toHaveBeenCalledTimes(1 + 60);
		fetchPem.mockResolvedValue(renewed.pem);
		jest.advanceTimersByTime(MINUTE);
		expect(await accepts(renewed)).toBe(true);
		expect(await get()).not.toBe(key);
	});

	test('that could not be renewed is asked for again after a minute', async () => {
		const { fetchPem, accepts, get } = setUp();
		await get();
		jest.advanceTimersByTime(MINUTE);
		fetchPem.mockRejectedValueOnce(unreachable);
		await expect(accepts(renewed)).rejects.toBe(unreachable);
		fetchPem.mockResolvedValue(renewed.pem);
		jest.advanceTimersByTime(MINUTE - 1);
		await expect(accepts(renewed)).rejects.toBe(unreachable);
		jest.advanceTimersByTime(1);
		expect(await accepts(renewed)).toBe(true);
		expect(fetchPem).toHaveBeenCalledTimes(3);
	});
});
