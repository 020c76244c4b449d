import { rooms } from '../../../nodes/VideoSdk/api/rooms';
import { agentSessions } from '../../../nodes/VideoSdk/api/sessions';
import { waitUntilEnded } from '../../../nodes/VideoSdk/api/waitFor';
import { useFakeTime } from '../../support/fakeTime';
import { wireTo } from '../../support/wire';

useFakeTime(0);

describe('waiting for the end', () => {
	test('waiting for an end continues after new work is stopped', async () => {
		const { client, stopNewWork } = await wireTo(() => ({
			body: { sessionId: 'a', status: 'stopped' },
		}));
		stopNewWork();
		const waiting = waitUntilEnded(client, agentSessions, 'a', { status: 'stopping' }, 10);
		await jest.advanceTimersByTimeAsync(1_000);
		expect(await waiting).toEqual({ sessionId: 'a', status: 'stopped' });
	});

	test('a wait that times out without ever seeing a status reports it as unknown', async () => {
		const { client } = await wireTo(() => ({ body: { sessionId: 'a' } }));
		const waiting = waitUntilEnded(client, agentSessions, 'a', {}, 1).catch(
			(error: unknown) => error,
		);
		await jest.advanceTimersByTimeAsync(2_000);
		expect(await waiting).toMatchObject({ cause: { kind: 'waitOver', lastStatus: 'unknown' } });
	});
});

test('waiting for a room to end ignores a newer session of the room', async () => {
	const ended = { id: '1', roomId: 'a', status: 'ongoing' };
	const found = [
		{ id: '2', roomId: 'a', status: 'ongoing' },
		{ ...ended, status: 'ended' },
	];
	const { client } = await wireTo(() => ({ body: { data: found } }));
	const waiting = waitUntilEnded(client, rooms, 'a', ended, 10).catch((error: unknown) => error);
	await jest.advanceTimersByTimeAsync(20_000);
	expect(await waiting).toEqual({ ...ended, status: 'ended' });
});
