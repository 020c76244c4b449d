import type { IDataObject } from 'n8n-workflow';
import type { VideoSdkClient } from './client';
import { type Purpose, VideoSdkFailure } from './failure';
import { isObject } from './isObject';
import { lacking } from './lacking';
import { idOf, type List } from './pages';
import { quotable } from './quotable';
import type { ApiRequest } from './request';
import type { Statuses } from './statuses';

/** A kind of thing that is live, and costs money, until it is ended: an agent session, for one. */
export interface LiveKind {
	/** What texts call one: `session`. */
	noun: 'session' | 'call' | 'room';
	/** Begins the name of one, before its ID, in the consequence of a failure: `Session`. */
	title: string;
	/** The field with the ID, in rows and in the body of the request that ends one. */
	idField: string;
	statuses: Statuses;
	/** The request that asks for one. */
	get: {
		/** VideoSDK's name for the endpoint. */
		endpoint: string;
		path(id: string): string;
		qs?(id: string): IDataObject;
		/**
		 * Finds it in the answer.
		 *
		 * @param known what is known of it
		 * @returns undefined if it is not there
		 */
		read(body: IDataObject, known?: IDataObject): IDataObject | undefined;
	};
	/** The request that ends one. */
	end: {
		endpoint: string;
		path: string;
		read(body: IDataObject): IDataObject | undefined;
		/**
		 * For an answer that does not show the end yet: brings it up to date with what one more
		 * request for the thing has found.
		 */
		update?(ended: IDataObject, found: IDataObject): IDataObject;
	};
	/** The request that lists all, or only those that are live; see `List`. */
	list: Pick<List, 'endpoint' | 'path' | 'qs' | 'name'> & { isLiveOnly?: boolean };
	/** Gives the time, as VideoSDK writes it, at which one started, or else was created. */
	startOf(thing: IDataObject): unknown;
}

/**
 * VideoSDK wraps some things in `data`, beside a `message`; the output has both on one level.
 *
 * @returns undefined if there is nothing in the answer
 */
export function unwrap({ data, message }: IDataObject): IDataObject | undefined {
	if (!isObject(data)) return undefined;
	return { ...data, ...(message === undefined ? {} : { message }) };
}

/**
 * Finds a thing in an answer: VideoSDK wraps some of them, and the documentation does not say of each.
 *
 * @param name gives it the names that the node has for its fields
 * @returns undefined if the answer has nothing with an ID in it
 */
export function findIn(
	body: IDataObject,
	idField: string,
	name = (thing: IDataObject) => thing,
): IDataObject | undefined {
	return [unwrap(body) ?? body, body].map(name).find((thing) => idOf(thing[idField]) !== undefined);
}

/**
 * Finds what has become of the thing that was to end: a status is enough, since which one it is, is
 * known. Nothing at all says that it ended.
 */
export function findStatusIn(body: IDataObject): IDataObject | undefined {
	const thing = unwrap(body);
	return thing?.status === undefined ? undefined : thing;
}

/**
 * Says what a request about one thing is made for.
 *
 * @param consequence what did not happen if it fails, after the name of the thing: `was not ended`
 */
export function purposeFor(
	{ title, idField, noun }: LiveKind,
	id: string,
	consequence: string,
): Purpose {
	return {
		consequence: `${title} "${quotable(id)}" ${consequence}`,
		about: { [idField]: id },
		subject: noun,
	};
}

/**
 * Asks for one thing, as `getOne` does, but gives the failure back instead of throwing it.
 *
 * @param known what is known of it
 */
export async function tryToGetOne(
	client: VideoSdkClient,
	{ get, noun }: LiveKind,
	id: string,
	how: Purpose & Pick<ApiRequest, 'isPoll' | 'isFollowUp' | 'maxRetries'>,
	known?: IDataObject,
): Promise<IDataObject | VideoSdkFailure> {
	const request: ApiRequest = {
		endpoint: get.endpoint,
		method: 'GET',
		path: get.path(id),
		qs: get.qs?.(id),
		repeatable: true,
		...how,
	};
	const answer = await client.attempt(request);
	if (answer instanceof VideoSdkFailure) return answer;
	return get.read(answer, known) ?? lacking(noun, answer, request);
}

/**
 * Asks for one thing.
 *
 * @param how it is asked for, where not like most
 * @returns it, every field as it came
 * @throws VideoSdkFailure
 */
export async function getOne(
	client: VideoSdkClient,
	kind: LiveKind,
	id: string,
	how: Pick<ApiRequest, 'isPoll' | 'maxRetries'> = {},
): Promise<IDataObject> {
	const purpose = purposeFor(kind, id, 'could not be read');
	const found = await tryToGetOne(client, kind, id, { ...purpose, ...how });
	if (found instanceof VideoSdkFailure) throw found;
	return found;
}

/** The list of all things of a kind. */
export function listOf({ list, idField, title }: LiveKind): List {
	return {
		...list,
		keyOf: (row) => idOf(row[idField]),
		consequence: `${title}s could not be listed`,
	};
}
