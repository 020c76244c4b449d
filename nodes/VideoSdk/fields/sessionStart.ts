import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { sessionEvents, webhookTypeOf } from '../api/events';
import { quotable } from '../api/failure';
import type { SessionStart } from '../api/sessions';
import { InvalidInput } from '../execution/invalidInput';
import type { Item } from '../execution/operation';
import { DEPLOYMENT_ID_STEP } from './deploymentId';
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
			displayName: 'Webhook',
			name: 'webhook',
			type: 'fixedCollection',
			default: {},
			placeholder: 'Add webhook',
			description: 'Where VideoSDK sends the events of the session',
			options: [
				{
					displayName: 'Webhook',
					name: 'target',
					values: [
						{
							displayName: 'URL',
							name: 'url',
							type: 'string',
							default: '',
							placeholder: 'e.g. https://n8n.example.com/webhook/…',
							description: 'The production URL of a VideoSDK Trigger, or another address of yours',
						},
						{
							displayName: 'Events',
							name: 'events',
							type: 'multiOptions',
							default: [...sessionEvents.map(webhookTypeOf)],
							options: entriesOf(sessionEvents).map(({ name, value }) => ({
								name,
								value: webhookTypeOf(value),
							})),
							description: 'Which events are sent',
						},
					],
				},
			],
		},
	],
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

function readEntries(item: Item, group: unknown, name: string): Array<[string, string]> {
	const { entries = [] } = (group ?? {}) as { entries?: Entry[] };
	return entries.map(({ key, value }) => {
		const field = readText(
			item,
			key,
			`key of ${name}`,
			`Give each entry of ${name} a key, or remove it.`,
		);
		// The value itself may be a secret, so no error shows it.
		if (typeof value === 'object' && value !== null) {
			throw new InvalidInput(
				`The value of "${quotable(field)}" in ${name} of item ${item.index} is not text`,
				'Check its expression: it should give text or a number.',
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

function readMetadata(item: Item, { metadata, metadataJson }: IDataObject): IDataObject {
	const json = parseObject(optional(metadataJson) ?? '{}');
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		throw new InvalidInput(
			`Metadata (JSON) of item ${item.index} is not a JSON object`,
			'It should look like { "customer": "4711" }.',
		);
	}
	return { ...json, ...Object.fromEntries(readEntries(item, metadata, 'Metadata')) };
}

function readWebhook(item: Item, group: unknown): SessionStart['webhook'] {
	const { target } = (group ?? {}) as { target?: { url?: unknown; events?: unknown } };
	if (!target) return undefined;
	const step = 'It should be an address that VideoSDK can reach, beginning with https://';
	const endPoint = readText(item, target.url, 'webhook URL', step, LONGEST_URL);
	if (!/^https?:$/.test(URL.canParse(endPoint) ? new URL(endPoint).protocol : '')) {
		throw new InvalidInput(`The webhook URL of item ${item.index} is not a web address`, step);
	}
	const wanted = Array.isArray(target.events) ? target.events.map(String) : [];
	if (wanted.length === 0) {
		throw new InvalidInput(
			`The webhook of item ${item.index} has no events`,
			'Choose at least one event, or remove the webhook.',
		);
	}
	return { endPoint, events: wanted };
}

/**
 * Reads what a session is started with; what is left empty is not sent.
 *
 * @throws InvalidInput, which shows no value of an environment variable
 */
export function readSessionStart(item: Item): SessionStart {
	const fields = (item.parameter('additionalFields') || {}) as IDataObject;
	const deploymentId = optional(item.parameter('deploymentId'));
	const tag = optional(item.parameter('tag'));
	const env = Object.fromEntries(readEntries(item, fields.env, 'Environment Variables'));
	const metaData = readMetadata(item, fields);
	const webhook = readWebhook(item, fields.webhook);
	return {
		...(deploymentId !== undefined && {
			deploymentId: readText(item, deploymentId, 'deployment ID', DEPLOYMENT_ID_STEP),
		}),
		...(tag !== undefined && { tag: readText(item, tag, 'tag', 'Check the field Tag.') }),
		...(Object.keys(env).length > 0 && { env }),
		...(Object.keys(metaData).length > 0 && { metaData }),
		...(webhook && { webhook }),
	};
}
