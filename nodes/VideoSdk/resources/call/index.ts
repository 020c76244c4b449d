import { end } from '../shared/end';
import { endMany } from '../shared/endMany';
import { get } from '../shared/get';
import { getMany } from '../shared/getMany';
import { resourceOf } from '../shared/resource';
import { call } from './call';
import { make } from './make';

export const callResource = resourceOf({
	option: {
		name: 'Call',
		value: 'call',
		description: 'A phone call into or out of a room. Choose this if you have a call ID.',
	},
	defaultOperation: 'end',
	operations: [
		end(call, {
			name: 'End Call',
			value: 'end',
			action: 'End call',
			description:
				'Hang up one phone call. An agent session or room that it belongs to may continue and cost money.',
		}),
		endMany(call, {
			name: 'End Many Calls',
			value: 'endMany',
			action: 'End many calls',
			description: 'Emergency stop: hang up all live phone calls that match the filters',
		}),
		get(call, {
			name: 'Get Call',
			value: 'get',
			action: 'Get call',
			description: 'Get the status and details of one phone call',
		}),
		getMany(call, {
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many calls',
			description: 'Get a list of phone calls, optionally filtered',
		}),
		make,
	],
});
