import type { IDataObject } from 'n8n-workflow';
import { calls, makeCall } from '../../../nodes/VideoSdk/api/calls';
import { getOne, listOf } from '../../../nodes/VideoSdk/api/live';
import { collect } from '../../../nodes/VideoSdk/http/pages';
import { wireTo } from '../../support/wire';

describe('a call', () => {
	const [id, from, to, roomId] = ['c', '1', '2', 'r'];
	const read = { callId: id, from, to, roomId };
	const others = { sipCallFrom: 'x', sipCallTo: 'x', destinationRoomId: 'x' };
	const asMade = { callId: id, sipCallFrom: from, sipCallTo: to, destinationRoomId: roomId };

	test.each<[string, IDataObject, IDataObject]>([
		['as Get spells it', { id, from, to, roomId }, read],
		['as Make spells it', asMade, read],
		['in both spellings: the first of each counts', { ...read, id: 'x', ...others }, read],
		['whose ID is a number', { id: 7 }, { callId: '7' }],
		['whose first ID is empty', { callId: '', id: 'c' }, { callId: 'c' }],
	])('is read %s', async (_name, data, expected) => {
		const { client, requests } = await wireTo(() => ({ body: { data } }));
		expect(await getOne(client, calls, 'a/b')).toEqual({ ...data, ...expected });
		expect(requests).toMatchObject([{ method: 'GET', url: '/v2/sip/call/a%2Fb' }]);
	});

	test('does not exist if VideoSDK answers with an empty list', async () => {
		const { client } = await wireTo(() => ({ body: { data: [] } }));
		await expect(getOne(client, calls, 'c')).rejects.toMatchObject({ cause: { kind: 'missing' } });
	});

	test.each([[{}], [{ data: null }]])('is missing in %j', async (body) => {
		const { client } = await wireTo(() => ({ body }));
		await expect(getOne(client, calls, 'c')).rejects.toMatchObject({
			cause: { kind: 'unreadable', problem: expect.stringContaining('no call') },
		});
	});

	test('is told by the answer to the end of it, also if that has no ID', () => {
		const { end } = calls;
		expect(end.read({ data: { id: 'c' }, message: 'Done' })).toMatchObject({ callId: 'c' });
		const ended = { status: 'ended', message: 'Done' };
		expect(end.read({ data: { status: 'ended' }, message: 'Done' })).toEqual(ended);
		expect(end.read({ message: 'Done' })).toBeUndefined();
	});

	test.each<[string, IDataObject, unknown]>([
		['at its start', { start: 'a', createdAt: 'b', timelog: [{ timestamp: 'c' }] }, 'a'],
		['when it was made', { start: '', createdAt: 'b', timelog: [{ timestamp: 'c' }] }, 'b'],
		['at the first time in its log', { timelog: [{ timestamp: 'c' }, { timestamp: 'd' }] }, 'c'],
		['nobody knows when: its log is empty', { timelog: [] }, undefined],
		['nobody knows when: its log is no list', { timelog: { 0: { timestamp: 'c' } } }, undefined],
		['nobody knows when: an entry is none', { timelog: [null] }, undefined],
	])('began %s', (_name, call, expected) => {
		expect(calls.startOf(call)).toBe(expected);
	});
});

test('the calls in the list are read alike', async () => {
	const { client, requests } = await wireTo(({ qs }) => ({
		body: { data: qs?.page === 1 ? [{ id: 'c' }] : [] },
	}));
	expect(await collect(client, listOf(calls), 10)).toMatchObject([{ callId: 'c' }]);
	expect(requests[0]).toMatchObject({ url: '/v2/sip/call', qs: { page: 1, perPage: 100 } });
});

describe('making a call', () => {
	const start = { sipCallTo: '+1\n', headers: { 'X-Secret': 'hunter2' } };

	test('sends what it is made with, and gives it with the message', async () => {
		const body = { data: { callId: 'c', sipCallTo: '+1' }, message: 'Initiated' };
		const { client, requests } = await wireTo(() => ({ body }));
		const made = await makeCall(client, { sipCallTo: '+1' });
		expect(made).toMatchObject({ callId: 'c', to: '+1', message: 'Initiated' });
		const sent = { method: 'POST', url: '/v2/sip/call', body: '{"sipCallTo":"+1"}' };
		expect(requests).toMatchObject([sent]);
	});

	test('is not tried again where the phone may have rung, and shows no value of a header', async () => {
		const answer = { statusCode: 502, body: { message: 'hunter2 is bad' } };
		const { client, requests } = await wireTo(() => answer);
		const consequence = 'The call to +1 was not made';
		await expect(makeCall(client, start)).rejects.toMatchObject({
			cause: { status: 502, errorResponse: { message: '[hidden] is bad' } },
			mayHaveTakenEffect: true,
			purpose: { consequence, about: { to: '+1\n' }, ifItWorked: 'called' },
		});
		expect(requests).toHaveLength(1);
	});

	test('fails where no call is in the answer', async () => {
		const { client } = await wireTo(() => ({ body: { message: 'Initiated' } }));
		await expect(makeCall(client, start)).rejects.toMatchObject({
			cause: { kind: 'unreadable', problem: expect.stringContaining('no call') },
			mayHaveTakenEffect: true,
		});
	});
});
