import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { calls } from '../api/calls';
import { idOf } from '../http/answer';
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
				const from = call.from && `from ${String(call.from)}`;
				const to = call.to && `to ${String(call.to)}`;
				// The other person's number first: n8n cuts off the end, and one's own is in many calls.
				const numbers = call.type === 'outbound' ? [to, from] : [from, to];
				return [idOf(call.status), shorten(id), clock.started(call), ...numbers];
			},
			statuses: calls.statuses,
			things: 'calls',
			ifNone: 'This project has no calls yet',
		},
		filter,
	);
}
