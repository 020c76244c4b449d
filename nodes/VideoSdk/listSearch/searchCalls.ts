import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { calls } from '../api/calls';
import { idOf } from '../api/answer';
import { listOf } from '../api/live';
import { Clock, shorten } from './label';
import { searchList } from './searchList';

/** Lists the calls of the project for the picker, live ones first. */
export async function searchCalls(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const clock = new Clock(calls, this.getTimezone());
	return await searchList(
		this,
		{
			list: listOf(calls),
			idField: calls.idField,
			labelOf: (call, id) => {
				const numbers = [call.from, call.to].filter((number) => number).join(' → ');
				return [idOf(call.status), shorten(id), clock.started(call), numbers];
			},
			statuses: calls.statuses,
			things: 'calls',
			ifNone: 'This project has no calls yet',
		},
		filter,
	);
}
