import { readPhoneNumber } from '../../../nodes/VideoSdk/fields/phoneNumber';
import { itemWith, itemWithout } from '../../support/item';

const field = { displayName: 'To', name: 'to' };

const nextStep = expect.stringContaining('looks like +14155550123') as string;

test.each([['+14155550123'], ['+1234567'], ['+123456789012345'], [' +14155550123 ']])(
	'%j is a phone number',
	(to) => {
		expect(readPhoneNumber(itemWith({ to }), field)).toBe(to.trim());
	},
);

test.each([
	['+123456'],
	['+1234567890123456'],
	['+0151123456'],
	['14155550123'],
	['0014155550123'],
	['+1 415 555 0123'],
	['+1-415-555-0123'],
	['tel:+14155550123'],
	['+14155550123;ext=1'],
])('%j is none', (to) => {
	const message = `'To' is not an international phone number: "${to}"`;
	expect(() => readPhoneNumber(itemWith({ to }), field)).toThrow(
		expect.objectContaining({ message, nextStep }),
	);
});

test('what is shown of it has an end', () => {
	expect(() => readPhoneNumber(itemWith({ to: 'x'.repeat(100) }), field)).toThrow(
		expect.objectContaining({ message: expect.stringContaining(`"${'x'.repeat(40)}…"`) as string }),
	);
});

test.each([
	[itemWith({ to: ' ' }), "'To' is empty"],
	[itemWithout('to'), "The expression in 'To' found nothing"],
	[itemWith({ to: ['+14155550123'] }), "The phone number in 'To' is a list, not text"],
])('what is no text at all is refused too', (item, message) => {
	expect(() => readPhoneNumber(item, field)).toThrow(
		expect.objectContaining({ message, nextStep }),
	);
});
