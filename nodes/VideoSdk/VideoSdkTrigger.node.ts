import type {
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { type SessionEventName, sessionEvents } from './api/events';
import { entriesOf } from './fields/entries';
import { checkPastedKey, receive } from './webhook/receive';

const meanings: Record<SessionEventName, string> = {
	starting: 'The session is queued',
	started: 'The session is running',
	stopping: 'The session is about to end',
	stopped: 'The session has ended',
	failed: 'The session ended with an error',
};

export class VideoSdkTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'VideoSDK Trigger',
		name: 'videoSdkTrigger',
		icon: { light: 'file:../../icons/videosdk.svg', dark: 'file:../../icons/videosdk.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ [$parameter["events"]].flat().join(", ") }}',
		// n8n shows one entry for this trigger and the node in its search, with this text.
		description:
			'End, start and monitor AI voice agent sessions and phone calls in VideoSDK Agent Cloud, or run a workflow when a session starts or ends',
		eventTriggerDescription: 'Waiting for VideoSDK to send an event of a session',
		activationMessage: 'VideoSDK can now send events to the production URL.',
		defaults: { name: 'VideoSDK Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'videoSdkApi', required: true }],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				path: 'videosdk',
			},
		],
		properties: [
			{
				displayName:
					"VideoSDK sends events to the address that a session was started with. Copy a URL above into 'Webhook URL' of the operation Start, or into the VideoSDK dashboard.",
				name: 'howTo',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Trigger On',
				name: 'events',
				type: 'multiOptions',
				required: true,
				default: ['started', 'stopped', 'failed'],
				description: 'Which events of a session start the workflow',
				options: entriesOf(sessionEvents).map(({ name, value }) => ({
					name: `Session ${name}`,
					value,
					action: `On session ${value}`,
					description: meanings[value],
				})),
			},
			{
				displayName: 'Options',
				name: 'triggerOptions',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Fetch Session',
						name: 'fetchSession',
						type: 'boolean',
						default: true,
						description:
							'Whether to look the session up, start the workflow only if your project has it, and add its fields to the output. If it cannot be looked up for another reason, the workflow starts with the field fetchError.',
					},
					{
						displayName: 'Ignore Repeats',
						name: 'ignoreRepeats',
						type: 'boolean',
						default: true,
						description:
							'Whether the same event of the same session starts the workflow only once within an hour, also if it is sent again',
					},
					{
						displayName: 'Public Key (PEM)',
						name: 'publicKey',
						type: 'string',
						typeOptions: { rows: 6 },
						default: '',
						placeholder: '-----BEGIN PUBLIC KEY-----',
						displayOptions: { hide: { verifySignature: [false] } },
						description:
							'The RSA public key that VideoSDK gives for webhooks. Without this option, it is fetched from VideoSDK and kept for an hour.',
					},
					{
						displayName: 'Verify Signature',
						name: 'verifySignature',
						type: 'boolean',
						default: true,
						description:
							'Whether to accept only events that VideoSDK signed. A signature proves that an event comes from VideoSDK, not that it is about a session of your project. Without this, anyone who learns the URL can start the workflow with an event that never happened.',
					},
				],
			},
			{
				// n8n leaves the body unread where a trigger has this option of its own Webhook node. A
				// signature is over the raw bytes, and n8n answers a body that is not JSON before we can.
				displayName: 'Raw Body',
				name: 'options',
				type: 'hidden',
				default: { binaryData: true },
			},
		],
	};

	webhookMethods = {
		default: {
			// There is nothing to register with VideoSDK: a session is given the URL when it is started.
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			/** Checks what would make each event be refused, while somebody is there to read it. */
			async create(this: IHookFunctions): Promise<boolean> {
				checkPastedKey(this);
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receive(this);
	}
}
