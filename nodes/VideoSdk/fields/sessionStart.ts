import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { sessionEvents, webhookTypeOf } from '../api/sessionEvents';
import type { SessionStart } from '../api/sessions';
import { InvalidInput } from '../errors/invalidInput';
import type { Item } from '../execution/work';
import { readChoices } from './choice';
import { additionalFields, ADDITIONAL_FIELDS, readAdditionalFields } from './additionalFields';
import {
	agreedTag,
	deploymentIdField,
	hiddenIfPicked,
	readDeployment,
	tagField,
} from './deploymentId';
import { sessionEventOptions } from './propertyOptions';
import { entriesField, readEntries } from './keysAndValues';
import { metadataFields, readMetadata } from './metadata';
import { fieldOf, readText } from './text';

const webhookEventsField: INodeProperties = {
	displayName: 'Webhook Events',
	name: 'webhookEvents',
	type: 'multiOptions',
	default: [...sessionEvents.map(webhookTypeOf)],
	displayOptions: { show: { webhookUrl: [{ _cnd: { exists: true } }] } },
	options: sessionEventOptions.map((option) => ({ ...option, value: webhookTypeOf(option.value) })),
	description:
		"Which events VideoSDK sends to the address in 'Webhook URL'. If you do not add this field, VideoSDK sends all events.",
};

const webhookUrlField: INodeProperties = {
	displayName: 'Webhook URL',
	name: 'webhookUrl',
	type: 'string',
	default: '',
	placeholder: 'e.g. https://n8n.example.com/webhook/…',
	description:
		'Where VideoSDK sends the events of the session: the Production URL of a VideoSDK Trigger, or another URL',
};

const environment = entriesField({
	displayName: 'Environment Variables',
	name: 'env',
	noun: 'variable',
	description:
		'Environment variables for the agent in this session. n8n stores them unencrypted in the workflow.',
	isSecret: true,
});

/** The fields for the webhook of a session. */
export const webhookFields: INodeProperties[] = [webhookEventsField, webhookUrlField];

/** The fields for the deployment of a session. */
export const startFields: INodeProperties[] = [
	{
		...deploymentIdField,
		required: true,
		displayOptions: { hide: { '/options.startWithoutDeployment': [true] } },
		description: 'The agent deployment to run: choose it from the list, or enter its ID',
	},
	{
		...tagField,
		displayOptions: hiddenIfPicked,
		description: 'The tag of the version to run. If empty, VideoSDK chooses a version.',
	},
];

/**
 * Makes the additional fields of an operation that starts sessions.
 *
 * @param own fields that only this operation has
 */
export function additionalStartFields(own: INodeProperties[] = []): INodeProperties {
	return additionalFields([
		environment,
		...metadataFields(
			'Data to store with the session, such as a customer number. You can search for it when you choose a session from the list.',
		),
		...own,
	]);
}

/** The option that lets a session start without a deployment. */
export const startWithoutDeployment: INodeProperties = {
	displayName: 'Start Without Deployment',
	name: 'startWithoutDeployment',
	type: 'boolean',
	noDataExpression: true,
	default: false,
	description:
		'Whether to start a session without a deployment. VideoSDK allows this, but does not document which agent then runs.',
};

/** The most characters of a URL that all browsers and proxies accept. */
const LONGEST_URL = 2_048;

/** Without `URL.canParse`, which in Node.js 20 refuses a host with an umlaut after some thousand calls. */
function isWebAddress(text: string): boolean {
	try {
		return /^https?:$/.test(new URL(text).protocol);
	} catch {
		return false;
	}
}

function readWebhook(
	item: Item,
	{ webhookUrl, webhookEvents = webhookEventsField.default }: IDataObject,
): SessionStart['webhook'] {
	if (webhookUrl === undefined) return undefined;
	const nextStep =
		"In 'Webhook URL', enter an https:// address that VideoSDK can reach from the internet.";
	const endPoint = readText(item, webhookUrl, {
		...fieldOf(webhookUrlField, ADDITIONAL_FIELDS),
		name: 'webhook URL',
		nextStep,
		longest: LONGEST_URL,
	});
	if (!isWebAddress(endPoint)) {
		throw new InvalidInput("'Webhook URL' is not a web address", nextStep);
	}
	const events = readChoices(item, webhookEvents, webhookEventsField, ADDITIONAL_FIELDS);
	return { endPoint, events };
}

/**
 * Reads what a session is started with. Empty fields are not sent.
 *
 * @param options of the node
 * @throws InvalidInput, without the value of any environment variable
 */
export function readSessionStart(item: Item, options: IDataObject): SessionStart {
	const fields = readAdditionalFields(item);
	const version =
		options.startWithoutDeployment === true
			? { deploymentId: undefined, tag: agreedTag(item, undefined, item.parameter(tagField.name)) }
			: readDeployment(
					item,
					"To start a session without one, turn on the option 'Start Without Deployment'.",
				);
	return {
		...version,
		env: readEntries(item, fields, environment),
		metaData: readMetadata(item, fields),
		webhook: readWebhook(item, fields),
	};
}
