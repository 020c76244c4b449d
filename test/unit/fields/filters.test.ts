import { type IDataObject, tryToParseDateTime } from 'n8n-workflow';
import { sessionStatuses } from '../../../nodes/VideoSdk/api/statuses';
import { InvalidInput } from '../../../nodes/VideoSdk/errors/invalidInput';
import { filtersOf, readFilters } from '../../../nodes/VideoSdk/fields/filters';
import { agentSession } from '../../../nodes/VideoSdk/resources/agentSession/agentSession';
import { itemWith, itemWithout } from '../../support/item';

const now = Date.UTC(2025, 5, 18, 12);
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

beforeEach(() => jest.useFakeTimers({ now }));
afterEach(() => jest.useRealTimers());

const sessionFilters = filtersOf(agentSession.kind, agentSession.filters, sessionStatuses.live);

const testsOf = (filters: IDataObject, timezone = 'UTC') =>
	readFilters(sessionFilters, itemWith({ filters }, { timezone }));

const passes = (filters: IDataObject, session: IDataObject, timezone?: string) =>
	testsOf(filters, timezone).every((test) => test(session));

const session = {
	sessionId: '1',
	status: 'running',
	deploymentId: 'd1',
	tag: 'v1.0',
	start: ago(90),
};

test.each<[string, IDataObject, IDataObject, boolean]>([
	['no filter', {}, {}, true],
	['its deployment', { deploymentId: { mode: 'id', value: 'd1' } }, {}, true],
	['its deployment as text', { deploymentId: ' d1 ' }, {}, true],
	['another deployment', { deploymentId: 'd' }, {}, false],
	['a deployment that is a number', { deploymentId: 7 }, { deploymentId: 7 }, true],
	['its tag', { tag: 'v1.0' }, {}, true],
	['a tag that begins alike', { tag: 'v1' }, {}, false],
	['a tag in capitals', { tag: 'V1.0' }, {}, false],
	['no tag', { tag: 'v1.0' }, { tag: undefined }, false],
	['one of several statuses', { status: ['queued', 'running'] }, {}, true],
	['a status in capitals', { status: ['RUNNING'] }, { status: 'Running' }, true],
	['a status as text', { status: 'running' }, {}, true],
	['another status', { status: ['queued'] }, {}, false],
	['runs longer', { runningLongerThan: 60 }, {}, true],
	['runs longer, as text', { runningLongerThan: '60' }, {}, true],
	['runs as long, to the millisecond', { runningLongerThan: 90 }, {}, false],
	['runs shorter', { runningLongerThan: 91 }, {}, false],
	['ran longer and has ended', { runningLongerThan: 60 }, { status: 'COMPLETED' }, false],
	['was queued longer', { runningLongerThan: 60 }, { start: undefined, createdAt: ago(61) }, true],
	['has no time', { runningLongerThan: 0 }, { start: undefined }, false],
	['has a time that is none', { runningLongerThan: 0 }, { start: 'soon' }, false],
	['started after', { startedAfter: ago(91) }, {}, true],
	['started just then', { startedAfter: ago(90) }, {}, false],
	['started before', { startedBefore: ago(89) }, {}, true],
	['started not before', { startedBefore: ago(90) }, {}, false],
	['has no time to be before', { startedBefore: ago(0) }, { start: undefined }, false],
	['between two times', { startedAfter: ago(100), startedBefore: ago(80) }, {}, true],
	['all of several', { tag: 'v1.0', status: ['running'], runningLongerThan: 60 }, {}, true],
	['all but one of several', { tag: 'v1.0', status: ['queued'], runningLongerThan: 60 }, {}, false],
])('%s', (_name, filters, fields, expected) => {
	expect(passes(filters, { ...session, ...fields })).toBe(expected);
});

test.each([
	['UTC', false],
	['America/New_York', true],
])('a time that names no zone is one of the workflow: %s', (timezone, expected) => {
	// 10:30 in UTC, when the session started, is 06:30 in New York.
	expect(passes({ startedBefore: '2025-06-18T06:31:00' }, session, timezone)).toBe(expected);
});

test.each<[IDataObject, string]>([
	[{ deploymentId: { mode: 'list', value: '' } }, "'Deployment' is empty"],
	[{ deploymentId: null }, "'Deployment' is empty"],
	[{ tag: '' }, "'Tag' is empty"],
	[{ tag: undefined }, "'Tag' is empty"],
	[{ tag: ['v1'] }, "The filter 'Tag' is a list, not text"],
	[{ tag: { name: 'v1' } }, "The filter 'Tag' is a group of fields, not text"],
	[{ deploymentId: { mode: 'id', value: null } }, "'Deployment' is empty"],
	[{ status: [] }, "'Status' is empty"],
	[{ status: ['', null] }, "'Status' is empty"],
	[{ status: 'gone' }, `'Status' is not a valid choice: "gone"`],
	[{ status: null }, "'Status' is empty"],
	[{ runningLongerThan: '' }, "'Running Longer Than (Minutes)' is empty"],
	[{ runningLongerThan: undefined }, "'Running Longer Than (Minutes)' is empty"],
	[{ runningLongerThan: null }, "'Running Longer Than (Minutes)' is empty"],
	[
		{ runningLongerThan: -1 },
		`'Running Longer Than (Minutes)' is not a number of at least 0: "-1"`,
	],
	[
		{ runningLongerThan: 'an hour' },
		`'Running Longer Than (Minutes)' is not a number of at least 0: "an hour"`,
	],
	[{ startedAfter: '' }, "'Started After' is empty"],
	[{ startedAfter: undefined }, "'Started After' is empty"],
	[{ startedBefore: null }, "'Started Before' is empty"],
	[{ startedBefore: 'soon' }, `'Started Before' is not a time: "soon"`],
	[{ startedBefore: {} }, `'Started Before' is not a time: "{}"`],
	[{ owner: 'me' }, 'This node does not have a filter "owner"'],
])('a filter that says nothing is an error, for it would let all pass: %j', (filters, message) => {
	expect(() => testsOf(filters)).toThrow(new InvalidInput(message, ''));
});

test.each<[IDataObject, string]>([
	[{ tag: '' }, 'Enter a value, or remove the filter: an empty filter would match everything.'],
	[{ tag: ['v1'] }, 'Enter a value, or remove the filter: an empty filter would match everything.'],
	[{ status: [] }, 'Or remove the filter.'],
	[{ runningLongerThan: '' }, 'enter a number of at least 0, such as 60. Or remove the filter.'],
	[{ runningLongerThan: 'an hour' }, 'enter a number of at least 0, such as 60.'],
	[{ startedAfter: '' }, 'returns one, such as {{ $now.minus({ hours: 1 }) }}. As text'],
	[{ startedBefore: 'soon' }, 'in the time zone of this workflow (Asia/Tokyo).'],
	[{ owner: 'me' }, 'Open the node, remove the filter, and choose the filters again.'],
])('the error about %j says what to do', (filters, advice) => {
	const nextStep = expect.stringContaining(advice) as string;
	expect(() => testsOf(filters, 'Asia/Tokyo')).toThrow(expect.objectContaining({ nextStep }));
});

test.each([
	['deploymentId', 'Deployment'],
	['tag', 'Tag'],
	['status', 'Status'],
	['runningLongerThan', 'Running Longer Than (Minutes)'],
	['startedAfter', 'Started After'],
	['startedBefore', 'Started Before'],
])('an expression in %s that finds nothing is told from an empty field', (name, label) => {
	const { rawParameter } = itemWithout(`filters.${name}`);
	const item = itemWith({ filters: { [name]: undefined } }, { rawParameter });
	expect(() => readFilters(sessionFilters, item)).toThrow(
		new InvalidInput(`The expression in '${label}' returned nothing`, ''),
	);
});

test('what an error shows of a value has an end', () => {
	expect(() => testsOf({ startedBefore: 'x'.repeat(100) })).toThrow(
		new InvalidInput(`'Started Before' is not a time: "${'x'.repeat(60)}…"`, ''),
	);
});

describe('a time', () => {
	// The session started at 10:30 in UTC, which is 06:30 in New York.
	const half = Date.UTC(2025, 5, 18, 10, 30);

	test.each<[string, unknown]>([
		['a DateTime of Luxon', tryToParseDateTime('2025-06-18T10:30:00Z')],
		['a DateTime of Luxon in another zone', tryToParseDateTime('2025-06-18T12:30:00+02:00')],
		['a Date', new Date(half)],
		['milliseconds', half],
		['text with a zone', '2025-06-18T10:30:00.000Z'],
		['text with the zone of Tokyo', '2025-06-18T19:30:00.000+09:00'],
		['text without a zone', '2025-06-18T06:30:00'],
		['text without seconds', '2025-06-18T06:30'],
		['text as SQL writes it', '2025-06-18 06:30:00.000 -04:00'],
		['text as SQL writes it, without a zone', '2025-06-18 06:30:00'],
		['text with spaces around it', ' 2025-06-18T06:30:00\n'],
	])('is read to the millisecond: %s', (_name, value) => {
		const at = (startedAfter: unknown, milliseconds: number) =>
			passes(
				{ startedAfter } as IDataObject,
				{ start: new Date(half + milliseconds).toISOString() },
				'America/New_York',
			);
		expect([at(value, 0), at(value, 1)]).toEqual([false, true]);
	});

	test.each([['2000-01-01T00:00:00Z'], ['9999-12-31T00:00:00Z']])(
		'may be as old or new as %s',
		(time) => {
			expect(passes({ startedBefore: time }, session)).toBe(time > session.start);
		},
	);

	test.each<[IDataObject, string]>([
		[{ startedAfter: '9999-12-31T00:00:00Z' }, /is in the future/.source],
		[
			{ startedAfter: '2025-06-18T00:00:00Z', startedBefore: '2025-06-18T00:00:00Z' },
			"'Started After' \\(2025-06-18T00:00:00.000Z\\) is not before 'Started Before'",
		],
		[
			{ startedAfter: '2025-06-18T00:00:00Z', runningLongerThan: 1e9 },
			"is not before 'Running Longer Than",
		],
	])('that nothing can match is an error: %j', (filters, message) => {
		expect(() => testsOf(filters)).toThrow(new RegExp(message));
	});

	test('of a day begins at midnight in the zone of the workflow', () => {
		const start = '2025-06-17T23:00:00Z';
		expect(passes({ startedAfter: '2025-06-18' }, { start }, 'Europe/Berlin')).toBe(true);
		expect(passes({ startedAfter: '2025-06-18' }, { start }, 'UTC')).toBe(false);
	});

	test.each<[string, unknown]>([
		['a word and a number', 'order 4711'],
		['a room', 'room-5012'],
		['a letter and a number', 'P-2050'],
		['a number as text', '99999'],
		['milliseconds as text', String(half)],
		['a year', '2025'],
		['a year and a month', '2025-06'],
		['a date of the United States', '06/18/2025'],
		['a date of the United States with a time', '6/18/2025, 10:30:00 AM'],
		['a date in German', '18.06.2025'],
		['a date as JavaScript writes it', 'Wed Jun 18 2025 10:30:00 GMT+0000'],
		['a date as HTTP writes it', 'Wed, 18 Jun 2025 10:30:00 GMT'],
		['a time before noon', '2025-06-18 10:30 AM'],
		['a date and more', '2025-06-18 order 7'],
		['a day that does not exist', '2025-02-30'],
		['a month that does not exist', '2025-13-01'],
		['an hour that does not exist', '2025-06-18T25:00:00'],
		['a time of 1970, which stands for none', '1970-01-01T00:00:00Z'],
		['a time before Christ', '-000001-01-01T00:00:00Z'],
		['zero', 0],
		['seconds', half / 1_000],
		['microseconds', half * 1_000],
		['NaN', Number.NaN],
		['infinity', Number.POSITIVE_INFINITY],
		['a Date that is none', new Date('soon')],
		['a Date of 1970', new Date(0)],
		['no text', ''],
		['a list', ['2025-06-18']],
		['an object', { year: 2025 }],
		['an object that cannot become a number', { valueOf: 1, toString: 1 }],
		['an object that says it is a DateTime', { isLuxonDateTime: true, isValid: true, ts: half }],
		['an object without a prototype', Object.create(null)],
		['yes', true],
		['a big integer', BigInt(half)],
	])('is not what merely looks like one to a lenient parser: %s', (_name, value) => {
		for (const name of ['startedAfter', 'startedBefore']) {
			expect(() => testsOf({ [name]: value } as IDataObject)).toThrow(InvalidInput);
		}
	});

	test.each<[string, IDataObject]>([
		['nothing', {}],
		['text', { start: 'order 4711' }],
		['text, though it was created at a time', { start: 'soon', createdAt: ago(90) }],
		['a year', { start: '2025' }],
		['an object', { start: {} }],
	])('of a session that cannot be read passes no filter: %s', (_name, fields) => {
		const other = { sessionId: '2', status: 'running', ...fields };
		expect(passes({ runningLongerThan: 0 }, other)).toBe(false);
		expect(passes({ startedBefore: '9999-01-01' }, other)).toBe(false);
		expect(passes({ startedAfter: '2000-01-01' }, other)).toBe(false);
	});

	test('of a session that names no zone is in UTC', () => {
		const start = '2025-06-18T10:30:00';
		const filters = { startedAfter: ago(91), startedBefore: ago(89) };
		expect(passes(filters, { start }, 'America/New_York')).toBe(true);
	});

	test.each([[''], [null], [undefined]])(
		'of a session without a start is that of its creation: %j',
		(start) => {
			const queued = { status: 'queued', start, createdAt: ago(61) };
			expect(passes({ runningLongerThan: 60 }, queued)).toBe(true);
			expect(passes({ runningLongerThan: 62 }, queued)).toBe(false);
		},
	);
});

describe('a value of the wrong kind does not stand for one that lets all pass', () => {
	test.each<[string, IDataObject]>([
		['an empty list is not 0 minutes', { runningLongerThan: [] }],
		['spaces are not 0 minutes', { runningLongerThan: ' ' }],
		['false is not 0 minutes', { runningLongerThan: false }],
		['45 is not the year 2045', { startedBefore: 45 }],
		['a word and a number are not the year 2045', { startedBefore: 'minute 45' }],
	])('%s', (_name, filters) => {
		expect(() => testsOf(filters)).toThrow(InvalidInput);
	});
});

test('parses the start of a session once, not for the filters of each item', () => {
	const startOf = jest.spyOn(agentSession.kind, 'startOf');
	const listed = { ...session };
	const results = [60, 91].map((runningLongerThan) => passes({ runningLongerThan }, listed));
	expect(results).toEqual([true, false]);
	expect(startOf).toHaveBeenCalledTimes(1);
	startOf.mockRestore();
});
