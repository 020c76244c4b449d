/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the start of a server may take, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Waits until a server that was started is ready.
 *
 * @param ended says how it ended, if it does
 * @throws Error when it ends before it is ready, or the time is over; it is stopped then
 */
export async function untilReady(
	name: string,
	isReady: () => Promise<boolean>,
	{ ended, stop }: { ended: Promise<string>; stop(): Promise<void> },
): Promise<void> {
	let over = '';
	void ended.then((how) => (over = how));
	const deadline = Date.now() + PATIENCE;
	while (!(await isReady())) {
		if (over === '' && Date.now() > deadline) over = `it was not ready in ${PATIENCE / 1000} s`;
		if (over !== '') {
			await stop();
			throw new Error(`${name} did not start: ${over}. Debian's package may be missing.`);
		}
		await sleep(100);
	}
}
