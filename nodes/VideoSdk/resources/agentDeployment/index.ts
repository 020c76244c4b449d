import { resourceOf } from '../shared/resource';
import { create } from './create';
import { get } from './get';
import { getMany } from './getMany';

export const agentDeploymentResource = resourceOf({
	option: {
		name: 'Agent Deployment',
		value: 'agentDeployment',
		description: 'A hosted AI voice agent. Start a session to run it.',
	},
	defaultOperation: 'getAll',
	operations: [create, get, getMany],
});
