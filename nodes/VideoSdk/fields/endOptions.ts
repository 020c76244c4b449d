import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { IfAlreadyEnded } from '../api/endOne';
import { capitalized } from '../shared/capitalized';
import { waitTimeoutOption } from './requestOptions';

/**
 * Makes the options of an operation that ends things.
 *
 * @param noun for one of them: `session`
 */
export function endOptions(noun: string): INodeProperties[] {
	const ifAlreadyEnded = [
		{
			name: `Return ${capitalized(noun)} Data`,
			value: 'return',
			description: `Return the data of the ${noun}, with the field alreadyEnded set to true`,
		},
		{ name: 'Fail', value: 'fail', description: 'Return an error' },
	];
	return [
		{
			displayName: 'If Already Ended',
			name: 'ifAlreadyEnded',
			type: 'options',
			noDataExpression: true,
			default: 'return',
			description: `What to do if the ${noun} has already ended`,
			options: ifAlreadyEnded,
		},
		{
			displayName: 'Wait Until Ended',
			name: 'waitUntilEnded',
			type: 'boolean',
			noDataExpression: true,
			default: false,
			description: `Whether to wait until the ${noun} has ended, and to return its final data. If off, the ${noun} may still be ending when the workflow continues.`,
		},
		waitTimeoutOption(noun, 'waitUntilEnded'),
	];
}

/** Reads what to do if a thing has already ended. */
export function readIfAlreadyEnded({ ifAlreadyEnded }: IDataObject): IfAlreadyEnded {
	return ifAlreadyEnded === 'fail' ? 'fail' : 'return';
}

/** The options of the operations that end rooms. */
export const roomEndOptions: INodeProperties[] = [
	{
		displayName: 'Also Hang Up Calls',
		name: 'endCalls',
		type: 'boolean',
		noDataExpression: true,
		default: true,
		description:
			'Whether to hang up the live phone calls of the room before ending the room. If off, callers may stay on the phone after the room has ended.',
	},
	{
		displayName: 'Force',
		name: 'vsdkForceKill',
		type: 'boolean',
		noDataExpression: true,
		default: false,
		description:
			'Whether to ask VideoSDK to end the room by force. Try this if a room does not end otherwise.',
	},
];

/** The option of the operations that end calls. */
export const callEndOptions: INodeProperties[] = [
	{
		displayName: 'Also End Room',
		name: 'endRoom',
		type: 'boolean',
		noDataExpression: true,
		default: false,
		description:
			'Whether to also end the room of the call, unless another live call is in it. Agents and all other participants then leave the room.',
	},
];
