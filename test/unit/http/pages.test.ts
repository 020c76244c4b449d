import type { IDataObject } from 'n8n-workflow';
import { idOf } from '../../../nodes/VideoSdk/http/answer';
import { collect, type List, pagesOf, readList } from '../../../nodes/VideoSdk/http/pages';
import { wireTo, type WireAnswer } from '../../support/wire';

const list: List = {
	endpoint: 'Fetch Things',
	path: '/things',
	keyOf: ({ id }) => idOf(id),
	consequence: 'Things could not be listed',
};

const rowsOf = (count: number, from = 1): IDataObject[] =>
	Array.from({ length: count }, (_, index) => ({ id: from + index }));

/** A server of these pages; what comes after the last is empty. */
async function serve(pages: unknown[], pageInfo?: IDataObject) {
	return await wireTo(
		({ qs }): WireAnswer => ({ body: { data: pages[Number(qs?.page) - 1] ?? [], pageInfo } }),
	);
}

async function readAll(pages: unknown[], pageInfo?: IDataObject) {
	const { client, requests } = await serve(pages, pageInfo);
	const ids: unknown[] = [];
	for await (const { id } of readList(client, list)) ids.push(id);
	return { ids, asked: requests.map(({ qs }) => Number(qs?.page)) };
}

const idsTo = (last: number, from = 1) => rowsOf(last - from + 1, from).map(({ id }) => id);

const twoPages = Array.from({ length: 50 }, (_, page) => rowsOf(4, page % 2 === 0 ? 1 : 5));
const moved = [rowsOf(4), rowsOf(4, 3), rowsOf(4, 7), rowsOf(1, 11)];

// Pages, the number of rows on them, and the number of pages that have to be asked for.
test.each<[string, unknown[], number, number]>([
	['no rows', [], 0, 1],
	['one page', [rowsOf(3)], 3, 2],
	['full pages and an empty page', [rowsOf(4), rowsOf(4, 5)], 8, 3],
	['a short page before others', [rowsOf(4), rowsOf(2, 5), rowsOf(4, 7)], 10, 4],
	[
		'a page that begins like another',
		[rowsOf(4), [{ id: 1 }, ...rowsOf(3, 5)], rowsOf(2, 8)],
		9,
		4,
	],
	['an empty page before others', [rowsOf(4), [], rowsOf(4, 5)], 4, 2],
	['rows that moved to the next page', moved, 11, 5],
	['a page with nothing new', [rowsOf(4), rowsOf(4).reverse(), rowsOf(4, 5)], 4, 2],
	['the same page forever', Array(50).fill(rowsOf(4)), 4, 2],
	['two alternating pages forever', twoPages, 8, 3],
	['rows that are not objects', [[{ id: 1 }, null, 7, 'x', [2], { id: 2 }]], 2, 2],
])('a list is read to its end: %s', async (_name, pages, last, needed) => {
	const { ids, asked } = await readAll(pages);
	expect(ids).toEqual(idsTo(last));
	// Pages are requested in order, and at most as many ahead as were read. One without a new row is
	// requested again if others were requested with it.
	expect([...new Set(asked)]).toEqual(Array.from(new Set(asked), (_page, at) => at + 1));
	expect(asked.length).toBeGreaterThanOrEqual(needed);
	expect(asked.length).toBeLessThanOrEqual(2 * needed);
});

describe('pageInfo', () => {
	test.each<[string, IDataObject]>([
		['that there is one row', { totalItems: 1, currentPage: 1, perPage: 1, total: 1 }],
		['that there are a thousand', { totalItems: 1_000, currentPage: 1, perPage: 4, total: 250 }],
		['that there are none', { totalItems: 0, total: 0 }],
		['nothing', {}],
	])('a list is read to its end though pageInfo says %s', async (_name, pageInfo) => {
		const { ids, asked } = await readAll([rowsOf(4), rowsOf(2, 5), rowsOf(1, 7)], pageInfo);
		expect(ids).toEqual(idsTo(7));
		expect(asked.slice(0, 4)).toEqual([1, 2, 3, 4]);
		// A total that promises more costs some empty pages.
		expect(asked.length).toBeLessThanOrEqual(16);
	});
});

describe('a row without an ID', () => {
	const without = [
		...[{}, { id: undefined }, { id: null }, { id: '' }, { id: ' ' }, { id: {} }, { id: ['1'] }],
		...[{ id: true }, {}],
	] as IDataObject[];

	async function readRows(pages: unknown[]) {
		const rows: IDataObject[] = [];
		const { client, requests } = await serve(pages);
		for await (const row of readList(client, list)) rows.push(row);
		return { rows, asked: requests.length };
	}

	test('every row without an ID is listed, each once', async () => {
		const page = [...without.slice(0, 5), { id: 1 }, ...without.slice(5), { id: 'undefined' }];
		expect(await readRows([page])).toEqual({ rows: page, asked: 2 });
	});

	test('a list of rows without an ID ends even if the same page is repeated forever', async () => {
		expect(await readRows(Array(50).fill(without))).toEqual({ rows: without, asked: 2 });
	});

	test('a page of rows without an ID does not end the list', async () => {
		const pages = [[{ at: 1 }], [{ at: 1 }, { at: 2 }], [{ id: 1 }]];
		expect(await readRows(pages)).toEqual({ rows: [{ at: 1 }, { at: 2 }, { id: 1 }], asked: 4 });
	});
});

test('a page is requested only when its rows are read', async () => {
	const { client, requests } = await serve([rowsOf(2), rowsOf(2, 3), rowsOf(2, 5)]);
	const rows = readList(client, list);
	expect(requests).toHaveLength(0);
	await rows.next();
	await rows.next();
	expect(requests).toHaveLength(1);
	await rows.next();
	expect(requests).toHaveLength(2);
	await rows.return(undefined);
	expect(requests).toHaveLength(2);
});

test('each page request asks for the page size', async () => {
	const { client, requests } = await serve([rowsOf(2), rowsOf(1, 3)]);
	for await (const row of readList(client, list)) expect(row.id).toBeDefined();
	expect(requests.map(({ method, url, qs }) => ({ method, url, qs }))).toEqual(
		[1, 2, 3].map((page) => ({ method: 'GET', url: '/things', qs: { page, perPage: 100 } })),
	);
});

test('a list can be read with another page size', async () => {
	const { client, requests } = await serve([rowsOf(2)]);
	expect((await pagesOf(client, list, { perPage: 20 })(1)).rows).toHaveLength(2);
	expect(requests).toMatchObject([{ qs: { page: 1, perPage: 20 } }]);
});

test.each([
	...[{}, { data: null }, { data: null, pageInfo: null }, { data: {} }, { pageInfo: {} }],
	{ message: 'Token expired' },
])('a response without a list is a failure: %j', async (body: IDataObject) => {
	const { client } = await wireTo(() => ({ body }));
	await expect(pagesOf(client, list)(1)).rejects.toMatchObject({
		cause: { kind: 'unreadable', problem: 'has no list in it' },
		purpose: { consequence: 'Things could not be listed' },
		mayHaveTakenEffect: false,
		errorResponse: body.message ? { message: body.message } : {},
	});
});

test.each<[string, WireAnswer]>([
	['gets a 404', { statusCode: 404 }],
	['has null instead of rows', { body: { data: null, pageInfo: {} } }],
	['has no rows', { body: { data: [] } }],
])('a page after the last one ends the list if it %s', async (_name, after) => {
	const { client } = await wireTo(({ qs }) =>
		qs?.page === 1 ? { body: { data: rowsOf(2) } } : after,
	);
	expect(await collect(client, list, 100)).toEqual(rowsOf(2));
});

test('a 404 for the first page is a failure', async () => {
	const { client } = await wireTo(() => ({ statusCode: 404 }));
	await expect(pagesOf(client, list)(1)).rejects.toMatchObject({ cause: { status: 404 } });
});

test.each([400, 422])(
	'a list uses the documented page size if a larger one is rejected with %i',
	async (statusCode) => {
		const { client, requests } = await wireTo(({ qs }) =>
			qs?.perPage === 10
				? { body: { data: [rowsOf(10), rowsOf(2, 11)][Number(qs.page) - 1] ?? [] } }
				: { statusCode },
		);
		expect(await collect(client, list, 100)).toEqual(rowsOf(12));
		expect(requests.map(({ qs }) => [qs?.page, qs?.perPage])).toEqual([
			[1, 100],
			[1, 10],
			[2, 10],
			[3, 10],
		]);
	},
);

test('a rejected page after the first is a failure, not the end of the list', async () => {
	const { client, requests } = await wireTo(({ qs }) =>
		qs?.page === 2 && qs.perPage === 100 ? { statusCode: 400 } : { body: { data: rowsOf(20) } },
	);
	await expect(collect(client, list, 100)).rejects.toMatchObject({ cause: { status: 400 } });
	expect(requests).toHaveLength(2);
});

test.each([400, 403])(
	'a list that is rejected with %i at any page size fails',
	async (statusCode) => {
		const { client, requests } = await wireTo(() => ({ statusCode }));
		await expect(pagesOf(client, list)(1)).rejects.toMatchObject({ cause: { status: statusCode } });
		expect(requests).toHaveLength(statusCode === 400 ? 2 : 1);
	},
);

test('rows that are not objects do not end a list', async () => {
	const { ids } = await readAll([rowsOf(3), [{ id: 4 }, null, { id: 5 }], rowsOf(3, 6)]);
	expect(ids).toEqual(idsTo(8));
});

test('a failed page request is retried', async () => {
	const { client, requests } = await wireTo((_request, number) =>
		number === 1 ? { statusCode: 502 } : { body: { data: rowsOf(2) } },
	);
	jest.spyOn(Math, 'random').mockReturnValue(0);
	expect(await pagesOf(client, list)(1)).toEqual({ rows: rowsOf(2) });
	expect(requests).toHaveLength(2);
	jest.restoreAllMocks();
});

test('a row that changes between two pages is listed once', async () => {
	const { client } = await serve([
		[{ id: 1, status: 'running' }, { id: 2 }],
		[{ id: 1, status: 'stopped' }, { id: 3 }],
	]);
	const { length } = await collect(client, list, 100);
	expect(length).toBe(3);
});

describe('collecting rows', () => {
	const pages = [rowsOf(2), rowsOf(2, 3), rowsOf(2, 5)];

	test.each([
		[1, 1],
		[2, 1],
		[3, 2],
		[6, 3],
	])('a limit of %i rows requests pages up to page %i', async (limit, asked) => {
		const { client, requests } = await serve(pages);
		expect(await collect(client, list, limit)).toEqual(rowsOf(limit));
		expect(requests).toHaveLength(asked);
	});

	test('collecting rows counts only those that match and ends with the list', async () => {
		const { client } = await serve(pages);
		const isEven = ({ id }: IDataObject) => Number(id) % 2 === 0;
		expect(await collect(client, list, 2, isEven)).toEqual([{ id: 2 }, { id: 4 }]);
		expect(await collect(client, list, 9, isEven)).toHaveLength(3);
	});
});
