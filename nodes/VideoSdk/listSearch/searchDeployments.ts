import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { deployment, listOfDeployments } from '../api/deployments';
import { type Picker, searchList } from './searchList';

const picker: Picker = {
	list: listOfDeployments,
	idField: deployment.idField,
	labelOf: ({ name, tag }) => [name, tag],
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
