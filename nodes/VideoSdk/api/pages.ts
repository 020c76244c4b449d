import type { IDataObject } from 'n8n-workflow';
import { answerWithout } from './answer';
import type { VideoSdkClient } from './client';
import { isNotFound, VideoSdkFailure } from './failure';
import { isObject } from './isObject';
import type { ApiRequest } from './request';

/** A list that VideoSDK gives in pages. */
export interface List {
	/** VideoSDK's name for the endpoint, such as `Fetch Sessions`. */
	endpoint: string;
	path: string;
	/** Query parameters besides those of the page. */
	qs?: IDataObject;
	/** Gives a row the field names that the node uses. */
	rename?(row: IDataObject): IDataObject;
	/** The ID that identifies a row, or undefined for a row without one. */
	keyOf(row: IDataObject): string | undefined;
	/** What did not happen if a request fails, as the beginning of a sentence. */
	consequence: string;
	/** Whether it is read to complete what another request began. */
	isFollowUp?: boolean;
}

/** The documented default of `perPage`. */
const DOCUMENTED_ROWS = 10;

/** Whether VideoSDK rejects the parameters of a request. */
const isRejected = ({ cause }: VideoSdkFailure) =>
	cause.kind === 'status' && (cause.status === 400 || cause.status === 422);

/**
 * Makes a function that reads one page of a list. Pages count from 1, and one after the last has no
 * rows. The function throws VideoSdkFailure.
 *
 * @param perPage rows of a page. No upper limit is documented: if VideoSDK rejects the first page, it
 * is requested with fewer rows. A later page is not, since with another size it has other rows.
 */
export function pagesOf(
	client: VideoSdkClient,
	{ endpoint, path, qs, consequence, isFollowUp, rename = (row) => row }: List,
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
			isFollowUp,
		};
		const answer = await client.attempt(request);
		if (answer instanceof VideoSdkFailure) {
			// What VideoSDK answers for a page after the last is not documented.
			if (page > 1 && isNotFound(answer)) return [];
			if (isAccepted || !isRejected(answer) || perPage <= DOCUMENTED_ROWS) throw answer;
			perPage = DOCUMENTED_ROWS;
			return await readPage(page);
		}
		isAccepted = true;
		const { data, pageInfo } = answer;
		const rows = data === null && pageInfo ? [] : data;
		if (!Array.isArray(rows)) throw answerWithout('list', answer, request);
		return rows.filter(isObject).map(rename);
	};
}

/**
 * Gives each row of a page a key that no other row of the list has. The key of a row without an ID is
 * its JSON, with the number of equal rows before it on the page.
 */
function keysOf({ keyOf }: List, rows: IDataObject[]): string[] {
	const counts = new Map<string, number>();
	return rows.map((row) => {
		const id = keyOf(row);
		if (id !== undefined) return id;
		const text = JSON.stringify(row);
		const before = counts.get(text) ?? 0;
		counts.set(text, before + 1);
		return `without ID, ${before} alike before: ${text}`;
	});
}

/**
 * Reads a list row by row. Each row comes once, even if rows move between pages meanwhile. A page is
 * requested only when its rows are needed. The list ends at the first page without a new row: fewer
 * rows than requested may not mean the end, and the documented sample of `pageInfo` contradicts
 * itself.
 *
 * @returns the rows, including those without an ID
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
 * Collects the rows that match, up to a limit. No page is requested after that.
 *
 * @param limit the most rows
 * @param matches whether a row is collected
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
