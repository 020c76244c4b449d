import { getOne, listOf } from '../../../nodes/VideoSdk/api/live';
import { rooms } from '../../../nodes/VideoSdk/api/rooms';
import { wireTo } from '../../support/wire';

describe('getting one', () => {
	test('gives it as it came', async () => {
		const found = { id: '1', roomId: 'a', status: 'ongoing' };
		const { client, requests } = await wireTo(() => ({ body: { data: [found] } }));
		expect(await getOne(client, rooms, 'a')).toEqual(found);
		expect(requests).toMatchObject([{ method: 'GET', qs: { roomId: 'a' } }]);
	});

	test('fails as its request does', async () => {
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

	test('fails if there is none in the answer', async () => {
		const { client } = await wireTo(() => ({ body: {} }));
		await expect(getOne(client, rooms, 'a')).rejects.toMatchObject({
			cause: { kind: 'unreadable', problem: expect.stringContaining('no room') },
			mayHaveTakenEffect: false,
		});
	});
});

test('a list tells its rows apart by their IDs, and what is missing without it', () => {
	const list = listOf(rooms);
	expect(list).toMatchObject({ ...rooms.list, consequence: 'Rooms could not be listed' });
	expect(list.keyOf({ id: '1', roomId: 'a' })).toBe('a');
});
