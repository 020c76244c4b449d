import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { calls } from '../api/calls';
import { listOf } from '../api/live';
import { Clock, shorten } from './label';
import { liveFirst, searchList } from './searchList';

/** Lists the calls of the project for the picker, live ones first on each page. */
export async function searchCalls(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const clock = new Clock(calls, this.getTimezone());
	return await searchList(
		this,
		{
			list: listOf(calls),
			idField: calls.idField,
			labelOf: (call, id) => {
				const numbers = [call.from, call.to].filter((number) => number).join(' → ');
				// The panel cuts what is long, and the status says which calls can be ended.
				return [numbers, clock.started(call), clock.statusOf(call), shorten(id)];
			},
			sort: liveFirst(calls),
			ifNone: 'This project has no calls yet',
		},
		filter,
		paginationToken,
	);
}
