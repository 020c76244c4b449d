import type { IDataObject } from 'n8n-workflow';
import { readRequestOptions, readWaitTimeout } from '../../../nodes/VideoSdk/fields/requestOptions';

test.each<[string, IDataObject, ReturnType<typeof readRequestOptions>]>([
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
	[
		'as text',
		{ timeout: '200', maxRetries: '1', maxConcurrency: '2.4', giveUpAfter: '3' },
		{ timeout: 200, maxRetries: 1, maxConcurrency: 2, giveUpAfter: 180_000 },
	],
	[
		'no numbers',
		{ timeout: 'long', maxRetries: '', maxConcurrency: null, giveUpAfter: 'soon' },
		{ timeout: 30_000, maxRetries: 3, maxConcurrency: 500, giveUpAfter: 600_000 },
	],
	[
		'not finite',
		{
			timeout: Number.NaN,
			maxRetries: Number.POSITIVE_INFINITY,
			maxConcurrency: ' ',
			giveUpAfter: Number.NEGATIVE_INFINITY,
		},
		{ timeout: 30_000, maxRetries: 3, maxConcurrency: 500, giveUpAfter: 600_000 },
	],
])('how requests are made, from options that are %s', (_name, options, expected) => {
	expect(readRequestOptions(options)).toEqual(expected);
});

test.each([
	[undefined, 60],
	['', 60],
	[5, 5],
	[0, 1],
	[1e9, 86_400],
])('a wait timeout of %s is %i seconds', (waitTimeout, expected) => {
	expect(readWaitTimeout({ waitTimeout })).toBe(expected);
});
