import type { IDataObject } from 'n8n-workflow';
import { meaningOf, VideoSdkFailure } from './failure';
import { isObject } from '../shared/isObject';
import type { ApiRequest } from './request';
import { readErrorResponse } from './errorResponse';

/** Reads an ID. @returns undefined for a value that is missing, empty, or neither text nor a number */
export function idOf(value: unknown): string | undefined {
	const id = typeof value === 'number' ? String(value) : value;
	return typeof id === 'string' && id.trim() !== '' ? id : undefined;
}

/**
 * Takes a thing out of the `data` that VideoSDK wraps some things in. The `message` beside it becomes
 * a field of the thing.
 *
 * @returns undefined if the answer has no `data`
 */
export function unwrap({ data, message }: IDataObject): IDataObject | undefined {
	if (!isObject(data)) return undefined;
	return { ...data, ...(message === undefined ? {} : { message }) };
}

/**
 * Finds a thing in an answer, wrapped in `data` or not: the documentation does not say which it is for
 * each endpoint.
 *
 * @param rename gives the thing the field names that the node uses
 * @returns undefined if the answer has no thing with an ID
 */
export function findThingIn(
	body: IDataObject,
	idField: string,
	rename = (thing: IDataObject) => thing,
): IDataObject | undefined {
	return [unwrap(body) ?? body, body]
		.map(rename)
		.find((thing) => idOf(thing[idField]) !== undefined);
}

/**
 * Finds the thing in the answer to a request to end it. The request has named the thing, so a status
 * is enough. Without a status, nothing says that the thing has ended.
 */
export function findStatusIn(body: IDataObject): IDataObject | undefined {
	const thing = unwrap(body);
	return thing?.status === undefined ? undefined : thing;
}

/**
 * Makes the failure for an answer without what the documentation promises. The answer may say why.
 *
 * @param what is missing: `session`
 */
export function answerWithout(
	what: string,
	answer: IDataObject,
	request: ApiRequest,
): VideoSdkFailure {
	const errorResponse = readErrorResponse(answer, {}, request.secrets);
	const known = meaningOf(errorResponse);
	if (known) return new VideoSdkFailure({ kind: known, errorResponse }, request);
	const mayHaveTakenEffect = request.method !== 'GET';
	return new VideoSdkFailure(
		{ kind: 'unreadable', problem: `has no ${what} in it`, errorResponse },
		request,
		mayHaveTakenEffect,
	);
}
