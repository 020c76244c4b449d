import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { IfAlreadyEnded } from '../api/live';
import { capitalized } from '../execution/capitalized';
import { waitTimeoutOption } from './requestOptions';

/**
 * Gives the options of an operation that ends things.
 *
 * @param noun what one is called: `session`
 */
export function endOptions(noun: string): INodeProperties[] {
	const ifAlreadyEnded = [
		{
			name: `Return ${capitalized(noun)}`,
			value: 'return',
			description: `Return the ${noun} like the others, with the field alreadyEnded`,
		},
		{ name: 'Fail', value: 'fail', description: 'Treat it as an error' },
	];
	return [
		{
			displayName: 'If Already Ended',
			name: 'ifAlreadyEnded',
			type: 'options',
			noDataExpression: true,
			default: 'return',
			description: `What to do about a ${noun} that has ended before`,
			options: ifAlreadyEnded,
		},
		{
			displayName: 'Wait Until Ended',
			name: 'waitUntilEnded',
			type: 'boolean',
			noDataExpression: true,
			default: false,
			description: `Whether to ask for the ${noun} until it has really ended, and give its final fields. Without this, it may still be ending.`,
		},
		waitTimeoutOption(noun, 'waitUntilEnded'),
	];
}

/** Reads what to do about something that has ended before. */
export function readIfAlreadyEnded({ ifAlreadyEnded }: IDataObject): IfAlreadyEnded {
	return ifAlreadyEnded === 'fail' ? 'fail' : 'return';
}
