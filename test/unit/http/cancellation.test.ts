import { Cancellation } from '../../../nodes/VideoSdk/http/cancellation';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const reason = new Error('stopped');

test('a wait ends when the execution is stopped, with its reason', async () => {
	const execution = new AbortController();
	const waiting = new Cancellation(execution.signal).wait(3_600_000);
	await jest.advanceTimersByTimeAsync(5_000);
	execution.abort(reason);
	await expect(waiting).rejects.toBe(reason);
	await jest.advanceTimersByTimeAsync(1_000);
	expect(jest.getTimerCount()).toBe(0);
});

test('who comes after it was stopped does not wait', async () => {
	const execution = new AbortController();
	const stop = new Cancellation(execution.signal);
	execution.abort(reason);
	await expect(stop.wait(1_000)).rejects.toBe(reason);
	expect(() => stop.throwIfStopped()).toThrow(reason);
});

test('it can be stopped without the execution, and ends that alone', async () => {
	const { signal } = new AbortController();
	const [one, other] = [new Cancellation(signal), new Cancellation(signal)];
	const waiting = one.wait(1_000);
	const onwards = other.wait(1_000);
	one.cancel(reason);
	await expect(waiting).rejects.toBe(reason);
	expect(() => one.throwIfStopped()).toThrow(reason);
	await jest.advanceTimersByTimeAsync(1_000);
	await onwards;
});

test('where nothing can stop the execution, waits come to their end', async () => {
	const stop = new Cancellation();
	const waiting = stop.wait(1_000);
	await jest.advanceTimersByTimeAsync(1_000);
	await waiting;
	const stopped = stop.wait(1_000);
	stop.cancel(reason);
	await expect(stopped).rejects.toBe(reason);
});

test('a wait is no longer when the clock of the server is set back', async () => {
	const waiting = new Cancellation().wait(1_000);
	jest.setSystemTime(Date.now() - 3_600_000);
	await jest.advanceTimersByTimeAsync(1_000);
	await waiting;
});

test('hundreds that wait are one listener of the signal, and none when they have ended', async () => {
	const { signal } = new AbortController();
	const add = jest.spyOn(signal, 'addEventListener');
	const remove = jest.spyOn(signal, 'removeEventListener');
	const stop = new Cancellation(signal);
	const waiting = Array.from({ length: 500 }, async () => await stop.wait(1_000));
	await jest.advanceTimersByTimeAsync(1_000);
	await Promise.all(waiting);
	expect(add).toHaveBeenCalledTimes(1);
	expect(remove.mock.calls).toEqual([['abort', add.mock.calls[0]?.[1]]]);
});
