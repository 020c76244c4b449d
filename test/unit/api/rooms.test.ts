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
		['as it came', [without(second)], without(second)],
		['with the room by another name', [{ meetingId, status }], { meetingId, roomId: 'm', status }],
		[
			'with the room where it has two',
			[{ meetingId, roomId, status }],
			{ meetingId, roomId, status },
		],
		['with the status that its end gives', [{ roomId, end: 'a' }], { roomId, end: 'a', status }],
		['without an end', [{ roomId, end: null }], { roomId, end: null, status: 'ongoing' }],
		['that is live, behind one that has ended', [first, second], second],
		['that is live, where none has an ID', [without(first), without(second)], without(second)],
		['that is first, where all have ended', [first, { ...second, status }], first],
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
		const read = { id: 1, meetingId: 'r', roomId: 'r', status: 'ongoing' };
		expect(rooms.end.read({ id: 1, meetingId: 'r' })).toEqual(read);
	});

	test('is brought up to date with itself, and not with the next of the room', () => {
		const ended = { id: 1, status: 'ongoing', message: 'Done' };
		const updated = { id: 1, status: 'ended', message: 'Done' };
		expect(rooms.end.update?.(ended, { id: 1, status: 'ended' })).toEqual(updated);
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
	const row = { id: 1, meetingId: 'r', roomId: 'r', status: 'ongoing' };
	expect(await collect(client, listOf(rooms), 10)).toEqual([row]);
	const qs = { page: 1, perPage: 100, status: 'ongoing' };
	expect(requests[0]).toMatchObject({ url: '/v2/sessions', qs });
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
		const sent = { meetingId: 'r\n', roomId: 'r\n', agentId: 'a\n', versionId: 'v2' };
		const [method, url, body] = ['POST', '/v2/agent/dispatch', JSON.stringify(sent)];
		expect(requests).toMatchObject([{ method, url, body }]);
	});

	const consequence = 'Agent "a" was not sent to room "r"';
	const [none, noneAtAll] = ['Sorry: No workers available', 'no worker available'];
	const refused = { statusCode: 400, headers: { 'request-id': 'r1' } };

	test.each<[string, WireAnswer, object]>([
		[
			'a refusal, with its request ID',
			{ ...refused, body: { message: none, code: 7 } },
			{ message: none, code: '7', requestId: 'r1' },
		],
		['in an answer with 200', { body: { message: noneAtAll } }, { message: noneAtAll }],
		['in a list', { body: { error: [none] } }, { message: none }],
	])('has no worker: %s', async (_name, answer, errorResponse) => {
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
		['it is not there', () => ({ statusCode: 404 }), { kind: 'status', status: 404 }, 1],
		['it may have been sent', () => ({ statusCode: 502 }), { kind: 'status', status: 502 }, 1],
		['nothing is in the answer', () => ({ body: { message: 'Done' } }), noAgent, 1],
		['nobody could be asked', noConnection, { kind: 'unreachable' }, 2],
	])('was not sent: %s', async (_name, answer, cause, times) => {
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
