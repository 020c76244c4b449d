import type {
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { callEvents } from './api/callEvents';
import { sessionEvents } from './api/sessionEvents';
import { checkFields, receive } from './trigger/receive';
import { cannotPublish, removeWebhook, updateWebhook } from './trigger/registration';
import { eventsField, triggerOptions } from './trigger/triggerFields';

// While n8n listens in the open node, it says "Go to VideoSDK and create an event", which no description can
// replace. What that means stands in all the places that can be filled.
const NOT_CHOSEN = "Only events that you chose in 'Trigger On' start the workflow.";

/** After one test event, n8n stops listening: the start of a session hides its end. */
const ONE_EVENT =
	"Each click shows one event. To see the next one, such as 'Session Ended', click again before it occurs.";

const COPY_PRODUCTION_URL =
	"copy the Production URL into 'Webhook URL' of the node that starts the sessions. For call events, you do not need to copy a URL.";

const TEST = `<b>While you build the workflow</b>, copy the Test URL into 'Webhook URL' of the node that starts the session. Click 'Execute step', then start the session. For call events, you do not need to copy a URL: click 'Execute step', then make a call. The event appears here. ${ONE_EVENT} ${NOT_CHOSEN}<br><br>`;

const EXECUTIONS = 'To see the runs, open the <a data-key="executions">executions list</a>.';

export class VideoSdkTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'VideoSDK Trigger',
		name: 'videoSdkTrigger',
		icon: { light: 'file:../../icons/videosdk.svg', dark: 'file:../../icons/videosdk.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle:
			'={{ [$parameter["events"]].flat().join(", ").replace("stopped", "ended").replace("hangup", "ended") }}',
		// In its search, n8n shows the trigger and the node as one entry, with this text.
		description:
			'Start, monitor, and end AI voice agents and phone calls, end rooms, or run a workflow when a session or call starts or ends',
		// Shown on the canvas in one line while n8n listens for a test event.
		eventTriggerDescription:
			"For session events, copy the Test URL into 'Webhook URL' of the node that starts the session, and start a session. For call events, make a call.",
		triggerPanel: {
			header: 'Wait for an event from VideoSDK',
			executionsHelp: {
				inactive: `${TEST}<b>When the workflow is finished</b>, publish it (in n8n 1: activate it), then ${COPY_PRODUCTION_URL} ${EXECUTIONS}`,
				active: `${TEST}<b>The workflow is published</b>: ${COPY_PRODUCTION_URL} ${EXECUTIONS}`,
			},
			activationHint: `When the workflow is finished, <a data-key="activate">publish</a> it (in n8n 1: activate it), then ${COPY_PRODUCTION_URL}`,
		},
		activationMessage:
			"Now copy the Production URL into 'Webhook URL' of the node that starts the sessions. If that URL begins with http://localhost, VideoSDK cannot reach it, and no session events arrive: ask the administrator of n8n to set the environment variable WEBHOOK_URL to the public address of n8n and to restart n8n. For call events, you do not need to copy a URL. If VideoSDK is unavailable now, n8n keeps trying to register the trigger for call events.",
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
			eventsField,

			{
				displayName: `To test session events, copy the Test URL from 'Webhook URLs' above into the node that starts the session (Start Session > Additional Fields > Webhook URL). Click 'Execute step', then start the session. ${ONE_EVENT} ${NOT_CHOSEN}`,
				name: 'howTo',
				type: 'notice',
				default: '',
				displayOptions: { show: { events: [...sessionEvents] } },
			},
			{
				displayName:
					'In production, publish the workflow (in n8n 1: activate it) and use the Production URL, which is not limited to one event. If that URL begins with http://localhost, VideoSDK cannot reach it: ask the administrator of n8n to set the environment variable WEBHOOK_URL to the public address of n8n and to restart n8n.',
				name: 'howToPublish',
				type: 'notice',
				default: '',
				displayOptions: { show: { events: [...sessionEvents] } },
			},
			{
				displayName:
					"For call events, the trigger registers its URL with VideoSDK when you publish the workflow (in n8n 1: activate it) or click 'Execute step'. VideoSDK must be able to reach that URL from the internet.",
				name: 'howToForCalls',
				type: 'notice',
				default: '',
				displayOptions: { show: { events: [...callEvents] } },
			},
			{
				displayName: 'Options',
				name: 'triggerOptions',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: Object.values(triggerOptions),
			},
			{
				// With this option of its Webhook node, n8n does not read the body. A signature is over the raw
				// bytes, and n8n would itself answer a request whose body is not JSON.
				displayName: 'Raw Body',
				name: 'options',
				type: 'hidden',
				default: { binaryData: true },
			},
		],
	};

	webhookMethods = {
		default: {
			// Only call events are registered with VideoSDK: a session gets the URL when it is started.
			// `create` checks what is registered already, and changes it if the events have changed.
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			/** Checks the fields here, since the user sees an error now, but not when an event is refused. */
			async create(this: IHookFunctions): Promise<boolean> {
				try {
					checkFields(this);
					await updateWebhook(this);
					return true;
				} catch (error) {
					return await Promise.reject(cannotPublish(this, error));
				}
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				await removeWebhook(this);
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receive(this);
	}
}
