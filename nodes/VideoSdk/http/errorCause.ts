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

/** Codes of a handshake that failed. A damaged record may be one of the response. */
const CERTIFICATE =
	/^(?!.*BAD_RECORD_MAC)(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/**
 * Messages of errors after which a request was certainly not sent. The first is of our credential,
 * whose errors all name it: n8n before 2.34 does not keep the class of an error, and replaces its
 * message by a code. The second is of n8n, if an administrator forbids the address
 * (backend-network/ssrf).
 */
const NOT_SENT = {
	notSent: /\bVideoSDK credential\b/,
	blocked: /^The request was blocked because/,
} satisfies Partial<Record<Cause['kind'], RegExp>>;

interface ErrorLike {
	message?: unknown;
	/** The original messages in n8n's NodeApiError, whose own `message` is n8n's. */
	messages?: unknown;
	/** Before n8n 2.34, all that NodeApiError keeps of the code of its cause. */
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

/** From the outermost error to the innermost, and in each from n8n's message to the original ones. */
function messagesOf(chain: ErrorLike[]): string[] {
	return chain
		.flatMap(({ message, messages }) => [message, messages].flat())
		.filter((message): message is string => typeof message === 'string');
}

/**
 * Finds the cause of an error of n8n's request helper, which wraps one of axios, which wraps one of
 * Node.js. The error itself is not kept: axios's holds the request's headers, and with them the token.
 *
 * A request counts as not sent only if that is certain. Any error that is not known here counts as a
 * broken connection, since the request may have reached VideoSDK.
 *
 * @param error what the request helper threw
 * @param timeout of the request, in milliseconds
 */
export function causeOf(error: unknown, timeout: number): Cause {
	const chain = causesOf(error);
	const codes = chain.flatMap(({ httpCode, code }) =>
		// A number is the status of an answer, and says nothing about the connection.
		[httpCode, code].filter(
			(value): value is string => typeof value === 'string' && !/^\d*$/.test(value),
		),
	);
	const messages = messagesOf(chain);
	const code = codes.at(-1);
	if (codes.includes('ERR_CANCELED')) return { kind: 'cancelled' };
	for (const kind of ['notSent', 'blocked'] as const) {
		const why = messages.findLast((text) => NOT_SENT[kind].test(text));
		if (why !== undefined) return { kind, why };
	}
	if (code !== undefined && CERTIFICATE.test(code)) return { kind: 'certificate', code };
	if (
		(code !== undefined && NEVER_CONNECTED.has(code)) ||
		chain.some(({ syscall }) => syscall === 'connect') ||
		messages.some((text) => /^connect E/.test(text))
	) {
		return { kind: 'unreachable', code };
	}
	if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return { kind: 'timeout', after: timeout };
	return { kind: 'broken', code };
}
