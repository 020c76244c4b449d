import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { batchCalls } from '../api/batchCalls';
import { idOf } from '../http/answer';
import { listOf } from '../api/live';
import { Clock, shorten, shortenName } from './label';
import { searchList } from './searchList';

/** Lists the batch calls of the project for the picker, live ones first. */
export async function searchBatchCalls(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const clock = new Clock(batchCalls, this.getTimezone());
	return await searchList(
		this,
		{
			list: listOf(batchCalls),
			idField: batchCalls.idField,
			labelOf: (batch, id) => [
				idOf(batch.status),
				shorten(id),
				clock.started(batch),
				shortenName(idOf(batch.batchName) ?? ''),
			],
			statuses: batchCalls.statuses,
			things: 'batch calls',
			ifNone: 'This project has no batch calls yet',
		},
		filter,
	);
}
