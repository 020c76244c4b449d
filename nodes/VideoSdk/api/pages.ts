import type { IDataObject } from 'n8n-workflow';
import type { Call, VideoSdkClient } from './client';
import { VideoSdkFailure } from './failure';

/** Where the next page begins, and what is needed to see that there is none. */
export interface Cursor {
	page: number;
	/** Rows of the first page: VideoSDK may give fewer than asked for, and then does so on each. */
	rowsOfFirstPage?: number;
	/** First row of the page before: a server that ignores `page` gives it again. */
	firstRow?: string;
}

/** One page of a list. */
export interface Page {
	rows: IDataObject[];
	/** Undefined: there are no more. */
	next?: Cursor;
}

/** A list that VideoSDK gives in pages. */
export interface List {
	/** VideoSDK's name for it, such as `Fetch Sessions`. */
	kind: string;
	path: string;
	/** Gives what tells its rows apart. */
	keyOf(row: IDataObject): string;
	/** Rows to ask for at once. No upper limit is documented. */
	perPage: number;
	/** What does not come about if it fails, as the head of a sentence. */
	consequence: string;
}

/**
 * Reads one page. Whether there is another is told by the rows alone: the documented sample of
 * `pageInfo` contradicts itself. A page that is empty, shorter than the first, or begins like the
 * one before is the last.
 *
 * @throws VideoSdkFailure
 */
export async function readPage(
	client: VideoSdkClient,
	{ kind, path, keyOf, perPage, consequence }: List,
	{ page, rowsOfFirstPage, firstRow }: Cursor = { page: 1 },
): Promise<Page> {
	const call: Call = {
		kind,
		method: 'GET',
		path,
		qs: { page, perPage },
		consequence,
		repeatable: true,
	};
	const { data } = await client.request(call);
	if (!Array.isArray(data)) {
		throw new VideoSdkFailure(
			{ kind: 'unreadable', problem: 'has no list in it (the field "data" is missing)' },
			call,
		);
	}
	const rows = data.filter(
		(row): row is IDataObject => typeof row === 'object' && row !== null && !Array.isArray(row),
	);
	const first = rows[0] && keyOf(rows[0]);
	if (first === undefined || first === firstRow) return { rows: [] };
	const full = rowsOfFirstPage ?? data.length;
	return data.length < full
		? { rows }
		: { rows, next: { page: page + 1, rowsOfFirstPage: full, firstRow: first } };
}

/**
 * Reads a list row by row, each row once, though rows move between pages while it is read. No page
 * is asked for before its rows are wanted.
 *
 * @throws VideoSdkFailure
 */
export async function* readList(client: VideoSdkClient, list: List): AsyncGenerator<IDataObject> {
	const seen = new Set<string>();
	let cursor: Cursor | undefined = { page: 1 };
	while (cursor) {
		const { rows, next }: Page = await readPage(client, list, cursor);
		const before = seen.size;
		for (const row of rows) {
			const key = list.keyOf(row);
			if (seen.has(key)) continue;
			seen.add(key);
			yield row;
		}
		cursor = seen.size > before ? next : undefined;
	}
}
