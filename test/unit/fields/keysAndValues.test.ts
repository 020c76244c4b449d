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

test('gives each key its value, as text', () => {
	const entries = [
		{ key: ' A ', value: ' b ' },
		{ key: 1, value: 2 },
		{ key: 'off', value: false },
		{ key: 'none', value: null },
		{ key: 'missing' },
	];
	expect(read(entries)).toEqual({ A: ' b ', 1: '2', off: 'false', none: '', missing: '' });
});

test.each([[{}], [{ env: undefined }], [{ env: {} }], [{ env: { entries: [] } }]])(
	'gives nothing where no entry was added: %j',
	(fields) => {
		expect(readEntries(itemWith(), fields, environment)).toBeUndefined();
	},
);

test.each([[{ secret: 'hunter2' }], [['hunter2']]])(
	'a value that is not text is refused, and is not shown: %j',
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

	test('that is empty is refused', () => {
		const message = "'Key (Environment Variables)' is empty";
		expect(second('')).toThrow(expect.objectContaining({ message, nextStep }));
	});

	test('that an expression does not find is told from an empty one, in its own entry', () => {
		const message = "The expression in 'Key (Environment Variables)' returned nothing";
		const item = itemWithout('additionalFields.env.entries[1].key');
		expect(second(undefined, item)).toThrow(expect.objectContaining({ message }));
	});

	test('that is not text is refused', () => {
		const message = 'The key of Environment Variables is a list, not text';
		expect(second(['B'])).toThrow(expect.objectContaining({ message, nextStep }));
	});
});
