import type { VideoSdkApi } from './server';

/** Fields of the node's credential. */
export interface CredentialFields {
	apiKey: string;
	secretKey: string;
	baseUrl: string;
}

/** The credential that a fake API accepts. */
export function credentialOf({ apiKey, secret, url }: VideoSdkApi): CredentialFields {
	return { apiKey, secretKey: secret, baseUrl: url };
}
