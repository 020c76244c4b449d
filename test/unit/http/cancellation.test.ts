import { Cancellation } from '../../../nodes/VideoSdk/http/cancellation';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const reason = new Error('stopped');

test('a wait ends with the reason when the execution is stopped', async () => {
	const execution = new AbortController();
	const waiting = new Cancellation(execution.signal).wait(3_600_000);
	await jest.advanceTimersByTimeAsync(5_000);
	execution.abort(reason);
	await expect(waiting).rejects.toBe(reason);
	await jest.advanceTimersByTimeAsync(1_000);
	expect(jest.getTimerCount()).toBe(0);
});

test('a wait that begins after the execution was stopped ends immediately', async () => {
	const execution = new AbortController();
	const stop = new Cancellation(execution.signal);
	execution.abort(reason);
	await expect(stop.wait(1_000)).rejects.toBe(reason);
	expect(() => stop.throwIfStopped()).toThrow(reason);
});

test('a cancellation can be canceled without the execution and other cancellations', async () => {
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

test('a wait without an abort signal ends normally and can still be canceled', async () => {
	const stop = new Cancellation();
	const waiting = stop.wait(1_000);
	await jest.advanceTimersByTimeAsync(1_000);
	await waiting;
	const stopped = stop.wait(1_000);
	stop.cancel(reason);
	await expect(stopped).rejects.toBe(reason);
});

test('a wait does not take longer if the clock of the server is set back', async () => {
	const waiting = new Cancellation().wait(1_000);
	jest.setSystemTime(Date.now() - 3_600_000);
	await jest.advanceTimersByTimeAsync(1_000);
	await waiting;
});

test('hundreds of waits share one listener on the signal, removed after the last one', async () => {
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
