import type { IDataObject } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { NotAttempted } from '../../../nodes/VideoSdk/http/client';
import { InvalidInput } from '../../../nodes/VideoSdk/errors/invalidInput';
import type { Item, Outcome, Work } from '../../../nodes/VideoSdk/execution/work';
import type { Run } from '../../../nodes/VideoSdk/execution/run';
import { runOver } from '../../support/runOver';

const itemsOf = (...ids: string[]): IDataObject[] => ids.map((id) => ({ id }));

const idOf = ({ json }: Item) => String(json.id);

const request = {
	endpoint: 'Do',
	method: 'POST',
	path: '/do',
	consequence: 'It was not done',
} as const;

/** Work that gives what `run` makes of the ID of the item. */
const workOf =
	(run: (id: string) => Promise<IDataObject | IDataObject[]>) =>
	(item: Item): Work => ({ about: { id: idOf(item) }, run: async () => await run(idOf(item)) });

/** An operation that does this for each item. */
const forEach = (work: (id: string) => Promise<IDataObject | IDataObject[]>) => async (run: Run) =>
	await run.forEachItem(workOf(work));

describe('an operation on each item', () => {
	test('gives one row or many, paired with their items, in their order', async () => {
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

	test('sees the item, the options and the workflow', async () => {
		const seen: unknown[] = [];
		const options = { timeout: 1 };
		const look = async (run: Run) =>
			await run.forEachItem((item) => {
				const { index, json, timezone } = item;
				seen.push({ index, json, timezone, retryOnFail: run.node.retryOnFail });
				expect(run.options).toBe(options);
				expect(item.parameter('tag')).toEqual(['tag', index, '', { extractValue: true }]);
				expect(item.rawParameter('tag')).toEqual(['tag', index, '', { rawExpressions: true }]);
				return { run: async () => await item.client.request({ ...request, idempotent: true }) };
			});
		const parameter = (...asked: unknown[]) => asked;
		const { items, requests } = await runOver(itemsOf('a', 'b'), look, { options, parameter });
		expect(items).toHaveLength(2);
		expect(requests).toHaveLength(2);
		await runOver(itemsOf('c'), look, { options, parameter, node: { retryOnFail: true } });
		const timezone = 'Asia/Kolkata';
		expect(seen).toEqual([
			{ index: 0, json: { id: 'a' }, timezone, retryOnFail: undefined },
			{ index: 1, json: { id: 'b' }, timezone, retryOnFail: undefined },
			{ index: 0, json: { id: 'c' }, timezone, retryOnFail: true },
		]);
	});

	test.each([1, 3])(
		'works on as many at once as Max Concurrency says: %i',
		async (maxConcurrency) => {
			let open = 0;
			let most = 0;
			const ids = Array.from({ length: 10 }, (_none, index) => String(index));
			const { items } = await runOver(
				itemsOf(...ids),
				forEach(async (id) => {
					most = Math.max(most, ++open);
					await sleep(1);
					open--;
					return { id };
				}),
				{ maxConcurrency },
			);
			expect(items).toHaveLength(10);
			expect(most).toBe(maxConcurrency);
		},
	);

	test('asks once for what several items ask for, and gives each an object of its own', async () => {
		let asked = 0;
		const { items } = await runOver(
			itemsOf('a', 'a', 'b'),
			async (run) =>
				await run.forEachItem((item) => ({
					run: async () =>
						await run.once(item.client, idOf(item), async () => ({ in: { asked: ++asked } })),
				})),
		);
		const [first, second, third] = items as Array<{ json: IDataObject }>;
		expect([first, second, third].map((each) => each?.json)).toEqual([
			{ in: { asked: 1 } },
			{ in: { asked: 1 } },
			{ in: { asked: 2 } },
		]);
		expect(second?.json.in).not.toBe(first?.json.in);
	});
});

describe('a failure where the workflow continues', () => {
	const continues = true;

	test('is an item with nothing but the error, and what it is about; the others go on', async () => {
		const { items, hints } = await runOver(
			itemsOf('a', 'b', 'c'),
			forEach(async (id) => {
				if (id === 'b') throw new InvalidInput('The thing is bad', 'Take another.');
				return { id };
			}),
			{ continues, maxConcurrency: 1 },
		);
		expect(items).toEqual([
			{ json: { id: 'a' }, pairedItem: { item: 0 } },
			{
				json: {
					error: { message: 'The thing is bad [item 1]', id: 'b', description: 'Take another.' },
				},
				pairedItem: { item: 1 },
			},
			{ json: { id: 'c' }, pairedItem: { item: 2 } },
		]);
		expect(hints).toEqual([
			{
				message: 'Done 2 of 3 things. Failed: "b" – The thing is bad.',
				type: 'info',
				location: 'outputPane',
			},
		]);
	});

	test('names what its request was about', async () => {
		const about = { to: '+1' };
		const { items } = await runOver(
			[{}],
			async (run) =>
				await run.forEachItem((item) => ({
					run: async () => await item.client.request({ ...request, about, idempotent: false }),
				})),
			{ continues, answer: () => ({ statusCode: 404, body: { message: 'No' } }) },
		);
		expect(items).toMatchObject([
			{ json: { error: { to: '+1', httpCode: '404', videoSdkMessage: 'No' } } },
		]);
	});

	test.each<[string, IDataObject[], () => unknown, string]>([
		['of the only item', [{}], () => new InvalidInput('Bad', 'x'), 'Bad'],
		['of one of two items', [{}, {}], () => new InvalidInput('Bad', 'x'), 'Bad [item 0]'],
		['of the node', [{}, {}], () => new InvalidInput('Bad', 'x', 'node'), 'Bad'],
		['of another kind', [{}, {}], () => new Error('Bad'), 'Bad'],
	])('names its item if that helps: %s', async (_name, input, error, message) => {
		const { items } = await runOver(
			input,
			forEach(async () => await Promise.reject(error())),
			{ continues },
		);
		expect(items).toMatchObject(
			input.map((_item, item) => ({
				json: { error: { message: message.replace('0', String(item)) } },
				pairedItem: { item },
			})),
		);
	});

	test('is one of each item where there is no credential', async () => {
		const { items } = await runOver(
			itemsOf('a', 'b'),
			forEach(async () => ({})),
			{ continues, hasCredential: false },
		);
		expect(items).toMatchObject([
			{ json: { error: { message: 'There is no credential.' } }, pairedItem: { item: 0 } },
			{ json: { error: { message: 'There is no credential.' } }, pairedItem: { item: 1 } },
		]);
	});
});

describe('a failure where the workflow stops', () => {
	test('is thrown, with what was done and what was not attempted', async () => {
		const begun: string[] = [];
		const { error } = await runOver(
			itemsOf('a', 'b', 'c', 'd'),
			forEach(async (id) => {
				begun.push(id);
				if (id === 'b') throw new InvalidInput('The thing is bad', 'Take another.');
				return { id };
			}),
			{ maxConcurrency: 1 },
		);
		expect(begun).toEqual(['a', 'b']);
		expect(error).toMatchObject({
			name: 'NodeOperationError',
			message: 'The thing is bad [item 1]',
			description:
				'Done 1 of 4 things. Still to do: "b" – The thing is bad; "c", "d" – not attempted. Done: "a". About "b": Take another.',
			context: { itemIndex: 1 },
		});
	});

	test('has no summary where it is the only one, nor a description of nothing', async () => {
		const fails = forEach(async () => await Promise.reject(new Error('Broken')));
		const { error: one } = await runOver([{}], fails);
		expect(one).toMatchObject({ message: 'Broken', description: undefined });
		const { error: two } = await runOver(itemsOf('a', 'b'), fails, { maxConcurrency: 1 });
		expect(two).toHaveProperty(
			'description',
			'Done 0 of 2 things. Still to do: "a" – Broken; "b" – not attempted.',
		);
	});

	test('has no summary, and names no item, where the node itself is wrong', async () => {
		const wrong = new InvalidInput('The node is bad', 'Change it.', 'node');
		const { error } = await runOver(
			itemsOf('a', 'b'),
			forEach(async () => await Promise.reject(wrong)),
		);
		expect(error).toMatchObject({ message: 'The node is bad', description: 'Change it.' });
		expect(error).toHaveProperty('context.itemIndex', undefined);
	});

	test('lets what is in progress finish, and begins no request after it', async () => {
		const { error, requests } = await runOver(
			itemsOf('bad', 'sent', 'late'),
			async (run) =>
				await run.forEachItem((item) =>
					workOf(async (id) => {
						if (id !== 'sent') await sleep(1);
						if (id === 'bad') throw new Error('Broken');
						if (id === 'late') await sleep(1);
						await item.client.request({ ...request, idempotent: true });
						return { id };
					})(item),
				),
			{
				answer: async () => {
					for (let turn = 0; turn < 5; turn++) await sleep(1);
					return {};
				},
			},
		);
		expect(requests).toHaveLength(1);
		expect(error).toHaveProperty(
			'description',
			expect.stringContaining('"bad" – Broken; "late" – not attempted. Done: "sent".'),
		);
	});

	test('is of the first item where there is no credential', async () => {
		const { error } = await runOver(
			itemsOf('a', 'b'),
			forEach(async () => ({})),
			{ hasCredential: false },
		);
		expect(error).toMatchObject({
			message: 'There is no credential.',
			description: expect.stringMatching(/^Done 0 of 2 things\. Still to do: /),
		});
	});

	test('that cannot even be explained is not swallowed', async () => {
		const { error } = await runOver(
			[{}],
			forEach(async () => await Promise.reject(Object.create(null))),
		);
		expect(error).toHaveProperty('message', expect.stringContaining('to primitive value'));
	});

	test('is of the first item that failed, whichever came first in time', async () => {
		const { error } = await runOver(
			itemsOf('a', 'b'),
			forEach(async (id) => {
				if (id === 'a') await sleep(1);
				throw new Error(`Broken ${id}`);
			}),
		);
		expect(error).toHaveProperty('message', 'Broken a');
	});
});

describe('reading the fields of all items', () => {
	test.each([true, false])(
		'tells what can be read from what cannot: continues %s',
		async (continues) => {
			const read: unknown[] = [];
			const {
				items = [],
				error,
				hints,
			} = await runOver(
				itemsOf('a', '', 'c'),
				async (run) => {
					const { values, problems } = await run.readItems((item) => {
						if (!item.json.id) throw new InvalidInput('It is empty', 'Fill it.');
						return `${item.index} ${idOf(item)}`;
					});
					read.push(run.stopsOnFailure, ...values);
					return problems;
				},
				{ continues },
			);
			expect(read).toEqual([!continues, '0 a', '2 c']);
			const message = 'It is empty [item 1]';
			const item = { json: { error: { message } }, pairedItem: { item: 1 } };
			expect(items).toMatchObject(continues ? [item] : []);
			const hint = { message: 'Failed: item 1 – It is empty.' };
			expect(hints).toMatchObject(continues ? [hint] : []);
			expect(error).toEqual(continues ? undefined : expect.objectContaining({ message }));
		},
	);
});

describe('asking for what several items need', () => {
	const continues = true;

	test('gives the answer', async () => {
		let asked: unknown;
		await runOver([{}], async (run) => {
			asked = await run.ask([0], async () => 7);
			return [];
		});
		expect(asked).toEqual({ answer: 7 });
	});

	test('fails each of them', async () => {
		const { items } = await runOver(
			[{}, {}, {}],
			async (run) => {
				const asked = await run.ask([0, 2], async () => await Promise.reject(new Error('Broken')));
				return 'failures' in asked ? asked.failures : [];
			},
			{ continues },
		);
		expect(items).toMatchObject([
			{ json: { error: { message: 'Broken' } }, pairedItem: { item: 0 } },
			{ json: { error: { message: 'Broken' } }, pairedItem: { item: 2 } },
		]);
	});

	test('fails none if the execution was stopped', async () => {
		const { signal } = stopped();
		let asked: unknown;
		await runOver(
			[{}],
			async (run) => {
				asked = await run.ask([0], async () => await Promise.reject(new Error('Broken')));
				return [];
			},
			{ signal },
		);
		expect(asked).toEqual({ failures: [] });
	});
});

function stopped() {
	const execution = new AbortController();
	execution.abort();
	return execution;
}

describe('many pieces of work for an item', () => {
	test('are all done, whatever fails, also where the workflow stops', async () => {
		const done: string[] = [];
		const { error } = await runOver(
			[{}, {}],
			async (run) => {
				const { values } = await run.readItems(({ client }) => client);
				return await run.runAll(
					['a', 'b', 'c'].map((id) => ({
						index: 1,
						about: { id },
						run: async () => {
							if (id === 'a') throw new Error('Broken');
							done.push(id);
							return (await values[0]?.request({ ...request, idempotent: true })) ?? {};
						},
					})),
				);
			},
			{ maxConcurrency: 1 },
		);
		expect(done).toEqual(['b', 'c']);
		expect(error).toHaveProperty(
			'description',
			'Done 2 of 3 things. Still to do: "a" – Broken. Done: "b", "c".',
		);
	});
});

describe('going on with what succeeded', () => {
	const outcomes = (): Outcome[] => [
		{ index: 0, about: { id: 'a' }, rows: [{ id: 'a' }] },
		{ index: 1, about: { id: 'b' } },
		{ index: 2, about: { id: 'c' }, rows: [{ id: 'c' }] },
	];

	test('gives each row anew, all at once, and leaves the rest as it was', async () => {
		let open = 0;
		let next: Outcome[] = [];
		const { items } = await runOver(
			[{}, {}, {}],
			async (run) => {
				next = await run.continueWith(outcomes(), async (row) => {
					open++;
					for (let turn = 0; turn < 100 && open < 2; turn++) await sleep(1);
					return { ...row, next: open };
				});
				return next;
			},
			{ maxConcurrency: 1 },
		);
		expect(next).toEqual([
			{ index: 0, about: { id: 'a' }, rows: [{ id: 'a', next: 2 }] },
			{ index: 1, about: { id: 'b' } },
			{ index: 2, about: { id: 'c' }, rows: [{ id: 'c', next: 2 }] },
		]);
		expect(items).toHaveLength(2);
	});

	test('keeps a row that was not gone on with, as one that fails stops the workflow', async () => {
		let next: Outcome[] = [];
		const { error } = await runOver([{}, {}, {}], async (run) => {
			next = await run.continueWith(outcomes(), async ({ id }) => {
				if (id === 'a') throw new Error('Broken');
				await sleep(1);
				throw new NotAttempted();
			});
			return next;
		});
		expect(next).toMatchObject([
			{ about: { id: 'a' }, failure: { error: { message: 'Broken' } } },
			{ index: 1, about: { id: 'b' } },
			{ index: 2, about: { id: 'c' }, rows: [{ id: 'c' }] },
		]);
		expect(next[0]?.rows).toBeUndefined();
		expect(error).toHaveProperty('message', 'Broken');
	});
});

describe('an execution that is stopped', () => {
	test('keeps what was done, is no error, and begins nothing more', async () => {
		const execution = new AbortController();
		const begun: string[] = [];
		const { items } = await runOver(
			itemsOf('a', 'b', 'c'),
			forEach(async (id) => {
				begun.push(id);
				if (id === 'b') {
					execution.abort();
					throw new Error('Broken');
				}
				return { id };
			}),
			{ signal: execution.signal, maxConcurrency: 1 },
		);
		expect(items).toEqual([{ json: { id: 'a' }, pairedItem: { item: 0 } }]);
		expect(begun).toEqual(['a', 'b']);
	});

	test('throws no failure from before it was stopped', async () => {
		const execution = new AbortController();
		const { items } = await runOver(
			itemsOf('a', 'b'),
			forEach(async (id) => {
				if (id === 'a') throw new Error('Broken');
				await sleep(1);
				execution.abort();
				return { id };
			}),
			{ signal: execution.signal },
		);
		expect(items).toMatchObject([
			{ json: { error: { message: 'Broken' } }, pairedItem: { item: 0 } },
			{ json: { id: 'b' }, pairedItem: { item: 1 } },
		]);
	});
});

test('the hint is of what was met on the wire, and what the operation adds', async () => {
	jest.spyOn(Math, 'random').mockReturnValue(0);
	let answers = 0;
	const { hints } = await runOver(
		[{}],
		async (run) => {
			run.hints.push('Own words');
			return await run.forEachItem((item) => ({
				run: async () => await item.client.request({ ...request, idempotent: true }),
			}));
		},
		{ answer: () => ({ statusCode: ++answers === 1 ? 502 : 200 }) },
	);
	jest.restoreAllMocks();
	expect(hints).toMatchObject([{ message: 'Own words. 1 retry was needed.' }]);
});
