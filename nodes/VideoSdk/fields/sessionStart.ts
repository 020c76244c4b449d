import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { sessionEvents, webhookTypeOf } from '../api/events';
import { quotable } from '../api/failure';
import type { SessionStart } from '../api/sessions';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';
import { readDeploymentId } from './deploymentId';
import { entriesOf } from './entries';
import { readText } from './text';

function keyAndValue(value: Partial<INodeProperties>): INodeProperties[] {
	return [
		{ displayName: 'Key', name: 'key', type: 'string', default: '', description: 'Its name' },
		{
			displayName: 'Value',
			name: 'value',
			type: 'string',
			default: '',
			description: 'Its value',
			...value,
		},
	];
}

/** The fields of a session's start that most sessions do without. */
export const additionalFields: INodeProperties = {
	displayName: 'Additional Fields',
	name: 'additionalFields',
	type: 'collection',
	placeholder: 'Add field',
	default: {},
	options: [
		{
			displayName: 'Environment Variables',
			name: 'env',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add variable',
			default: {},
			description: 'What the agent finds in its environment',
			options: [
				{
					displayName: 'Variable',
					name: 'entries',
					values: keyAndValue({ typeOptions: { password: true } }),
				},
			],
		},
		{
			displayName: 'Metadata',
			name: 'metadata',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add entry',
			default: {},
			description: 'What you want to find with the session later, such as a customer number',
			options: [{ displayName: 'Entry', name: 'entries', values: keyAndValue({}) }],
		},
		{
			displayName: 'Metadata (JSON)',
			name: 'metadataJson',
			type: 'json',
			default: '{}',
			description: 'Metadata as a JSON object. Entries of Metadata come on top of it.',
		},
		{
			displayName: 'Webhook Events',
			name: 'webhookEvents',
			type: 'multiOptions',
			default: [...sessionEvents.map(webhookTypeOf)],
			displayOptions: { show: { webhookUrl: [{ _cnd: { exists: true } }] } },
			options: entriesOf(sessionEvents).map(({ name, value }) => ({
				name: `Session ${name}`,
				value: webhookTypeOf(value),
			})),
			description: 'Which events VideoSDK sends to the webhook URL. If not set, it sends all.',
		},
		{
			displayName: 'Webhook URL',
			name: 'webhookUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://n8n.example.com/webhook/…',
			description:
				'Where VideoSDK sends the events of the session. Copy the production URL of a VideoSDK Trigger, or enter another address of yours.',
		},
	],
};

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

/** Characters: what browsers and proxies take. */
const LONGEST_URL = 2_048;

function optional(value: unknown): unknown {
	return value === undefined || value === null || String(value).trim() === '' ? undefined : value;
}

interface Entry {
	key?: unknown;
	value?: unknown;
}

function readEntries(
	item: Item,
	fields: IDataObject,
	path: string,
	name: string,
): Array<[string, string]> {
	const { entries = [] } = (fields[path] ?? {}) as { entries?: Entry[] };
	return entries.map(({ key, value }, at) => {
		const field = readText(item, key, {
			field: `Key (${name})`,
			path: `additionalFields.${path}.entries[${at}].key`,
			name: `key of ${name}`,
			nextStep: `Enter a key for each entry of '${name}', or remove the entry.`,
		});
		// The value itself may be a secret, so no error shows it.
		if (typeof value === 'object' && value !== null) {
			throw new InvalidInput(
				`The value of "${quotable(field)}" in '${name}' is not text`,
				'Check its expression: it should return text or a number.',
			);
		}
		return [field, String(value ?? '')];
	});
}

function parseObject(value: unknown): unknown {
	if (typeof value !== 'string') return value;
	try {
		return JSON.parse(value);
	} catch {
		return undefined;
	}
}

function readMetadata(item: Item, fields: IDataObject): IDataObject {
	const json = parseObject(optional(fields.metadataJson) ?? '{}');
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		throw new InvalidInput(
			"'Metadata (JSON)' is not a JSON object",
			'It should look like { "customer": "4711" }.',
		);
	}
	return { ...json, ...Object.fromEntries(readEntries(item, fields, 'metadata', 'Metadata')) };
}

function readWebhook(
	item: Item,
	{ webhookUrl, webhookEvents }: IDataObject,
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
	if (!/^https?:$/.test(URL.canParse(endPoint) ? new URL(endPoint).protocol : '')) {
		throw new InvalidInput('The webhook URL is not a web address', nextStep);
	}
	const wanted = webhookEvents ?? sessionEvents.map(webhookTypeOf);
	const events = Array.isArray(wanted) ? wanted.map(String) : [];
	if (events.length === 0) {
		throw new InvalidInput(
			"'Webhook Events' is empty",
			"Choose at least one event in 'Webhook Events', or remove it to get all.",
		);
	}
	return { endPoint, events };
}

/**
 * Reads what a session is started with; what is left empty is not sent.
 *
 * @throws InvalidInput, which shows no value of an environment variable
 */
export function readSessionStart(item: Item): SessionStart {
	const fields = (item.parameter('additionalFields') || {}) as IDataObject;
	const tag = optional(item.parameter('tag'));
	const env = Object.fromEntries(readEntries(item, fields, 'env', 'Environment Variables'));
	const metaData = readMetadata(item, fields);
	const webhook = readWebhook(item, fields);
	return {
		...(item.options.startWithoutDeployment !== true && {
			deploymentId: readDeploymentId(
				item,
				"To start a session without one, turn on the option 'Start Without Deployment'.",
			),
		}),
		...(tag !== undefined && {
			tag: readText(item, tag, {
				field: 'Tag',
				path: 'tag',
				name: 'tag',
				nextStep: "Check 'Tag'.",
			}),
		}),
		...(Object.keys(env).length > 0 && { env }),
		...(Object.keys(metaData).length > 0 && { metaData }),
		...(webhook && { webhook }),
	};
}
