/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import type { INodeParameters } from 'n8n-workflow';
import { credentialOf, type VideoSdkApi } from '../../dev/videosdk-api';
import type { Engine } from '../support/engine';
import { REAL, setTimeOfDay } from '../support/fakeTime';
import { type Reply, type TriggerSettings, TriggerUrl } from '../support/webhook';

/** The headers of a body that says what it is. */
export const json = { 'content-type': 'application/json' };

/** The headers of a body that VideoSDK signed. */
export const signed = (api: VideoSdkApi, body: string | Buffer) => ({
	...json,
	'videosdk-signature': api.webhooks.sign(body),
});

/** Gives the tests of a file triggers, which are closed after the test. */
export function useTriggers(engine: () => Engine) {
	const open: TriggerUrl[] = [];

	afterEach(async () => {
		jest.useRealTimers();
		jest.restoreAllMocks();
		await Promise.all(open.splice(0).map(async (trigger) => await trigger.close()));
	});

	return {
		/** Opens a trigger with the credential of a fake API. */
		async openTriggerOf(
			api: VideoSdkApi,
			parameters: INodeParameters = {},
			settings: Partial<TriggerSettings> = {},
			inEngine = engine(),
		): Promise<TriggerUrl> {
			const all = { credential: credentialOf(api), parameters, ...settings };
			const trigger = await TriggerUrl.open(inEngine, all);
			open.push(trigger);
			return trigger;
		},
	};
}

/** Lets time jump by milliseconds; timers run on. */
export function later(milliseconds: number): void {
	const uptime = performance.now.bind(performance);
	setTimeOfDay(Date.now() + milliseconds);
	jest.spyOn(performance, 'now').mockImplementation(() => uptime() + milliseconds);
}

/** Milliseconds that the fake API waits for an answer; how long VideoSDK does is not documented. */
const PATIENCE_OF_VIDEOSDK = 10_000;

const nextTurn = async () => await new Promise((resolve) => setImmediate(resolve));

/**
 * Sends an event, and lets time pass in jumps until it is answered.
 *
 * @returns undefined when VideoSDK would have given up on the answer
 */
export async function sendInJumps(
	api: VideoSdkApi,
	send: () => Promise<Reply>,
): Promise<Reply | undefined> {
	jest.useFakeTimers({ doNotFake: REAL });
	const asked = () => [...api.stats.requests.values()].reduce((sum, { count }) => sum + count, 0);
	const askedBefore = asked();
	let reply: Reply | undefined;
	void send().then((answer) => (reply = answer));
	while (asked() === askedBefore) await nextTurn();
	for (let waited = 0; waited < PATIENCE_OF_VIDEOSDK && !reply; waited += 500) {
		await jest.advanceTimersByTimeAsync(500);
		// What is on its way on loopback arrives in real time.
		for (let turn = 0; turn < 200 && !reply; turn++) await nextTurn();
	}
	return reply;
}
