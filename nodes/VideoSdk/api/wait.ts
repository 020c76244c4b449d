import { sleep } from 'n8n-workflow';

/** Milliseconds. Before n8n 2.34 `sleep` ignores the signal, and its timer stays for this long. */
const LONGEST_SLEEP = 1_000;

/**
 * Waits for a promise, but no longer than until a signal aborts.
 *
 * @throws what the promise rejects with, or the signal's reason
 */
async function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
	if (!signal) return await promise;
	let abort = () => {};
	const aborted = new Promise<never>((_resolve, reject) => {
		abort = () => reject(signal.reason as Error);
		signal.addEventListener('abort', abort);
	});
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener('abort', abort);
	}
}

/**
 * Waits.
 *
 * @param duration milliseconds
 * @throws the signal's reason as soon as it aborts
 */
export async function wait(duration: number, signal?: AbortSignal): Promise<void> {
	const end = Date.now() + duration;
	for (let left = duration; left > 0; left = end - Date.now()) {
		signal?.throwIfAborted();
		await unlessAborted(sleep(Math.min(left, LONGEST_SLEEP), signal), signal);
	}
}
