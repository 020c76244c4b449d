import { end } from '../shared/end';
import { endMany } from '../shared/endMany';
import { getMany } from '../shared/getMany';
import { resourceOf } from '../shared/resource';
import { dispatch } from './dispatchAgent';
import { room } from './room';

export const roomResource = resourceOf({
	option: {
		name: 'Room',
		value: 'room',
		description:
			'If you have a room ID: where callers meet agents, however the agent was started (CLI, dashboard, Dispatch, phone number)',
	},
	defaultOperation: 'endSession',
	operations: [
		dispatch,
		endMany(room, {
			name: 'End Many Rooms',
			value: 'endMany',
			action: 'End many rooms',
			description: 'Kill switch: end all live rooms that match the filters, with their phone calls',
		}),
		end(room, {
			name: 'End Room',
			value: 'endSession',
			action: 'End room',
			description: 'End a room: hang up its phone calls, then end its session',
		}),
		getMany(room, {
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many rooms',
			description: 'Get a list of the rooms that have a live session, optionally filtered',
		}),
	],
});
