import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { WebhookPathTakenError } from 'n8n-workflow';
import {
	cannotPublish,
	removeWebhook,
	updateWebhook,
} from '../../../nodes/VideoSdk/trigger/registration';
import { useFakeTime } from '../../support/fakeTime';
import { receiverOf } from '../../support/receiver';
import type { WireAnswer } from '../../support/wire';

useFakeTime(0.5);

const URL = 'https://n8n.example/webhook/1';

/** The rows, or what a request for them gets. */
type List = IDataObject[] | WireAnswer | (() => Promise<never>);

const never = async () => await new Promise<never>(() => {});

interface Given {
	url?: string;
	workflowId?: string;
	events?: unknown;
	memory?: IDataObject;
	/** What VideoSDK lists. */
	list?: List;
	/** What a request gets that is not for the list; by default it works. */
	answer?(request: IHttpRequestOptions): WireAnswer | Promise<WireAnswer>;
	credential?(type?: string): Promise<IDataObject>;
	/** `manual` while a user listens for a test event. */
	mode?: 'trigger' | 'manual';
}

const noCredential = async () => await Promise.reject(new Error('no credential'));

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
	mode = 'trigger',
}: Given = {}) {
	const asked: string[] = [];
	const lists = { answer: list, count: 0 };
	const log: string[] = [];
	const { hooks, warnings } = receiverOf(async () => await Promise.reject(new Error('unused')), {
		parameters: { events } as IDataObject,
		mode,
		answer: (request) => {
			const { method, url, body } = request;
			if (method === 'GET') {
				lists.count++;
				if (typeof lists.answer === 'function') return lists.answer();
				if (!Array.isArray(lists.answer)) return lists.answer;
				return { body: { data: request.qs?.page === 1 ? lists.answer : [] } };
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
			logger: {
				...{ info: (text: string) => log.push(text), error: (text: string) => log.push(text) },
				warn: (text: string) => warnings.push(text),
			},
		},
	});
	const published = async () =>
		await updateWebhook(hooks).catch(
			async (error: unknown) => await Promise.reject(cannotPublish(hooks, error)),
		);
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
		...{ hooks, asked, lists, memory, warnings, log },
		/** Only begins to publish, in fake time. */
		published,
		publish: async () => await during(published()),
		unpublish: async () => await during(removeWebhook(hooks)),
	};
}

const CREATE = `POST /v2/sip/webhooks {"url":"${URL}","events":["call-hangup","call-missed"]}`;
const deletionOf = (id: string) => `DELETE /v2/sip/webhooks/${id}`;

const serverError = { statusCode: 500 };

describe('publishing', () => {
	test('publishing registers each call event once and remembers the webhook ID', async () => {
		const { publish, asked, memory } = triggerOf();
		expect(await publish()).toBeUndefined();
		expect(asked).toEqual([CREATE]);
		expect(memory).toEqual(remembered('new'));
	});

	test('publishing sends no request if no call event is selected', async () => {
		const { publish, asked } = triggerOf({ events: ['started'], credential: noCredential });
		expect(await publish()).toBeUndefined();
		expect(asked).toEqual([]);
	});

	test('publishing deletes the webhook if no call event is selected anymore', async () => {
		const given = { events: ['started'], memory: remembered('old') };
		const { publish, asked, memory } = triggerOf(given);
		await publish();
		expect(asked).toEqual([deletionOf('old')]);
		expect(memory).toEqual({});
	});

	const publicAddress = `VideoSDK must be able to reach n8n at ${URL} from the internet. If that is not the public address of n8n, ask the administrator of n8n to set the environment variable WEBHOOK_URL to the public address and to restart n8n.`;
	const notRegistered = 'The trigger is not registered for call events: ';
	const rejected = 'VideoSDK rejected the request';
	const conflict = 'it conflicts with something that already exists in VideoSDK';
	const payment =
		'VideoSDK requires a payment. Check the plan and the balance of the account in the VideoSDK dashboard.';

	test.each<[number, IDataObject | undefined, string]>([
		[400, undefined, `${rejected} (HTTP 400). ${publicAddress}`],
		[422, undefined, `${rejected} (HTTP 422). ${publicAddress}`],
		[409, undefined, `${conflict}. ${publicAddress}`],
		[400, { message: 'a.' }, `${rejected} (HTTP 400). VideoSDK said: "a". ${publicAddress}`],
		[402, undefined, payment],
	])('publishing fails after HTTP %i with %j and says what to do', async (...given) => {
		const [statusCode, body, message] = given;
		const { publish, memory } = triggerOf({ answer: () => ({ statusCode, body }) });
		const error = await publish();
		expect(error).toBeInstanceOf(WebhookPathTakenError);
		expect(error).toHaveProperty('message', `${notRegistered}${message}`);
		expect(memory).toEqual({});
	});

	test('listening for a test event fails if VideoSDK never responds', async () => {
		const { publish } = triggerOf({ mode: 'manual', list: never });
		const message = `${notRegistered}VideoSDK did not respond within 5 seconds. Try again in a minute.`;
		expect(await publish()).toHaveProperty('message', message);
	});

	const noEvents = `the trigger at ${URL} receives no call events`;
	const goesOn = `n8n keeps trying to register the trigger. Until that succeeds, ${noEvents}.`;
	const down: WireAnswer = { statusCode: 503, body: { message: 'maintenance' } };
	const throttled =
		'VideoSDK was unavailable for 4 seconds (HTTP 503). VideoSDK said: "maintenance".';

	test.each<[string, WireAnswer | (() => Promise<never>), string, number]>([
		['answers 503', down, throttled, 5],
		['answers 500', serverError, 'VideoSDK returned a server error (HTTP 500).', 2],
		['is silent', never, 'VideoSDK did not respond within 5 seconds.', 2],
	])(
		'publishing works while VideoSDK %s, and registers when it is back',
		async (_name, list, reason, requests) => {
			const given: Given = { workflowId: `away: ${_name}`, list };
			const { hooks, published, memory, asked, warnings, log, lists } = triggerOf(given);
			let isPublished = false;
			void published().then(() => (isPublished = true));
			while (!isPublished) await jest.advanceTimersByTimeAsync(500);
			expect(lists.count).toBe(requests);
			expect(warnings).toEqual([`${notRegistered}${reason} ${goesOn}`]);
			expect({ asked, memory }).toEqual({ asked: [], memory: {} });

			lists.answer = [];
			await jest.advanceTimersByTimeAsync(60_000);
			expect(asked).toEqual([CREATE]);
			expect(log).toEqual([`The trigger at ${URL} is now registered for call events.`]);
			expect(memory).toMatchObject({ callWebhook: { id: 'new' } });
			await removeWebhook(hooks);
			expect(asked).toEqual([CREATE, deletionOf('new')]);
		},
	);

	test('registration is retried less and less often, finally once a minute', async () => {
		const { published, unpublish, lists } = triggerOf({ workflowId: 'long away', list: down });
		void published();
		await jest.advanceTimersByTimeAsync(3 * 60_000);
		const before = lists.count;
		await jest.advanceTimersByTimeAsync(10 * 60_000);
		expect(lists.count - before).toBe(10);
		await unpublish();
		await jest.advanceTimersByTimeAsync(10 * 60_000);
		expect(lists.count - before).toBe(10);
	});

	test('registration stops retrying and logs the reason if VideoSDK rejects it', async () => {
		const { published, lists, log } = triggerOf({ workflowId: 'refused later', list: down });
		void published();
		await jest.advanceTimersByTimeAsync(11_000);
		lists.answer = { statusCode: 402 };
		await jest.advanceTimersByTimeAsync(60_000);
		const requests = lists.count;
		await jest.advanceTimersByTimeAsync(10 * 60_000);
		expect(lists.count).toBe(requests);
		const toDo = `When the problem is solved, unpublish the workflow and publish it again (in n8n 1: deactivate and activate it). Until you do, ${noEvents}.`;
		expect(log).toEqual([`${notRegistered}${payment} ${toDo}`]);
	});

	test('a webhook that is created after the workflow is unpublished is deleted', async () => {
		let created = () => {};
		const { hooks, published, asked, memory } = triggerOf({
			workflowId: 'unpublished meanwhile',
			answer: async ({ method }) => {
				if (method === 'POST') await new Promise<void>((resolve) => (created = resolve));
				return { body: { data: { id: 'late' } } };
			},
		});
		void published();
		await jest.advanceTimersByTimeAsync(1_000);
		await removeWebhook(hooks);
		created();
		await jest.advanceTimersByTimeAsync(1_000);
		expect(asked).toEqual([CREATE, deletionOf('late')]);
		expect(memory).toEqual({});
	});

	/** A list whose request n8n cannot send. */
	const fails = (code: string) => async () =>
		await Promise.reject(Object.assign(new Error(code), { code, syscall: 'connect' }));

	test('publishing fails without further attempts if the host name does not exist', async () => {
		const { publish } = triggerOf({ list: fails('ENOTFOUND') });
		expect(await publish()).toBeInstanceOf(WebhookPathTakenError);
	});

	test.each<[string, string, boolean]>([
		['fails with the real VideoSDK', 'https://api.videosdk.live', true],
		['works with a VideoSDK on the same machine', 'http://127.0.0.1:1234', false],
	])('publishing at a localhost URL %s', async (_name, baseUrl, isRefused) => {
		const url = 'http://localhost:5678/webhook/1';
		const credential = async (type?: string) =>
			type === 'videoSdkApi' ? { apiKey: 'local', secretKey: 'secret', baseUrl } : {};
		const { publish, asked } = triggerOf({ url, credential });
		const message = `The trigger is not registered for call events. ${publicAddress.replace(URL, url)}`;
		expect(await publish()).toEqual(isRefused ? expect.objectContaining({ message }) : undefined);
		expect(asked.length).toBe(isRefused ? 0 : 1);
	});

	test.each(['ECONNREFUSED', 'ENOENT'])(
		'publishing shows our own error text for %s instead of that of n8n',
		async (code) => {
			const message = `^${notRegistered}n8n could not connect to .* Error code: ${code}\\.$`;
			const { publish } = triggerOf({ mode: 'manual', list: fails(code) });
			expect(await publish()).toHaveProperty('message', expect.stringMatching(message));
		},
	);

	test('publishing without a credential fails with the error of n8n', async () => {
		const { publish } = triggerOf({ credential: noCredential });
		const error = await publish();
		expect(error).toBeInstanceOf(WebhookPathTakenError);
		expect(error).toHaveProperty('message', 'no credential');
	});
});

describe('unpublishing', () => {
	test('unpublishing deletes the webhook and forgets it', async () => {
		const given = { memory: { ...remembered('old'), other: 1 } };
		const { unpublish, asked, memory, warnings } = triggerOf(given);
		await unpublish();
		expect({ asked, memory, warnings }).toEqual({
			...{ asked: [deletionOf('old')], memory: { other: 1 }, warnings: [] },
		});
	});

	test('unpublishing sends no request if no webhook is known', async () => {
		const given = { workflowId: 'of which nothing is known', credential: noCredential };
		const { unpublish, asked, warnings } = triggerOf(given);
		expect(await unpublish()).toBeUndefined();
		expect({ asked, warnings }).toEqual({ asked: [], warnings: [] });
	});

	test('unpublishing deletes once a webhook whose creation response was lost', async () => {
		const list: IDataObject[] = [];
		const { publish, unpublish, asked } = triggerOf({
			...{ workflowId: 'with a lost answer', list, mode: 'manual' },
			answer: ({ method }) => ({ statusCode: method === 'POST' ? 500 : 200 }),
		});
		expect(await publish()).toBeInstanceOf(WebhookPathTakenError);
		list.push({ webhookId: 'late', url: URL });
		await unpublish();
		await unpublish();
		expect(asked).toEqual([CREATE, deletionOf('late')]);
	});

	test('unpublishing logs nothing if the registration failed', async () => {
		const given: Given = { workflowId: 'never registered', answer: () => ({ statusCode: 400 }) };
		const { publish, unpublish, warnings } = triggerOf(given);
		expect(await publish()).toBeInstanceOf(WebhookPathTakenError);
		await unpublish();
		expect(warnings).toEqual([]);
	});

	test('a failed unpublishing is retried once, logged and not forgotten', async () => {
		const given: Given = { memory: remembered('old'), answer: () => serverError };
		const { unpublish, asked, memory, warnings } = triggerOf(given);
		expect(await unpublish()).toBeUndefined();
		expect(asked).toEqual([deletionOf('old'), deletionOf('old')]);
		expect(memory).toEqual(remembered('old'));
		expect(warnings).toEqual([
			`Webhook "old" for call events was not deleted: VideoSDK returned a server error (HTTP 500). Try again in a minute. VideoSDK may continue to send call events to ${URL}. To delete the webhook, publish the workflow and unpublish it again (in n8n 1: activate and deactivate it). If the URL is the Test URL, open the trigger and click 'Execute step' instead.`,
		]);
	});

	test.each<[string, Given, RegExp]>([
		[
			'the list cannot be read',
			{ list: serverError, answer: () => ({ statusCode: 404 }) },
			/^The webhooks for call events were not deleted: VideoSDK returned a server error \(HTTP 500\)\. Try again in a minute\. VideoSDK may continue/,
		],
		['there is no credential', { credential: noCredential }, /^no credential\. VideoSDK may/],
	])('unpublishing logs what failed if %s', async (_name, given, expected) => {
		const { unpublish, warnings } = triggerOf({ memory: remembered('old'), ...given });
		await unpublish();
		expect(warnings).toEqual([expect.stringMatching(expected)]);
	});

	const elsewhere = `Webhook "old" for call events is not in this VideoSDK project. VideoSDK may continue to send call events to ${URL}. If the webhook is in another VideoSDK project, delete it there.`;

	test.each<[string, IDataObject[], string[]]>([
		['logs a warning', [], [elsewhere]],
		['deletes another webhook for its URL', [{ webhookId: 'newer', url: URL }], []],
	])('unpublishing a webhook that is gone %s', async (_name, list, expected) => {
		const answer: Given['answer'] = ({ url }) => ({ statusCode: url.endsWith('/old') ? 404 : 200 });
		const given = { memory: remembered('old'), list, answer };
		const { unpublish, memory, warnings, asked } = triggerOf(given);
		await unpublish();
		const others = list.map(({ webhookId }) => deletionOf(String(webhookId)));
		expect(asked).toEqual([deletionOf('old'), ...others]);
		expect({ memory, warnings }).toEqual({ memory: {}, warnings: expected });
	});
});

describe('a copy of the workflow', () => {
	test.each(['another n8n/workflow', 'n8n/another workflow', undefined])(
		'a copy of a workflow leaves the webhook of %s alone',
		async (owner) => {
			const given = { memory: { callWebhook: { id: 'theirs', owner } } };
			const { publish, unpublish, asked, memory } = triggerOf(given);
			await publish();
			expect(memory).toEqual(remembered('new'));
			await unpublish();
			expect(asked).toEqual([CREATE, deletionOf('new')]);
		},
	);

	test('an imported workflow leaves the webhook of the original for the same URL alone', async () => {
		const original = triggerOf();
		await original.publish();
		const list = [{ webhookId: 'theirs', url: URL }];
		const { unpublish, asked } = triggerOf({ workflowId: 'imported', list });
		await unpublish();
		expect(asked).toEqual([]);
		await original.unpublish();
	});

	test('a copy that n8n 1 rejects for its URL leaves the original’s webhook alone', async () => {
		const theirs = { callWebhook: { id: 'theirs', owner: 'n8n/another workflow' } };
		const list = [{ webhookId: 'newer', url: URL }];
		const { unpublish, asked, memory } = triggerOf({ memory: { ...theirs }, list });
		await unpublish();
		await unpublish();
		expect({ asked, memory }).toEqual({ asked: [], memory: theirs });
	});
});
