import type { IDataObject } from 'n8n-workflow';
import { isObject } from '../shared/isObject';
import { hideSecrets, quotable } from '../shared/quotable';

/** What VideoSDK said about a failure. */
export interface ErrorResponse {
	message?: string;
	code?: string;
	requestId?: string;
}

/** Levels of nested objects in which a message is looked for. */
const DEEPEST = 5;

/** Elements of a list that are read: a proxy may return thousands. */
const MOST_ELEMENTS = 10;

const NESTED_NAMES = ['message', 'msg', 'code'];

function textOf(value: unknown, depth: number): string | undefined {
	if (typeof value === 'number') return String(value);
	if (typeof value === 'string') return value.trim() === '' ? undefined : value;
	if (depth >= DEEPEST) return undefined;
	if (isObject(value)) return firstText(value, NESTED_NAMES, depth + 1);
	if (!Array.isArray(value)) return undefined;
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
 * Reads the message, code and request ID of an error response. Error bodies are not documented: these
 * are the names that the vendor's SDK looks for.
 *
 * @param secrets texts to hide, however they are escaped, except in the request ID
 */
export function readErrorResponse(
	body: unknown,
	headers: IDataObject,
	secrets: string[] = [],
): ErrorResponse {
	const fields = isObject(body) ? body : {};
	const quoted = (text: string | undefined) =>
		text === undefined ? undefined : quotable(hideSecrets(text, secrets));
	// VideoSDK makes the ID of a request itself, and support asks for it.
	const shown = (text: string | undefined) => (text === undefined ? undefined : quotable(text));
	return {
		message: quoted(firstText(fields, ['message', 'error', 'msg', 'statusMessage'])),
		code: quoted(firstText(fields, ['code', 'errorCode'])),
		requestId: shown(firstText(headers, ['x-request-id', 'request-id', 'x-amzn-requestid'])),
	};
}
