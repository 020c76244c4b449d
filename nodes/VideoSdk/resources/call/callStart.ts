import type { INodeProperties } from 'n8n-workflow';
import type { CallStart } from '../../api/calls';
import { InvalidInput } from '../../execution/invalidInput';
import type { Item } from '../../execution/operation';
import { additionalFields, readAdditionalFields } from '../../fields/additionalFields';
import { entriesField, nonEmpty, readEntries } from '../../fields/keysAndValues';
import { metadataFields, readMetadata } from '../../fields/metadata';
import { readPhoneNumber } from '../../fields/phoneNumber';
import { readRoomId, roomIdField } from '../../fields/roomId';
import { isEmpty, readOptionalText, readText } from '../../fields/text';

const toField = {
	displayName: 'To',
	name: 'to',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. +14155550123',
} as const;

const fromField = {
	...toField,
	displayName: 'From',
	name: 'from',
	required: false,
	placeholder: 'e.g. +14155550100',
} as const;

/**
 * The fields of the operation Make. That the settings of a routing rule take precedence is documented in
 * the vendor's SDK.
 */
export const callStartFields: INodeProperties[] = [
	{
		...toField,
		description: 'The phone number to call, with a plus sign and the country code',
	},
	{
		displayName: 'Route By',
		name: 'routeBy',
		type: 'options',
		noDataExpression: true,
		default: 'routingRule',
		description: 'How VideoSDK places the call',
		options: [
			{
				name: 'Routing Rule',
				value: 'routingRule',
				description: 'A routing rule, and the number that the call comes from',
			},
			{
				name: 'Gateway',
				value: 'gateway',
				description: 'An outbound gateway, which has its own phone number',
			},
		],
	},
	{
		displayName: 'Routing Rule ID',
		name: 'routingRuleId',
		type: 'string',
		required: true,
		default: '',
		displayOptions: { show: { routeBy: ['routingRule'] } },
		description: 'The ID of the routing rule, from the VideoSDK dashboard (Telephony)',
	},
	{
		displayName: 'Gateway ID',
		name: 'gatewayId',
		type: 'string',
		required: true,
		default: '',
		displayOptions: { show: { routeBy: ['gateway'] } },
		description: 'The ID of the outbound gateway, from the VideoSDK dashboard (Telephony)',
	},
	{
		...fromField,
		required: true,
		displayOptions: { show: { routeBy: ['routingRule'] } },
		description: 'The phone number that the call comes from. It must belong to the routing rule.',
	},
	{
		...fromField,
		displayOptions: { show: { routeBy: ['gateway'] } },
		description:
			'The phone number that the call comes from. If empty, VideoSDK uses the first number of the gateway.',
	},
	{
		...roomIdField,
		description:
			'The room that the person who answers joins. If empty, VideoSDK chooses one according to the routing rule or gateway.',
	},
	additionalFields([
		{
			displayName: 'DTMF',
			name: 'dtmf',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1ww2#',
			description:
				'Keys to press once the call is answered. If the routing rule has its own setting, that one applies.',
		},
		{
			displayName: 'Hide Phone Number',
			name: 'hidePhoneNumber',
			type: 'boolean',
			default: false,
			description:
				'Whether to hide the phone number from the other participants of the room. If the routing rule has its own setting, that one applies.',
		},
		{
			displayName: 'Max Duration (Seconds)',
			name: 'maxCallDuration',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 3600,
			description: 'How long the call lasts at most before VideoSDK hangs up',
		},
		...metadataFields(
			'Data to store with the call, such as a customer number. You can search for it later.',
		),
		{
			displayName: 'Participant ID',
			name: 'participantId',
			type: 'string',
			default: '',
			placeholder: 'e.g. customer-4711',
			description: 'The ID of the called person in the room',
		},
		{
			displayName: 'Participant Name',
			name: 'participantName',
			type: 'string',
			default: '',
			placeholder: 'e.g. Nathan',
			description: 'The name of the called person in the room',
		},
		{
			displayName: 'Record Audio',
			name: 'recordAudio',
			type: 'boolean',
			default: false,
			description:
				'Whether to record the call. If the routing rule has its own setting, that one applies.',
		},
		{
			displayName: 'Ringing Timeout (Seconds)',
			name: 'ringingTimeout',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 60,
			description: 'How long the phone rings before VideoSDK gives up',
		},
		entriesField({
			displayName: 'SIP Headers',
			name: 'headers',
			noun: 'header',
			description:
				'Headers for the SIP provider. If the routing rule has its own, those apply. n8n stores them in the workflow, not encrypted.',
			isSecret: true,
		}),
		{
			displayName: 'Wait Until Answered',
			name: 'waitUntilAnswered',
			type: 'boolean',
			default: false,
			description:
				"Whether VideoSDK responds only when the call is answered. Set the option 'Timeout (Milliseconds)' to longer than the phone may ring.",
		},
	]),
];

function readSeconds(value: unknown, name: string): number | undefined {
	if (isEmpty(value)) return undefined;
	const seconds = Number(value);
	if (!Number.isInteger(seconds) || seconds < 1) {
		throw new InvalidInput(
			`'${name}' is not a whole number of at least 1`,
			'Enter a number of seconds, such as 60, or remove the field.',
		);
	}
	return seconds;
}

const flag = (value: unknown) => (value === undefined ? undefined : value === true);

/** The fields for how VideoSDK places the call. */
const routes = {
	gateway: { field: 'Gateway ID', path: 'gatewayId', name: 'gateway ID' },
	routingRule: { field: 'Routing Rule ID', path: 'routingRuleId', name: 'routing rule ID' },
};

function readRoute(item: Item): Pick<CallStart, 'routingRuleId' | 'gatewayId' | 'sipCallFrom'> {
	const isByGateway = item.parameter('routeBy') === 'gateway';
	const route = isByGateway ? routes.gateway : routes.routingRule;
	const id = readText(item, item.parameter(route.path), {
		...route,
		nextStep: `In '${route.field}', enter the ID that the VideoSDK dashboard shows under Telephony.`,
	});
	const hasOwnNumber = isByGateway && isEmpty(item.parameter(fromField.name));
	return {
		[route.path]: id,
		sipCallFrom: hasOwnNumber ? undefined : readPhoneNumber(item, fromField),
	};
}

/**
 * Reads what a call is made with. Empty fields are not sent.
 *
 * @throws InvalidInput, without the value of any SIP header
 */
export function readCallStart(item: Item): CallStart {
	const fields = readAdditionalFields(item);
	const text = (value: unknown, field: string) =>
		readOptionalText(value, {
			name: `field '${field}'`,
			nextStep: `Check '${field}', or remove it.`,
		});
	return {
		sipCallTo: readPhoneNumber(item, toField),
		...readRoute(item),
		destinationRoomId: isEmpty(item.parameter('roomId')) ? undefined : readRoomId(item),
		participant: nonEmpty({
			id: text(fields.participantId, 'Participant ID'),
			name: text(fields.participantName, 'Participant Name'),
		}),
		metadata: readMetadata(item, fields),
		recordAudio: flag(fields.recordAudio),
		waitUntilAnswered: flag(fields.waitUntilAnswered),
		ringingTimeout: readSeconds(fields.ringingTimeout, 'Ringing Timeout (Seconds)'),
		maxCallDuration: readSeconds(fields.maxCallDuration, 'Max Duration (Seconds)'),
		dtmf: text(fields.dtmf, 'DTMF'),
		hidePhoneNumber: flag(fields.hidePhoneNumber),
		headers: readEntries(item, fields, 'headers', 'SIP Headers'),
	};
}
