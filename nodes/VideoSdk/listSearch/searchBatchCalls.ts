import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { batchCalls } from '../api/batchCalls';
import { idOf } from '../api/answer';
import { listOf } from '../api/live';
import { Clock, shorten, shortenName } from './label';
import { liveFirst, searchList } from './searchList';

/** Lists the batch calls of the project for the picker, live ones first on each page. */
export async function searchBatchCalls(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const clock = new Clock(batchCalls, this.getTimezone());
	return await searchList(
		this,
		{
			list: listOf(batchCalls),
			idField: batchCalls.idField,
			labelOf: (batch, id) => [
				shortenName(idOf(batch.batchName) ?? ''),
				clock.started(batch),
				clock.statusOf(batch),
				shorten(id),
			],
			sort: liveFirst(batchCalls),
			ifNone: 'This project has no batch calls yet',
		},
		filter,
		paginationToken,
	);
}
