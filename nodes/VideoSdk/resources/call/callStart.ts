import type { INodeProperties } from 'n8n-workflow';
import type { CallStart } from '../../api/calls';
import type { Item } from '../../execution/work';
import {
	ADDITIONAL_FIELDS,
	additionalFields,
	readAdditionalFields,
} from '../../fields/additionalFields';
import { readChoice } from '../../fields/choice';
import { entriesField, nonEmpty, readEntries } from '../../fields/keysAndValues';
import { metadataFields, readMetadata } from '../../fields/metadata';
import { readOptionalNumber } from '../../fields/number';
import { readPhoneNumber } from '../../fields/phoneNumber';
import { readRoomId, roomIdField } from '../../fields/roomId';
import { readAddedSwitch } from '../../fields/switch';
import { fieldOf, isEmpty, readOptionalText, readText } from '../../fields/text';

/** The field with the additional fields. */
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

const routeBy: INodeProperties = {
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
			description: 'A routing rule of your project. You enter the number that the call comes from.',
		},
		{
			name: 'Gateway',
			value: 'gateway',
			description: 'An outbound gateway, which has its own phone numbers',
		},
	],
};

const routingRuleId: INodeProperties = {
	displayName: 'Routing Rule ID',
	name: 'routingRuleId',
	type: 'string',
	required: true,
	default: '',
	displayOptions: { show: { routeBy: ['routingRule'] } },
	description: 'The ID of the routing rule, from the VideoSDK dashboard (Telephony)',
};

const gatewayId: INodeProperties = {
	displayName: 'Gateway ID',
	name: 'gatewayId',
	type: 'string',
	required: true,
	default: '',
	displayOptions: { show: { routeBy: ['gateway'] } },
	description: 'The ID of the outbound gateway, from the VideoSDK dashboard (Telephony)',
};

const dtmf: INodeProperties = {
	displayName: 'DTMF',
	name: 'dtmf',
	type: 'string',
	default: '',
	placeholder: 'e.g. 12#',
	description:
		'Keys to press after the call is answered. If you use a routing rule, its own setting applies instead.',
};

const hidePhoneNumber: INodeProperties = {
	displayName: 'Hide Phone Number',
	name: 'hidePhoneNumber',
	type: 'boolean',
	default: false,
	description:
		'Whether to hide the called phone number from the other participants of the room. If you use a routing rule, its own setting applies instead.',
};

const maxCallDuration: INodeProperties = {
	displayName: 'Max Duration (Seconds)',
	name: 'maxCallDuration',
	type: 'number',
	typeOptions: { minValue: 1, numberPrecision: 0 },
	default: 3600,
	description: 'Maximum length of the call. After this time, VideoSDK hangs up.',
};

const participantId: INodeProperties = {
	displayName: 'Participant ID',
	name: 'participantId',
	type: 'string',
	default: '',
	placeholder: 'e.g. customer-4711',
	description: 'The ID that the person you call has in the room',
};

const participantName: INodeProperties = {
	displayName: 'Participant Name',
	name: 'participantName',
	type: 'string',
	default: '',
	placeholder: 'e.g. Nathan',
	description: 'The name that the person you call has in the room',
};

const recordAudio: INodeProperties = {
	displayName: 'Record Audio',
	name: 'recordAudio',
	type: 'boolean',
	default: false,
	description:
		'Whether to record the call. If you use a routing rule, its own setting applies instead.',
};

const ringingTimeout: INodeProperties = {
	displayName: 'Ringing Timeout (Seconds)',
	name: 'ringingTimeout',
	type: 'number',
	typeOptions: { minValue: 1, numberPrecision: 0 },
	default: 60,
	description: 'Maximum time that the phone rings',
};

const sipHeaders = entriesField({
	displayName: 'SIP Headers',
	name: 'headers',
	noun: 'header',
	description:
		'Headers for the SIP provider. If you use a routing rule, its own headers apply instead. n8n stores the headers unencrypted in the workflow.',
	isSecret: true,
});

const waitUntilAnswered: INodeProperties = {
	displayName: 'Wait Until Answered',
	name: 'waitUntilAnswered',
	type: 'boolean',
	default: false,
	description:
		"Whether to wait until the call is answered. If on, set the option 'Timeout (Milliseconds)' to more than 'Ringing Timeout (Seconds)': for 60 seconds, at least 65000.",
};

/**
 * The fields of the operation Make. That the settings of a routing rule take precedence is documented in
 * the vendor's SDK.
 */
export const callStartFields: INodeProperties[] = [
	{
		...toField,
		description:
			'The phone number to call, with a plus sign and the country code. You can also enter a SIP address, such as sip:alice@pbx.example.com, or an extension.',
	},
	routeBy,
	routingRuleId,
	gatewayId,
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
			'The room that the person you call joins. If empty, VideoSDK chooses one according to the routing rule or gateway.',
	},
	additionalFields([
		dtmf,
		hidePhoneNumber,
		maxCallDuration,
		...metadataFields(
			'Data to store with the call, such as a customer number. You can search for it when you choose a call from the list.',
		),
		participantId,
		participantName,
		recordAudio,
		ringingTimeout,
		sipHeaders,
		waitUntilAnswered,
	]),
];

function readRoute(item: Item): Pick<CallStart, 'routingRuleId' | 'gatewayId' | 'sipCallFrom'> {
	const isByGateway = readChoice(item, item.parameter(routeBy.name), routeBy) === 'gateway';
	const route = isByGateway ? gatewayId : routingRuleId;
	const id = readText(item, item.parameter(route.name), {
		...fieldOf(route),
		name: isByGateway ? 'gateway ID' : 'routing rule ID',
		nextStep: `In '${route.displayName}', enter the ID that the VideoSDK dashboard shows under Telephony.`,
	});
	const hasOwnNumber = isByGateway && isEmpty(item.parameter(fromField.name));
	return {
		[route.name]: id,
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
	const text = (field: INodeProperties, isProse = false) =>
		readOptionalText(item, fields[field.name], {
			...fieldOf(field, ADDITIONAL_FIELDS),
			name: `field '${field.displayName}'`,
			nextStep: `Check '${field.displayName}', or remove it.`,
			isProse,
		});
	const isOn = (field: INodeProperties) => readAddedSwitch(item, fields, field, ADDITIONAL_FIELDS);
	const seconds = (field: INodeProperties) =>
		readOptionalNumber(item, fields[field.name], field, ADDITIONAL_FIELDS);
	return {
		sipCallTo: readPhoneNumber(item, toField, { takesSip: true }),
		...readRoute(item),
		destinationRoomId: isEmpty(item.parameter('roomId')) ? undefined : readRoomId(item),
		participant: nonEmpty({
			id: text(participantId),
			name: text(participantName, true),
		}),
		metadata: readMetadata(item, fields),
		recordAudio: isOn(recordAudio),
		waitUntilAnswered: isOn(waitUntilAnswered),
		ringingTimeout: seconds(ringingTimeout),
		maxCallDuration: seconds(maxCallDuration),
		dtmf: text(dtmf),
		hidePhoneNumber: isOn(hidePhoneNumber),
		headers: readEntries(item, fields, sipHeaders),
	};
}
