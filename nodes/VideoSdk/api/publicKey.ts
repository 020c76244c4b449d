import type { VideoSdkClient } from '../http/client';
import { VideoSdkFailure } from '../http/failure';

/**
 * Gets the public key for the signatures of VideoSDK's webhooks.
 *
 * @returns the RSA key, as PEM
 * @throws VideoSdkFailure
 */
export async function getPublicKey(client: VideoSdkClient): Promise<string> {
	const consequence =
		'The public key for checking the signatures of VideoSDK webhooks could not be retrieved';
	const { publicKey } = await client.request({
		endpoint: 'Get RSA Public Key',
		method: 'GET',
		path: '/v2/public/rsa-public-key',
		consequence,
		idempotent: true,
	});
	if (typeof publicKey !== 'string') {
		throw new VideoSdkFailure(
			{ kind: 'unreadable', problem: 'has no key in it (the field "publicKey" is missing)' },
			{ consequence },
		);
	}
	return publicKey;
}
