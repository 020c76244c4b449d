import type { IDataObject } from 'n8n-workflow';
import { calls, makeCall } from '../../../nodes/VideoSdk/api/calls';
import { getOne, listOf } from '../../../nodes/VideoSdk/api/live';
import { collect } from '../../../nodes/VideoSdk/http/pages';
import { wireTo } from '../../support/wire';

describe('a call', () => {
	test.each<[string, IDataObject, IDataObject]>([
		[
			'as Get spells it',
			{ id: 'c', from: '1', to: '2', roomId: 'r' },
			{ callId: 'c', id: 'c', from: '1', to: '2', roomId: 'r' },
		],
		[
			'as Make spells it',
			{ callId: 'c', sipCallFrom: '1', sipCallTo: '2', destinationRoomId: 'r' },
			{ callId: 'c', from: '1', to: '2', roomId: 'r' },
		],
		[
			'in both spellings: the first of each counts',
			{
				...{ callId: 'c', from: '1', to: '2', roomId: 'r' },
				...{ id: 'x', sipCallFrom: 'x', sipCallTo: 'x', destinationRoomId: 'x' },
			},
			{ callId: 'c', from: '1', to: '2', roomId: 'r' },
		],
		['whose ID is a number', { id: 7 }, { callId: '7' }],
		['whose first ID is empty', { callId: '', id: 'c' }, { callId: 'c' }],
	])('is read %s', async (_name, data, expected) => {
		const { client, requests } = await wireTo(() => ({ body: { data } }));
		const { callId, from, to, roomId, ...others } = expected;
		expect(await getOne(client, calls, 'a/b')).toEqual({
			...data,
			...others,
			...{ callId, from, to, roomId },
		});
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
		expect(end.read({ data: { status: 'ended' }, message: 'Done' })).toEqual({
			status: 'ended',
			message: 'Done',
		});
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
		const { client, requests } = await wireTo(() => ({
			body: { data: { callId: 'c', sipCallTo: '+1' }, message: 'Initiated' },
		}));
		expect(await makeCall(client, { sipCallTo: '+1' })).toMatchObject({
			callId: 'c',
			to: '+1',
			message: 'Initiated',
		});
		expect(requests).toMatchObject([
			{ method: 'POST', url: '/v2/sip/call', body: '{"sipCallTo":"+1"}' },
		]);
	});

	test('is not tried again where the phone may have rung, and shows no value of a header', async () => {
		const { client, requests } = await wireTo(() => ({
			statusCode: 502,
			body: { message: 'hunter2 is bad' },
		}));
		await expect(makeCall(client, start)).rejects.toMatchObject({
			cause: { status: 502, errorResponse: { message: '[hidden] is bad' } },
			mayHaveTakenEffect: true,
			purpose: {
				consequence: 'The call to +1 was not made',
				about: { to: '+1\n' },
				ifItWorked: 'called',
			},
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
