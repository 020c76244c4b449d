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
		['is read with the field names of Get', { id, from, to, roomId }, read],
		['is read with the field names of Make', asMade, read],
		[
			'with both sets of field names keeps callId, from, to and roomId',
			{ ...read, id: 'x', ...others },
			read,
		],
		['with a numeric ID gets a callId that is a string', { id: 7 }, { callId: '7' }],
		['with an empty callId takes its id instead', { callId: '', id: 'c' }, { callId: 'c' }],
	])('a call %s', async (_name, data, expected) => {
		const { client, requests } = await wireTo(() => ({ body: { data } }));
		expect(await getOne(client, calls, 'a/b')).toEqual({ ...data, ...expected });
		expect(requests).toMatchObject([{ method: 'GET', url: '/v2/sip/call/a%2Fb' }]);
	});

	test('a call is missing if VideoSDK answers with an empty list', async () => {
		const { client } = await wireTo(() => ({ body: { data: [] } }));
		await expect(getOne(client, calls, 'c')).rejects.toMatchObject({ cause: { kind: 'missing' } });
	});

	test.each([[{}], [{ data: null }]])(
		'getting a call fails if the response contains no call: %j',
		async (body) => {
			const { client } = await wireTo(() => ({ body }));
			await expect(getOne(client, calls, 'c')).rejects.toMatchObject({
				cause: { kind: 'unreadable', problem: expect.stringContaining('no call') },
			});
		},
	);

	test('the response to ending a call is read even if it has no call ID', () => {
		const { end } = calls;
		expect(end.read({ data: { id: 'c' }, message: 'Done' })).toMatchObject({ callId: 'c' });
		const ended = { status: 'ended', message: 'Done' };
		expect(end.read({ data: { status: 'ended' }, message: 'Done' })).toEqual(ended);
		expect(end.read({ message: 'Done' })).toBeUndefined();
	});

	test.each<[string, IDataObject, unknown]>([
		['its field start', { start: 'a', createdAt: 'b', timelog: [{ timestamp: 'c' }] }, 'a'],
		[
			'createdAt if start is empty',
			{ start: '', createdAt: 'b', timelog: [{ timestamp: 'c' }] },
			'b',
		],
		['the first timestamp in its log', { timelog: [{ timestamp: 'c' }, { timestamp: 'd' }] }, 'c'],
		['unknown if its log is empty', { timelog: [] }, undefined],
		['unknown if its log is not a list', { timelog: { 0: { timestamp: 'c' } } }, undefined],
		['unknown if a log entry is null', { timelog: [null] }, undefined],
	])('the start of a call is %s', (_name, call, expected) => {
		expect(calls.startOf(call)).toBe(expected);
	});
});

test('listed calls get a callId, as a single call does', async () => {
	const { client, requests } = await wireTo(({ qs }) => ({
		body: { data: qs?.page === 1 ? [{ id: 'c' }] : [] },
	}));
	expect(await collect(client, listOf(calls), 10)).toMatchObject([{ callId: 'c' }]);
	expect(requests[0]).toMatchObject({ url: '/v2/sip/call', qs: { page: 1, perPage: 100 } });
});

describe('making a call', () => {
	const start = { sipCallTo: '+1\n', headers: { 'X-Secret': 'hunter2' } };

	test('making a call sends its fields and returns the call with the message', async () => {
		const body = { data: { callId: 'c', sipCallTo: '+1' }, message: 'Initiated' };
		const { client, requests } = await wireTo(() => ({ body }));
		const made = await makeCall(client, { sipCallTo: '+1' });
		expect(made).toMatchObject({ callId: 'c', to: '+1', message: 'Initiated' });
		const sent = { method: 'POST', url: '/v2/sip/call', body: '{"sipCallTo":"+1"}' };
		expect(requests).toMatchObject([sent]);
	});

	test('making a call is not retried after a 502, and its error hides header values', async () => {
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

	test('making a call fails if the response contains no call', async () => {
		const { client } = await wireTo(() => ({ body: { message: 'Initiated' } }));
		await expect(makeCall(client, start)).rejects.toMatchObject({
			cause: { kind: 'unreadable', problem: expect.stringContaining('no call') },
			mayHaveTakenEffect: true,
		});
	});
});
