import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { idOf } from '../api/pages';
import { listOf } from '../api/live';
import { agentSessions } from '../api/sessions';
import { hasEnded, sessionStatuses } from '../api/statuses';
import { type Picker, searchList } from './searchList';

const ROWS = 50;

function labelOf({ status, tag, start, createdAt, deploymentId, sessionId }: IDataObject): string {
	const since = String(start || createdAt || '')
		.slice(0, 16)
		.replace('T', ' ');
	const parts = [
		status,
		tag,
		since && `${since} UTC`,
		deploymentId && `deployment ${deploymentId}`,
		sessionId,
	];
	return parts.filter((part) => part).join(' · ');
}

const picker: Picker = {
	list: listOf(agentSessions, ROWS),
	toEntry: (session) => {
		const value = idOf(session.sessionId);
		return value === undefined ? undefined : { name: labelOf(session), value };
	},
	sort: (a, b) => Number(hasEnded(sessionStatuses, a)) - Number(hasEnded(sessionStatuses, b)),
};

/** Lists the sessions of the project for the picker, live ones first on each page. */
export async function searchSessions(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await searchList(this, picker, filter, paginationToken);
}
