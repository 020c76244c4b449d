import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { listOfDeployments } from '../api/deployments';
import { idOf } from '../api/pages';
import { type Picker, searchList } from './searchList';

const ROWS = 50;

const picker: Picker = {
	list: listOfDeployments(ROWS),
	toEntry: ({ id, name, tag }) => {
		const value = idOf(id);
		if (value === undefined) return undefined;
		return { name: [name, tag].filter((part) => part).join(' · ') || value, value };
	},
	ifNone: 'This project has no deployments yet',
};

/** Lists the deployments of the project for the picker. */
export async function searchDeployments(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await searchList(this, picker, filter, paginationToken);
}
