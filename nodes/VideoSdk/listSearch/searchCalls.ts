import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { calls } from '../api/calls';
import { listOf } from '../api/live';
import { idOf } from '../api/pages';
import { Clock, shorten } from './label';
import { liveFirst, searchList } from './searchList';

const ROWS = 50;

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
			list: listOf(calls, ROWS),
			toEntry: (call) => {
				const value = idOf(call.callId);
				if (value === undefined) return undefined;
				const numbers = [call.from, call.to].filter((number) => number).join(' → ');
				// The panel cuts what is long, and the status says which calls can be ended.
				const label = [numbers, clock.started(call), clock.statusOf(call), shorten(value)];
				return { name: label.filter((part) => part).join(' · '), value };
			},
			sort: liveFirst(calls),
			ifNone: 'This project has no calls yet',
		},
		filter,
		paginationToken,
	);
}
