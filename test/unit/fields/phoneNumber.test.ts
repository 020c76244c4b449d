import { readPhoneFilter, readPhoneNumber } from '../../../nodes/VideoSdk/fields/phoneNumber';
import { itemWith, itemWithout } from '../../support/item';

const field = { displayName: 'To', name: 'to' };

const nextStep = expect.stringContaining('looks like +14155550123') as string;

const read = (to: unknown, takesSip = false) =>
	readPhoneNumber(itemWith({ to } as never), field, { takesSip });

test.each([
	['+14155550123', '+14155550123'],
	['+1234567', '+1234567'],
	['+123456789012345', '+123456789012345'],
	[' +1 415 555 0123 ', '+14155550123'],
	['+1 (415) 555-0123', '+14155550123'],
	['+1.415.555.0123', '+14155550123'],
	['+1\u00a0415\u2011555\u20110123', '+14155550123'],
	['\uff0b1 415 555 0123', '+14155550123'],
	['tel:+14155550123', '+14155550123'],
	['0049 171 1234567', '+491711234567'],
	['+49 (0)171 / 1234567', '+491711234567'],
])('%j is read as the phone number %s', (to, number) => {
	expect(read(to)).toBe(number);
	expect(read(to, true)).toBe(number);
});

test.each([
	['sip:alice@pbx.example.com', 'sip:alice@pbx.example.com'],
	['alice@pbx.example.com', 'sip:alice@pbx.example.com'],
	['SIPS:+14155550123@host;transport=tls', 'SIPS:+14155550123@host;transport=tls'],
	['1001', '1001'],
	['10-01', '1001'],
])('%j can be called but is not a caller number', (to, called) => {
	expect(read(to, true)).toBe(called);
	expect(() => read(to)).toThrow(/is not an international phone number/);
});

test.each([
	...['+123456', '+1234567890123456', '+0151123456', '+14155550123;ext=1', '1-800-FLOWERS'],
	...['0', 'sip:alice', 'a b@host'],
])('%j is neither a phone number, a SIP address nor an extension', (to) => {
	const is = (kinds: string) =>
		expect.objectContaining({ message: `'To' is not ${kinds}: "${to}"`, nextStep });
	expect(() => read(to)).toThrow(is('an international phone number'));
	expect(() => read(to, true)).toThrow(is('a phone number, SIP address, or extension'));
});

test.each(['112', '911', '999', '9-1-1', '+911'])('the emergency number %j is not called', (to) => {
	expect(() => read(to)).toThrow(/is not an international phone number/);
	expect(() => read(to, true)).toThrow(
		expect.objectContaining({
			message: `'To' is an emergency number: "${to}"`,
			nextStep:
				'The node does not call 112, 911 or 999. If this number is an extension, enter the SIP address of the extension.',
		}),
	);
});

test.each([['14155550123'], ['0171 1234567'], ['(415) 555-0123']])(
	'%j is rejected because it has no country code',
	(to) => {
		expect(() => read(to, true)).toThrow(
			expect.objectContaining({
				message: `'To' does not start with a plus sign and a country code: "${to}"`,
				nextStep: expect.stringContaining('+49 171 1234567') as string,
			}),
		);
	},
);

test('an error message shortens a long phone number', () => {
	expect(() => read('x'.repeat(100))).toThrow(
		expect.objectContaining({ message: expect.stringContaining(`"${'x'.repeat(60)}…"`) as string }),
	);
});

test.each([
	["'To' is empty", itemWith({ to: ' ' })],
	["The expression in 'To' returned nothing", itemWithout('to')],
	["The phone number in 'To' is a list, not text", itemWith({ to: ['+14155550123'] })],
])('an unusable phone number fails: %s', (message, item) => {
	expect(() => readPhoneNumber(item, field)).toThrow(
		expect.objectContaining({ message, nextStep }),
	);
});

describe('a phone filter', () => {
	const filter = (value: unknown) => readPhoneFilter(itemWith(), value, field, 'filters');

	const spellings = [
		...['+14155550123', 14155550123, '+1 415 555 0123', '1 (415) 555-0123', '0014155550123'],
		...['sip:+14155550123@host', 'tel:+14155550123', '\u2068+14155550123\u2069'],
	];

	test.each(spellings.flatMap((wanted) => spellings.map((listed) => [wanted, listed] as const)))(
		'the phone filter %j matches %j',
		(wanted, listed) => expect(filter(wanted)(listed)).toBe(true),
	);

	test.each([
		['+14155550123', '+14155550124'],
		['+14155550123', '+4155550123'],
		['+14155550123', ''],
		['+14155550123', undefined],
		['sip:101@a.example', 'sip:101@b.example'],
		['sip:alice@pbx.example', 'sip:bob@pbx.example'],
	])('the phone filter %j does not match %j', (wanted, listed) => {
		expect(filter(wanted)(listed)).toBe(false);
	});

	test('the phone filter compares SIP addresses without scheme, parameters and case', () => {
		expect(filter('sip:Alice@PBX.example')('sips:alice@pbx.example;transport=tls')).toBe(true);
	});

	test.each([['anyone'], ['+'], ['1-800-FLOWERS']])(
		'the phone filter %j is rejected because it can match nothing',
		(value) => {
			expect(() => filter(value)).toThrow(`'To' is not a phone number: "${value}"`);
		},
	);
});
