/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type ServerResponse } from 'node:http';

export type JsonObject = Record<string, unknown>;

/** Whether a value is a JSON object: not null, not a list. */
export function isObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a request is answered with. */
export interface Answer {
	status: number;
	/** A string is sent as it is, anything else as JSON. */
	body: unknown;
	headers?: Record<string, string>;
}

/**
 * The status of a refusal. All are VideoSDK's ways of one and the same: its SDK says that 402 is "not
 * found" too, rooms have been seen with 400, and 200 comes with `success: false`.
 */
export type RefusalStatus = 200 | 400 | 402 | 404 | 409;

/** A request that is refused. */
export class ApiError extends Error {
	constructor(
		readonly status: number,
		message: string,
		readonly headers: Record<string, string> = {},
	) {
		super(message);
	}

	/**
	 * The refusal as an answer. One with status 200 says `success: false`, as seen of VideoSDK.
	 * Assumed: `{message, code}`. VideoSDK does not document error bodies; its SDK reads these two.
	 */
	toAnswer(): Answer {
		if (this.status === 200)
			return { status: 200, body: { success: false, message: this.message } };
		const code = (STATUS_CODES[this.status] ?? 'error').toUpperCase().replaceAll(' ', '_');
		return { status: this.status, body: { message: this.message, code }, headers: this.headers };
	}
}

/**
 * The text of an answer and the headers it is sent with. A string that begins like HTML is
 * labelled as HTML; `headers` win over the ones chosen here.
 * Assumed: every answer has an `x-request-id`; VideoSDK's SDK looks for it.
 */
export function written({ body, headers }: Answer): {
	text: string;
	headers: Record<string, string | number>;
} {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	const plain = text.startsWith('<') ? 'text/html' : 'text/plain';
	return {
		text,
		headers: {
			'content-type': typeof body === 'string' ? plain : 'application/json; charset=utf-8',
			'content-length': Buffer.byteLength(text),
			'x-request-id': randomUUID(),
			...headers,
		},
	};
}

/** Sends an answer whole, unless its client has gone away. */
export function send(response: ServerResponse, answer: Answer): void {
	if (response.destroyed) return;
	const { text, headers } = written(answer);
	response.writeHead(answer.status, headers);
	response.end(text);
}
