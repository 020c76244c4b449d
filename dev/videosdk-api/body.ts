/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import type { IncomingMessage } from 'node:http';
import { ApiError, isObject, type JsonObject } from './answer';

const mostBytes = 1024 * 1024;

/**
 * Reads a request's JSON object. A refusal is given, not thrown, since a fault may come before it.
 * Assumed: 413 over 1 MiB, 400 for another content type or for anything but an object.
 * @throws when the client goes away before it sent everything
 */
export async function readBody(request: IncomingMessage): Promise<JsonObject | ApiError> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes <= mostBytes) chunks.push(chunk);
	}
	if (request.method !== 'POST') return {};
	if (bytes > mostBytes) return new ApiError(413, 'Body is too large');
	if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '')) {
		return new ApiError(400, 'Content-Type must be application/json');
	}
	try {
		const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
		return isObject(body) ? body : new ApiError(400, 'Body must be a JSON object');
	} catch {
		return new ApiError(400, 'Body is not JSON');
	}
}

/**
 * Refuses fields that are not documented.
 * Assumed: VideoSDK may well ignore them.
 * @throws ApiError 400
 */
export function allowOnly(body: JsonObject, names: readonly string[]): void {
	const unknown = Object.keys(body).find((name) => !names.includes(name));
	if (unknown !== undefined) throw new ApiError(400, `${unknown} is not allowed`);
}

/**
 * A text field that may be absent.
 * @throws ApiError 400 when it is there and is not a non-empty string
 */
export function text(body: JsonObject, name: string): string | undefined {
	const value = body[name];
	if (value === undefined || (typeof value === 'string' && value !== '')) return value;
	throw new ApiError(400, `${name} must be a non-empty string`);
}

/**
 * A text field that must be there.
 * @throws ApiError 400 when it is absent or is not a non-empty string
 */
export function requiredText(body: JsonObject, name: string): string {
	const value = text(body, name);
	if (value === undefined) throw new ApiError(400, `${name} is required`);
	return value;
}

/**
 * A phone number that may be absent.
 * Assumed: other forms than E.164 are refused.
 * @throws ApiError 400
 */
export function phoneNumber(body: JsonObject, name: string): string | undefined {
	const value = text(body, name);
	if (value === undefined || /^\+[1-9]\d{6,14}$/.test(value)) return value;
	throw new ApiError(400, `${name} must be a phone number such as +14155550123`);
}

/**
 * A field for whom to call. The reference names E.164 numbers only; VideoSDK's guide to outbound calls also
 * names SIP endpoints, without saying how they are written.
 *
 * Assumed: a SIP address has its scheme, and an extension is a short number.
 *
 * @throws ApiError 400 when it is there and is none
 */
export function callee(body: JsonObject, name: string): string | undefined {
	const value = text(body, name);
	if (value !== undefined && /^(sips?:[^@\s]+@\S+|[1-9]\d{1,5})$/i.test(value)) return value;
	return phoneNumber(body, name);
}

/**
 * A field of a type that may be absent.
 * @throws ApiError 400 when it is there and is of another type, or a number that is no positive integer
 */
export function plain(body: JsonObject, name: string, type: 'boolean' | 'number'): unknown {
	const value = body[name];
	const fits =
		typeof value === type && (type === 'boolean' || (Number.isInteger(value) && Number(value) > 0));
	if (value === undefined || fits) return value;
	throw new ApiError(400, `${name} must be a ${type}`);
}

/**
 * An object of strings that may be absent.
 * @throws ApiError 400
 */
export function strings(body: JsonObject, name: string): JsonObject | undefined {
	const value = object(body, name);
	if (Object.values(value ?? {}).every((each) => typeof each === 'string')) return value;
	throw new ApiError(400, `${name} must be an object of strings`);
}

/**
 * An object field that may be absent.
 * @throws ApiError 400 when it is there and is not an object
 */
export function object(body: JsonObject, name: string): JsonObject | undefined {
	const value = body[name];
	if (value === undefined || isObject(value)) return value;
	throw new ApiError(400, `${name} must be an object`);
}
