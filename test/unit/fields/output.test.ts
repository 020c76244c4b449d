import type { IDataObject } from 'n8n-workflow';
import type { Item } from '../../../nodes/VideoSdk/execution/work';
import { readOutput } from '../../../nodes/VideoSdk/fields/output';
import { agentSession } from '../../../nodes/VideoSdk/resources/agentSession/agentSession';
import { call } from '../../../nodes/VideoSdk/resources/call/call';
import { room } from '../../../nodes/VideoSdk/resources/room/room';

const now = Date.UTC(2025, 5, 18, 12);

beforeEach(() => jest.useFakeTimers({ now }));
afterEach(() => jest.useRealTimers());

/** What comes out of a session, with these of the fields that say how much of it is wanted. */
function outputOf(fields: IDataObject, session: IDataObject): IDataObject {
	const item = { rawParameter: (name: string) => fields[name] ?? '' } as unknown as Item;
	return readOutput(item, agentSession.kind, agentSession.output)(session);
}

const [start, updatedAt] = ['2025-06-18T11:58:30.400Z', '2025-06-18T11:59:59.000Z'];
const session = { cost: { amount: 1 }, sessionId: '1', updatedAt, start, status: 'running' };

const simplified = { sessionId: '1', status: 'running', runningSeconds: 89, start: session.start };

const selected = { output: 'selected', outputFields: ['updatedAt', 'runningSeconds', 'end'] };

test.each<[string, IDataObject, IDataObject]>([
	['Simplify on', { simplify: true }, simplified],
	['Simplify off', { simplify: false }, session],
	['the tool’s Output set to Simplified', { output: 'simplified' }, simplified],
	['the tool’s Output set to Raw', { output: 'raw' }, session],
	['no selected fields', { output: 'selected', outputFields: [] }, { sessionId: '1' }],
	[
		'selected fields of which one is missing',
		selected,
		{ sessionId: '1', updatedAt, runningSeconds: 89 },
	],
])('the output has the right fields with %s', (_name, fields, expected) => {
	const output = outputOf(fields, session);
	expect(output).toEqual(expected);
	expect(Object.keys(output)).toEqual(Object.keys(expected));
});

test.each<[string, IDataObject, number | undefined]>([
	['is running', {}, 89],
	['has an unknown status', { status: 'paused' }, 89],
	['was queued a minute ago', { start: '', createdAt: now - 60_000 }, 60],
	['has ended', { status: 'Stopped' }, undefined],
	['has no start', { start: undefined }, undefined],
	['starts in the future', { start: now + 700 }, 0],
])('runningSeconds is correct for a session that %s', (_name, fields, seconds) => {
	expect(outputOf({}, { ...session, ...fields }).runningSeconds).toBe(seconds);
});

test.each([agentSession, call, room])(
	'the simplified output of $name has at most ten fields',
	({ kind, output }) => {
		expect(output.simplified.length).toBeLessThanOrEqual(10);
		expect(output.simplified[0]).toBe(kind.idField);
		const all = [...output.simplified, ...output.more];
		expect(new Set(all).size).toBe(all.length);
	},
);

test.each<[IDataObject, string]>([
	[{ output: 'all' }, `'Output' does not have this choice: "all"`],
	[{ output: 'selected', outputFields: ['none'] }, `'Fields' does not have this choice: "none"`],
	[{ simplify: 'yes' }, `'Simplify' is neither on nor off: "yes"`],
])('an invalid output setting fails: %j', (fields, message) => {
	expect(() => outputOf(fields, session)).toThrow(expect.objectContaining({ message }));
});
