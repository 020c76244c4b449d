import type { INodeParameters } from 'n8n-workflow';
import { credentialOf, type VideoSdkApi } from '../../dev/videosdk-api';
import type { Engine } from '../support/engine';
import { type TriggerSettings, TriggerUrl } from '../support/webhook';

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
		): Promise<TriggerUrl> {
			const all = { credential: credentialOf(api), parameters, ...settings };
			const trigger = await TriggerUrl.open(engine(), all);
			open.push(trigger);
			return trigger;
		},
	};
}

/** What sockets need to go on. */
const TIMERS = [
	...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'] as const),
	...(['clearImmediate', 'nextTick', 'queueMicrotask', 'hrtime', 'performance'] as const),
];

/** Lets time jump by milliseconds; timers run on. */
export function later(milliseconds: number): void {
	const uptime = performance.now.bind(performance);
	const now = Date.now() + milliseconds;
	jest.useFakeTimers({ now, doNotFake: TIMERS });
	jest.spyOn(performance, 'now').mockImplementation(() => uptime() + milliseconds);
}
