import type { IDataObject } from 'n8n-workflow';
import { readRequestOptions, readWaitTimeout } from '../../nodes/VideoSdk/options';

test.each<[string, IDataObject, ReturnType<typeof readRequestOptions>]>([
	['none', {}, { timeout: 30_000, maxRetries: 3, maxConcurrency: 50 }],
	[
		'within bounds',
		{ timeout: 200, maxRetries: 0, maxConcurrency: 500 },
		{ timeout: 200, maxRetries: 0, maxConcurrency: 500 },
	],
	[
		'too small',
		{ timeout: 0, maxRetries: -1, maxConcurrency: 0 },
		{ timeout: 1, maxRetries: 0, maxConcurrency: 1 },
	],
	[
		'too large',
		{ timeout: 1e12, maxRetries: 11, maxConcurrency: 501 },
		{ timeout: 3_600_000, maxRetries: 10, maxConcurrency: 500 },
	],
	[
		'as text',
		{ timeout: '200', maxRetries: '1', maxConcurrency: '2.4' },
		{ timeout: 200, maxRetries: 1, maxConcurrency: 2 },
	],
	[
		'no numbers',
		{ timeout: 'long', maxRetries: '', maxConcurrency: null },
		{ timeout: 30_000, maxRetries: 3, maxConcurrency: 50 },
	],
	[
		'not finite',
		{ timeout: Number.NaN, maxRetries: Number.POSITIVE_INFINITY, maxConcurrency: ' ' },
		{ timeout: 30_000, maxRetries: 3, maxConcurrency: 50 },
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
