import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { idOf } from '../http/answer';
import { deployment, listOfDeployments, writeVersion } from '../api/deployments';
import { isSendableId } from '../shared/sendable';
import { type Picker, searchList } from './searchList';

function tagOf({ tag }: IDataObject): string | undefined {
	const text = idOf(tag);
	return isSendableId(text) ? text : undefined;
}

/**
 * Makes a picker of deployments and their versions, which VideoSDK lists with a row for each version.
 *
 * @param hasAny whether it also has an entry for any version of a deployment. One without versions has it
 * anyway
 */
function pickerOf(hasAny: boolean): Picker {
	return {
		list: listOfDeployments,
		idField: deployment.idField,
		expand: (rows) =>
			[...new Set(rows.map(({ id }) => id))].flatMap((id) => {
				const own = rows.filter((row) => row.id === id);
				const versions = own.filter(tagOf);
				const any = { ...own[0], tag: '' };
				return hasAny || versions.length === 0 ? [any, ...versions] : versions;
			}),
		labelOf: (row, id) => [row.name || id, tagOf(row) ?? (hasAny && 'any version')],
		writeValue: (row, deploymentId) => writeVersion({ deploymentId, tag: tagOf(row) }),
		things: 'deployments',
		ifNone: 'This project has no deployments yet',
	};
}

/** Lists the deployments of the project for the picker, each with its versions. */
export async function searchDeployments(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	return await searchList(this, pickerOf(true), filter);
}

/** Lists the versions of the project's deployments for the picker. */
export async function searchVersions(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	return await searchList(this, pickerOf(false), filter);
}
