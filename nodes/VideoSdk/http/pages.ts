import type { IDataObject } from 'n8n-workflow';
import { answerWithout } from './answer';
import type { VideoSdkClient } from './client';
import { isNotFound, VideoSdkFailure } from './failure';
import { isObject } from '../shared/isObject';
import type { ApiRequest } from './request';

/** A list that VideoSDK gives in pages. */
export interface List {
	/** VideoSDK's name for the endpoint, such as `Fetch Sessions`. */
	endpoint: string;
	path: string;
	/** Query parameters besides those of the page. */
	qs?: IDataObject;
	/** The field with the rows, if that is not `data`. */
	rows?: string;
	/** Gives a row the field names that the node uses. */
	rename?(row: IDataObject): IDataObject;
	/** The ID that identifies a row, or undefined for a row without one. */
	keyOf(row: IDataObject): string | undefined;
	/** What did not happen if a request fails, as the beginning of a sentence. */
	consequence: string;
	/** Whether it is read to complete what another request began. */
	isFollowUp?: boolean;
	/** The same for a page after the first, if that is different. */
	laterConsequence?: string;
}

/** One page of a list, as VideoSDK gives it. */
export interface Page {
	rows: IDataObject[];
	/** How many rows the whole list has, by `pageInfo`: a hint that may be wrong. */
	total?: number;
}

/** The documented default of `perPage`. */
const DOCUMENTED_ROWS = 10;

/** The most pages that are requested before their rows are needed. It bounds the memory that they take. */
const MOST_AHEAD = 32;

/** How many times the pages read so far are requested ahead if `pageInfo` promises that many. */
const TRUST = 16;

/** How pages are requested. */
interface PageOptions {
	/** Rows of a page. */
	perPage?: number;
	/** Whether the pages that wait to be requested are still needed. */
	isNeeded?(): boolean;
	/** Whether pages after the first do not let other requests go first. */
	isUrgent?: boolean;
	/** See `ApiRequest`. */
	maxRetries?: number;
}

/** Whether VideoSDK rejects the parameters of a request. */
const isRejected = ({ cause }: VideoSdkFailure) =>
	cause.kind === 'status' && (cause.status === 400 || cause.status === 422);

/**
 * Reads how many rows a list has. The documented sample of `pageInfo` contradicts itself, so this is only
 * a hint.
 */
function totalIn(pageInfo: unknown): number | undefined {
	if (!isObject(pageInfo)) return undefined;
	return [pageInfo.totalItems, pageInfo.total].find(
		(total): total is number => typeof total === 'number' && total >= 0,
	);
}

/**
 * Makes a function that reads one page of a list. Pages count from 1, and one after the last has no
 * rows. The function throws VideoSdkFailure.
 *
 * No upper limit of `perPage` is documented: if VideoSDK rejects the first page, it is requested with
 * fewer rows. A later page is not, since with another size it has other rows.
 */
export function pagesOf(
	client: VideoSdkClient,
	{
		endpoint,
		path,
		qs,
		consequence,
		laterConsequence,
		isFollowUp,
		rows: field = 'data',
		rename = (row) => row,
	}: List,
	{ perPage = 100, isNeeded = () => true, isUrgent = false, maxRetries }: PageOptions = {},
): (page: number) => Promise<Page> {
	let isAccepted = false;
	return async function readPage(page) {
		const isLater = page > 1;
		const request: ApiRequest = {
			endpoint,
			method: 'GET',
			path,
			qs: { page, perPage, ...qs },
			consequence: (isLater && laterConsequence) || consequence,
			idempotent: true,
			isFollowUp,
			letsOthersFirst: isLater && !isUrgent,
			isNeeded,
			maxRetries,
		};
		const answer = await client.attempt(request);
		if (answer instanceof VideoSdkFailure) {
			// What VideoSDK answers for a page after the last is not documented.
			if (isLater && isNotFound(answer)) return { rows: [] };
			if (isAccepted || !isRejected(answer) || perPage <= DOCUMENTED_ROWS) throw answer;
			perPage = DOCUMENTED_ROWS;
			return await readPage(page);
		}
		isAccepted = true;
		const { pageInfo } = answer;
		const data = answer[field] ?? answer.data;
		const rows = data === null && pageInfo ? [] : data;
		if (!Array.isArray(rows)) throw answerWithout('list', answer, request);
		return { rows: rows.filter(isObject).map(rename), total: totalIn(pageInfo) };
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
 * How much of a list is needed, which decides how many pages are requested concurrently: all of it, a
 * number of rows, or as many as it takes to find something. One page at a time, no row is missed if others
 * begin meanwhile at the front of the list.
 */
export type Need = 'all' | 'some' | 'one at a time' | number;

/** The rows of a page that were on no page before. */
export interface NewRows {
	rows: IDataObject[];
	/** The key of each row. */
	keys: string[];
	/** Rows that were on a page before. */
	repeated: number;
	/** See `Page`. */
	total?: number;
}

/** Picks the rows of a page that are new, and adds their keys to those that were seen. */
function newRowsOf(list: List, { rows: all, total }: Page, seen: Map<string, number>): NewRows {
	const rows: IDataObject[] = [];
	const keys: string[] = [];
	for (const [index, key] of keysOf(list, all).entries()) {
		const row = all[index];
		if (!row || seen.has(key)) continue;
		seen.set(key, seen.size);
		keys.push(key);
		rows.push(row);
	}
	return { rows, keys, repeated: all.length - rows.length, total };
}

/** How far a list was read. */
interface Progress {
	/** Pages that were read. */
	read: number;
	/** Rows on the first page. */
	perPage: number;
	/** Rows on the page that was read last. */
	last: number;
	/** See `Page`. */
	total?: number;
}

/** Counts from 1 the page up to which a list may be requested. */
function requestUntil({ read, perPage, last, total = 0 }: Progress, need: Need): number {
	// A page with fewer rows than the first is probably the last.
	if (read === 0 || need === 'one at a time' || last < perPage) return read + 1;
	// With the page after the last, which shows that the list has ended.
	const promised = total > 0 ? Math.ceil(total / perPage) + 1 : 0;
	const isPromised = read < promised;
	const most = Math.min(isPromised ? promised : Number.POSITIVE_INFINITY, read + MOST_AHEAD);
	const factor = isPromised && need !== 'some' ? TRUST : 2;
	const needed = typeof need === 'number' ? Math.ceil(need / perPage) : most;
	return Math.max(read + 1, Math.min(factor * read, most, needed));
}

/**
 * Reads a list page by page, many pages concurrently. Each row comes once, even if rows move between
 * pages meanwhile. The list ends at the first page without a new row: fewer rows than requested may not
 * mean the end, and `pageInfo` is not trusted. It only says how many pages to request ahead.
 *
 * @param seen is filled with the key of each row, and its place in the list
 * @returns the pages in their order
 * @throws VideoSdkFailure of the first page that could not be read, after the pages before it
 */
export async function* readPages(
	client: VideoSdkClient,
	list: List,
	need: Need = 'all',
	seen = new Map<string, number>(),
): AsyncGenerator<NewRows> {
	let isNeeded = true;
	let isEnding = false;
	const readPage = pagesOf(client, list, { isNeeded: () => isNeeded });
	const ahead: Array<Promise<Page>> = [];
	const progress: Progress = { read: 0, perPage: 0, last: 0 };
	try {
		for (;;) {
			const until = isEnding ? 0 : requestUntil(progress, need);
			while (progress.read + ahead.length < until) {
				const page = readPage(progress.read + ahead.length + 1);
				// If an earlier page fails, nobody waits for this one.
				page.catch(() => {});
				ahead.push(page);
			}
			const page = (await ahead.shift()) as Page;
			const next = newRowsOf(list, page, seen);
			progress.read++;
			isEnding = next.rows.length === 0;
			if (isEnding && (page.rows.length === 0 || ahead.length === 0)) return;
			// It was answered at another time than the page before, so its rows may only have moved: the list
			// has ended if the pages that were requested with it have no new row either.
			if (isEnding) continue;
			progress.last = page.rows.length;
			progress.perPage ||= progress.last;
			progress.total = page.total ?? progress.total;
			yield next;
		}
	} finally {
		isNeeded = false;
	}
}

/**
 * Reads a list row by row, as `readPages` does.
 *
 * @returns the rows, including those without an ID
 * @throws VideoSdkFailure
 */
export async function* readList(
	client: VideoSdkClient,
	list: List,
	need?: Need,
): AsyncGenerator<IDataObject> {
	for await (const { rows } of readPages(client, list, need)) yield* rows;
}

/**
 * Collects the rows of a list that match, up to a limit. No page is requested after that.
 *
 * @param limit the most rows
 * @param matches whether a row is collected; without it, all are
 * @throws VideoSdkFailure
 */
export async function collect(
	client: VideoSdkClient,
	list: List,
	limit: number,
	matches?: (row: IDataObject) => boolean,
): Promise<IDataObject[]> {
	const collected: IDataObject[] = [];
	const need = limit === Number.POSITIVE_INFINITY ? 'all' : matches ? 'some' : limit;
	for await (const row of readList(client, list, need)) {
		if (!matches || matches(row)) collected.push(row);
		if (collected.length >= limit) break;
	}
	return collected;
}
