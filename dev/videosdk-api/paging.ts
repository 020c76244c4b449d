import { ApiError } from './answer';
import type { ListOptions } from './options';

/** One page of a list, as the body of an answer. */
export interface Page<Element> {
	data: Element[];
	pageInfo: { totalItems?: number; currentPage?: number; perPage?: number; total?: number };
}

function positive(query: URLSearchParams, name: string, otherwise: number): number {
	const given = query.get(name);
	if (given === null) return otherwise;
	if (!/^[1-9]\d{0,8}$/.test(given)) throw new ApiError(400, `${name} must be a positive integer`);
	return Number(given);
}

/**
 * One page of a list, in the shape of VideoSDK's Fetch Sessions, page 1 of 10 by default.
 * Assumed: newest first; no order is documented. `total` repeats `totalItems`; the documented
 * sample fits that and a count of pages alike. Other query parameters are refused.
 * @throws ApiError 400 for a `page` or `perPage` that is no positive integer
 */
export function pageOf<Element>(
	oldestFirst: readonly Element[],
	query: URLSearchParams,
	{ capPerPage = Infinity, ignorePage, emptyPageInfo }: ListOptions = {},
): Page<Element> {
	const unknown = [...query.keys()].find((name) => name !== 'page' && name !== 'perPage');
	if (unknown !== undefined) throw new ApiError(400, `${unknown} is not allowed`);
	const asked = positive(query, 'page', 1);
	const perPage = Math.min(positive(query, 'perPage', 10), capPerPage);
	const currentPage = ignorePage ? 1 : asked;
	const totalItems = oldestFirst.length;
	const after = Math.max(0, totalItems - (currentPage - 1) * perPage);
	const data = oldestFirst.slice(Math.max(0, after - perPage), after).reverse();
	return {
		data,
		pageInfo: emptyPageInfo ? {} : { totalItems, currentPage, perPage, total: totalItems },
	};
}
