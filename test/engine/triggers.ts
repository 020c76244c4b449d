import type { INodeParameters } from 'n8n-workflow';
import { credentialOf, type VideoSdkApi } from '../../dev/videosdk-api';
import type { Engine } from '../support/engine';
import { TriggerUrl, type TriggerSettings } from '../support/webhook';

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
