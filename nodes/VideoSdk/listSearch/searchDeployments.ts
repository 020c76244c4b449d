import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { listOfDeployments } from '../api/deployments';
import { type Picker, searchList } from './searchList';

const ROWS = 50;

const picker: Picker = {
	list: listOfDeployments(ROWS),
	toEntry: ({ id, name, tag }) => ({
		name: [name, tag].filter((part) => part).join(' · ') || String(id),
		value: String(id),
	}),
};

/** Lists the deployments of the project for the picker. */
export async function searchDeployments(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await searchList(this, picker, filter, paginationToken);
}
