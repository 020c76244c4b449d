import type { IDataObject } from 'n8n-workflow';
import { entriesField, readEntries } from '../../../nodes/VideoSdk/fields/keysAndValues';
import { itemWith, itemWithout } from '../../support/item';

const environment = entriesField({
	displayName: 'Environment Variables',
	name: 'env',
	noun: 'variable',
	isSecret: true,
});

const read = (entries: unknown, item = itemWith()) =>
	readEntries(item, { env: { entries } as object }, environment);

test('entries are read as keys with text values', () => {
	const entries = [
		{ key: ' A ', value: ' b ' },
		{ key: 1, value: 2 },
		{ key: 'off', value: false },
		{ key: 'none', value: null },
		{ key: 'missing' },
	];
	expect(read(entries)).toEqual({ A: ' b ', 1: '2', off: 'false', none: '', missing: '' });
});

test.each<[string, IDataObject]>([
	['no field', {}],
	['undefined', { env: undefined }],
	['an empty field', { env: {} }],
	['an empty list', { env: { entries: [] } }],
])('fields without entries are read as undefined: %s', (_name, fields) => {
	expect(readEntries(itemWith(), fields, environment)).toBeUndefined();
});

test.each([[{ secret: 'hunter2' }], [['hunter2']]])(
	'an entry value that is not text is rejected and hidden: %j',
	(value) => {
		expect(() => read([{ key: 'API_TOKEN', value }])).toThrow(
			expect.objectContaining({
				message: `The value of "API_TOKEN" in 'Environment Variables' is not text`,
				nextStep: 'Check the expression: it must return text or a number.',
			}),
		);
	},
);

describe('a key', () => {
	const nextStep =
		"Enter a key for each entry in 'Environment Variables', or remove the entries that have none.";
	const second = (key: unknown, item?: ReturnType<typeof itemWith>) => () =>
		read([{ key: 'A' }, { key }], item);

	test('an empty key is rejected', () => {
		const message = "'Key (Environment Variables)' is empty";
		expect(second('')).toThrow(expect.objectContaining({ message, nextStep }));
	});

	test('an empty key is distinguished from an expression without a result', () => {
		const message = "The expression in 'Key (Environment Variables)' returned nothing";
		const item = itemWithout('additionalFields.env.entries[1].key');
		expect(second(undefined, item)).toThrow(expect.objectContaining({ message }));
	});

	test('a key that is not text is rejected', () => {
		const message = 'The key of Environment Variables is a list, not text';
		expect(second(['B'])).toThrow(expect.objectContaining({ message, nextStep }));
	});
});
