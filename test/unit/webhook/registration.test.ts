import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { removeWebhook, updateWebhook } from '../../../nodes/VideoSdk/webhook/registration';
import { useFakeTime } from '../../support/fakeTime';
import { receiverOf } from '../../support/receiver';
import type { WireAnswer } from '../../support/wire';

useFakeTime(0.5);

const URL = 'https://n8n.example/webhook/1';

interface Given {
	url?: string;
	workflowId?: string;
	events?: unknown;
	memory?: IDataObject;
	/** What VideoSDK lists. */
	list?: IDataObject[] | 'fails';
	/** What a request gets that is not for the list; by default it works. */
	answer?(request: IHttpRequestOptions): WireAnswer | Promise<WireAnswer>;
	credential?(type?: string): Promise<IDataObject>;
}

const remembered = (id: string) => ({ callWebhook: { id, owner: 'n8n/workflow' } });

/** A trigger whose workflow is published or unpublished. */
function triggerOf({
	url: ownUrl = URL,
	workflowId = 'workflow',
	events = ['started', 'call-hangup', 'call-missed', 'call-hangup'],
	memory = {},
	list = [],
	answer = () => ({ body: { data: { id: 'new' } } }),
	credential,
}: Given = {}) {
	const asked: string[] = [];
	const { hooks, warnings } = receiverOf(async () => await Promise.reject(new Error('unused')), {
		parameters: { events } as IDataObject,
		answer: (request) => {
			const { method, url, body } = request;
			if (method === 'GET') {
				if (list === 'fails') return { statusCode: 500 };
				return { body: { data: request.qs?.page === 1 ? list : [] } };
			}
			asked.push([method, url, body].filter(Boolean).join(' '));
			return answer(request);
		},
		more: {
			...(credential && { getCredentials: credential }),
			getNodeWebhookUrl: (name: string) => (name === 'default' ? ownUrl : undefined),
			getWorkflowStaticData: (of: string) => (of === 'node' ? memory : {}),
			getInstanceId: () => 'n8n',
			getWorkflow: () => ({ id: workflowId }),
		},
	});
	/** @returns what it throws, if it does */
	const during = async (work: Promise<void>) => {
		const done = work.then(
			() => undefined,
			(error: unknown) => error,
		);
		await jest.advanceTimersByTimeAsync(60_000);
		return await done;
	};
	return {
		...{ asked, memory, warnings },
		publish: async () => await during(updateWebhook(hooks)),
		unpublish: async () => await during(removeWebhook(hooks)),
	};
}

const CREATE = `POST /v2/sip/webhooks {"url":"${URL}","events":["call-hangup","call-missed"]}`;
const deletionOf = (id: string) => `DELETE /v2/sip/webhooks/${id}`;

describe('publishing', () => {
	test('registers the call events, each once, and remembers the ID', async () => {
		const { publish, asked, memory } = triggerOf();
		expect(await publish()).toBeUndefined();
		expect(asked).toEqual([CREATE]);
		expect(memory).toEqual(remembered('new'));
	});

	test('asks nothing of VideoSDK where no event is one of calls', async () => {
		const { publish, asked } = triggerOf({
			events: ['started'],
			credential: async () => await Promise.reject(new Error('asked for')),
		});
		expect(await publish()).toBeUndefined();
		expect(asked).toEqual([]);
	});

	test('removes what was registered where no event is one of calls any more', async () => {
		const { publish, asked, memory } = triggerOf({
			events: ['started'],
			memory: remembered('old'),
		});
		await publish();
		expect(asked).toEqual([deletionOf('old')]);
		expect(memory).toEqual({});
	});

	const publicAddress = `VideoSDK must be able to reach n8n at ${URL} from the internet. If that is not the public address, set the environment variable WEBHOOK_URL, and restart n8n.`;
	const inAMinute = 'Publish the workflow again in a minute.';
	const notRegistered = 'The trigger is not registered for call events: ';
	const rejected = `${notRegistered}VideoSDK rejected the request`;

	test.each<[string, WireAnswer, string]>([
		['400', { statusCode: 400 }, `${rejected} (HTTP 400). ${publicAddress}`],
		['422', { statusCode: 422 }, `${rejected} (HTTP 422). ${publicAddress}`],
		[
			'409',
			{ statusCode: 409 },
			`${notRegistered}its current status does not allow it. ${publicAddress}`,
		],
		[
			'400 with a reason',
			{ statusCode: 400, body: { message: 'no https' } },
			`${rejected} (HTTP 400). VideoSDK said: "no https". ${publicAddress}`,
		],
		[
			'402',
			{ statusCode: 402 },
			`${notRegistered}VideoSDK requires a payment. Check the plan and the balance of the account in the VideoSDK dashboard.`,
		],
		[
			'429 for as long as is waited',
			{ statusCode: 429 },
			`${notRegistered}VideoSDK kept refusing the request for 8 seconds (HTTP 429). ${inAMinute}`,
		],
	])('that VideoSDK answers with %s fails, and says what to do', async (_name, answer, message) => {
		const { publish, memory } = triggerOf({ answer: () => answer });
		const error = await publish();
		expect(error).toBeInstanceOf(NodeOperationError);
		expect((error as NodeOperationError).message).toBe(message);
		expect(memory).toEqual({});
	});

	test('that is never answered fails after ten seconds', async () => {
		const { publish } = triggerOf({ answer: async () => await new Promise(() => {}) });
		expect(await publish()).toHaveProperty(
			'message',
			`${notRegistered}VideoSDK did not answer within 10 seconds. ${inAMinute}`,
		);
	});

	test.each<[string, IDataObject, boolean]>([
		['is VideoSDK itself', { baseUrl: 'https://api.videosdk.live' }, true],
		['is on this machine too', { baseUrl: 'http://127.0.0.1:1234' }, false],
	])('at an address on this machine fails where VideoSDK %s', async (_name, fields, isRefused) => {
		const { publish, asked } = triggerOf({
			url: 'http://localhost:5678/webhook/1',
			credential: async (type) =>
				type === 'videoSdkApi' ? { apiKey: 'local', secretKey: 'secret', ...fields } : {},
		});
		expect(await publish()).toEqual(
			isRefused
				? expect.objectContaining({
						message: `The trigger is not registered for call events. ${publicAddress.replace(URL, 'http://localhost:5678/webhook/1')}`,
					})
				: undefined,
		);
		expect(asked.length).toBe(isRefused ? 0 : 1);
	});

	test('that has no credential fails with what n8n says', async () => {
		const { publish } = triggerOf({
			credential: async () => await Promise.reject(new Error('no credential')),
		});
		const error = await publish();
		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toHaveProperty('message', 'no credential');
	});
});

describe('unpublishing', () => {
	test('deletes what is registered, and forgets it', async () => {
		const { unpublish, asked, memory, warnings } = triggerOf({
			memory: { ...remembered('old'), other: 1 },
		});
		await unpublish();
		expect(asked).toEqual([deletionOf('old')]);
		expect(memory).toEqual({ other: 1 });
		expect(warnings).toEqual([]);
	});

	test('asks nothing of VideoSDK where nothing is known', async () => {
		const { unpublish, asked, warnings } = triggerOf({
			workflowId: 'of which nothing is known',
			credential: async () => await Promise.reject(new Error('asked for')),
		});
		expect(await unpublish()).toBeUndefined();
		expect(asked).toEqual([]);
		expect(warnings).toEqual([]);
	});

	test('deletes what was registered though the answer got lost, and nothing the next time', async () => {
		const list: IDataObject[] = [];
		const { publish, unpublish, asked } = triggerOf({
			workflowId: 'with a lost answer',
			list,
			answer: ({ method }) => ({ statusCode: method === 'POST' ? 500 : 200 }),
		});
		expect(await publish()).toBeInstanceOf(NodeOperationError);
		list.push({ webhookId: 'late', url: URL });
		await unpublish();
		await unpublish();
		expect(asked).toEqual([CREATE, deletionOf('late')]);
	});

	test('logs nothing where the registration failed', async () => {
		const { publish, unpublish, warnings } = triggerOf({
			workflowId: 'never registered',
			answer: () => ({ statusCode: 400 }),
		});
		expect(await publish()).toBeInstanceOf(NodeOperationError);
		await unpublish();
		expect(warnings).toEqual([]);
	});

	test('that fails is tried again once, logged, and not forgotten', async () => {
		const { unpublish, asked, memory, warnings } = triggerOf({
			memory: remembered('old'),
			answer: () => ({ statusCode: 500 }),
		});
		expect(await unpublish()).toBeUndefined();
		expect(asked).toEqual([deletionOf('old'), deletionOf('old')]);
		expect(memory).toEqual(remembered('old'));
		expect(warnings).toEqual([
			`Webhook "old" for call events was not deleted: VideoSDK returned a server error (HTTP 500). Try again in a minute. VideoSDK may go on sending call events to ${URL}. To delete the webhook, publish the workflow and unpublish it again, or listen for a test event again if this is the test URL.`,
		]);
	});

	test.each<[string, Given, RegExp]>([
		[
			'the list cannot be read',
			{ list: 'fails', answer: () => ({ statusCode: 404 }) },
			/^The webhooks for call events were not deleted: VideoSDK returned a server error \(HTTP 500\)\. Try again in a minute\. VideoSDK may go on/,
		],
		[
			'there is no credential',
			{ credential: async () => await Promise.reject(new Error('no credential')) },
			/^no credential\. VideoSDK may go on/,
		],
	])('says what failed where %s', async (_name, given, expected) => {
		const { unpublish, warnings } = triggerOf({ memory: remembered('old'), ...given });
		await unpublish();
		expect(warnings).toEqual([expect.stringMatching(expected)]);
	});

	test.each<[string, IDataObject[], string[]]>([
		[
			'says so in the log, as it may be in another project',
			[],
			[
				`Webhook "old" for call events is not in the project of the credential. VideoSDK may go on sending call events to ${URL}. If it is in another project, delete it there.`,
			],
		],
		['deletes another one for the same URL', [{ webhookId: 'newer', url: URL }], []],
	])('where VideoSDK does not have the webhook %s', async (_name, list, expected) => {
		const { unpublish, memory, warnings, asked } = triggerOf({
			memory: remembered('old'),
			list,
			answer: ({ url }) => ({ statusCode: url.endsWith('/old') ? 404 : 200 }),
		});
		await unpublish();
		expect(asked).toEqual([
			deletionOf('old'),
			...list.map(({ webhookId }) => deletionOf(String(webhookId))),
		]);
		expect(memory).toEqual({});
		expect(warnings).toEqual(expected);
	});
});

describe('a copy of the workflow', () => {
	test.each(['another n8n/workflow', 'n8n/another workflow', undefined])(
		'that was registered by %s leaves that alone',
		async (owner) => {
			const { publish, unpublish, asked, memory } = triggerOf({
				memory: { callWebhook: { id: 'theirs', owner } },
			});
			await publish();
			expect(memory).toEqual(remembered('new'));
			await unpublish();
			expect(asked).toEqual([CREATE, deletionOf('new')]);
		},
	);

	test('that was imported has the URL of the original, knows nothing of it, and leaves that alone', async () => {
		const list = [{ webhookId: 'theirs', url: URL }];
		const original = triggerOf();
		await original.publish();
		const { unpublish, asked } = triggerOf({ workflowId: 'imported', list });
		await unpublish();
		expect(asked).toEqual([]);
		await original.unpublish();
	});

	test('that has the URL of the original, which n8n 1 refuses and removes, leaves that alone each time', async () => {
		const theirs = { callWebhook: { id: 'theirs', owner: 'n8n/another workflow' } };
		const list = [{ webhookId: 'newer', url: URL }];
		const { unpublish, asked, memory } = triggerOf({ memory: { ...theirs }, list });
		await unpublish();
		await unpublish();
		expect(asked).toEqual([]);
		expect(memory).toEqual(theirs);
	});
});
