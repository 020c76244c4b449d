import type {
	IDataObject,
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';
import { jsonParse, NodeOperationError } from 'n8n-workflow';
import { idOf } from '../api/answer';
import { VideoSdkClient } from '../api/client';
import type { LiveKind } from '../api/live';
import { CredentialProblem } from '../api/credentialProblem';
import { type List, type Page, pagesOf } from '../api/pages';
import { hasEnded } from '../api/statuses';
import { explainError } from '../execution/explainError';

/** Pages to look through for a match before the user is asked to scroll on. */
const MOST_PAGES = 10;

/** Milliseconds that a person waits for a list while VideoSDK refuses it. */
const PATIENCE = 10_000;

/** Rows to ask for at once: more than a picker shows without scrolling. */
const ROWS = 50;

/** Where the picker goes on when the user scrolls. */
interface Cursor {
	page: number;
	/** First ID on the page before: a server that ignores `page` gives it again. */
	first?: string;
}

/** What a picker shows of a list. */
export interface Picker {
	list: List;
	/** The field with the ID of a row. One without it cannot be picked. */
	idField: string;
	/** Gives what to show for the rows of one page, if not one entry for each. */
	expand?(rows: IDataObject[]): IDataObject[];
	/** Gives the value of a row, if it is not its ID. */
	writeValue?(row: IDataObject, id: string): string;
	/** Gives the parts of a row's label; those that are empty are left out. */
	labelOf(row: IDataObject, id: string): unknown[];
	/** Sorts the rows of one page. */
	sort?(a: IDataObject, b: IDataObject): number;
	/** What stands in the picker of a project that has none. */
	ifNone: string;
}

/** Sorts things that are live before those that have ended. */
export const liveFirst =
	({ statuses }: LiveKind): Picker['sort'] =>
	(a, b) =>
		Number(hasEnded(statuses, a)) - Number(hasEnded(statuses, b));

function toEntry(
	{ idField, labelOf, writeValue }: Picker,
	row: IDataObject,
): INodeListSearchItems | undefined {
	const id = idOf(row[idField]);
	if (id === undefined) return undefined;
	const parts = labelOf(row, id).filter((part) => part);
	return { name: parts.join(' · ') || id, value: writeValue?.(row, id) ?? id };
}

/** All texts and numbers in a value, at any depth: metadata is an object. */
function textsIn(value: unknown): string[] {
	if (typeof value !== 'object' || value === null) return [String(value)];
	return Object.values(value).flatMap(textsIn);
}

/** @throws NodeOperationError, which n8n shows in the picker, if the credential needs an item */
async function open(context: ILoadOptionsFunctions): Promise<VideoSdkClient> {
	const opening = VideoSdkClient.openAtOnce(context, { giveUpAfter: PATIENCE });
	return await opening.catch(async (error: unknown) => {
		if (!(error instanceof CredentialProblem)) return await Promise.reject(error);
		throw new NodeOperationError(
			context.getNode(),
			'The list cannot be shown: the VideoSDK credential has an expression that reads the data of an item',
			{ description: "Choose 'By ID' in this field, and enter the ID or an expression." },
		);
	});
}

/**
 * Gives the picker of a resource locator its next entries. VideoSDK has no search, so the filter is
 * applied here, page by page until something fits.
 *
 * @param filter what the user typed; any field of a row may contain it, or its label
 * @param token where the answer before left off
 * @throws NodeApiError or NodeOperationError, which n8n shows in the picker
 */
export async function searchList(
	context: ILoadOptionsFunctions,
	picker: Picker,
	filter = '',
	token?: string,
): Promise<INodeListSearchResult> {
	const client = await open(context);
	const readPage = pagesOf(client, picker.list, { perPage: ROWS });
	const wanted = filter.trim().toLowerCase();
	let cursor: Cursor | undefined = token ? jsonParse<Cursor>(token) : { page: 1 };
	let results: INodeListSearchItems[] = [];
	try {
		const ahead: Array<Promise<Page>> = [];
		for (let read = 0; cursor && results.length === 0 && read < MOST_PAGES; read++) {
			const { page, first }: Cursor = cursor;
			// The first page is requested alone, since it often suffices, and then more and more.
			for (const until = Math.min(2 * read, MOST_PAGES - 1); read + ahead.length <= until; ) {
				const next = readPage(page + ahead.length);
				// Nobody waits for it if an earlier page suffices or fails.
				next.catch(() => {});
				ahead.push(next);
			}
			const { rows } = (await ahead.shift()) as Page;
			const [id] = rows.flatMap((row) => idOf(row[picker.idField]) ?? []);
			const begins: string | undefined = id ?? JSON.stringify(rows[0]);
			const isNew: boolean = begins !== undefined && begins !== first;
			cursor = isNew ? { page: page + 1, first: begins } : undefined;
			const matches = (row: IDataObject, { name }: INodeListSearchItems) =>
				[name, ...textsIn(row)].some((text) => text.toLowerCase().includes(wanted));
			const fitting = (row: IDataObject) => {
				const candidate = toEntry(picker, row);
				return candidate && matches(row, candidate) ? [candidate] : [];
			};
			const shown: IDataObject[] = picker.expand?.(rows) ?? rows.sort(picker.sort);
			results = isNew ? shown.flatMap(fitting) : [];
		}
	} catch (error) {
		throw explainError(context.getNode(), error).error;
	}
	// n8n itself says "No results", which does not tell whether it looked. Picked, it is no value.
	const isEmpty = !token && !cursor && wanted === '';
	if (isEmpty) results.push({ name: picker.ifNone, value: '' });
	return { results, paginationToken: cursor && JSON.stringify(cursor) };
}
