import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { IfAlreadyEnded } from '../api/sessions';
import { waitTimeoutOption } from './requestOptions';

/** The options of an operation that ends sessions. */
export const endOptions: INodeProperties[] = [
	{
		displayName: 'If Already Ended',
		name: 'ifAlreadyEnded',
		type: 'options',
		noDataExpression: true,
		default: 'return',
		description: 'What to do about a session that has ended before',
		options: [
			{
				name: 'Return Session',
				value: 'return',
				description: 'Give the session like the others, with the field alreadyEnded',
			},
			{ name: 'Fail', value: 'fail', description: 'Treat it as an error' },
		],
	},
	{
		displayName: 'Wait Until Ended',
		name: 'waitUntilEnded',
		type: 'boolean',
		noDataExpression: true,
		default: false,
		description:
			'Whether to ask for the session until it has really ended, and give its final fields. Without this, its status may still be stopping.',
	},
	waitTimeoutOption,
];

/** Reads what to do about a session that has ended before. */
export function readIfAlreadyEnded({ ifAlreadyEnded }: IDataObject): IfAlreadyEnded {
	return ifAlreadyEnded === 'fail' ? 'fail' : 'return';
}
