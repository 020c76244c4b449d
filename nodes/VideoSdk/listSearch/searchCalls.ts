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
				const [other, own] = call.type === 'outbound' ? [to, from] : [from, to];
				// n8n cuts off the end: one's own number, which is in many calls.
				return [idOf(call.status), shorten(id), other, clock.started(call), own];
			},
			statuses: calls.statuses,
			things: 'calls',
			ifNone: 'This project has no calls yet',
		},
		filter,
	);
}
