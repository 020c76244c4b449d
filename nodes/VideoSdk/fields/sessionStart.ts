import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { sessionEvents, webhookTypeOf } from '../api/sessionEvents';
import type { SessionStart } from '../api/sessions';
import { InvalidInput } from '../errors/invalidInput';
import type { Item } from '../execution/operation';
import { readChoices } from './choice';
import { additionalFields, readAdditionalFields } from './additionalFields';
import { agreedTag, deploymentIdField, hiddenIfPicked, readDeployment } from './deploymentId';
import { propertyOptionsOf, sessionEventLabel } from './propertyOptions';
import { entriesField, readEntries } from './keysAndValues';
import { metadataFields, readMetadata } from './metadata';
import { readText } from './text';

const webhookEventsField: INodeProperties = {
	displayName: 'Webhook Events',
	name: 'webhookEvents',
	type: 'multiOptions',
	default: [...sessionEvents.map(webhookTypeOf)],
	displayOptions: { show: { webhookUrl: [{ _cnd: { exists: true } }] } },
	options: propertyOptionsOf(sessionEvents, sessionEventLabel).map(({ name, value }) => ({
		name,
		value: webhookTypeOf(value),
	})),
	description:
		'Which events VideoSDK sends to the webhook URL. If this field is not added, it sends all.',
};

/** The fields for the webhook of a session. */
export const webhookFields: INodeProperties[] = [
	webhookEventsField,
	{
		displayName: 'Webhook URL',
		name: 'webhookUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://n8n.example.com/webhook/…',
		description:
			'Where VideoSDK sends the events of the session: the production URL of a VideoSDK Trigger, or another URL',
	},
];

/** The fields for the deployment of a session. */
export const startFields: INodeProperties[] = [
	{
		...deploymentIdField,
		required: true,
		displayOptions: { hide: { '/options.startWithoutDeployment': [true] } },
		description:
			'The agent deployment to start a session of, picked from a list or given by its ID',
	},
	{
		displayName: 'Tag',
		name: 'tag',
		type: 'string',
		default: '',
		placeholder: 'e.g. v1.0',
		displayOptions: hiddenIfPicked,
		description: 'The version of the deployment. If empty, VideoSDK chooses one.',
	},
];

/**
 * Makes the additional fields of an operation that starts sessions.
 *
 * @param own fields that only this operation has
 */
export function additionalStartFields(own: INodeProperties[] = []): INodeProperties {
	return additionalFields([
		entriesField({
			displayName: 'Environment Variables',
			name: 'env',
			noun: 'variable',
			description:
				'Environment variables of the agent in this session. n8n stores them in the workflow, not encrypted.',
			isSecret: true,
		}),
		...metadataFields(
			'Data to store with the session, such as a customer number. You can search for it later.',
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
		'Whether to start a session without naming a deployment. VideoSDK allows it, but does not document which agent then runs.',
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
		"In 'Webhook URL', enter an address that VideoSDK can reach. It should start with https://";
	const endPoint = readText(item, webhookUrl, {
		field: 'Webhook URL',
		path: 'additionalFields.webhookUrl',
		name: 'webhook URL',
		nextStep,
		longest: LONGEST_URL,
	});
	if (!isWebAddress(endPoint)) {
		throw new InvalidInput("'Webhook URL' is not a web address", nextStep);
	}
	const events = readChoices(item, webhookEvents, webhookEventsField, 'additionalFields');
	return { endPoint, events };
}

/**
 * Reads what a session is started with. Empty fields are not sent.
 *
 * @throws InvalidInput, without the value of any environment variable
 */
export function readSessionStart(item: Item): SessionStart {
	const fields = readAdditionalFields(item);
	const version =
		item.options.startWithoutDeployment === true
			? { deploymentId: undefined, tag: agreedTag(item, undefined, item.parameter('tag')) }
			: readDeployment(
					item,
					"To start a session without one, turn on the option 'Start Without Deployment'.",
				);
	return {
		...version,
		env: readEntries(item, fields, 'env', 'Environment Variables'),
		metaData: readMetadata(item, fields),
		webhook: readWebhook(item, fields),
	};
}
