import type { IDataObject } from 'n8n-workflow';
import { answerWithout, idOf } from '../http/answer';
import type { VideoSdkClient } from '../http/client';
import { type Purpose, VideoSdkFailure } from '../http/failure';
import type { List } from '../http/pages';
import { quotable } from '../shared/quotable';
import type { ApiRequest } from '../http/request';
import type { Statuses } from './statuses';

/** A kind of thing that is live, and costs money, until it is ended, such as agent sessions. */
export interface EndableApi {
	/** What the panel and the output call one: `session`. */
	noun: 'session' | 'call' | 'room' | 'batch call';
	/** What its ID is the ID of. */
	subject: 'session' | 'call' | 'room' | 'batch call';
	/** What stands before the ID of one at the beginning of an error message: `Session`. */
	title: string;
	/** The field of the ID, in the output and in the body of the request that ends one. */
	idField: string;
	statuses: Statuses;
	/** The request that gets one. */
	get: {
		/** VideoSDK's name for the endpoint. */
		endpoint: string;
		path(id: string): string;
		qs?(id: string): IDataObject;
		/**
		 * Finds the thing in the answer.
		 *
		 * @param known the thing as it was before
		 * @returns undefined if the answer does not have it
		 */
		read(body: IDataObject, known?: IDataObject): IDataObject | undefined;
	};
	/** The request that ends one. */
	end: {
		endpoint: string;
		path(id: string): string;
		/** Whether the path names the thing, and not the body. */
		isNamedInPath?: boolean;
		/** What the request does to the thing, if error messages do not say `ended`. */
		done?: 'canceled';
		read(body: IDataObject): IDataObject | undefined;
		/**
		 * For an endpoint whose answer still shows the thing as live: updates the answer with the thing
		 * as one more request has found it.
		 */
		update?(ended: IDataObject, found: IDataObject): IDataObject;
	};
	/** The request that lists all things, or only live ones; see `List`. */
	list: Pick<List, 'endpoint' | 'path' | 'qs' | 'rows' | 'rename'> & { isLiveOnly?: boolean };
	/** The time at which a thing started or, if that is missing, was created, as VideoSDK writes it. */
	startOf(thing: IDataObject): unknown;
	/** What had happened to several of them at that time, if they had not started: `were created`. */
	startVerb?: string;
}

/** Names one thing at the beginning of an error message: `Session "1"`. */
export const thingOf = ({ title }: EndableApi, id: string): string => `${title} "${quotable(id)}"`;

/**
 * Makes the purpose of a request about one thing.
 *
 * @param consequence what an error message says of the thing if the request fails: `was not ended`
 */
export function purposeFor(kind: EndableApi, id: string, consequence: string): Purpose {
	const { idField, subject } = kind;
	return {
		consequence: `${thingOf(kind, id)} ${consequence}`,
		about: { [idField]: id },
		subject,
	};
}

/**
 * Gets one thing as `getOne` does, but returns a failure instead of throwing it.
 *
 * @param known the thing as it was before
 */
export async function tryToGetOne(
	client: VideoSdkClient,
	{ get, noun }: EndableApi,
	id: string,
	how: Purpose & Pick<ApiRequest, 'isPoll' | 'isFollowUp' | 'maxRetries'>,
	known?: IDataObject,
): Promise<IDataObject | VideoSdkFailure> {
	const request: ApiRequest = {
		endpoint: get.endpoint,
		method: 'GET',
		path: get.path(id),
		qs: get.qs?.(id),
		idempotent: true,
		...how,
	};
	const answer = await client.attempt(request);
	if (answer instanceof VideoSdkFailure) return answer;
	const found = get.read(answer, known);
	if (found) return found;
	const isEmpty = Array.isArray(answer.data) && answer.data.length === 0;
	return isEmpty
		? new VideoSdkFailure({ kind: 'missing' }, request)
		: answerWithout(noun, answer, request);
}

/**
 * Gets one thing.
 *
 * @param how settings of the request that differ from the usual ones
 * @returns the thing, with every field as VideoSDK gave it
 * @throws VideoSdkFailure
 */
export async function getOne(
	client: VideoSdkClient,
	kind: EndableApi,
	id: string,
	how: Pick<ApiRequest, 'isPoll' | 'isFollowUp' | 'maxRetries'> = {},
): Promise<IDataObject> {
	const purpose = purposeFor(kind, id, 'could not be retrieved');
	const found = await tryToGetOne(client, kind, id, { ...purpose, ...how });
	if (found instanceof VideoSdkFailure) throw found;
	return found;
}

/** Makes the list of all things of a kind. */
export function listOf({ list, idField, title }: EndableApi): List {
	return {
		...list,
		keyOf: (row) => idOf(row[idField]),
		consequence: `${title}s could not be listed`,
	};
}
