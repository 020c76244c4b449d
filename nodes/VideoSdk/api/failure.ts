import type { IDataObject } from 'n8n-workflow';

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
	/** It had ended before, `at` a time if VideoSDK gives one, and that was not wanted. */
	| { kind: 'alreadyEnded'; lastStatus: string; at?: string }
	/** A state was waited for `after` milliseconds, and has not come. */
	| { kind: 'waitOver'; lastStatus: string; after: number }
	/** The session ended before it was seen running. */
	| { kind: 'neverRan'; lastStatus: string }
	/**
	 * VideoSDK asked to try later until the time for that was over. `after` in milliseconds;
	 * `successes` counts the requests that succeeded meanwhile; `status` is that of the last
	 * refusal, if this request was ever sent.
	 */
	| { kind: 'gaveUp'; after: number; successes: number; status?: number; said?: Said }
	/** No worker of an agent was free, or none runs. */
	| { kind: 'noWorkers'; said?: Said }
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
	/** The IDs it is about, by the names of their fields: `{ sessionId: '1' }`. */
	about?: Record<string, string>;
	/** What the ID in the request names; without one, 404 means that there is no VideoSDK. */
	subject?: 'session' | 'deployment' | 'call' | 'room';
	/** What may have come about anyway, for a request that changes something. */
	ifItWorked?: 'ended' | 'started' | 'created' | 'called' | 'dispatched';
}

/** A request that failed for good. Carries the cause and what it means for the user's task. */
export class VideoSdkFailure extends Error {
	/**
	 * @param cause what happened on the wire
	 * @param purpose what it was made for
	 * @param mayHaveWorked whether VideoSDK may have done what it was asked anyway, at any of
	 * the tries
	 */
	constructor(
		override readonly cause: Cause,
		readonly purpose: Purpose,
		readonly mayHaveWorked = false,
	) {
		super(purpose.consequence);
	}

	/** What VideoSDK said, if it did. */
	get said(): Said | undefined {
		return 'said' in this.cause ? this.cause.said : undefined;
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

/** Objects within objects that a message is looked for in. */
const DEEPEST = 5;

/** Elements of a list that are read: a proxy may give thousands. */
const MOST_ELEMENTS = 10;

const NESTED_NAMES = ['message', 'msg', 'code'];

function textOf(value: unknown, depth: number): string | undefined {
	if (typeof value === 'number') return String(value);
	if (typeof value === 'string') return value.trim() === '' ? undefined : value;
	if (typeof value !== 'object' || value === null || depth >= DEEPEST) return undefined;
	if (!Array.isArray(value)) return firstText(value as IDataObject, NESTED_NAMES, depth + 1);
	const texts = value
		.slice(0, MOST_ELEMENTS)
		.flatMap((element: unknown) => textOf(element, depth + 1) ?? []);
	return texts.length > 0 ? texts.join(' ') : undefined;
}

function firstText(body: IDataObject, names: string[], depth = 0): string | undefined {
	for (const name of names) {
		const text = textOf(body[name], depth);
		if (text !== undefined) return text;
	}
	return undefined;
}

/**
 * Hides what looks like a JSON Web Token; a server or proxy may echo the request's headers. What is
 * joined to it is hidden with it: a pattern for the token alone takes time in the square of the
 * text's length.
 */
function hideTokens(text: string): string {
	return text.replace(/[\w.-]+/g, (word) => {
		const start = word.indexOf('eyJ');
		const isToken = start >= 0 && /[\w-]\.[\w-]/.test(word.slice(start + 'eyJ'.length));
		return isToken ? `${word.slice(0, start)}[token]` : word;
	});
}

/** Puts a text on one line. */
function fold(text: string): string {
	return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

const LONGEST_QUOTE = 300;

/**
 * Makes foreign text fit for a message: without tokens and control characters, and on one line.
 *
 * @param longest characters; a longer text is cut
 */
export function quotable(text: string, longest = LONGEST_QUOTE): string {
	const line = hideTokens(fold(text.slice(0, 20_000)));
	return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** Gives a text as it may be spelled in JSON, also within JSON, and where JSON is kept to ASCII. */
function spellingsOf(text: string): string[] {
	const escape = (raw: string) => JSON.stringify(raw).slice(1, -1);
	const once = escape(text);
	const ascii = once.replace(
		/[^ -~]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	return [text, once, escape(once), ascii, escape(ascii)];
}

/** Hides texts in a folded one, also where one begins within another. */
function hide(line: string, secrets: string[]): string {
	const spellings = new Set(secrets.flatMap(spellingsOf).map(fold));
	spellings.delete('');
	const found: Array<{ start: number; end: number }> = [];
	for (const spelling of spellings) {
		let start = line.indexOf(spelling);
		for (; start >= 0; start = line.indexOf(spelling, start + 1)) {
			found.push({ start, end: start + spelling.length });
		}
	}
	let hidden = '';
	let at = 0;
	for (const { start, end } of found.sort((a, b) => a.start - b.start)) {
		if (start >= at) hidden += `${line.slice(at, start)}[hidden]`;
		at = Math.max(at, end);
	}
	return hidden + line.slice(at);
}

/**
 * Reads message, code and request id from a failed answer. Error bodies are not documented: these
 * are the names that the vendor's SDK looks for.
 *
 * @param secrets texts that are hidden wherever they stand in it, in whatever spelling
 */
export function readSaid(body: unknown, headers: IDataObject, secrets: string[] = []): Said {
	const fields = typeof body === 'object' && body !== null ? (body as IDataObject) : {};
	// Whole, and before anything is cut: the beginning of a secret is one too.
	const quoted = (text: string | undefined) =>
		text === undefined ? undefined : quotable(hide(fold(text), secrets));
	return {
		message: quoted(firstText(fields, ['message', 'error', 'msg', 'statusMessage'])),
		code: quoted(firstText(fields, ['code', 'errorCode'])),
		requestId: quoted(firstText(headers, ['x-request-id', 'request-id', 'x-amzn-requestid'])),
	};
}
