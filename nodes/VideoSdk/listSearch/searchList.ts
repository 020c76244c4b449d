import type {
	IDataObject,
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';
import { jsonParse } from 'n8n-workflow';
import { VideoSdkClient } from '../api/client';
import { explainError } from '../api/errors';
import { type Cursor, type List, readPage } from '../api/pages';

/** Pages to look through for a match before the user is asked to scroll on. */
const MOST_PAGES = 10;

/** Milliseconds that a person waits for a list while VideoSDK refuses it. */
const PATIENCE = 10_000;

/** What a picker shows of a list. */
export interface Picker {
	list: List;
	toEntry(row: IDataObject): INodeListSearchItems;
	/** Sorts the rows of one page. */
	sort?(a: IDataObject, b: IDataObject): number;
}

function matches(row: IDataObject, filter: string): boolean {
	return Object.values(row).some(
		(value) => typeof value === 'string' && value.toLowerCase().includes(filter),
	);
}

/**
 * Gives the picker of a resource locator its next entries. VideoSDK has no search, so the filter is
 * applied here, page by page until something fits.
 *
 * @param filter what the user typed; any text field of a row may contain it
 * @param token where the answer before left off
 * @throws NodeApiError, which n8n shows in the picker
 */
export async function searchList(
	context: ILoadOptionsFunctions,
	{ list, toEntry, sort }: Picker,
	filter = '',
	token?: string,
): Promise<INodeListSearchResult> {
	const client = await VideoSdkClient.openAtOnce(context, { giveUpAfter: PATIENCE });
	const wanted = filter.trim().toLowerCase();
	let cursor: Cursor | undefined = token ? jsonParse<Cursor>(token) : { page: 1 };
	let found: IDataObject[] = [];
	try {
		for (let pages = 0; cursor && found.length === 0 && pages < MOST_PAGES; pages++) {
			const { rows, next }: Awaited<ReturnType<typeof readPage>> = await readPage(
				client,
				list,
				cursor,
			);
			found = rows.filter((row) => matches(row, wanted));
			cursor = next;
		}
	} catch (error) {
		throw explainError(context.getNode(), error).error;
	}
	return {
		results: found.sort(sort).map(toEntry),
		paginationToken: cursor && JSON.stringify(cursor),
	};
}
