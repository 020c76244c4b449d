import type { GenericValue, IDataObject } from 'n8n-workflow';
import { agentSessionResource } from '../../../../nodes/VideoSdk/resources/agentSession';
import { runOver, type RunOverSettings } from '../../../support/runOver';
import type { WireAnswer } from '../../../support/wire';

const [LIST, END] = ['/ai/v1/ai-deployment-sessions', '/ai/v1/ai-deployment-sessions/end'];

const sessionOf = (sessionId: string, fields: IDataObject = {}): IDataObject => ({
	...{ sessionId, status: 'running', ...fields },
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
const continues = true;

/** The text of the one hint. */
const hintOf = ({ hints }: { hints: unknown[] }) =>
	(hints as Array<{ message: string }>)[0]?.message;

describe('matching sessions', () => {
	test('End Many ends live matching sessions once each and then lists them again', async () => {
		const sessions = [
			...[...tagged('a'), sessionOf('other', { tag: 'y' })],
			...[sessionOf('over', { tag: 'x', status: 'stopped' }), ...tagged('b')],
		];
		const result = await endMany(sessions);
		expect(result.asked).toEqual(['list', 'a', 'b', 'list']);
		expect(result.items).toEqual(
			['a', 'b'].map((sessionId) => ({
				json: { sessionId, tag: 'x', status: 'stopped' },
				pairedItem: { item: 0 },
			})),
		);
		expect(hintOf(result)).toMatch(
			/^Ended 2 of 2 matching sessions \(VideoSDK listed 4 sessions, 3 of them live\)\. The first session was ended \d+\.\d s after the run started\. In total, the node read 2 pages of the list\.$/,
		);
	});

	test('End Many ends the sessions that pass all filters', async () => {
		const sessions = [...tagged('a'), sessionOf('b', { tag: 'x', deploymentId: 'd' })];
		const parameters = { filters: { tag: 'x', deploymentId: 'd' } };
		expect((await endMany(sessions, { parameters })).asked).toEqual(['list', 'b', 'list']);
	});

	test('End Many ends nothing and says so if no session matches', async () => {
		const result = await endMany([sessionOf('a'), sessionOf('b')]);
		expect(result).toMatchObject({ asked: ['list', 'list'], items: [] });
		expect(hintOf(result)).toBe(
			'Nothing was ended, because none of the 2 live sessions match the filters (VideoSDK listed 2 sessions).',
		);
	});

	test('End Many ends sessions that begin meanwhile, without a third list', async () => {
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

	test('a session is ended for the first item that it matches, in the order of items', async () => {
		const sessions = [sessionOf('y', { tag: 'y' }), ...tagged('x'), sessionOf('z', { tag: 'z' })];
		const parameters = (index: number) => ({ filters: { tag: 'xyx'.charAt(index) } });
		const { asked, items } = await endMany(sessions, { parameters }, [{}, {}, {}]);
		expect(asked).toEqual(['list', 'y', 'x', 'list']);
		expect(items).toMatchObject([
			{ json: { sessionId: 'x' }, pairedItem: { item: 0 } },
			{ json: { sessionId: 'y' }, pairedItem: { item: 1 } },
		]);
	});

	test('End Many ends all other sessions if one fails, even if the workflow stops', async () => {
		const { error, asked } = await endMany(tagged('a', 'b', 'c'), {
			maxConcurrency: 1,
			answers: (_request, sessionId) => {
				if (sessionId === 'a') return { statusCode: 403 };
				// It is named although its answer has no ID.
				return sessionId === 'b' ? { body: { data: { status: 'stopped' } } } : undefined;
			},
		});
		expect(asked).toEqual(['list', 'a', 'b', 'c', 'list']);
		expect(error).toMatchObject({
			description: expect.stringMatching(
				/^Ended 2 of 3 sessions\. Failed: "a" – VideoSDK does not allow [^.]+\. Ended: "b", "c"\. /,
			),
		});
	});

	test('a listed but unknown session counts as ended, unless that is an error', async () => {
		const answers = (request: string) => (request === 'end' ? { statusCode: 404 } : undefined);
		const { items } = await endMany(tagged('a'), { answers });
		expect(items).toMatchObject([{ json: { sessionId: 'a', tag: 'x', alreadyEnded: true } }]);
		const options = { ifAlreadyEnded: 'fail' };
		const { error } = await endMany(tagged('a'), { answers, options });
		expect(error).toMatchObject({ message: expect.stringContaining('had already ended') });
	});
});

describe('End Many without a filter', () => {
	test('End Many without a filter ends nothing and fails', async () => {
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
	])('only a literal All Live Sessions ends all: %j', async (allLiveSessions, expected) => {
		const parameters = { ...noFilter, allLiveSessions };
		expect((await endMany([sessionOf('a')], { parameters })).asked).toEqual(expected);
	});

	test('an expression cannot turn on All Live Sessions', async () => {
		const values = (isRaw: unknown) => ({
			...{ dryRun: false, filters: {}, allLiveSessions: isRaw ? '={{ true }}' : true },
		});
		const { requests } = await endMany([sessionOf('a')], {
			parameter: (name, _index, _fallback, { rawExpressions }) =>
				(values(rawExpressions) as IDataObject)[name],
		});
		expect(requests).toEqual([]);
	});
});

describe('a dry run', () => {
	test.each([true, ' TRUE\u200b', 1])(
		'a dry run is on with %j and needs no filter',
		async (dryRun) => {
			const sessions = tagged('a', 'b');
			const result = await endMany(sessions, { parameters: { ...noFilter, dryRun } });
			expect(result.asked).toEqual(['list']);
			const rows = sessions.map((session) => ({ dryRun: true, ...session }));
			expect(result.items?.map(({ json }) => json)).toEqual(rows);
			expect(hintOf(result)).toBe(
				'Dry run: 2 sessions would be ended (VideoSDK listed 2 sessions, 2 of them live). Nothing was ended.',
			);
		},
	);

	test.each<[GenericValue, string]>([
		['no', `'Dry Run' is neither on nor off: "no"`],
		[2, `'Dry Run' is neither on nor off: "2"`],
		[null, "'Dry Run' is empty"],
	])('an invalid Dry Run of %j is an error, and nothing is ended', async (dryRun, message) => {
		const result = await endMany(tagged('a'), { parameters: { ...noFilter, dryRun } });
		expect(result).toMatchObject({ error: { message }, asked: [] });
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
	])('a dry run says how many sessions would be ended: %j', async (sessionIds, message) => {
		const parameters = { filters: { tag: 'x' }, dryRun: true };
		const result = await endMany([...tagged(...sessionIds), sessionOf('other')], { parameters });
		expect(hintOf(result)).toBe(message);
	});

	test('a dry run of one item applies to all and ignores items that cannot be read', async () => {
		const parameters = (index: number) => ({
			...{ filters: { tag: index === 2 ? '' : 'x' }, dryRun: index === 1 },
		});
		const result = await endMany(tagged('a'), { continues, parameters }, [{}, {}, {}]);
		expect(result.asked).toEqual(['list']);
		expect(hintOf(result)).toBe(
			"Dry run: 1 session would be ended (VideoSDK listed 1 session). Nothing was ended. Failed: item 2 – 'Tag' is empty.",
		);
	});

	test.each(['={{ $fromAI("dry") }}', '={{ !$fromai("end") }}'])(
		'an AI model must not set Dry Run: %s',
		async (dryRun) => {
			const node = { type: 'videoSdkTool' };
			const parameters = { filters: { tag: 'x' }, dryRun };
			const { error, requests } = await endMany(tagged('a'), { node, parameters }, [{}, {}]);
			expect(error).toMatchObject({
				message: "The AI model must not set 'Dry Run'",
				description: expect.stringContaining("Turn 'Dry Run' on or off yourself"),
			});
			expect(requests).toEqual([]);
		},
	);
});

describe('Limit', () => {
	test.each([
		[1, 'a', "'Limit' is 1: at least 2 more match and are still live."],
		[2, 'ab', "'Limit' is 2: at least 1 more matches and is still live."],
		[3, 'abc', undefined],
		[undefined, 'abc', undefined],
	])('a Limit of %j bounds how many sessions are ended', async (maxSessions, expected, message) => {
		const sessions = [...tagged('a', 'b', 'c'), sessionOf('other')];
		const result = await endMany(sessions, { options: { maxSessions } }, [{}, {}]);
		expect(result.ids).toEqual([...expected]);
		const hint = hintOf(result) ?? '';
		expect(hint).toContain(
			`Ended ${expected.length} of 3 matching sessions (VideoSDK listed 4 sessions, 4 of them live). `,
		);
		expect(/'Limit' .*?\./.exec(hint)?.[0]).toBe(message);
	});

	test('the Limit applies to both lists together', async () => {
		const sessions = tagged('a', 'b');
		const result = await endMany(sessions, {
			options: { maxSessions: 3 },
			answers: (_request, sessionId) => {
				if (sessionId === 'a') sessions.push(...tagged('c', 'd', 'e'));
				return undefined;
			},
		});
		expect(result.asked).toEqual(['list', 'a', 'b', 'list', 'c']);
		expect(hintOf(result)).not.toContain('Limit');
	});

	test.each([0, 'ten'])(
		'an invalid Limit of %j is an error, and nothing is ended',
		async (maxSessions) => {
			const result = await endMany(tagged('a'), { options: { maxSessions } });
			const message = `'Limit' is not a whole number of at least 1: "${maxSessions}"`;
			expect(result).toMatchObject({ error: { message }, requests: [] });
		},
	);
});

describe('a session without an ID', () => {
	const nameless = { status: 'running', tag: 'x' };

	test('a session without an ID is reported once, and other sessions are ended', async () => {
		const { asked, items } = await endMany([nameless, ...tagged('a')], { continues });
		expect(asked).toEqual(['list', 'a', 'list']);
		const message = 'A live session was not ended: VideoSDK listed it without an ID';
		expect(items).toMatchObject([{ json: { error: { message } } }, { json: { sessionId: 'a' } }]);
	});

	test('a session without an ID does not count toward the Limit', async () => {
		const options = { maxSessions: 2 };
		const { asked } = await endMany([nameless, ...tagged('a', 'b')], { continues, options });
		expect(asked).toEqual(['list', 'a', 'b']);
	});

	test('a session without an ID is shown by a dry run', async () => {
		const parameters = { filters: { tag: 'x' }, dryRun: true };
		const { items } = await endMany([nameless], { parameters });
		expect(items).toMatchObject([{ json: { dryRun: true, status: 'running' } }]);
	});
});

describe('a list that cannot be read', () => {
	const refusesAt = (look: number) => {
		let looks = 0;
		return (request: string) =>
			request === 'list' && ++looks === look ? { statusCode: 403 } : undefined;
	};

	test('a list that cannot be read fails each item, and nothing is ended', async () => {
		const result = await endMany(tagged('a'), { continues, answers: refusesAt(1) }, [{}, {}]);
		expect(result.asked).toEqual(['list']);
		expect(hintOf(result)).toBe(
			'No session was ended. Failed: item 0, item 1 – Sessions could not be listed, so none was ended: VideoSDK does not allow this API key to do this.',
		);
		const message = expect.stringMatching(/^Sessions could not be listed, so none was ended:/);
		expect(result.items).toMatchObject(
			[0, 1].map((item) => ({ json: { error: { message } }, pairedItem: { item } })),
		);
	});

	test('a list that cannot be read fails in item order beside an unreadable item', async () => {
		const parameters = (index: number) => ({ filters: { tag: index === 1 ? {} : 'x' } });
		const settings = { continues, answers: refusesAt(1), parameters };
		const { items } = await endMany(tagged('a'), settings, [{}, {}, {}]);
		expect(items?.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	});

	test('a second list that cannot be read fails once beside the ended sessions', async () => {
		const settings = { continues, answers: refusesAt(3) };
		const result = await endMany(tagged('a', 'b'), settings, [{}, {}]);
		const message =
			'Sessions could not be listed again, so sessions that started in the meantime may still be live: VideoSDK does not allow this API key to do this';
		expect(result.items).toMatchObject(
			[{ sessionId: 'a' }, { sessionId: 'b' }, { error: { message } }].map((json) => ({
				...{ json, pairedItem: { item: 0 } },
			})),
		);
		expect(hintOf(result)).toMatch(/^Ended 2 of 2 matching/);
	});
});

describe('an item that cannot be read', () => {
	const wrongAt = (wrong: number) => (index: number) => ({
		...{ filters: { tag: index === wrong ? '' : 'x' } },
	});

	test.each([0, 1])(
		'an item that cannot be read fails alone and in its place: %i',
		async (wrong) => {
			const settings = { continues, parameters: wrongAt(wrong) };
			const { items, asked } = await endMany(tagged('a'), settings, [{}, {}]);
			expect(asked).toEqual(['list', 'a', 'list']);
			expect(items).toMatchObject(
				[0, 1].map((item) => ({
					json: item === wrong ? { error: {} } : { sessionId: 'a' },
					pairedItem: { item },
				})),
			);
		},
	);

	test('an item that cannot be read ends nothing if the workflow stops', async () => {
		const result = await endMany(tagged('a'), { parameters: wrongAt(1) }, [{}, {}]);
		const message = expect.stringContaining('[item 1]');
		expect(result).toMatchObject({ error: { message }, requests: [] });
	});

	test.each([true, false])(
		'each item fails if there is no credential (continues: %s)',
		async (goesOn) => {
			const settings = { continues: goesOn, hasCredential: false };
			const { items, error } = await endMany(tagged('a'), settings, [{}, {}]);
			const message = 'There is no credential.';
			const failed = (item: number) => ({ json: { error: { message } }, pairedItem: { item } });
			if (goesOn) expect(items).toMatchObject([failed(0), failed(1)]);
			else expect(error).toMatchObject({ message });
		},
	);
});
