import { agentSessions } from '../../../nodes/VideoSdk/api/sessions';
import { waitUntilEnded } from '../../../nodes/VideoSdk/api/waitFor';
import { wireTo } from '../../support/wire';

beforeEach(() => {
	jest.useFakeTimers();
	jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
	jest.useRealTimers();
	jest.restoreAllMocks();
});

describe('waiting for the end', () => {
	test('goes on although nothing more is to be begun', async () => {
		const { client } = await wireTo(() => ({ body: { status: 'stopped' } }));
		client.beginNothing();
		const waiting = waitUntilEnded(client, agentSessions, 'a', { status: 'stopping' }, 10);
		await jest.advanceTimersByTimeAsync(1_000);
		expect(await waiting).toEqual({ status: 'stopped' });
	});

	test('says so where no status was ever seen', async () => {
		const { client } = await wireTo(() => ({ body: {} }));
		const waiting = waitUntilEnded(client, agentSessions, 'a', {}, 1).catch(
			(error: unknown) => error,
		);
		await jest.advanceTimersByTimeAsync(2_000);
		expect(await waiting).toMatchObject({ cause: { kind: 'waitOver', lastStatus: 'unknown' } });
	});
});
