import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { idOf } from '../http/answer';
import { VideoSdkClient } from '../http/client';
import { deploymentNames } from '../api/deployments';
import { listOf } from '../api/live';
import { agentSessions } from '../api/sessions';
import { Clock, shorten, shortenName } from './label';
import { searchList } from './searchList';

/** The list works without the names of deployments, so it is not held up by them. */
const NAMES_PATIENCE = { timeout: 3_000, maxRetries: 0, giveUpAfter: 1_000 };

/** Gives the names of deployments by their IDs, none if the credential cannot be read: the list says so. */
async function namesFor(context: ILoadOptionsFunctions): Promise<Map<string, string>> {
	try {
		return await deploymentNames(await VideoSdkClient.openAtOnce(context, NAMES_PATIENCE));
	} catch {
		return new Map();
	}
}

/**
 * Lists the sessions of the project for the picker, live ones first. What is typed is
 * looked for in the name of the deployment too, and in metadata.
 */
export async function searchSessions(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const names = await namesFor(this);
	const clock = new Clock(agentSessions, this.getTimezone());
	const withDeploymentName = (session: IDataObject) => ({
		...session,
		deploymentName: names.get(String(session.deploymentId)) ?? '',
	});
	const deploymentOf = ({ deploymentId, deploymentName }: IDataObject) => {
		if (deploymentName) return shortenName(String(deploymentName));
		const id = idOf(deploymentId);
		return id && `deployment ${shorten(id)}`;
	};
	return await searchList(
		this,
		{
			list: { ...listOf(agentSessions), rename: withDeploymentName },
			idField: agentSessions.idField,
			labelOf: (session, id) => [
				idOf(session.status),
				shorten(id),
				clock.started(session),
				deploymentOf(session),
			],
			statuses: agentSessions.statuses,
			things: 'sessions',
			ifNone:
				'This project has no agent sessions yet. For a room or a call, choose another resource',
		},
		filter,
	);
}
