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
])('a filter that says nothing is an error, for it would let all pass: %j', (...given) => {
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
])('an expression in %s that finds nothing is told from an empty field', (name, label) => {
	const { rawParameter } = itemWithout(`filters.${name}`);
	const item = itemWith({ filters: { [name]: undefined } }, { rawParameter });
	const error = new InvalidInput(`The expression in '${label}' returned nothing`, '');
	expect(() => readFilters(sessionFilters, item)).toThrow(error);
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

	test.each([
		['2000-01-01T00:00:00Z', false],
		['9999-12-31T00:00:00Z', true],
	])('may be as old or new as %s', (startedBefore, expected) => {
		expect(passes({ startedBefore }, session)).toBe(expected);
	});

	const day = '2025-06-18T00:00:00Z';

	test.each<[IDataObject, string]>([
		[{ startedAfter: '9999-12-31T00:00:00Z' }, 'is in the future'],
		[
			{ startedAfter: day, startedBefore: day },
			"'Started After' (2025-06-18T00:00:00.000Z) is not earlier than the latest start time that 'Started Before' allows",
		],
		[
			{ startedAfter: day, runningLongerThan: 1e9 },
			"is not earlier than the latest start time that 'Running Longer Than (Minutes)' allows (1000000000 minutes ago)",
		],
	])('that nothing can match is an error: %j', (filters, message) => {
		expect(() => testsOf(filters)).toThrow(message);
	});

	test('is shown in the zone of the workflow where nothing can match', () => {
		const filters = { startedAfter: day, startedBefore: '2025-06-17T23:00:00Z' };
		expect(() => testsOf(filters, 'Europe/Berlin')).toThrow(
			"'Started After' (2025-06-18T02:00:00.000+02:00) is not earlier than the latest start time that 'Started Before' allows (2025-06-18T01:00:00.000+02:00)",
		);
	});

	test('of a day begins at midnight in the zone of the workflow', () => {
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

	test.each(lenient.map((value) => [value]))('is not what looks like one: %p', (value) => {
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

test.each([[[]], [' '], [false]])('%j is not 0 minutes, which would let all pass', (value) => {
	expect(() => testsOf({ runningLongerThan: value })).toThrow(InvalidInput);
});

test('parses the start of a session once, not for the filters of each item', () => {
	const startOf = jest.spyOn(agentSession.kind, 'startOf');
	const listed = { ...session };
	const results = [60, 91].map((runningLongerThan) => passes({ runningLongerThan }, listed));
	expect(results).toEqual([true, false]);
	expect(startOf).toHaveBeenCalledTimes(1);
	startOf.mockRestore();
});
