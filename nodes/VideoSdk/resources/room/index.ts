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
			'Where callers and agents meet, no matter how the agent was started. Choose this if you have a room ID.',
	},
	defaultOperation: 'endSession',
	operations: [
		dispatch,
		endMany(room, {
			name: 'End Many Rooms',
			value: 'endMany',
			action: 'End many rooms',
			description:
				'Emergency stop: end all live rooms that match the filters, and hang up their phone calls',
		}),
		end(room, {
			name: 'End Room',
			value: 'endSession',
			action: 'End room',
			description: 'Hang up the phone calls of a room, then end the room',
		}),
		getMany(room, {
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many rooms',
			description: 'Get a list of live rooms, optionally filtered',
		}),
	],
});
