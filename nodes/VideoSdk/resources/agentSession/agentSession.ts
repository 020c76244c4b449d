import type { IDataObject } from 'n8n-workflow';
import { idOf } from '../../http/answer';
import { deploymentNames } from '../../api/deployments';
import { agentSessions } from '../../api/sessions';
import { deploymentFilter, valueFilter } from '../../fields/filters';
import { tagField } from '../../fields/deploymentId';
import { readSessionId, sessionIdField } from '../../fields/sessionId';
import type { EndableResource } from '../shared/endableResource';

/** What the operations of all live resources need to know of agent sessions. */
export const agentSession: EndableResource = {
	name: 'agentSession',
	kind: agentSessions,
	idField: sessionIdField,
	readId: readSessionId,
	filters: [
		deploymentFilter(),
		valueFilter({
			...tagField,
			description: 'Only sessions of the version with this tag',
		}),
	],
	output: {
		simplified: [
			'sessionId',
			'status',
			'runningSeconds',
			'deploymentId',
			'tag',
			'start',
			'end',
			'duration',
			'createdAt',
			'metadata',
		],
		more: ['updatedAt', 'webhook'],
	},
	namesOf: async (client, things) => {
		const isOfDeployment = ({ deploymentId }: IDataObject) => idOf(deploymentId) !== undefined;
		const names = things.some(isOfDeployment) ? await deploymentNames(client) : new Map();
		return ({ deploymentId }) => {
			const deploymentName = names.get(String(deploymentId));
			return deploymentName ? { deploymentName } : {};
		};
	},
	descriptions: {
		end: 'The agent session to end. For a room ID or a call ID, choose another resource.',
		get: 'The agent session to get',
	},
};
