import type { IDataObject } from 'n8n-workflow';
import { getOne, listOf } from '../../../nodes/VideoSdk/api/live';
import { collect } from '../../../nodes/VideoSdk/http/pages';
import { dispatchAgent, rooms } from '../../../nodes/VideoSdk/api/rooms';
import { wireTo, type WireAnswer } from '../../support/wire';

describe('the session of a room', () => {
	test.each<[string, IDataObject[], IDataObject]>([
		['as it came', [{ roomId: 'r', status: 'ongoing' }], { roomId: 'r', status: 'ongoing' }],
		[
			'with the room that VideoSDK calls a meeting',
			[{ meetingId: 'r', status: 'ended' }],
			{ meetingId: 'r', roomId: 'r', status: 'ended' },
		],
		[
			'with the room that it calls a room, where it gives both',
			[{ meetingId: 'm', roomId: 'r', status: 'ended' }],
			{ meetingId: 'm', roomId: 'r', status: 'ended' },
		],
		[
			'with the status that its end gives',
			[{ roomId: 'r', end: 'then' }],
			{ roomId: 'r', end: 'then', status: 'ended' },
		],
		[
			'as ongoing without an end',
			[{ roomId: 'r', end: null }],
			{ roomId: 'r', end: null, status: 'ongoing' },
		],
		[
			'that is live, behind one that has ended',
			[
				{ id: 1, roomId: 'r', status: 'ended' },
				{ id: 2, roomId: 'r', status: 'ongoing' },
			],
			{ id: 2, roomId: 'r', status: 'ongoing' },
		],
		[
			'that is live, where none has an ID',
			[
				{ roomId: 'r', status: 'ended' },
				{ roomId: 'r', status: 'ongoing' },
			],
			{ roomId: 'r', status: 'ongoing' },
		],
		[
			'that is first, where all have ended',
			[
				{ id: 1, roomId: 'r', status: 'ended' },
				{ id: 2, roomId: 'r', status: 'ended' },
			],
			{ id: 1, roomId: 'r', status: 'ended' },
		],
	])('is read %s', async (_name, data, expected) => {
		const { client, requests } = await wireTo(() => ({ body: { data } }));
		expect(await getOne(client, rooms, 'r')).toEqual(expected);
		expect(requests).toMatchObject([
			{ method: 'GET', url: '/v2/sessions', qs: { roomId: 'r', page: 1, perPage: 10 } },
		]);
	});

	test('is missing in an empty list', async () => {
		const { client } = await wireTo(() => ({ body: { data: [] } }));
		await expect(getOne(client, rooms, 'r')).rejects.toMatchObject({ cause: { kind: 'missing' } });
	});

	test.each([[{}], [{ data: {} }], [{ data: 'x' }], [{ data: [null, 'x'] }]])(
		'is not to be read in %j',
		async (body) => {
			const { client } = await wireTo(() => ({ body }));
			await expect(getOne(client, rooms, 'r')).rejects.toMatchObject({
				cause: { kind: 'unreadable', problem: expect.stringContaining('no room') },
			});
		},
	);

	test('is in the answer to the end of it if that has an ID', () => {
		expect(rooms.end.read({ message: 'Done' })).toBeUndefined();
		expect(rooms.end.read({ id: 1, meetingId: 'r' })).toEqual({
			id: 1,
			meetingId: 'r',
			roomId: 'r',
			status: 'ongoing',
		});
	});

	test('is brought up to date with itself, and not with the next of the room', () => {
		const ended = { id: 1, status: 'ongoing', message: 'Done' };
		expect(rooms.end.update?.(ended, { id: 1, status: 'ended' })).toEqual({
			id: 1,
			status: 'ended',
			message: 'Done',
		});
		expect(rooms.end.update?.(ended, { id: 2, status: 'ended' })).toBe(ended);
	});

	test('begins at its start, or else when it was made', () => {
		expect(rooms.startOf({ start: 'a', createdAt: 'b' })).toBe('a');
		expect(rooms.startOf({ start: '', createdAt: 'b' })).toBe('b');
	});
});

test('only live sessions are asked for in the list, and each names its room', async () => {
	const { client, requests } = await wireTo(({ qs }) => ({
		body: { data: qs?.page === 1 ? [{ id: 1, meetingId: 'r' }] : [] },
	}));
	expect(await collect(client, listOf(rooms), 10)).toEqual([
		{ id: 1, meetingId: 'r', roomId: 'r', status: 'ongoing' },
	]);
	expect(requests[0]).toMatchObject({
		url: '/v2/sessions',
		qs: { page: 1, perPage: 100, status: 'ongoing' },
	});
});

describe('an agent', () => {
	async function dispatch(answer: () => WireAnswer, more: IDataObject = {}) {
		const { client, requests } = await wireTo(answer, { maxRetries: 1 });
		const sending = dispatchAgent(client, { roomId: 'r\n', agentId: 'a\n', ...more });
		return { sending, requests };
	}

	test('is sent into a room, which is named as both fields want it', async () => {
		const answer = { data: { success: true }, message: 'Requested' };
		const { sending, requests } = await dispatch(() => ({ body: answer }), { versionId: 'v2' });
		expect(await sending).toEqual({ success: true, message: 'Requested', roomId: 'r\n' });
		expect(requests).toMatchObject([
			{
				method: 'POST',
				url: '/v2/agent/dispatch',
				body: JSON.stringify({ meetingId: 'r\n', roomId: 'r\n', agentId: 'a\n', versionId: 'v2' }),
			},
		]);
	});

	test.each<[string, WireAnswer, object]>([
		[
			'a refusal, with its request ID',
			{
				statusCode: 400,
				headers: { 'request-id': 'r1' },
				body: { message: 'Sorry: No workers available', code: 7 },
			},
			{ message: 'Sorry: No workers available', code: '7', requestId: 'r1' },
		],
		[
			'in an answer with 200',
			{ body: { message: 'no worker available' } },
			{ message: 'no worker available' },
		],
		[
			'in a list',
			{ body: { error: ['No workers available'] } },
			{ message: 'No workers available' },
		],
	])('has no worker: %s', async (_name, answer, errorResponse) => {
		const { sending } = await dispatch(() => answer);
		await expect(sending).rejects.toMatchObject({
			cause: { kind: 'noWorkers', errorResponse },
			purpose: { consequence: 'Agent "a" was not sent to room "r"' },
			mayHaveTakenEffect: false,
		});
	});

	test.each<[string, () => WireAnswer, object, number]>([
		['it is not there', () => ({ statusCode: 404, body: {} }), { kind: 'status', status: 404 }, 1],
		[
			'it may have been sent',
			() => ({ statusCode: 502, body: {} }),
			{ kind: 'status', status: 502 },
			1,
		],
		[
			'nothing is in the answer',
			() => ({ body: { message: 'Done' } }),
			{ kind: 'unreadable', problem: expect.stringContaining('no agent') },
			1,
		],
		[
			'nobody could be asked',
			() => {
				throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
			},
			{ kind: 'unreachable' },
			2,
		],
	])('was not sent: %s', async (_name, answer, cause, times) => {
		jest.spyOn(Math, 'random').mockReturnValue(0);
		const { sending, requests } = await dispatch(answer);
		await expect(sending).rejects.toMatchObject({
			cause,
			purpose: {
				consequence: 'Agent "a" was not sent to room "r"',
				doubt: 'Agent "a" may not have been sent to room "r"',
				about: { roomId: 'r\n', agentId: 'a\n' },
				subject: 'room or agent',
				ifItWorked: 'dispatched',
			},
		});
		expect(requests).toHaveLength(times);
		jest.restoreAllMocks();
	});
});
