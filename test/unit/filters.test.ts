import type { IDataObject } from 'n8n-workflow';
import { allStatuses, liveStatuses, readFilters } from '../../nodes/VideoSdk/agentSession/filters';
import { InvalidInput } from '../../nodes/VideoSdk/api/failure';
import type { Item } from '../../nodes/VideoSdk/items';

const now = Date.UTC(2025, 5, 18, 12);
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

beforeEach(() => jest.useFakeTimers({ now }));
afterEach(() => jest.useRealTimers());

const testsOf = (filters: IDataObject, timezone = 'UTC') =>
	readFilters({ index: 3, timezone, parameter: () => filters } as unknown as Item);

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
	[{ deploymentId: { mode: 'list', value: '' } }, 'The filter Deployment of item 3 is empty'],
	[{ deploymentId: null }, 'The filter Deployment of item 3 is empty'],
	[{ tag: '' }, 'The filter Tag of item 3 is empty'],
	[{ tag: undefined }, 'The filter Tag of item 3 is empty'],
	[{ tag: ['v1'] }, 'The filter Tag of item 3 is a list, not text'],
	[{ status: [] }, 'The filter Status of item 3 is empty'],
	[{ status: ['running', ''] }, 'The filter Status of item 3 is empty'],
	[{ status: null }, 'The filter Status of item 3 is empty'],
	[{ runningLongerThan: '' }, 'The filter Running Longer Than of item 3 is not a number'],
	[{ runningLongerThan: undefined }, 'The filter Running Longer Than of item 3 is not a number'],
	[{ runningLongerThan: null }, 'The filter Running Longer Than of item 3 is not a number'],
	[{ runningLongerThan: -1 }, 'The filter Running Longer Than of item 3 is not a number'],
	[{ runningLongerThan: 'an hour' }, 'The filter Running Longer Than of item 3 is not a number'],
	[{ startedAfter: '' }, 'The filter Started After of item 3 is not a time'],
	[{ startedAfter: undefined }, 'The filter Started After of item 3 is not a time'],
	[{ startedBefore: null }, 'The filter Started Before of item 3 is not a time'],
	[{ startedBefore: 'soon' }, 'The filter Started Before of item 3 is not a time'],
	[{ startedBefore: {} }, 'The filter Started Before of item 3 is not a time'],
	[{ owner: 'me' }, 'Item 3 has a filter "owner", which this node does not know'],
])('a filter that says nothing is an error, for it would let all pass: %j', (filters, message) => {
	expect(() => testsOf(filters)).toThrow(new InvalidInput(message, ''));
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

test('the kill switch offers the statuses of live sessions only', () => {
	expect(liveStatuses.map(({ value }) => value)).toEqual(['queued', 'running', 'stopping']);
	expect(allStatuses).toEqual(expect.arrayContaining(liveStatuses));
	expect(allStatuses).toHaveLength(6);
});
