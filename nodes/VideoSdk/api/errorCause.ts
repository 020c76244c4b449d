import type { Cause } from './failure';

const NEVER_CONNECTED = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'EHOSTDOWN',
	'ENETUNREACH',
	'EADDRNOTAVAIL',
]);

const CERTIFICATE =
	/^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/**
 * What is said where a request was surely not sent: by our credential, each of whose errors names it
 * (n8n before 2.34 keeps nothing of an error's class, and shows a code in the place of the message),
 * or by n8n when an administrator forbids the address (backend-network/ssrf).
 */
const NOT_SENT = [/\bVideoSDK credential\b/, /^The request was blocked because/];

interface ErrorLike {
	message?: unknown;
	/** What n8n's NodeApiError wraps, before it puts words of its own in the place of the message. */
	messages?: unknown;
	/** Before n8n 2.34, NodeApiError drops its cause and keeps only the code, as this. */
	httpCode?: unknown;
	code?: unknown;
	syscall?: unknown;
	cause?: unknown;
}

function causesOf(error: unknown): ErrorLike[] {
	const chain: ErrorLike[] = [];
	let link = error;
	while (typeof link === 'object' && link !== null && !chain.includes(link)) {
		chain.push(link);
		link = (link as ErrorLike).cause;
	}
	return chain;
}

/** From the outermost error to the innermost, and in each from n8n's words to the original ones. */
function messagesOf(chain: ErrorLike[]): string[] {
	return chain
		.flatMap(({ message, messages }) => [message, messages].flat())
		.filter((message): message is string => typeof message === 'string');
}

/**
 * Reads what went wrong out of an error of n8n's request helper, which wraps one of axios, which
 * wraps one of Node. Nothing of the error itself is kept: axios's holds the request's headers,
 * and with them the token.
 *
 * A request counts as not sent only where that is certain. What has no cause that is known here may
 * have reached VideoSDK, and counts as a connection that broke.
 *
 * @param error what the request helper threw
 * @param timeout the time the request had, in milliseconds
 */
export function causeOf(error: unknown, timeout: number): Cause {
	const chain = causesOf(error);
	const codes = chain.flatMap(({ httpCode, code }) =>
		// A number is the status of an answer, which says nothing of the connection.
		[httpCode, code].filter(
			(value): value is string => typeof value === 'string' && !/^\d*$/.test(value),
		),
	);
	const messages = messagesOf(chain);
	const code = codes.at(-1) ?? 'unknown cause';
	if (codes.includes('ERR_CANCELED')) return { kind: 'cancelled' };
	const why = messages.findLast((text) => NOT_SENT.some((refusal) => refusal.test(text)));
	if (why !== undefined) return { kind: 'refused', why };
	if (CERTIFICATE.test(code)) return { kind: 'certificate', code };
	if (
		NEVER_CONNECTED.has(code) ||
		chain.some(({ syscall }) => syscall === 'connect') ||
		messages.some((text) => /^connect E/.test(text))
	) {
		return { kind: 'unreachable', code };
	}
	if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return { kind: 'timeout', after: timeout };
	return { kind: 'broken', code };
}
