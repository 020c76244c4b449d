import type { IDataObject } from 'n8n-workflow';
import type { VideoSdkClient } from './client';
import { isUnknown, VideoSdkFailure } from './failure';
import { isObject } from './isObject';
import { lacking } from './lacking';
import type { ApiRequest } from './request';

/** A list that VideoSDK gives in pages. */
export interface List {
	/** VideoSDK's name for the endpoint, such as `Fetch Sessions`. */
	endpoint: string;
	path: string;
	/** Query parameters beside the page. */
	qs?: IDataObject;
	/** Gives a row the names that the node has for its fields. */
	name?(row: IDataObject): IDataObject;
	/** Gives the ID that tells a row from the others, or undefined for a row without one. */
	keyOf(row: IDataObject): string | undefined;
	/** What did not happen if it fails, as the beginning of a sentence. */
	consequence: string;
}

/** Reads an ID out of a row. @returns undefined if there is none: it is missing, empty or no text */
export function idOf(value: unknown): string | undefined {
	const id = typeof value === 'number' ? String(value) : value;
	return typeof id === 'string' && id.trim() !== '' ? id : undefined;
}

/** Rows that VideoSDK's own sample asks for, and that it gives if it is asked for none. */
const DOCUMENTED_ROWS = 10;

/** Tells whether VideoSDK rejects the parameters of a request. */
const isRejected = ({ cause }: VideoSdkFailure) =>
	cause.kind === 'status' && (cause.status === 400 || cause.status === 422);

/**
 * Gives what reads the pages of a list, which count from 1; a page after the last has no rows. It
 * throws VideoSdkFailure.
 *
 * @param perPage rows to ask for at once; no upper limit is documented, so VideoSDK may reject it.
 * Once it was accepted, a page that is rejected is a failure: asked for with fewer rows, it would
 * have other ones.
 */
export function pagesOf(
	client: VideoSdkClient,
	{ endpoint, path, qs, consequence, name = (row) => row }: List,
	perPage = 100,
): (page: number) => Promise<IDataObject[]> {
	let isAccepted = false;
	return async function readPage(page) {
		const request: ApiRequest = {
			endpoint,
			method: 'GET',
			path,
			qs: { page, perPage, ...qs },
			consequence,
			repeatable: true,
		};
		const answer = await client.attempt(request);
		if (answer instanceof VideoSdkFailure) {
			// What comes after the last page is not documented.
			if (page > 1 && isUnknown(answer)) return [];
			if (isAccepted || !isRejected(answer) || perPage <= DOCUMENTED_ROWS) throw answer;
			perPage = DOCUMENTED_ROWS;
			return await readPage(page);
		}
		isAccepted = true;
		const { data, pageInfo } = answer;
		const rows = data === null && pageInfo ? [] : data;
		if (!Array.isArray(rows)) throw lacking('list', answer, request);
		return rows.filter(isObject).map(name);
	};
}

/**
 * Gives what tells each row of a page from all others of its list. A row without an ID is told by
 * its text, and by how many of the same text stand before it on the page.
 */
function keysOf({ keyOf }: List, rows: IDataObject[]): string[] {
	const alike = new Map<string, number>();
	return rows.map((row) => {
		const id = keyOf(row);
		if (id !== undefined) return id;
		const text = JSON.stringify(row);
		const before = alike.get(text) ?? 0;
		alike.set(text, before + 1);
		return `without ID, ${before} alike before: ${text}`;
	});
}

/**
 * Reads a list row by row, each row once, though rows move between pages while it is read. It ends
 * at the first page with nothing new on it. Nothing else ends it: the size of a page is not
 * promised, and the documented sample of `pageInfo` contradicts itself. No page is requested before
 * its rows are wanted.
 *
 * @returns the rows, with those that have no ID
 * @throws VideoSdkFailure
 */
export async function* readList(client: VideoSdkClient, list: List): AsyncGenerator<IDataObject> {
	const readPage = pagesOf(client, list);
	const seen = new Set<string>();
	let before: number;
	let page = 1;
	do {
		before = seen.size;
		const rows = await readPage(page++);
		for (const [index, key] of keysOf(list, rows).entries()) {
			const row = rows[index];
			if (!row || seen.has(key)) continue;
			seen.add(key);
			yield row;
		}
	} while (seen.size > before);
}

/**
 * Takes rows until there are enough. Nothing is asked of VideoSDK beyond them.
 *
 * @param limit rows that are wanted at most
 * @param matches tells which rows count
 */
export async function collect(
	rows: AsyncIterable<IDataObject>,
	limit: number,
	matches: (row: IDataObject) => boolean = () => true,
): Promise<IDataObject[]> {
	const collected: IDataObject[] = [];
	for await (const row of rows) {
		if (matches(row)) collected.push(row);
		if (collected.length >= limit) break;
	}
	return collected;
}
