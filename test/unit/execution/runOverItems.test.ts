import type { IDataObject } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { NotAttempted } from '../../../nodes/VideoSdk/http/client';
import { InvalidInput } from '../../../nodes/VideoSdk/errors/invalidInput';
import type { Item, Outcome } from '../../../nodes/VideoSdk/execution/work';
import type { Run } from '../../../nodes/VideoSdk/execution/run';
import { runOver } from '../../support/runOver';

const itemsOf = (...ids: string[]): IDataObject[] => ids.map((id) => ({ id }));

const idOf = ({ json }: Item) => String(json.id);

const [method, path, consequence] = ['POST', '/do', 'It was not done'] as const;
const request = { endpoint: 'Do', method, path, consequence, idempotent: true };

/** An operation that does this for each item. */
const forEach =
	(work: (id: string, item: Item) => Promise<IDataObject | IDataObject[]>) => async (run: Run) =>
		await run.forEachItem((item) => {
			const id = idOf(item);
			return { about: { id }, run: async () => await work(id, item) };
		});

/** An operation that fails with this for each item. */
const fails = (error: unknown) => forEach(async () => await Promise.reject(error));

/** An operation that fails for item `b`, and what it began. */
function failsForB(then = () => {}) {
	const begun: string[] = [];
	const operation = forEach(async (id) => {
		begun.push(id);
		if (id !== 'b') return { id };
		then();
		throw new InvalidInput('The thing is bad', 'Take another.');
	});
	return { begun, operation };
}

const broken = new Error('Broken');
const continues = true;
const oneByOne = { maxConcurrency: 1 };

describe('an operation on each item', () => {
	test('an operation returns its rows in item order, paired with their items', async () => {
		const { items, hints } = await runOver(
			itemsOf('slow', 'none', 'two'),
			forEach(async (id) => {
				if (id === 'slow') await sleep(1);
				return id === 'slow' ? { id } : id === 'two' ? [{ id: 1 }, { id: 2 }] : [];
			}),
		);
		expect(items).toEqual([
			{ json: { id: 'slow' }, pairedItem: { item: 0 } },
			{ json: { id: 1 }, pairedItem: { item: 2 } },
			{ json: { id: 2 }, pairedItem: { item: 2 } },
		]);
		expect(hints).toEqual([]);
	});

	test('an operation can read the item, the options and the workflow settings', async () => {
		const seen: unknown[] = [];
		const options = { timeout: 1 };
		const look = async (run: Run) =>
			await run.forEachItem((item) => {
				const { index, json, timezone } = item;
				seen.push({ index, json, timezone, retryOnFail: run.node.retryOnFail });
				expect(run.options).toBe(options);
				expect(item.parameter('tag')).toEqual(['tag', index, '', { extractValue: true }]);
				expect(item.rawParameter('tag')).toEqual(['tag', index, '', { rawExpressions: true }]);
				return { run: async () => await item.client.request(request) };
			});
		const parameter = (...asked: unknown[]) => asked;
		const node = { retryOnFail: true };
		const settings = { options, parameter, node };
		const { items, requests } = await runOver(itemsOf('a', 'b'), look, settings);
		expect([items?.length, requests.length]).toEqual([2, 2]);
		expect(seen).toEqual(
			['a', 'b'].map((id, index) => ({ index, json: { id }, timezone: 'Asia/Kolkata', ...node })),
		);
	});

	test('an operation processes as many items concurrently as Max Concurrency allows', async () => {
		let open = 0;
		let most = 0;
		const work = forEach(async (id) => {
			most = Math.max(most, ++open);
			await sleep(1);
			open--;
			return { id };
		});
		const { items } = await runOver(itemsOf(...'0123456789'), work, { maxConcurrency: 3 });
		expect(items).toHaveLength(10);
		expect(most).toBe(3);
	});

	test('a shared lookup runs once, and each item gets its own copy of the result', async () => {
		let asked = 0;
		const { items = [] } = await runOver(itemsOf('a', 'a', 'b'), async (run) => {
			const ask = async () => ({ in: { asked: ++asked } });
			return await run.forEachItem((item) => ({
				run: async () => await run.once(item.client, idOf(item), ask),
			}));
		});
		const [first, second, third] = items.map(({ json }) => json.in);
		expect([first, second, third]).toEqual([{ asked: 1 }, { asked: 1 }, { asked: 2 }]);
		expect(second).not.toBe(first);
	});
});

describe('a failure where the workflow continues', () => {
	test('a failed item has only its error and ID, and the other items continue', async () => {
		const settings = { continues, ...oneByOne };
		const { items, hints } = await runOver(itemsOf('a', 'b', 'c'), failsForB().operation, settings);
		const message = 'The thing is bad [item 1]';
		expect(items).toEqual([
			{ json: { id: 'a' }, pairedItem: { item: 0 } },
			{
				json: { error: { message, id: 'b', description: 'Take another.' } },
				pairedItem: { item: 1 },
			},
			{ json: { id: 'c' }, pairedItem: { item: 2 } },
		]);
		const hint = 'Done 2 of 3 things. Failed: "b" – The thing is bad.';
		expect(hints).toEqual([{ message: hint, type: 'info', location: 'outputPane' }]);
	});

	test('an error item names the subject of its failed request', async () => {
		const about = { to: '+1' };
		const { items } = await runOver(
			[{}],
			forEach(async (_id, { client }) => await client.request({ ...request, about })),
			{ continues, answer: () => ({ statusCode: 404, body: { message: 'No' } }) },
		);
		const error = { to: '+1', httpCode: '404', videoSdkMessage: 'No' };
		expect(items).toMatchObject([{ json: { error } }]);
	});

	test.each<[string, IDataObject[], unknown, string]>([
		['the only item', [{}], new InvalidInput('Bad', 'x'), 'Bad'],
		['one of two items', [{}, {}], new InvalidInput('Bad', 'x'), 'Bad [item 0]'],
		['an error of the node', [{}, {}], new InvalidInput('Bad', 'x', 'node'), 'Bad'],
		['an unexpected error', [{}, {}], new Error('Bad'), 'Bad'],
	])(
		'an error message names the item only if that helps: %s',
		async (_name, input, thrown, message) => {
			const { items } = await runOver(input, fails(thrown), { continues });
			expect(items).toMatchObject(
				input.map((_item, item) => ({
					json: { error: { message: message.replace('0', String(item)) } },
					pairedItem: { item },
				})),
			);
		},
	);

	test('every item fails if there is no credential', async () => {
		const settings = { continues, hasCredential: false };
		const { items } = await runOver(itemsOf('a', 'b'), failsForB().operation, settings);
		const json = { error: { message: 'There is no credential.' } };
		expect(items).toMatchObject([0, 1].map((item) => ({ json, pairedItem: { item } })));
	});
});

describe('a failure where the workflow stops', () => {
	test('the error that stops a workflow says what was done and what was not attempted', async () => {
		const { begun, operation } = failsForB();
		const { error } = await runOver(itemsOf('a', 'b', 'c', 'd'), operation, oneByOne);
		expect(begun).toEqual(['a', 'b']);
		expect(error).toMatchObject({
			name: 'NodeOperationError',
			message: 'The thing is bad [item 1]',
			description:
				'Done 1 of 4 things. Failed: "b" – The thing is bad. Not attempted: "c", "d". Done: "a". Next step for "b": Take another.',
			context: { itemIndex: 1 },
		});
	});

	const ofNode = new InvalidInput('The node is bad', 'Change it.', 'node');
	const summary = 'Done 0 of 2 things. Failed: "a" – Broken. Not attempted: "b".';

	test.each<[string, IDataObject[], unknown, object]>([
		['no summary of a single item', [{}], broken, { message: 'Broken', description: undefined }],
		['the summary as its only description', itemsOf('a', 'b'), broken, { description: summary }],
		[
			'no summary or item if the node is wrong',
			itemsOf('a', 'b'),
			ofNode,
			{ message: 'The node is bad', description: 'Change it.', context: { itemIndex: undefined } },
		],
		[
			'the reason why it cannot be explained',
			[{}],
			Object.create(null),
			{ message: expect.stringContaining('to primitive value') },
		],
	])('an error that stops the workflow has %s', async (_name, input, thrown, expected) => {
		const { error } = await runOver(input, fails(thrown), oneByOne);
		expect(error).toMatchObject(expected);
	});

	test('a failure lets requests in progress finish and prevents new ones', async () => {
		const { error, requests } = await runOver(
			itemsOf('bad', 'sent', 'late'),
			forEach(async (id, { client }) => {
				if (id !== 'sent') await sleep(1);
				if (id === 'bad') throw broken;
				if (id === 'late') await sleep(1);
				return { ...(await client.request(request)), id };
			}),
			{
				answer: async () => {
					for (let turn = 0; turn < 5; turn++) await sleep(1);
					return {};
				},
			},
		);
		expect(requests).toHaveLength(1);
		expect(error).toMatchObject({
			description: expect.stringContaining(
				'Failed: "bad" – Broken. Not attempted: "late". Done: "sent".',
			),
		});
	});

	test('a missing credential stops the workflow with a summary', async () => {
		const { operation } = failsForB();
		const { error } = await runOver(itemsOf('a', 'b'), operation, { hasCredential: false });
		expect(error).toMatchObject({
			message: 'There is no credential.',
			description: expect.stringMatching(/^Done 0 of 2 things\. Failed: /),
		});
	});

	test('a workflow stops with the error of the first failed item in input order', async () => {
		const { error } = await runOver(
			itemsOf('a', 'b'),
			forEach(async (id) => {
				if (id === 'a') await sleep(1);
				throw new Error(`Broken ${id}`);
			}),
		);
		expect(error).toMatchObject({ message: 'Broken a' });
	});
});

test.each([true, false])(
	'reading the fields of all items keeps those that are valid (continues: %s)',
	async (goesOn) => {
		const read: unknown[] = [];
		const readAll = async (run: Run) => {
			const { values, problems } = await run.readItems((item) => {
				if (!item.json.id) throw new InvalidInput('It is empty', 'Fill it.');
				return `${item.index} ${idOf(item)}`;
			});
			read.push(run.stopsOnFailure, ...values);
			return problems;
		};
		const result = await runOver(itemsOf('a', '', 'c'), readAll, { continues: goesOn });
		expect(read).toEqual([!goesOn, '0 a', '2 c']);
		const message = 'It is empty [item 1]';
		const item = { json: { error: { message } }, pairedItem: { item: 1 } };
		expect(result).toMatchObject(
			goesOn
				? { items: [item], hints: [{ message: 'Failed: item 1 – It is empty.' }] }
				: { error: { message }, hints: [] },
		);
	},
);

describe('a request for several items', () => {
	const asking = async (ask: () => Promise<number>, signal?: AbortSignal) => {
		let asked: unknown;
		const operation = async (run: Run) => {
			const result = await run.ask([0, 2], ask);
			asked = result;
			return 'failures' in result ? result.failures : [];
		};
		const { items } = await runOver([{}, {}, {}], operation, { continues, signal });
		return { asked, items };
	};

	test('a request for several items returns the answer or fails each of them', async () => {
		expect((await asking(async () => 7)).asked).toEqual({ answer: 7 });
		const json = { error: { message: 'Broken' } };
		expect((await asking(async () => await Promise.reject(broken))).items).toMatchObject(
			[0, 2].map((item) => ({ json, pairedItem: { item } })),
		);
	});

	test('a request for several items fails none of them if the execution was stopped', async () => {
		const ask = async () => await Promise.reject<number>(broken);
		expect((await asking(ask, AbortSignal.abort())).asked).toEqual({ failures: [] });
	});
});

test('all tasks of an item are done even if one of them stops the workflow', async () => {
	const done: string[] = [];
	const work = async (run: Run) => {
		const { values } = await run.readItems(({ client }) => client);
		const workOn = (id: string) => async () => {
			if (id === 'a') throw broken;
			done.push(id);
			return (await values[0]?.request(request)) ?? {};
		};
		return await run.runAll(
			['a', 'b', 'c'].map((id) => ({ index: 1, about: { id }, run: workOn(id) })),
		);
	};
	const { error } = await runOver([{}, {}], work, oneByOne);
	expect(done).toEqual(['b', 'c']);
	const description = 'Done 2 of 3 things. Failed: "a" – Broken. Done: "b", "c".';
	expect(error).toMatchObject({ description });
});

describe('the next step', () => {
	const goOn = async (step: (row: IDataObject) => Promise<IDataObject>) => {
		const outcomes: Outcome[] = [
			{ index: 0, about: { id: 'a' }, rows: [{ id: 'a' }] },
			{ index: 1, about: { id: 'b' } },
			{ index: 2, about: { id: 'c' }, rows: [{ id: 'c' }] },
		];
		let next: Outcome[] = [];
		const operation = async (run: Run) => (next = await run.continueWith(outcomes, step));
		const { error } = await runOver([{}, {}, {}], operation, oneByOne);
		return { next, error };
	};

	test('the next step replaces all rows concurrently and leaves the other outcomes', async () => {
		let open = 0;
		const { next } = await goOn(async (row) => {
			open++;
			for (let turn = 0; turn < 100 && open < 2; turn++) await sleep(1);
			return { ...row, next: open };
		});
		expect(next).toEqual([
			{ index: 0, about: { id: 'a' }, rows: [{ id: 'a', next: 2 }] },
			{ index: 1, about: { id: 'b' } },
			{ index: 2, about: { id: 'c' }, rows: [{ id: 'c', next: 2 }] },
		]);
	});

	test('the next step keeps a row that it did not attempt because another failed', async () => {
		const { next, error } = await goOn(async ({ id }) => {
			if (id === 'a') throw broken;
			await sleep(1);
			throw new NotAttempted();
		});
		expect(next).toEqual([
			expect.objectContaining({ about: { id: 'a' }, failure: expect.anything() }),
			{ index: 1, about: { id: 'b' } },
			{ index: 2, about: { id: 'c' }, rows: [{ id: 'c' }] },
		]);
		expect(next[0]?.rows).toBeUndefined();
		expect(error).toMatchObject({ message: 'Broken' });
	});
});

describe('an execution that is stopped', () => {
	test('a stopped execution keeps its results, throws no error and starts nothing', async () => {
		const execution = new AbortController();
		const { begun, operation } = failsForB(() => execution.abort());
		const settings = { signal: execution.signal, ...oneByOne };
		const { items } = await runOver(itemsOf('a', 'b', 'c'), operation, settings);
		expect(items).toEqual([{ json: { id: 'a' }, pairedItem: { item: 0 } }]);
		expect(begun).toEqual(['a', 'b']);
	});

	test('a stopped execution returns an earlier failure as an item, not as an error', async () => {
		const execution = new AbortController();
		const work = forEach(async (id) => {
			if (id === 'a') throw broken;
			await sleep(1);
			execution.abort();
			return { id };
		});
		const { items } = await runOver(itemsOf('a', 'b'), work, { signal: execution.signal });
		expect(items).toMatchObject([
			{ json: { error: { message: 'Broken' } }, pairedItem: { item: 0 } },
			{ json: { id: 'b' }, pairedItem: { item: 1 } },
		]);
	});
});

test('the hint combines the message of the operation with the number of retries', async () => {
	jest.spyOn(Math, 'random').mockReturnValue(0);
	let answers = 0;
	const work = async (run: Run) => {
		run.hints.push('Own words');
		return await forEach(async (_id, { client }) => await client.request(request))(run);
	};
	const answer = () => ({ statusCode: ++answers === 1 ? 502 : 200 });
	const { hints } = await runOver([{}], work, { answer });
	jest.restoreAllMocks();
	expect(hints).toMatchObject([{ message: 'Own words. 1 retry was needed.' }]);
});
