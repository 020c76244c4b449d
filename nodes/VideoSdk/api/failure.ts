import type { IDataObject } from 'n8n-workflow';
import { REFUSED_BY_CREDENTIAL } from '../../../credentials/refusal';

/** Why a request to VideoSDK failed, as the wire shows it. */
export type Cause =
	/** An answer with a status other than 2xx. `retryAfter` in milliseconds. */
	| { kind: 'status'; status: number; said?: Said; retryAfter?: number }
	/** No connection was made, so VideoSDK surely did nothing. */
	| { kind: 'unreachable'; code: string }
	/** The connection broke after it was made: VideoSDK may have done what it was asked. */
	| { kind: 'broken'; code: string }
	/** No answer within `after` milliseconds: VideoSDK may have done what it was asked. */
	| { kind: 'timeout'; after: number }
	/** The server could not prove who it is. */
	| { kind: 'certificate'; code: string }
	/** A 2xx answer that is not JSON, or lacks what the documentation promises. */
	| { kind: 'unreadable'; problem: string; said?: Said }
	/** Not sent: the credential or n8n refused the request, and says why. */
	| { kind: 'refused'; why: string }
	/** The answer is fine, but the session is not in a state that the user asked for. */
	| { kind: 'state'; reason: string; nextStep: string }
	/** The execution was stopped in n8n. */
	| { kind: 'cancelled' };

/** What VideoSDK said in a failed answer. */
export interface Said {
	message?: string;
	code?: string;
	requestId?: string;
}

/** What a request is made for, in the words of the error it may end in. */
export interface Purpose {
	/** What does not come about if it fails, as the head of a sentence: `Session "1" was not ended`. */
	consequence: string;
	/** What the ID in the request names; without one, 404 means that there is no VideoSDK. */
	subject?: 'session' | 'deployment';
	/** How to find out whether it worked all the same, for a request that changes something. */
	ifItWorked?: string;
}

/** A request that failed for good. Carries the cause and what it means for the user's task. */
export class VideoSdkFailure extends Error {
	override name = 'VideoSdkFailure';

	/**
	 * @param cause what happened on the wire
	 * @param purpose what it was made for
	 * @param mayHaveWorked whether VideoSDK may have done what it was asked all the same, at any of
	 * the tries
	 */
	constructor(
		override readonly cause: Cause,
		readonly purpose: Purpose,
		readonly mayHaveWorked = false,
	) {
		super(purpose.consequence);
	}
}

/** Input that cannot be sent. Carries what is wrong and what to check. */
export class InvalidInput extends Error {
	override name = 'InvalidInput';

	/**
	 * @param message what is wrong, as a sentence
	 * @param nextStep what to check or change
	 */
	constructor(
		message: string,
		readonly nextStep: string,
	) {
		super(message);
	}
}

/** Whether VideoSDK may have done what it was asked although no usable answer came back. */
export function mayHaveWorked(cause: Cause): boolean {
	return (
		cause.kind === 'broken' ||
		cause.kind === 'timeout' ||
		cause.kind === 'unreadable' ||
		(cause.kind === 'status' && cause.status >= 500)
	);
}

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

/** How n8n begins what it says when an administrator forbids the address (backend-network/ssrf). */
const FORBIDDEN_BY_N8N = /^The request was blocked because/;

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
	while (typeof link === 'object' && link !== null && chain.length < 10) {
		chain.push(link);
		link = (link as ErrorLike).cause;
	}
	return chain;
}

/** From the outermost error to the innermost, and in each from n8n's words to the original ones. */
function messagesOf(chain: ErrorLike[]): string[] {
	return chain
		.flatMap(({ message, messages }) => [message, ...(Array.isArray(messages) ? messages : [])])
		.filter((message): message is string => typeof message === 'string' && message !== '');
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
	if (code === REFUSED_BY_CREDENTIAL || messages.some((text) => FORBIDDEN_BY_N8N.test(text))) {
		return { kind: 'refused', why: messages.at(-1) ?? '' };
	}
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

/** Objects within objects that a message is looked for in. */
const DEEPEST = 5;

function firstText(body: IDataObject, names: string[], depth = 0): string | undefined {
	for (const name of names) {
		const value = body[name];
		if (typeof value === 'number') return String(value);
		if (typeof value === 'string' && value.trim() !== '') return value;
		if (typeof value === 'object' && value !== null && depth < DEEPEST) {
			const nested = firstText(value as IDataObject, ['message', 'msg', 'code'], depth + 1);
			if (nested !== undefined) return nested;
		}
	}
	return undefined;
}

/** A token as JSON Web Tokens look; a server or proxy may echo the request's headers. */
const TOKEN = /eyJ[\w-]+\.[\w-]+\.?[\w-]*/g;

const LONGEST_QUOTE = 300;

/**
 * Makes foreign text fit for a message: without tokens and control characters, on one line, at
 * most 300 characters.
 */
export function quotable(text: string): string {
	const line = text
		.slice(0, 20_000)
		.replace(TOKEN, '[token]')
		.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
		.trim();
	return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

/**
 * Reads message, code and request id from a failed answer. Error bodies are not documented: these
 * are the names that the vendor's SDK looks for.
 *
 * @param secrets texts that are replaced wherever they stand in it
 */
export function readSaid(body: unknown, headers: IDataObject, secrets: string[] = []): Said {
	const fields = typeof body === 'object' && body !== null ? (body as IDataObject) : {};
	const hide = (text: string, secret: string) =>
		secret === '' ? text : text.replaceAll(secret, '[hidden]');
	const quoted = (text: string | undefined) =>
		text === undefined ? undefined : quotable(secrets.reduce(hide, text));
	return {
		message: quoted(firstText(fields, ['message', 'error', 'msg', 'statusMessage'])),
		code: quoted(firstText(fields, ['code', 'errorCode'])),
		requestId: quoted(firstText(headers, ['x-request-id', 'request-id', 'x-amzn-requestid'])),
	};
}
