import type { IDataObject } from 'n8n-workflow';
import {
	readOptions,
	requestOptionsIn,
	waitTimeoutIn,
} from '../../../nodes/VideoSdk/fields/requestOptions';
import { agentSession } from '../../../nodes/VideoSdk/resources/agentSession/agentSession';
import { end } from '../../../nodes/VideoSdk/resources/shared/end';
import { itemWith } from '../../support/item';

test.each<[string, IDataObject, ReturnType<typeof requestOptionsIn>]>([
	['none', {}, { timeout: 30_000, maxRetries: 3, maxConcurrency: 500, giveUpAfter: 600_000 }],
	[
		'within bounds',
		{ timeout: 200, maxRetries: 0, maxConcurrency: 500, giveUpAfter: 2 },
		{ timeout: 200, maxRetries: 0, maxConcurrency: 500, giveUpAfter: 120_000 },
	],
	[
		'too small',
		{ timeout: 0, maxRetries: -1, maxConcurrency: 0, giveUpAfter: 0 },
		{ timeout: 1, maxRetries: 0, maxConcurrency: 1, giveUpAfter: 60_000 },
	],
	[
		'too large',
		{ timeout: 1e12, maxRetries: 11, maxConcurrency: 1_001, giveUpAfter: 1_441 },
		{ timeout: 3_600_000, maxRetries: 10, maxConcurrency: 1_000, giveUpAfter: 86_400_000 },
	],
])('how requests are made, from options that are %s', (_name, options, expected) => {
	expect(requestOptionsIn(options)).toEqual(expected);
});

test.each([
	[undefined, 60],
	[5, 5],
	[0, 1],
	[1e9, 86_400],
])('a wait timeout of %s is %i seconds', (waitTimeout, expected) => {
	expect(waitTimeoutIn({ waitTimeout })).toBe(expected);
});

describe('the options of a workflow that a program has written', () => {
	const { fields } = end(agentSession, { name: 'End', value: 'end' });
	const read = (values: IDataObject) => readOptions(itemWith(), fields, values);

	test('are read by their type', () => {
		const written = {
			timeout: ' 200 ',
			maxRetries: '0',
			waitUntilEnded: 'TRUE',
			ifAlreadyEnded: 'Fail',
			maxConcurrency: '',
			of: 'another operation',
		};
		expect(read(written)).toEqual({
			timeout: 200,
			maxRetries: 0,
			waitUntilEnded: true,
			ifAlreadyEnded: 'fail',
		});
	});

	test.each<[IDataObject, string]>([
		[{ timeout: 'long' }, `'Timeout (Milliseconds)' is not a number: "long"`],
		[{ timeout: Number.NaN }, `'Timeout (Milliseconds)' is not a number: "NaN"`],
		[{ waitUntilEnded: 'yes' }, `'Wait Until Ended' is neither on nor off: "yes"`],
		[{ ifAlreadyEnded: 'stop' }, `'If Already Ended' is not a valid choice: "stop"`],
	])('are refused where they cannot be read: %j', (values, message) => {
		expect(() => read(values)).toThrow(expect.objectContaining({ message }));
	});
});
