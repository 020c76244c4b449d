import { getOne, listOf } from '../../../nodes/VideoSdk/api/live';
import { rooms } from '../../../nodes/VideoSdk/api/rooms';
import { wireTo } from '../../support/wire';

describe('getting a room', () => {
	test('getting a room returns its session as received', async () => {
		const found = { id: '1', roomId: 'a', status: 'ongoing' };
		const { client, requests } = await wireTo(() => ({ body: { data: [found] } }));
		expect(await getOne(client, rooms, 'a')).toEqual(found);
		expect(requests).toMatchObject([{ method: 'GET', qs: { roomId: 'a' } }]);
	});

	test('getting a room fails with the status of its request and names the room', async () => {
		const { client } = await wireTo(() => ({ statusCode: 404 }));
		await expect(getOne(client, rooms, 'a')).rejects.toMatchObject({
			cause: { kind: 'status', status: 404 },
			purpose: {
				consequence: 'Room "a" could not be retrieved',
				about: { roomId: 'a' },
				subject: 'room',
			},
		});
	});

	test('getting a room fails if the response contains no room', async () => {
		const { client } = await wireTo(() => ({ body: {} }));
		await expect(getOne(client, rooms, 'a')).rejects.toMatchObject({
			cause: { kind: 'unreadable', problem: expect.stringContaining('no room') },
			mayHaveTakenEffect: false,
		});
	});
});

test('a list identifies its rows by ID and says what could not be listed', () => {
	const list = listOf(rooms);
	expect(list).toMatchObject({ ...rooms.list, consequence: 'Rooms could not be listed' });
	expect(list.keyOf({ id: '1', roomId: 'a' })).toBe('a');
});
