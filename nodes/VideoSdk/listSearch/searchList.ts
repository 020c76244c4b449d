import type {
	IDataObject,
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { idOf } from '../http/answer';
import { VideoSdkClient } from '../http/client';
import { CredentialProblem } from '../http/credentialProblem';
import { isTimeOver } from '../http/failure';
import { type List, readPages } from '../http/pages';
import { hasEnded, type Statuses } from '../api/statuses';
import { uptime } from '../shared/uptime';
import { explainError } from '../errors/explainError';

/** Milliseconds that a person waits for a list. */
const PATIENCE = 10_000;

/** The most rows to look through. */
const MOST_ROWS = 3_000;

/** The most entries to show: nobody scrolls through more, and typing finds the others. */
const MOST_ENTRIES = 100;

/** What a picker shows of a list. */
export interface Picker {
	list: List;
	/** The field with the ID of a row. One without it cannot be picked. */
	idField: string;
	/** Gives what to show for the rows, if not one entry for each. */
	expand?(rows: IDataObject[]): IDataObject[];
	/** Gives the value of a row, if it is not its ID. */
	writeValue?(row: IDataObject, id: string): string;
	/** Gives the parts of a row's label; those that are empty are left out. */
	labelOf(row: IDataObject, id: string): unknown[];
	/** Live rows are shown first. Without statuses, all rows are alike. */
	statuses?: Statuses;
	/** What the rows are, in the plural: `sessions`. */
	things: string;
	/** What stands in the picker of a project that has none. */
	ifNone: string;
}

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
			'The list cannot be shown: the VideoSDK credential has an expression that reads an input item',
			{ description: "Choose 'By ID' in this field, and enter the ID or an expression." },
		);
	});
}

/** Rows of a list, as far as they were read. */
interface Read {
	rows: IDataObject[];
	/** Whether these are all. */
	isComplete: boolean;
	/** Why no more could be read. */
	failure?: unknown;
}

/** Reads a list until there is enough to show, all is read, or a person has waited long enough. */
async function read(
	client: VideoSdkClient,
	list: List,
	isEnough: (newRows: IDataObject[]) => boolean,
): Promise<Read> {
	const begin = uptime();
	const rows: IDataObject[] = [];
	try {
		for await (const page of readPages(client, list, MOST_ROWS)) {
			rows.push(...page.rows);
			const isLong = rows.length >= MOST_ROWS || uptime() - begin > PATIENCE;
			if (isEnough(page.rows) || isLong) return { rows, isComplete: false };
		}
		return { rows, isComplete: true };
	} catch (failure) {
		return { rows, isComplete: false, failure };
	}
}

/**
 * Gives the picker of a resource locator its entries, live ones first. VideoSDK has no search, so the list is
 * read here, and the filter applied. If the entries are not all that match, the last one says so.
 *
 * @param filter what the user typed; any field of a row may contain it, or its label
 * @throws NodeApiError or NodeOperationError, which n8n shows in the picker
 */
export async function searchList(
	context: ILoadOptionsFunctions,
	picker: Picker,
	filter = '',
): Promise<INodeListSearchResult> {
	const client = await open(context);
	const wanted = filter.trim().toLowerCase();
	const { list, things, statuses, expand = (all) => all } = picker;
	const isLive = (row: IDataObject) => !statuses || !hasEnded(statuses, row);
	const matching = (row: IDataObject) => {
		const entry = toEntry(picker, row);
		const texts = entry ? [entry.name, ...textsIn(row)] : [];
		return texts.some((text) => text.toLowerCase().includes(wanted)) && entry ? [entry] : [];
	};
	let live = 0;
	const { rows, isComplete, failure } = await read(client, list, (newRows) => {
		live += newRows.filter((row) => isLive(row) && matching(row).length > 0).length;
		return live > MOST_ENTRIES;
	});
	const [first, others] = [true, false].map((wantsLive) =>
		expand(rows.filter((row) => isLive(row) === wantsLive)).flatMap(matching),
	);
	const found = [...(first ?? []), ...(others ?? [])];
	if (failure !== undefined && found.length === 0) {
		const { error } = explainError(context.getNode(), failure);
		// A picker has none of the options that the usual next step names.
		if (isTimeOver(failure)) {
			error.description =
				"Try again in a minute, or choose 'By ID' in this field, and enter the ID.";
		}
		throw error;
	}
	const results = found.slice(0, MOST_ENTRIES);
	// A blank is no value. An empty text would be: n8n shows the entry that has the value of the field first.
	const say = (name: string) => results.push({ name, value: ' ' });
	if (found.length > MOST_ENTRIES) {
		say(`Not all ${things} are listed. Type to narrow the list, or choose 'By ID'`);
	} else if (!isComplete) {
		say(
			`Only ${rows.length.toLocaleString('en-US')} ${things} were searched. If yours is not listed, choose 'By ID'`,
		);
	} else if (rows.length === 0 && wanted === '') {
		// n8n itself says "No results", which does not tell whether it looked.
		say(picker.ifNone);
	}
	return { results };
}
