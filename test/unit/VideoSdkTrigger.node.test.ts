import type { IDataObject } from 'n8n-workflow';
import { VideoSdkTrigger } from '../../nodes/VideoSdk/VideoSdkTrigger.node';
import { receiverOf } from '../support/receiver';

const trigger = new VideoSdkTrigger();
const { checkExists, create, delete: remove } = trigger.webhookMethods.default;

/** The trigger for the event of a call, with nothing listed by VideoSDK. */
function opened(triggerOptions: IDataObject = {}) {
	const methods: string[] = [];
	const receiver = receiverOf(async (context) => await trigger.webhook.call(context), {
		parameters: { events: ['call-hangup'], triggerOptions } as IDataObject,
		answer: ({ method = 'GET' }) => {
			methods.push(method);
			return { body: { data: method === 'GET' ? [] : { id: 'new' } } };
		},
		more: { getNodeWebhookUrl: () => 'https://n8n.example/webhook/1', getInstanceId: () => 'n8n' },
	});
	return { ...receiver, methods };
}

test('the trigger lets n8n create its webhook each time, without asking VideoSDK', async () => {
	const { hooks, methods } = opened();
	expect(await checkExists.call(hooks)).toBe(false);
	expect(methods).toEqual([]);
});

test('publishing the trigger registers a call webhook, and unpublishing deletes it', async () => {
	const { hooks, methods, staticData } = opened();
	expect(await create.call(hooks)).toBe(true);
	expect(methods).toContain('POST');
	expect(staticData).toMatchObject({ callWebhook: { id: 'new' } });
	expect(await remove.call(hooks)).toBe(true);
	expect(methods.at(-1)).toBe('DELETE');
	expect(staticData).toEqual({});
});

test('an invalid pasted public key is rejected before anything is registered', async () => {
	const { hooks, methods } = opened({ publicKey: 'none' });
	await expect(create.call(hooks)).rejects.toThrow("'Public Key (PEM)' is not an RSA public key");
	expect(methods).toEqual([]);
});

test('the webhook of the trigger answers a body that is not JSON with 400', async () => {
	const { send } = opened({ verifySignature: false });
	expect(await send('no JSON')).toBe('400 The body is not a VideoSDK event.');
});
