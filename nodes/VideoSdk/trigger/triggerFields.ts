import type { INodeProperties } from 'n8n-workflow';
import { type CallEventName, callEvents } from '../api/callEvents';
import { propertyOptionsOf, sessionEventOptions } from '../fields/propertyOptions';

const callEventTexts: Record<CallEventName, { name: string; description: string }> = {
	'call-answered': { name: 'Call Answered', description: 'Somebody has answered the call' },
	'call-hangup': { name: 'Call Ended', description: 'One side has hung up, or the call was ended' },
	'call-missed': { name: 'Call Missed', description: 'Nobody has answered the call' },
	'call-ringing': { name: 'Call Ringing', description: 'The phone is ringing' },
	'call-started': { name: 'Call Started', description: 'A call into or out of a room has started' },
	'call-transferred': {
		name: 'Call Transferred',
		description: 'The call was transferred to another number',
	},
	'call-update': { name: 'Call Updated', description: 'The status of the call has changed' },
};

/** The field for the events that start the workflow. */
export const eventsField: INodeProperties = {
	displayName: 'Trigger On',
	name: 'events',
	type: 'multiOptions',
	required: true,
	default: ['started', 'stopped', 'failed'],
	description: 'Which events of a session or call start the workflow',
	options: [
		...propertyOptionsOf(callEvents).map(({ value }) => ({
			...callEventTexts[value],
			value,
			action: `On ${callEventTexts[value].name.toLowerCase()}`,
		})),
		...sessionEventOptions.map((option) => ({
			...option,
			action: `On ${option.name.toLowerCase()}`,
		})),
	],
};

const fetchSession: INodeProperties = {
	displayName: 'Fetch Session',
	name: 'fetchSession',
	type: 'boolean',
	default: true,
	description:
		'Whether to look up the session and add its fields to the output. The workflow then starts only for sessions of your project. If the lookup fails, for example because VideoSDK is unavailable, the output has the field fetchError instead.',
};

const ignoreRepeats: INodeProperties = {
	displayName: 'Ignore Repeats',
	name: 'ignoreRepeats',
	type: 'boolean',
	default: true,
	description:
		'Whether to ignore an event that VideoSDK sends again within an hour. The node always ignores repeats of unsigned call events.',
};

const publicKey: INodeProperties = {
	displayName: 'Public Key (PEM)',
	name: 'publicKey',
	type: 'string',
	typeOptions: { rows: 6 },
	default: '',
	placeholder: '-----BEGIN PUBLIC KEY-----',
	displayOptions: { hide: { verifySignature: [false] } },
	description:
		'The RSA public key for checking the signatures of VideoSDK webhooks. Without this option, the node gets it from VideoSDK and keeps it for an hour.',
};

const verifySignature: INodeProperties = {
	displayName: 'Verify Signature',
	name: 'verifySignature',
	type: 'boolean',
	default: true,
	description:
		'Whether to accept only events that VideoSDK signed. If off, anyone who learns the URL can start the workflow with a forged event. Call events may be unsigned: the node looks up the call, and starts the workflow only if VideoSDK has it.',
};

/** The options of the trigger, which can be on or off, and the pasted key. */
export const triggerOptions = { fetchSession, ignoreRepeats, publicKey, verifySignature };
