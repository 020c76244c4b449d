import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { removeWebhook, updateWebhook } from '../../../nodes/VideoSdk/webhook/registration';
import { receiverOf } from '../../support/receiver';
import type { WireAnswer } from '../../support/wire';

beforeEach(() => {
	jest.useFakeTimers();
	jest.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
	jest.useRealTimers();
	jest.restoreAllMocks();
});

const URL = 'https://n8n.example/webhook/1';

interface Given {
	events?: unknown;
	memory?: IDataObject;
	/** What a request gets that is not for the list; by default it works. */
	answer?(request: IHttpRequestOptions): WireAnswer | Promise<WireAnswer>;
	credential?(): Promise<IDataObject>;
}

/** A trigger whose workflow is published or unpublished; nothing is listed by VideoSDK. */
function triggerOf({
	events = ['started', 'call-hangup', 'call-missed', 'call-hangup'],
	memory = {},
	answer = () => ({ body: { data: { id: 'new' } } }),
	credential,
}: Given = {}) {
	const asked: string[] = [];
	const { hooks, warnings } = receiverOf(async () => await Promise.reject(new Error('unused')), {
		parameters: { events } as IDataObject,
		answer: (request) => {
			const { method, url, body } = request;
			if (method === 'GET') return { body: { data: [] } };
			asked.push([method, url, body].filter(Boolean).join(' '));
			return answer(request);
		},
		more: {
			...(credential && { getCredentials: credential }),
			getNodeWebhookUrl: (name: string) => (name === 'default' ? URL : undefined),
			getWorkflowStaticData: (of: string) => (of === 'node' ? memory : {}),
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
		expect(memory).toEqual({ callWebhookId: 'new' });
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
			memory: { callWebhookId: 'old' },
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
			memory: { callWebhookId: 'old', other: 1 },
		});
		await unpublish();
		expect(asked).toEqual([deletionOf('old')]);
		expect(memory).toEqual({ other: 1 });
		expect(warnings).toEqual([]);
	});

	test.each<[string, Given, boolean]>([
		['nothing is known and no event is one of calls', { events: ['started'] }, false],
		['nothing is known but an event is one of calls', { events: ['started', 'call-hangup'] }, true],
	])('where %s asks for what is registered: %p', async (_name, given, expected) => {
		let isAsked = false;
		const credential = async () => {
			isAsked = true;
			return { apiKey: 'of unpublishing', secretKey: 'secret' };
		};
		const { unpublish } = triggerOf({ ...given, credential });
		expect(await unpublish()).toBeUndefined();
		expect(isAsked).toBe(expected);
	});

	test('that fails is tried again once, logged, and not forgotten', async () => {
		const { unpublish, asked, memory, warnings } = triggerOf({
			memory: { callWebhookId: 'old' },
			answer: () => ({ statusCode: 500 }),
		});
		expect(await unpublish()).toBeUndefined();
		expect(asked).toEqual([deletionOf('old'), deletionOf('old')]);
		expect(memory).toEqual({ callWebhookId: 'old' });
		expect(warnings).toEqual([
			'Webhook "old" for call events was not deleted: VideoSDK returned a server error (HTTP 500). Try again in a minute.',
		]);
	});
});
