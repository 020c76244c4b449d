import { calls } from '../../api/calls';
import { callIdField, readCallId } from '../../fields/callId';
import { callEndOptions } from '../../fields/endOptions';
import { choiceFilter, phoneFilter, valueFilter } from '../../fields/filters';
import { roomIdField } from '../../fields/roomId';
import type { EndableResource } from '../shared/endableResource';
import { endRoomsIfWanted } from './endRoomsIfWanted';

const number = { type: 'string', default: '', placeholder: 'e.g. +14155550123' } as const;

/** What the operations of all live resources need to know of phone calls. */
export const call: EndableResource = {
	name: 'call',
	kind: calls,
	idField: callIdField,
	readId: readCallId,
	filters: [
		choiceFilter(
			{
				displayName: 'Direction',
				name: 'direction',
				type: 'options',
				default: 'outbound',
				options: [
					{ name: 'Inbound', value: 'inbound' },
					{ name: 'Outbound', value: 'outbound' },
				],
				description: 'Only calls in this direction',
			},
			'type',
		),
		phoneFilter({
			...number,
			displayName: 'From',
			name: 'from',
			description: 'Only calls from this phone number',
		}),
		valueFilter({ ...roomIdField, description: 'Only calls in this room' }),
		phoneFilter({
			...number,
			displayName: 'To',
			name: 'to',
			description: 'Only calls to this phone number',
		}),
	],
	output: {
		simplified: [
			'callId',
			'status',
			'runningSeconds',
			'type',
			'from',
			'to',
			'roomId',
			'start',
			'end',
			'metadata',
		],
		more: ['timelog'],
	},
	ending: { options: callEndOptions, after: endRoomsIfWanted },
	descriptions: {
		end: 'The call to hang up',
		get: 'The call to get',
	},
};
