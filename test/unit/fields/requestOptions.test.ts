import type { IDataObject } from 'n8n-workflow';
import {
	readOptions,
	requestOptionsIn,
	waitTimeoutIn,
} from '../../../nodes/VideoSdk/fields/requestOptions';
import { agentSession } from '../../../nodes/VideoSdk/resources/agentSession/agentSession';
import { end } from '../../../nodes/VideoSdk/resources/shared/end';
import { itemWith } from '../../support/item';

test.each<[string, unknown[], number[]]>([
	['not set', [], [30_000, 3, 500, 600_000]],
	['within bounds', [200, 0, 500, 2], [200, 0, 500, 120_000]],
	['too small', [0, -1, 0, 0], [1, 0, 1, 60_000]],
	['too large', [1e12, 11, 1_001, 1_441], [3_600_000, 10, 1_000, 86_400_000]],
])('request options that are %s get valid values', (_name, given, expected) => {
	const names = ['timeout', 'maxRetries', 'maxConcurrency', 'giveUpAfter'];
	const withNames = (values: unknown[]) =>
		Object.fromEntries(values.map((value, at) => [names[at], value])) as IDataObject;
	expect(requestOptionsIn(withNames(given))).toEqual(withNames(expected));
});

test.each([
	[undefined, 60],
	[5, 5],
	[0, 1],
	[1e9, 86_400],
])('a wait timeout of %s is read as %i s', (waitTimeout, expected) => {
	expect(waitTimeoutIn({ waitTimeout })).toBe(expected);
});

describe('the options of a generated workflow', () => {
	const { fields } = end(agentSession, { name: 'End', value: 'end' });
	const read = (values: IDataObject) => readOptions(itemWith(), fields, values);

	test('options written as text are converted to their types', () => {
		const ofOthers = { maxConcurrency: '', of: 'another operation' };
		const written = { timeout: ' 200 ', maxRetries: '0', waitUntilEnded: 'TRUE', ...ofOthers };
		const asTyped = { timeout: 200, maxRetries: 0, waitUntilEnded: true, ifAlreadyEnded: 'fail' };
		expect(read({ ...written, ifAlreadyEnded: 'Fail' })).toEqual(asTyped);
	});

	test.each<[IDataObject, string]>([
		[{ timeout: 'long' }, `'Timeout (Milliseconds)' is not a number: "long"`],
		[{ timeout: Number.NaN }, `'Timeout (Milliseconds)' is not a number: "NaN"`],
		[{ waitUntilEnded: 'yes' }, `'Wait Until Ended' is neither on nor off: "yes"`],
		[{ ifAlreadyEnded: 'stop' }, `'If Already Ended' does not have this choice: "stop"`],
	])('an option that cannot be read is rejected: %j', (values, message) => {
		expect(() => read(values)).toThrow(expect.objectContaining({ message }));
	});
});
