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

const [deploymentId, tag, status] = ['d1', 'v1.0', 'running'];
const session = { sessionId: '1', status, deploymentId, tag, start: ago(90) };

test.each<[string, IDataObject, IDataObject, boolean]>([
	['passes without a filter', {}, {}, true],
	['passes a filter for its deployment', { deploymentId: { mode: 'id', value: 'd1' } }, {}, true],
	['passes a filter for its deployment as text', { deploymentId: ' d1 ' }, {}, true],
	['fails a filter for another deployment', { deploymentId: 'd' }, {}, false],
	['passes a filter for a numeric deployment ID', { deploymentId: 7 }, { deploymentId: 7 }, true],
	['passes a filter for its tag', { tag: 'v1.0' }, {}, true],
	['fails a filter for a prefix of its tag', { tag: 'v1' }, {}, false],
	['fails a filter for its tag in capitals', { tag: 'V1.0' }, {}, false],
	['fails a tag filter if it has no tag', { tag: 'v1.0' }, { tag: undefined }, false],
	[
		'passes a filter for several statuses with its own',
		{ status: ['queued', 'running'] },
		{},
		true,
	],
	['passes a status filter in another case', { status: ['RUNNING'] }, { status: 'Running' }, true],
	['passes a status filter as text', { status: 'running' }, {}, true],
	['fails a filter for another status', { status: ['queued'] }, {}, false],
	["passes 'Running Longer Than' if it has run longer", { runningLongerThan: 60 }, {}, true],
	[
		"passes 'Running Longer Than' as text if it has run longer",
		{ runningLongerThan: '60' },
		{},
		true,
	],
	[
		"fails 'Running Longer Than' if it has run exactly that long",
		{ runningLongerThan: 90 },
		{},
		false,
	],
	["fails 'Running Longer Than' if it has run for less time", { runningLongerThan: 91 }, {}, false],
	[
		"fails 'Running Longer Than' if it has ended",
		{ runningLongerThan: 60 },
		{ status: 'COMPLETED' },
		false,
	],
	[
		"passes 'Running Longer Than' if it was queued longer ago",
		{ runningLongerThan: 60 },
		{ start: undefined, createdAt: ago(61) },
		true,
	],
	[
		"fails 'Running Longer Than' if it has no start time",
		{ runningLongerThan: 0 },
		{ start: undefined },
		false,
	],
	[
		"fails 'Running Longer Than' if its start is not a time",
		{ runningLongerThan: 0 },
		{ start: 'soon' },
		false,
	],
	["passes 'Started After' if it started later", { startedAfter: ago(91) }, {}, true],
	["fails 'Started After' if it started exactly then", { startedAfter: ago(90) }, {}, false],
	["passes 'Started Before' if it started earlier", { startedBefore: ago(89) }, {}, true],
	["fails 'Started Before' if it started exactly then", { startedBefore: ago(90) }, {}, false],
	[
		"fails 'Started Before' if it has no start time",
		{ startedBefore: ago(0) },
		{ start: undefined },
		false,
	],
	[
		"passes 'Started After' and 'Started Before' if it is between them",
		{ startedAfter: ago(100), startedBefore: ago(80) },
		{},
		true,
	],
	[
		'passes several filters if it matches all of them',
		{ tag: 'v1.0', status: ['running'], runningLongerThan: 60 },
		{},
		true,
	],
	[
		'fails several filters if it matches all but one',
		{ tag: 'v1.0', status: ['queued'], runningLongerThan: 60 },
		{},
		false,
	],
])('a session %s', (_name, filters, fields, expected) => {
	expect(passes(filters, { ...session, ...fields })).toBe(expected);
});

test.each([
	['UTC', false],
	['America/New_York', true],
])('a filter time without a zone uses the zone of the workflow: %s', (timezone, expected) => {
	// 10:30 in UTC, when the session started, is 06:30 in New York.
	expect(passes({ startedBefore: '2025-06-18T06:31:00' }, session, timezone)).toBe(expected);
});

const enter = 'Enter a value, or remove the filter: an empty filter would match everything.';
const [number, minutes] = [
	'enter a number of at least 0, such as 60',
	'Running Longer Than (Minutes)',
];
const noNumber = `'${minutes}' is not a number of at least 0`;
const oneHourAgo = 'returns one, such as {{ $now.minus({ hours: 1 }) }}. As text';
const inTokyo = 'in the time zone of this workflow (Asia/Tokyo).';

test.each<[IDataObject, string, string]>([
	[{ deploymentId: { mode: 'list', value: '' } }, "'Deployment' is empty", 'remove the filter'],
	[{ deploymentId: null }, "'Deployment' is empty", 'remove the filter'],
	[{ tag: '' }, "'Tag' is empty", enter],
	[{ tag: undefined }, "'Tag' is empty", enter],
	[{ tag: ['v1'] }, "The filter 'Tag' is a list, not text", enter],
	[{ status: [] }, "'Status' is empty", 'Or remove the filter.'],
	[{ status: ['', null] }, "'Status' is empty", 'Or remove the filter.'],
	[{ status: 'gone' }, `'Status' does not have this choice: "gone"`, ''],
	[{ runningLongerThan: '' }, `'${minutes}' is empty`, `${number}. Or remove the filter.`],
	[{ runningLongerThan: null }, `'${minutes}' is empty`, number],
	[{ runningLongerThan: -1 }, `${noNumber}: "-1"`, number],
	[{ runningLongerThan: 'an hour' }, `${noNumber}: "an hour"`, number],
	[{ startedAfter: '' }, "'Started After' is empty", oneHourAgo],
	[{ startedBefore: null }, "'Started Before' is empty", oneHourAgo],
	[{ startedBefore: 'soon' }, `'Started Before' is not a time: "soon"`, inTokyo],
	[{ startedBefore: {} }, `'Started Before' is not a time: "{}"`, inTokyo],
	[
		{ owner: 'me' },
		'This node does not have a filter "owner"',
		'Open the node, check its filters, and save the workflow again.',
	],
])('an empty or invalid filter fails: %j', (...given) => {
	const [filters, message, advice] = given;
	const nextStep = expect.stringContaining(advice) as string;
	const read = () => testsOf(filters, 'Asia/Tokyo');
	expect(read).toThrow(InvalidInput);
	expect(read).toThrow(expect.objectContaining({ message, nextStep }));
});

test.each([
	['deploymentId', 'Deployment'],
	['tag', 'Tag'],
	['status', 'Status'],
	['runningLongerThan', 'Running Longer Than (Minutes)'],
	['startedAfter', 'Started After'],
	['startedBefore', 'Started Before'],
])('an expression in the filter %s that returns nothing is reported', (name, label) => {
	const { rawParameter } = itemWithout(`filters.${name}`);
	const item = itemWith({ filters: { [name]: undefined } }, { rawParameter });
	const error = new InvalidInput(`The expression in '${label}' returned nothing`, '');
	expect(() => readFilters(sessionFilters, item)).toThrow(error);
});

test('an error message shortens a long filter value', () => {
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
		['text in SQL format', '2025-06-18 06:30:00.000 -04:00'],
		['text in SQL format without a zone', '2025-06-18 06:30:00'],
		['text with spaces around it', ' 2025-06-18T06:30:00\n'],
	])('a filter time is read to the millisecond: %s', (_name, value) => {
		const at = (startedAfter: unknown, milliseconds: number) =>
			passes(
				{ startedAfter } as IDataObject,
				{ start: new Date(half + milliseconds).toISOString() },
				'America/New_York',
			);
		expect([at(value, 0), at(value, 1)]).toEqual([false, true]);
	});

	test.each([
		['2000-01-01T00:00:00Z', false],
		['9999-12-31T00:00:00Z', true],
	])('a filter time may be as early or late as %s', (startedBefore, expected) => {
		expect(passes({ startedBefore }, session)).toBe(expected);
	});

	const day = '2025-06-18T00:00:00Z';

	test.each<[string, IDataObject, string]>([
		['a future time', { startedAfter: '9999-12-31T00:00:00Z' }, 'is in the future'],
		[
			'an empty interval',
			{ startedAfter: day, startedBefore: day },
			"'Started After' (2025-06-18T00:00:00.000Z) is not earlier than the latest start time that 'Started Before' allows",
		],
		[
			'an impossible running time',
			{ startedAfter: day, runningLongerThan: 1e9 },
			"is not earlier than the latest start time that 'Running Longer Than (Minutes)' allows (1000000000 minutes ago)",
		],
	])('filter times that nothing can match are an error: %s', (_name, filters, message) => {
		expect(() => testsOf(filters)).toThrow(message);
	});

	test('an error about filter times shows them in the time zone of the workflow', () => {
		const filters = { startedAfter: day, startedBefore: '2025-06-17T23:00:00Z' };
		expect(() => testsOf(filters, 'Europe/Berlin')).toThrow(
			"'Started After' (2025-06-18T02:00:00.000+02:00) is not earlier than the latest start time that 'Started Before' allows (2025-06-18T01:00:00.000+02:00)",
		);
	});

	test('a filter date begins at midnight in the time zone of the workflow', () => {
		const start = '2025-06-17T23:00:00Z';
		expect(passes({ startedAfter: '2025-06-18' }, { start }, 'Europe/Berlin')).toBe(true);
		expect(passes({ startedAfter: '2025-06-18' }, { start }, 'UTC')).toBe(false);
	});

	const lenient = [
		...['order 4711', 'room-5012', '99999', String(half), '2025', '2025-06', '06/18/2025'],
		...['6/18/2025, 10:30:00 AM', '18.06.2025', 'Wed Jun 18 2025 10:30:00 GMT+0000'],
		...['Wed, 18 Jun 2025 10:30:00 GMT', '2025-06-18 10:30 AM', '2025-06-18 order 7'],
		...['2025-02-30', '2025-13-01', '2025-06-18T25:00:00', '-000001-01-01T00:00:00Z'],
		// A time of 1970 stands for none.
		...['1970-01-01T00:00:00Z', new Date(0), 0, half / 1_000, half * 1_000, Number.NaN],
		...[new Date('soon'), ['2025-06-18'], { year: 2025 }, { valueOf: 1, toString: 1 }],
		...[{ isLuxonDateTime: true, isValid: true, ts: half }, Object.create(null) as object],
		...[true, BigInt(half), 45, 'minute 45'],
	];

	test.each(lenient.map((value) => [value]))('%p is not a time', (value) => {
		for (const name of ['startedAfter', 'startedBefore']) {
			expect(() => testsOf({ [name]: value } as IDataObject)).toThrow(InvalidInput);
		}
	});

	test.each<[string, IDataObject]>([
		['missing', {}],
		['text', { start: 'order 4711' }],
		['text despite createdAt', { start: 'soon', createdAt: ago(90) }],
		['a year', { start: '2025' }],
		['an object', { start: {} }],
	])('a session with an unreadable start fails time filters: %s', (_name, fields) => {
		const other = { sessionId: '2', status: 'running', ...fields };
		expect(passes({ runningLongerThan: 0 }, other)).toBe(false);
		expect(passes({ startedBefore: '9999-01-01' }, other)).toBe(false);
		expect(passes({ startedAfter: '2000-01-01' }, other)).toBe(false);
	});

	test('a session start without a time zone is in UTC', () => {
		const start = '2025-06-18T10:30:00';
		const filters = { startedAfter: ago(91), startedBefore: ago(89) };
		expect(passes(filters, { start }, 'America/New_York')).toBe(true);
	});

	test.each([[''], [null], [undefined]])(
		'a session whose start is %j is filtered by its creation time',
		(start) => {
			const queued = { status: 'queued', start, createdAt: ago(61) };
			expect(passes({ runningLongerThan: 60 }, queued)).toBe(true);
			expect(passes({ runningLongerThan: 62 }, queued)).toBe(false);
		},
	);
});

test.each([[[]], [' '], [false]])(
	"'Running Longer Than' rejects %j instead of reading it as 0",
	(value) => {
		expect(() => testsOf({ runningLongerThan: value })).toThrow(InvalidInput);
	},
);

test('the start of a session is parsed once for the filters of all items', () => {
	const startOf = jest.spyOn(agentSession.kind, 'startOf');
	const listed = { ...session };
	const results = [60, 91].map((runningLongerThan) => passes({ runningLongerThan }, listed));
	expect(results).toEqual([true, false]);
	expect(startOf).toHaveBeenCalledTimes(1);
	startOf.mockRestore();
});
