import type { IDataObject } from 'n8n-workflow';
import { readMetadata, readObject } from '../../../nodes/VideoSdk/fields/metadata';
import { itemWith } from '../../support/item';

const roomOptions = { field: 'Room Options (JSON)', path: 'additionalFields.roomOptions' };

test.each<[string, unknown, IDataObject | undefined]>([
	['from text', ' { "a": { "b": [1, null] } } ', { a: { b: [1, null] } }],
	['from the result of an expression', { a: 1 }, { a: 1 }],
	['with a null value', '{ "a": null }', { a: null }],
	['as undefined if it is missing', undefined, undefined],
	['as undefined if it is blank', ' ', undefined],
	['as undefined if it has no fields', '{}', undefined],
])('a JSON object is read %s', (_name, value, expected) => {
	expect(readObject(itemWith(), value, roomOptions)).toEqual(expected);
});

test.each([['{ "a": '], ['null'], ['7'], ['"a"'], ['[1]'], [[1]], [7], [true]])(
	'a value that is not a JSON object is rejected: %j',
	(value) => {
		expect(() => readObject(itemWith(), value, roomOptions)).toThrow(
			expect.objectContaining({
				message: "'Room Options (JSON)' is not a JSON object",
				nextStep: 'Enter a JSON object, such as { "customer": "4711" }.',
			}),
		);
	},
);

const entriesOf = (fields: Record<string, string>) => ({
	entries: Object.entries(fields).map(([key, value]) => ({ key, value })),
});

test.each<[string, IDataObject, IDataObject | undefined]>([
	['neither field', {}, undefined],
	['entries', { metadata: entriesOf({ a: '1' }) }, { a: '1' }],
	['JSON', { metadataJson: '{ "a": 1 }' }, { a: 1 }],
	[
		'both fields, with precedence for entries',
		{ metadata: entriesOf({ a: 'entry', b: '2' }), metadataJson: '{ "a": 1, "c": 3 }' },
		{ a: 'entry', b: '2', c: 3 },
	],
])('metadata is read from %s', (_name, fields, expected) => {
	expect(readMetadata(itemWith(), fields)).toEqual(expected);
});

test.each<[IDataObject, string]>([
	[{ metadataJson: '[1]' }, "'Metadata (JSON)' is not a JSON object"],
	[{ metadata: { entries: [{ value: '1' }] } }, "'Key (Metadata)' is empty"],
])('an error in metadata names its field: %j', (fields, message) => {
	expect(() => readMetadata(itemWith(), fields)).toThrow(expect.objectContaining({ message }));
});
