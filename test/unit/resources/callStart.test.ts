import type { IDataObject } from 'n8n-workflow';
import { readCallStart } from '../../../nodes/VideoSdk/resources/call/callStart';
import { itemWith, itemWithout } from '../../support/item';

const [to, from, routingRuleId] = ['+14155550123', '+14155550100', 'rule-1'];
const byRule = { to, routeBy: 'routingRule', routingRuleId, from };
const byGateway = { to, routeBy: 'gateway', gatewayId: 'gw-1' };
const sentByRule = { sipCallTo: to, routingRuleId, sipCallFrom: from };
const sentByGateway = { sipCallTo: to, gatewayId: 'gw-1' };

const entries = [{ key: 'X-Customer', value: '4711' }];

const read = (values: IDataObject) => readCallStart(itemWith(values));

const readWith = (additionalFields: IDataObject) => read({ ...byRule, additionalFields });

test.each<[string, IDataObject, IDataObject]>([
	['a routing rule with only the required fields', byRule, sentByRule],
	['a gateway', byGateway, sentByGateway],
	['a gateway with a number', { ...byGateway, from }, { ...sentByGateway, sipCallFrom: from }],
])('a call is made by %s', (_name, values, expected) => {
	expect(read(values)).toEqual(expected);
});

test('a call is made with all fields that are filled in', () => {
	const asTheyAre = {
		...{ recordAudio: true, waitUntilAnswered: true, ringingTimeout: 45 },
		...{ maxCallDuration: 600, dtmf: '1ww2#', hidePhoneNumber: true },
	};
	const texts = { participantId: 'caller', participantName: 'Ada', metadataJson: '{ "order": 7 }' };
	const additionalFields = { ...asTheyAre, ...texts, metadata: { entries }, headers: { entries } };
	expect(read({ ...byRule, roomId: 'room-7', additionalFields })).toEqual({
		...{ ...sentByRule, ...asTheyAre, destinationRoomId: 'room-7' },
		participant: { id: 'caller', name: 'Ada' },
		metadata: { order: 7, 'X-Customer': '4711' },
		headers: { 'X-Customer': '4711' },
	});
});

test('a call does not send empty fields', () => {
	const additionalFields = {
		...{ participantId: '', participantName: ' ', metadata: {}, metadataJson: '{}' },
		...{ ringingTimeout: '', maxCallDuration: null, dtmf: '', headers: {} },
	};
	expect(read({ ...byRule, roomId: '', additionalFields })).toEqual(read(byRule));
});

test.each(['recordAudio', 'waitUntilAnswered', 'hidePhoneNumber'])(
	'%s is sent even if it is off, since a routing rule may turn it on',
	(name) => {
		expect(readWith({ [name]: false })).toMatchObject({ [name]: false });
	},
);

test.each([
	['participantId', { id: 'Ada' }],
	['participantName', { name: 'Ada' }],
])('a call participant may have only the field %s', (name, participant) => {
	expect(readWith({ [name]: 'Ada' })).toMatchObject({ participant });
});

test.each([
	[1, 1],
	['60', 60],
])('the ringing timeout of a call may be %j', (value, expected) => {
	expect(readWith({ ringingTimeout: value }).ringingTimeout).toBe(expected);
});

describe.each([
	['ringingTimeout', 'Ringing Timeout (Seconds)'],
	['maxCallDuration', 'Max Duration (Seconds)'],
])('%s', (name, label) => {
	test.each([[0], [1.5], ['soon'], ['1e3'], [Number.POSITIVE_INFINITY]])(
		`${label} may not be %p`,
		(value) => {
			const message = `'${label}' is not a whole number of at least 1: "${value}"`;
			const nextStep = expect.stringMatching(/enter a whole number.* Or remove it\.$/) as string;
			const error = expect.objectContaining({ message, nextStep });
			expect(() => readWith({ [name]: value })).toThrow(error);
		},
	);
});

test.each([
	['participantId', 'Participant ID'],
	['participantName', 'Participant Name'],
	['dtmf', 'DTMF'],
])('a call is rejected if its %s is not text', (name, label) => {
	const message = `The field '${label}' is a list, not text`;
	const nextStep = `Check '${label}', or remove it.`;
	const error = expect.objectContaining({ message, nextStep });
	expect(() => readWith({ [name]: ['1'] })).toThrow(error);
});

test.each<[IDataObject, string]>([
	[{ metadata: { entries: [{}] } }, "'Key (Metadata)' is empty"],
	[{ headers: { entries: [{}] } }, "'Key (SIP Headers)' is empty"],
])('an entry without a key is an error of its field: %j', (fields, message) => {
	expect(() => readWith(fields)).toThrow(expect.objectContaining({ message }));
});

test.each([
	['Routing Rule ID', byRule, 'routingRuleId', 'routing rule ID'],
	['Gateway ID', byGateway, 'gatewayId', 'gateway ID'],
])("'%s' is required to make a call", (field, values, path, name) => {
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

test('a call by a routing rule requires the number to call from', () => {
	expect(() => read({ ...byRule, from: '' })).toThrow(
		expect.objectContaining({ message: "'From' is empty" }),
	);
});
