import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { listOf } from '../api/live';
import { idOf } from '../api/pages';
import { rooms } from '../api/rooms';
import { Clock } from './label';
import { searchList } from './searchList';

const ROWS = 50;

/** Lists the rooms that have a live session for the picker. */
export async function searchRooms(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const clock = new Clock(rooms, this.getTimezone());
	return await searchList(
		this,
		{
			list: listOf(rooms, ROWS),
			toEntry: (session) => {
				const value = idOf(session.roomId);
				if (value === undefined) return undefined;
				const label = [value, clock.started(session), clock.statusOf(session)];
				return { name: label.filter((part) => part).join(' · '), value };
			},
			ifNone: 'This project has no live rooms',
		},
		filter,
		paginationToken,
	);
}
