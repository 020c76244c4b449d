import type { IDataObject } from 'n8n-workflow';
import { getOne, listOf } from '../../../nodes/VideoSdk/api/live';
import { collect } from '../../../nodes/VideoSdk/http/pages';
import { dispatchAgent, rooms } from '../../../nodes/VideoSdk/api/rooms';
import { wireTo, type WireAnswer } from '../../support/wire';

describe('the session of a room', () => {
	const first = { id: 1, roomId: 'r', status: 'ended' };
	const second = { id: 2, roomId: 'r', status: 'ongoing' };
	const without = ({ roomId, status }: typeof first) => ({ roomId, status });
	const [meetingId, roomId, status] = ['m', 'r', 'ended'];

	test.each<[string, IDataObject[], IDataObject]>([
		['its session as received', [without(second)], without(second)],
		['its meetingId as the roomId', [{ meetingId, status }], { meetingId, roomId: 'm', status }],
		[
			'its own roomId if it also has a meetingId',
			[{ meetingId, roomId, status }],
			{ meetingId, roomId, status },
		],
		[
			'the status "ended" if it has an end time',
			[{ roomId, end: 'a' }],
			{ roomId, end: 'a', status },
		],
		[
			'the status "ongoing" if its end is null',
			[{ roomId, end: null }],
			{ roomId, end: null, status: 'ongoing' },
		],
		['the live session after an ended one', [first, second], second],
		['the live session if none has an ID', [without(first), without(second)], without(second)],
		['the first session if all have ended', [first, { ...second, status }], first],
	])('getting a room returns %s', async (_name, data, expected) => {
		const { client, requests } = await wireTo(() => ({ body: { data } }));
		expect(await getOne(client, rooms, 'r')).toEqual(expected);
		expect(requests).toMatchObject([
			{ method: 'GET', url: '/v2/sessions', qs: { roomId: 'r', page: 1, perPage: 10 } },
		]);
	});

	test('a room is missing if the list of its sessions is empty', async () => {
		const { client } = await wireTo(() => ({ body: { data: [] } }));
		await expect(getOne(client, rooms, 'r')).rejects.toMatchObject({ cause: { kind: 'missing' } });
	});

	test.each([[{}], [{ data: {} }], [{ data: 'x' }], [{ data: [null, 'x'] }]])(
		'getting a room fails if the response has no session: %j',
		async (body) => {
			const { client } = await wireTo(() => ({ body }));
			await expect(getOne(client, rooms, 'r')).rejects.toMatchObject({
				cause: { kind: 'unreadable', problem: expect.stringContaining('no room') },
			});
		},
	);

	test('the response to ending a room contains its session only if it has an ID', () => {
		expect(rooms.end.read({ message: 'Done' })).toBeUndefined();
		const read = { id: 1, meetingId: 'r', roomId: 'r', status: 'ongoing' };
		expect(rooms.end.read({ id: 1, meetingId: 'r' })).toEqual(read);
	});

	test('an ended session of a room is not updated with the data of the next one', () => {
		const ended = { id: 1, status: 'ongoing', message: 'Done' };
		const updated = { id: 1, status: 'ended', message: 'Done' };
		expect(rooms.end.update?.(ended, { id: 1, status: 'ended' })).toEqual(updated);
		expect(rooms.end.update?.(ended, { id: 2, status: 'ended' })).toBe(ended);
	});

	test('the start of a session of a room is its start field, or else createdAt', () => {
		expect(rooms.startOf({ start: 'a', createdAt: 'b' })).toBe('a');
		expect(rooms.startOf({ start: '', createdAt: 'b' })).toBe('b');
	});
});

test('the room list requests only live sessions, and each names its room', async () => {
	const { client, requests } = await wireTo(({ qs }) => ({
		body: { data: qs?.page === 1 ? [{ id: 1, meetingId: 'r' }] : [] },
	}));
	const row = { id: 1, meetingId: 'r', roomId: 'r', status: 'ongoing' };
	expect(await collect(client, listOf(rooms), 10)).toEqual([row]);
	const qs = { page: 1, perPage: 100, status: 'ongoing' };
	expect(requests[0]).toMatchObject({ url: '/v2/sessions', qs });
});

describe('dispatching an agent', () => {
	async function dispatch(answer: () => WireAnswer, more: IDataObject = {}) {
		const { client, requests } = await wireTo(answer, { maxRetries: 1 });
		const sending = dispatchAgent(client, { roomId: 'r\n', agentId: 'a\n', ...more });
		return { sending, requests };
	}

	test('dispatching an agent names the room in both meetingId and roomId', async () => {
		const answer = { data: { success: true }, message: 'Requested' };
		const { sending, requests } = await dispatch(() => ({ body: answer }), { versionId: 'v2' });
		expect(await sending).toEqual({ success: true, message: 'Requested', roomId: 'r\n' });
		const sent = { meetingId: 'r\n', roomId: 'r\n', agentId: 'a\n', versionId: 'v2' };
		const [method, url, body] = ['POST', '/v2/agent/dispatch', JSON.stringify(sent)];
		expect(requests).toMatchObject([{ method, url, body }]);
	});

	const consequence = 'Agent "a" was not sent to room "r"';
	const [none, noneAtAll] = ['Sorry: No workers available', 'no worker available'];
	const refused = { statusCode: 400, headers: { 'request-id': 'r1' } };

	test.each<[string, WireAnswer, object]>([
		[
			'an HTTP 400 with its request ID',
			{ ...refused, body: { message: none, code: 7 } },
			{ message: none, code: '7', requestId: 'r1' },
		],
		['a response with HTTP 200', { body: { message: noneAtAll } }, { message: noneAtAll }],
		['a list of errors', { body: { error: [none] } }, { message: none }],
	])('a dispatch without workers is recognized from %s', async (_name, answer, errorResponse) => {
		const { sending } = await dispatch(() => answer);
		await expect(sending).rejects.toMatchObject({
			cause: { kind: 'noWorkers', errorResponse },
			purpose: { consequence },
			mayHaveTakenEffect: false,
		});
	});

	const noConnection = () => {
		throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
	};
	const noAgent = { kind: 'unreadable', problem: expect.stringContaining('no agent') };

	test.each<[string, () => WireAnswer, object, number]>([
		[
			'without a retry after a 404',
			() => ({ statusCode: 404 }),
			{ kind: 'status', status: 404 },
			1,
		],
		[
			'without a retry after a 502',
			() => ({ statusCode: 502 }),
			{ kind: 'status', status: 502 },
			1,
		],
		[
			'without a retry if the response has no agent',
			() => ({ body: { message: 'Done' } }),
			noAgent,
			1,
		],
		['after a retry if n8n cannot connect', noConnection, { kind: 'unreachable' }, 2],
	])('dispatching an agent fails %s', async (_name, answer, cause, times) => {
		jest.spyOn(Math, 'random').mockReturnValue(0);
		const { sending, requests } = await dispatch(answer);
		const doubt = 'Agent "a" may not have been sent to room "r"';
		const about = { roomId: 'r\n', agentId: 'a\n' };
		const purpose = {
			consequence,
			doubt,
			about,
			subject: 'room or agent',
			ifItWorked: 'dispatched',
		};
		await expect(sending).rejects.toMatchObject({ cause, purpose });
		expect(requests).toHaveLength(times);
		jest.restoreAllMocks();
	});
});
