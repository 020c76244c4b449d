import { end } from '../shared/end';
import { endMany } from '../shared/endMany';
import { get } from '../shared/get';
import { getMany } from '../shared/getMany';
import { resourceOf } from '../shared/resource';
import { agentSession } from './agentSession';
import { start } from './start';
import { startAndWait } from './startAndWait/startAndWait';

export const agentSessionResource = resourceOf({
	option: {
		name: 'Agent Session',
		value: 'agentSession',
		description: 'One run of a deployed AI voice agent. Choose this if you have a session ID.',
	},
	defaultOperation: 'end',
	operations: [
		endMany(agentSession, {
			name: 'End Many Sessions',
			value: 'endMany',
			action: 'End many sessions',
			description: 'Emergency stop: end all live sessions that match the filters',
		}),
		end(agentSession, {
			name: 'End Session',
			value: 'end',
			action: 'End session',
			description:
				'End one session: the voice agent leaves. A phone call or room that belongs to it may continue and cost money.',
		}),
		getMany(agentSession, {
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many sessions',
			description: 'Get a list of sessions, optionally filtered',
		}),
		get(agentSession, {
			name: 'Get Session',
			value: 'get',
			action: 'Get session',
			description: 'Get the status and details of one session',
		}),
		start,
		startAndWait,
	],
});
