import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { idOf } from '../http/answer';
import { listOf } from '../api/live';
import { rooms } from '../api/rooms';
import { Clock } from './label';
import { searchList } from './searchList';

/** Lists the rooms that have a live session for the picker. */
export async function searchRooms(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const clock = new Clock(rooms, this.getTimezone());
	return await searchList(
		this,
		{
			list: listOf(rooms),
			idField: rooms.idField,
			labelOf: (session, id) => [id, idOf(session.status), clock.started(session)],
			things: 'rooms',
			ifNone: 'This project has no live rooms',
		},
		filter,
	);
}
