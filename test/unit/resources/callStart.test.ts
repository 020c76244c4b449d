import type { IDataObject } from 'n8n-workflow';
import { readCallStart } from '../../../nodes/VideoSdk/resources/call/callStart';
import { itemWith, itemWithout } from '../../support/item';

const byRule = {
	to: '+14155550123',
	routeBy: 'routingRule',
	routingRuleId: 'rule-1',
	from: '+14155550100',
};
const byGateway = { to: '+14155550123', routeBy: 'gateway', gatewayId: 'gw-1' };

const entries = [{ key: 'X-Customer', value: '4711' }];

const read = (values: IDataObject) => readCallStart(itemWith(values));

const readWith = (additionalFields: IDataObject) => read({ ...byRule, additionalFields });

test.each<[string, IDataObject, IDataObject]>([
	[
		'a routing rule, with only what is required',
		byRule,
		{ sipCallTo: '+14155550123', routingRuleId: 'rule-1', sipCallFrom: '+14155550100' },
	],
	['a gateway', byGateway, { sipCallTo: '+14155550123', gatewayId: 'gw-1' }],
	[
		'a gateway, with a number',
		{ ...byGateway, from: '+14155550101' },
		{ sipCallTo: '+14155550123', gatewayId: 'gw-1', sipCallFrom: '+14155550101' },
	],
])('a call is made by %s', (_name, values, expected) => {
	expect(read(values)).toEqual(expected);
});

test('a call is made with all that is filled in', () => {
	const additionalFields = {
		participantId: 'caller',
		participantName: 'Ada',
		metadata: { entries },
		metadataJson: '{ "order": 7 }',
		recordAudio: true,
		waitUntilAnswered: true,
		ringingTimeout: 45,
		maxCallDuration: 600,
		dtmf: '1ww2#',
		hidePhoneNumber: true,
		headers: { entries },
	};
	expect(read({ ...byRule, roomId: 'room-7', additionalFields })).toEqual({
		sipCallTo: '+14155550123',
		routingRuleId: 'rule-1',
		sipCallFrom: '+14155550100',
		destinationRoomId: 'room-7',
		participant: { id: 'caller', name: 'Ada' },
		metadata: { order: 7, 'X-Customer': '4711' },
		recordAudio: true,
		waitUntilAnswered: true,
		ringingTimeout: 45,
		maxCallDuration: 600,
		dtmf: '1ww2#',
		hidePhoneNumber: true,
		headers: { 'X-Customer': '4711' },
	});
});

test('what is left empty is not sent', () => {
	const additionalFields = {
		participantId: '',
		participantName: ' ',
		metadata: {},
		metadataJson: '{}',
		ringingTimeout: '',
		maxCallDuration: null,
		dtmf: '',
		headers: {},
	};
	expect(read({ ...byRule, roomId: '', additionalFields })).toEqual(read(byRule));
});

test.each(['recordAudio', 'waitUntilAnswered', 'hidePhoneNumber'])(
	'%s that is turned off is sent, since a routing rule may turn it on',
	(name) => {
		expect(readWith({ [name]: false })).toMatchObject({ [name]: false });
	},
);

test.each([
	['participantId', { id: 'Ada' }],
	['participantName', { name: 'Ada' }],
])('a participant may have %s alone', (name, participant) => {
	expect(readWith({ [name]: 'Ada' })).toMatchObject({ participant });
});

test.each([
	[1, 1],
	['60', 60],
])('a number of seconds may be %j', (value, expected) => {
	expect(readWith({ ringingTimeout: value }).ringingTimeout).toBe(expected);
});

describe.each([
	['ringingTimeout', 'Ringing Timeout (Seconds)'],
	['maxCallDuration', 'Max Duration (Seconds)'],
])('%s', (name, label) => {
	test.each([[0], [-1], [1.5], ['soon'], ['1e3'], [Number.NaN], [Number.POSITIVE_INFINITY]])(
		'may not be %j',
		(value) => {
			expect(() => readWith({ [name]: value })).toThrow(
				expect.objectContaining({
					message: `'${label}' is not a whole number of at least 1: "${value}"`,
					nextStep: expect.stringMatching(/enter a whole number.* Or remove it\.$/) as string,
				}),
			);
		},
	);
});

test.each([
	['participantId', 'Participant ID'],
	['participantName', 'Participant Name'],
	['dtmf', 'DTMF'],
])('%s that is not text is refused', (name, label) => {
	expect(() => readWith({ [name]: ['1'] })).toThrow(
		expect.objectContaining({
			message: `The field '${label}' is a list, not text`,
			nextStep: `Check '${label}', or remove it.`,
		}),
	);
});

test.each<[IDataObject, string]>([
	[{ metadata: { entries: [{}] } }, "'Key (Metadata)' is empty"],
	[{ headers: { entries: [{}] } }, "'Key (SIP Headers)' is empty"],
])('an entry without a key is refused, by the name of its field: %j', (fields, message) => {
	expect(() => readWith(fields)).toThrow(expect.objectContaining({ message }));
});

test.each([
	[byRule, 'routingRuleId', 'Routing Rule ID', 'routing rule ID'],
	[byGateway, 'gatewayId', 'Gateway ID', 'gateway ID'],
])('the way of a call is required: %j', (values, path, field, name) => {
	const nextStep = `In '${field}', enter the ID that the VideoSDK dashboard shows under Telephony.`;
	expect(() => read({ ...values, [path]: '' })).toThrow(
		expect.objectContaining({ message: `'${field}' is empty`, nextStep }),
	);
	expect(() => read({ ...values, [path]: ['1'] })).toThrow(
		expect.objectContaining({ message: `The ${name} is a list, not text`, nextStep }),
	);
	const { rawParameter } = itemWithout(path);
	expect(() => readCallStart(itemWith({ ...values, [path]: '' }, { rawParameter }))).toThrow(
		expect.objectContaining({ message: `The expression in '${field}' returned nothing` }),
	);
});

test('a call by a routing rule needs a number of ours', () => {
	expect(() => read({ ...byRule, from: '' })).toThrow(
		expect.objectContaining({ message: "'From' is empty" }),
	);
});
