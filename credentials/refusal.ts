import { UserError } from 'n8n-workflow';

/** The code of an error that says: the credential refused the request, and nothing was sent. */
export const REFUSED_BY_CREDENTIAL = 'ERR_VIDEOSDK_CREDENTIAL';

/**
 * Gives the error to throw when the credential refuses to sign a request. n8n wraps it, and until
 * 2.34 keeps nothing of its class: what it does keep, as `httpCode`, is the code.
 *
 * @param message what is wrong with the credential, as a sentence, and what to do
 */
export function refusal(message: string): UserError {
	return Object.assign(new UserError(message), { code: REFUSED_BY_CREDENTIAL });
}
