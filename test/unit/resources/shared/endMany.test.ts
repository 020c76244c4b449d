import type { GenericValue, IDataObject } from 'n8n-workflow';
import { agentSessionResource } from '../../../../nodes/VideoSdk/resources/agentSession';
import { runOver, type RunOverSettings } from '../../../support/runOver';
import type { WireAnswer } from '../../../support/wire';

const [LIST, END] = ['/ai/v1/ai-deployment-sessions', '/ai/v1/ai-deployment-sessions/end'];

const sessionOf = (sessionId: string, fields: IDataObject = {}): IDataObject => ({
	sessionId,
	status: 'running',
	...fields,
});

interface Settings extends RunOverSettings {
	/** What is set in the node, for all items or for each. */
	parameters?: IDataObject | ((index: number) => IDataObject);
	/** Is told of each request to the list, and to the end of a session. */
	answers?: (request: 'list' | 'end', sessionId?: string) => WireAnswer | undefined;
}

/** Ends many of these sessions; they are on one page, and the next page is empty. */
async function endMany(
	sessions: IDataObject[],
	{ parameters = { filters: { tag: 'x' } }, answers, ...settings }: Settings = {},
	items: IDataObject[] = [{}],
) {
	const fields = typeof parameters === 'function' ? parameters : () => parameters;
	const defaults = { dryRun: false, allLiveSessions: false, filters: {} };
	const asked: string[] = [];
	const { endMany: operation } = agentSessionResource.operations;
	if (!operation) throw new Error('There is no such operation.');
	const result = await runOver(items, operation, {
		parameter: (name, index) => ({ ...defaults, ...fields(index) })[name],
		answer: ({ method, url, qs, body }) => {
			if (method === 'GET' && url === LIST) {
				if (qs?.page === 1) asked.push('list');
				return answers?.('list') ?? { body: { data: qs?.page === 1 ? [...sessions] : [] } };
			}
			if (method !== 'POST' || url !== END) return { statusCode: 404 };
			const { sessionId } = JSON.parse(String(body)) as { sessionId: string };
			asked.push(sessionId);
			const ended = { ...sessions.find((one) => one.sessionId === sessionId), status: 'stopped' };
			return answers?.('end', sessionId) ?? { body: { data: ended } };
		},
		...settings,
	});
	const ids = result.items?.map(({ json }) => json.sessionId);
	return { ...result, asked, ids };
}

const tagged = (...sessionIds: string[]) =>
	sessionIds.map((sessionId) => sessionOf(sessionId, { tag: 'x' }));

const noFilter = { filters: {} };

describe('ends', () => {
	test('those that live and match, once each, between two looks at the list', async () => {
		const sessions = [
			...[...tagged('a'), sessionOf('other', { tag: 'y' })],
			...[sessionOf('over', { tag: 'x', status: 'stopped' }), ...tagged('b')],
		];
		const { asked, items, hints } = await endMany(sessions);
		expect(asked).toEqual(['list', 'a', 'b', 'list']);
		expect(items).toEqual([
			{ json: { sessionId: 'a', tag: 'x', status: 'stopped' }, pairedItem: { item: 0 } },
			{ json: { sessionId: 'b', tag: 'x', status: 'stopped' }, pairedItem: { item: 0 } },
		]);
		expect(hints).toMatchObject([
			{
				message: expect.stringMatching(
					/^Ended 2 of 2 matching sessions \(VideoSDK listed 4 sessions, 3 of them live\)\. The first session was ended \d+\.\d s after the run started \(the node read 2 pages of the list\)\.$/,
				),
			},
		]);
	});

	test('those that pass all filters', async () => {
		const sessions = [...tagged('a'), sessionOf('b', { tag: 'x', deploymentId: 'd' })];
		const { asked } = await endMany(sessions, {
			parameters: { filters: { tag: 'x', deploymentId: 'd' } },
		});
		expect(asked).toEqual(['list', 'b', 'list']);
	});

	test('none where none matches, and says so', async () => {
		const { asked, items, hints } = await endMany([sessionOf('a'), sessionOf('b')]);
		expect(asked).toEqual(['list', 'list']);
		expect(items).toEqual([]);
		expect(hints).toMatchObject([
			{
				message:
					'Nothing was ended, because none of the 2 live sessions match the filters (VideoSDK listed 2 sessions).',
			},
		]);
	});

	test('what begins meanwhile too, and no third look follows', async () => {
		const sessions = tagged('a');
		const { asked, ids } = await endMany(sessions, {
			answers: (_request, sessionId) => {
				if (sessionId) sessions.push(...tagged(`${sessionId}+`));
				return undefined;
			},
		});
		expect(asked).toEqual(['list', 'a', 'list', 'a+']);
		expect(ids).toEqual(['a', 'a+']);
	});

	test('each for the first item that it matches, in the order of the items', async () => {
		const sessions = [sessionOf('y', { tag: 'y' }), ...tagged('x'), sessionOf('z', { tag: 'z' })];
		const tags = ['x', 'y', 'x'];
		const { asked, items } = await endMany(
			sessions,
			{ parameters: (index) => ({ filters: { tag: tags[index] } }) },
			[{}, {}, {}],
		);
		expect(asked).toEqual(['list', 'y', 'x', 'list']);
		expect(items).toMatchObject([
			{ json: { sessionId: 'x' }, pairedItem: { item: 0 } },
			{ json: { sessionId: 'y' }, pairedItem: { item: 1 } },
		]);
	});

	test('all others where one fails, also where the workflow stops', async () => {
		const { error, asked } = await endMany(tagged('a', 'b', 'c'), {
			maxConcurrency: 1,
			answers: (_request, sessionId) => {
				if (sessionId === 'a') return { statusCode: 403 };
				// It is named although its answer has no ID.
				return sessionId === 'b' ? { body: { data: { status: 'stopped' } } } : undefined;
			},
		});
		expect(asked).toEqual(['list', 'a', 'b', 'c', 'list']);
		expect(error).toHaveProperty(
			'description',
			expect.stringMatching(
				/^Ended 2 of 3 sessions\. Still to do: "a" – VideoSDK does not allow [^.]+\. Ended: "b", "c"\. /,
			),
		);
	});

	test('takes one that VideoSDK lists and does not know as ended, unless that is an error', async () => {
		const answers = (request: string) => (request === 'end' ? { statusCode: 404 } : undefined);
		const { items } = await endMany(tagged('a'), { answers });
		expect(items).toMatchObject([{ json: { sessionId: 'a', tag: 'x', alreadyEnded: true } }]);
		const options = { ifAlreadyEnded: 'fail' };
		const { error } = await endMany(tagged('a'), { answers, options });
		expect(error).toHaveProperty('message', expect.stringContaining('had already ended'));
	});
});

describe('without a filter', () => {
	test('it refuses', async () => {
		const { error, requests } = await endMany(tagged('a'), { parameters: noFilter });
		expect(error).toMatchObject({
			message: 'Nothing was ended: there is no filter',
			description: "Add a filter. To end all live sessions, turn on 'All Live Sessions'.",
		});
		expect(requests).toEqual([]);
	});

	test.each([
		[true, ['list', 'a', 'list']],
		['true', ['list', 'a', 'list']],
		['={{ true }}', []],
		[undefined, []],
	])('All Live Sessions as it is written ends all: %j', async (allLiveSessions, expected) => {
		const parameters = { ...noFilter, allLiveSessions };
		expect((await endMany([sessionOf('a')], { parameters })).asked).toEqual(expected);
	});

	test('what an expression makes of All Live Sessions does not count', async () => {
		const { requests } = await endMany([sessionOf('a')], {
			parameter: (name, _index, _fallback, { rawExpressions }) =>
				({ dryRun: false, filters: {}, allLiveSessions: rawExpressions ? '={{ true }}' : true })[
					name
				],
		});
		expect(requests).toEqual([]);
	});
});

describe('a dry run', () => {
	test.each([true, 'true', ' TRUE\u200b', 1])(
		'is what means on, and needs no filter: %j',
		async (dryRun) => {
			const sessions = tagged('a', 'b');
			const { asked, items, hints } = await endMany(sessions, {
				parameters: { ...noFilter, dryRun },
			});
			expect(asked).toEqual(['list']);
			expect(items?.map(({ json }) => json)).toEqual(
				sessions.map((session) => ({ dryRun: true, ...session })),
			);
			expect(hints).toMatchObject([
				{
					message:
						'Dry run: 2 sessions would be ended (VideoSDK listed 2 sessions, 2 of them live). Nothing was ended.',
				},
			]);
		},
	);

	test.each<[GenericValue, string]>([
		['no', `'Dry Run' is neither on nor off: "no"`],
		[2, `'Dry Run' is neither on nor off: "2"`],
		[null, "'Dry Run' is empty"],
	])('is not guessed, and nothing is ended: %j', async (dryRun, message) => {
		const { error, asked } = await endMany(tagged('a'), { parameters: { ...noFilter, dryRun } });
		expect(error).toHaveProperty('message', message);
		expect(asked).toEqual([]);
	});

	test.each<[string[], string]>([
		[
			['a'],
			'Dry run: 1 session would be ended (VideoSDK listed 2 sessions, 2 of them live). Nothing was ended.',
		],
		[
			[],
			'Dry run: nothing would be ended, because the only live session does not match the filters (VideoSDK listed 1 session).',
		],
	])('of %j says so', async (sessionIds, message) => {
		const sessions = [...tagged(...sessionIds), sessionOf('other')];
		const { hints } = await endMany(sessions, {
			parameters: { filters: { tag: 'x' }, dryRun: true },
		});
		expect(hints).toMatchObject([{ message }]);
	});

	test('of one item is one of all, and counts no item that could not be read', async () => {
		const { asked, hints } = await endMany(
			tagged('a'),
			{
				continues: true,
				parameters: (index) => ({ filters: { tag: index === 2 ? '' : 'x' }, dryRun: index === 1 }),
			},
			[{}, {}, {}],
		);
		expect(asked).toEqual(['list']);
		expect(hints).toMatchObject([
			{
				message:
					"Dry run: 1 session would be ended (VideoSDK listed 1 session, 1 of them live). Nothing was ended. Failed: item 2 – 'Tag' is empty.",
			},
		]);
	});

	test.each(['={{ $fromAI("dry") }}', '={{ $fromai("dry") }}', '={{ !$fromAI("end") }}'])(
		'is not for the model of an AI agent to choose: %s',
		async (dryRun) => {
			const { error, requests } = await endMany(
				tagged('a'),
				{ node: { type: 'videoSdkTool' }, parameters: { filters: { tag: 'x' }, dryRun } },
				[{}, {}],
			);
			expect(error).toMatchObject({
				message: "The AI model must not set 'Dry Run'",
				description: expect.stringContaining("Turn 'Dry Run' on or off yourself"),
			});
			expect(requests).toEqual([]);
		},
	);
});

describe('Limit', () => {
	const parameters = { filters: { tag: 'x' } };

	test.each([
		[1, ['a'], "'Limit' is 1: at least 2 more match and are still live."],
		[2, ['a', 'b'], "'Limit' is 2: at least 1 more match and are still live."],
		[3, ['a', 'b', 'c'], undefined],
		[undefined, ['a', 'b', 'c'], undefined],
	])('of %j bounds how many are ended', async (maxSessions, expected, message) => {
		const { ids, hints } = await endMany(
			[...tagged('a', 'b', 'c'), sessionOf('other')],
			{ parameters, options: { maxSessions } },
			[{}, {}],
		);
		expect(ids).toEqual(expected);
		const { message: hint } = hints[0] as { message: string };
		expect(hint).toContain(
			`Ended ${expected.length} of 3 matching sessions (VideoSDK listed 4 sessions, 4 of them live). `,
		);
		expect(/'Limit' .*?\./.exec(hint)?.[0]).toBe(message);
	});

	test('holds for both looks, and counts at the first what is over it', async () => {
		const sessions = tagged('a', 'b');
		const { asked, hints } = await endMany(sessions, {
			options: { maxSessions: 3 },
			answers: (_request, sessionId) => {
				if (sessionId === 'a') sessions.push(...tagged('c', 'd', 'e'));
				return undefined;
			},
		});
		expect(asked).toEqual(['list', 'a', 'b', 'list', 'c']);
		expect(hints).toMatchObject([{ message: expect.not.stringContaining('Limit') }]);
	});

	test.each([0, 1.5, 'ten'])('that is none ends nothing: %j', async (maxSessions) => {
		const { error, requests } = await endMany(tagged('a'), { options: { maxSessions } });
		expect(error).toHaveProperty(
			'message',
			`'Limit' is not a whole number of at least 1: "${maxSessions}"`,
		);
		expect(requests).toEqual([]);
	});
});

describe('a session without an ID', () => {
	test('is reported once, though it matches at both looks, and another is ended', async () => {
		const nameless = { status: 'running', tag: 'x' };
		const { asked, items } = await endMany([nameless, ...tagged('a')], { continues: true });
		expect(asked).toEqual(['list', 'a', 'list']);
		expect(items).toMatchObject([
			{
				json: {
					error: {
						message: 'A live session was not ended: VideoSDK listed it without an ID',
						description: 'The node needs the ID to end it. Look for it in the VideoSDK dashboard.',
					},
				},
			},
			{ json: { sessionId: 'a' } },
		]);
	});

	test('takes no place of another in the limit, which is reached without another look', async () => {
		const nameless = { status: 'running', tag: 'x' };
		const { asked } = await endMany([nameless, ...tagged('a', 'b')], {
			continues: true,
			options: { maxSessions: 2 },
		});
		expect(asked).toEqual(['list', 'a', 'b']);
	});

	test('is shown by a dry run', async () => {
		const nameless = { status: 'running', tag: 'x' };
		const { items } = await endMany([nameless], {
			parameters: { filters: { tag: 'x' }, dryRun: true },
		});
		expect(items).toMatchObject([{ json: { dryRun: true, status: 'running' } }]);
	});
});

describe('a list that cannot be read', () => {
	const refusesAt = (look: number) => {
		let looks = 0;
		return (request: string) =>
			request === 'list' && ++looks === look ? { statusCode: 403 } : undefined;
	};

	test('at first fails each item, and nothing is ended', async () => {
		const { asked, items, hints } = await endMany(
			tagged('a'),
			{ continues: true, answers: refusesAt(1) },
			[{}, {}],
		);
		expect(asked).toEqual(['list']);
		expect(hints).toMatchObject([
			{
				message:
					'No session was ended. Failed: item 0, item 1 – Sessions could not be listed, so none was ended: VideoSDK does not allow this API key to do this.',
			},
		]);
		const failed = {
			json: {
				error: {
					message: expect.stringMatching(/^Sessions could not be listed, so none was ended:/),
				},
			},
		};
		expect(items).toMatchObject([
			{ ...failed, pairedItem: { item: 0 } },
			{ ...failed, pairedItem: { item: 1 } },
		]);
	});

	test('at first fails beside an item that cannot be read, in the order of the items', async () => {
		const { items } = await endMany(
			tagged('a'),
			{
				continues: true,
				answers: refusesAt(1),
				parameters: (index) => ({ filters: { tag: index === 1 ? {} : 'x' } }),
			},
			[{}, {}, {}],
		);
		expect(items?.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	});

	test('at the second look fails once, for the first item, beside what was ended', async () => {
		const { items, hints } = await endMany(
			tagged('a', 'b'),
			{ continues: true, answers: refusesAt(3) },
			[{}, {}],
		);
		const message =
			'Sessions could not be listed again, so sessions that started in the meantime may still be live: VideoSDK does not allow this API key to do this';
		expect(items).toMatchObject([
			{ json: { sessionId: 'a' }, pairedItem: { item: 0 } },
			{ json: { sessionId: 'b' }, pairedItem: { item: 0 } },
			{ json: { error: { message } }, pairedItem: { item: 0 } },
		]);
		expect(hints).toMatchObject([{ message: expect.stringMatching(/^Ended 2 of 2 matching/) }]);
	});
});

describe('an item that cannot be read', () => {
	const parameters = (index: number) => ({ filters: { tag: index === 1 ? '' : 'x' } });

	test('fails by itself, in its place', async () => {
		const { items, asked } = await endMany(
			tagged('a'),
			{ continues: true, parameters: (index) => parameters(1 - index) },
			[{}, {}],
		);
		expect(asked).toEqual(['list', 'a', 'list']);
		expect(items).toMatchObject([
			{ json: { error: {} }, pairedItem: { item: 0 } },
			{ json: { sessionId: 'a' }, pairedItem: { item: 1 } },
		]);
	});

	test('comes after others that come before it', async () => {
		const { items } = await endMany(tagged('a'), { continues: true, parameters }, [{}, {}]);
		expect(items).toMatchObject([{ pairedItem: { item: 0 } }, { pairedItem: { item: 1 } }]);
	});

	test('ends nothing where the workflow stops', async () => {
		const { error, requests } = await endMany(tagged('a'), { parameters }, [{}, {}]);
		expect(error).toHaveProperty('message', expect.stringContaining('[item 1]'));
		expect(requests).toEqual([]);
	});

	test.each([true, false])(
		'is each of them without a credential: continues %s',
		async (continues) => {
			const { items, error } = await endMany(tagged('a'), { continues, hasCredential: false }, [
				{},
				{},
			]);
			const message = 'There is no credential.';
			const failed = (item: number) => ({ json: { error: { message } }, pairedItem: { item } });
			if (continues) expect(items).toMatchObject([failed(0), failed(1)]);
			else expect(error).toHaveProperty('message', message);
		},
	);
});
