import type { IDataObject } from 'n8n-workflow';
import { register, unregister } from '../../../nodes/VideoSdk/api/sipWebhooks';
import { wireTo, type WireAnswer } from '../../support/wire';

const PATH = '/v2/sip/webhooks';
const URL = 'https://n8n.example/webhook/1';

/** A webhook for our URL and the event `call-hangup`, as VideoSDK lists it. */
const ours = (webhookId: string, more: IDataObject = {}): IDataObject => ({
	...{ webhookId, url: URL, events: ['call-hangup'], ...more },
});

const theirs = ours('theirs', { url: 'https://n8n.example/webhook/2' });

interface Given {
	/** What is listed, each time it is asked for; the last for ever. */
	lists?: IDataObject[][];
	onCreate?: WireAnswer;
	onDelete?: WireAnswer;
}

/** A VideoSDK with these webhooks, and what is asked of it but lists. */
async function videoSdkWith({
	lists = [[]],
	onCreate = { body: { data: { id: 'new' } } },
	onDelete = { body: {} },
}: Given) {
	let listed = 0;
	const asked: string[] = [];
	const wire = await wireTo(
		({ method, url, qs, body }) => {
			if (method === 'GET') {
				const isSecondPage = qs?.page === 2;
				return { body: { data: isSecondPage ? [] : (lists[listed++] ?? lists.at(-1)) } };
			}
			asked.push([method, url, body].filter(Boolean).join(' '));
			return method === 'POST' ? onCreate : onDelete;
		},
		{ maxRetries: 0 },
	);
	return { ...wire, asked, timesListed: () => listed };
}

async function registerIn(given: Given, known?: string, events = ['call-hangup']) {
	const { client, asked, requests, timesListed } = await videoSdkWith(given);
	const onMayExist = jest.fn();
	const outcome = await register(client, URL, events as ['call-hangup'], onMayExist, known).catch(
		(error: unknown) => error,
	);
	const mayExist = onMayExist.mock.calls.length > 0;
	return { outcome, asked, requests, timesListed: timesListed(), mayExist };
}

const CREATE = `POST ${PATH} {"url":"${URL}","events":["call-hangup"]}`;

describe('registering', () => {
	test('registering lists the webhooks and creates one if there is none', async () => {
		const { outcome, asked, requests, mayExist } = await registerIn({});
		expect(outcome).toBe('new');
		expect(mayExist).toBe(true);
		expect(asked).toEqual([CREATE]);
		expect(requests[0]).toMatchObject({ method: 'GET', url: PATH, qs: { perPage: 100 } });
	});

	const both = ['call-missed', 'call-hangup'];

	test.each<[string, IDataObject[], string[]]>([
		['calls its ID webhookId', [ours('known')], ['call-hangup']],
		['calls its ID id', [{ ...ours(''), id: 'known' }], ['call-hangup']],
		['lists the events in another order', [ours('known', { events: both })], both.toReversed()],
		[
			'gives its only event as a string',
			[ours('known', { events: 'call-hangup' })],
			['call-hangup'],
		],
		['also lists one without an ID', [ours(''), ours('known')], ['call-hangup']],
	])('registering reuses a webhook if VideoSDK %s', async (_name, list, events) => {
		const { outcome, asked } = await registerIn({ lists: [list] }, 'known', events);
		expect({ outcome, asked }).toEqual({ outcome: 'known', asked: [] });
	});

	test.each<[string, IDataObject]>([
		['has another ID', ours('other')],
		['has another URL', ours('known', { url: 'https://n8n.example/webhook/2' })],
		['is for other events', ours('known', { events: ['call-missed'] })],
		['is for more events', ours('known', { events: ['call-hangup', 'call-missed'] })],
	])('registering replaces a webhook that %s', async (_name, webhook) => {
		const { outcome, asked } = await registerIn({ lists: [[webhook]] }, 'known');
		expect(outcome).toBe('new');
		expect(asked).toEqual([CREATE, `DELETE ${PATH}/${String(webhook.webhookId)}`]);
	});

	test('registering deletes extra webhooks for its URL, but none for other URLs', async () => {
		const lists = [[theirs, ours('a/b'), ours('known')]];
		const { outcome, asked } = await registerIn({ lists }, 'known');
		expect({ outcome, asked }).toEqual({ outcome: 'known', asked: [`DELETE ${PATH}/a%2Fb`] });
	});

	test('registering keeps the new webhook and ignores an old one that is gone', async () => {
		const given = { lists: [[ours('new'), ours('gone')]], onDelete: { statusCode: 404 } };
		const { outcome, asked } = await registerIn(given);
		expect({ outcome, asked }).toEqual({ outcome: 'new', asked: [CREATE, `DELETE ${PATH}/gone`] });
	});

	test.each<[string, WireAnswer]>([
		['data.id', { body: { data: { id: 'new' } } }],
		['data.webhookId', { body: { data: { webhookId: 'new' } } }],
		['an id without data', { body: { id: 'new' } }],
	])('the ID of a new webhook is read from %s', async (_name, onCreate) => {
		const { outcome, timesListed } = await registerIn({ onCreate });
		expect(outcome).toBe('new');
		expect(timesListed).toBe(1);
	});

	test.each<[string, WireAnswer]>([
		['was lost', { statusCode: 504 }],
		['has no ID', { body: {} }],
	])(
		'registering finds the new webhook in the list if the response %s',
		async (_name, onCreate) => {
			const before = [ours('before'), theirs];
			const theirNew = { ...theirs, webhookId: 'their new' };
			const lists = [before, [...before, theirNew, ours('new')]];
			const { outcome, asked } = await registerIn({ lists, onCreate });
			expect({ outcome, asked }).toEqual({
				...{ outcome: 'new', asked: [CREATE, `DELETE ${PATH}/before`] },
			});
		},
	);

	const consequence = 'The trigger is not registered for call events';

	const noWebhook = 'has no webhook in it (the field "id" is missing)';

	test.each<[string, WireAnswer, object, boolean, number]>([
		['gets a 400', { statusCode: 400 }, { kind: 'status', status: 400 }, false, 1],
		['gets a 504', { statusCode: 504 }, { kind: 'status', status: 504 }, true, 2],
		['returns no ID', { body: {} }, { kind: 'unreadable', problem: noWebhook }, true, 2],
	])(
		'registering fails if creating the webhook %s',
		async (_name, onCreate, cause, mayHaveTakenEffect, times) => {
			const result = await registerIn({ lists: [[ours('before')]], onCreate });
			expect(result.mayExist).toBe(mayHaveTakenEffect);
			const purpose = { endpoint: 'Create Webhook', consequence };
			expect(result.outcome).toMatchObject({ cause, mayHaveTakenEffect, purpose });
			expect(result.timesListed).toBe(times);
		},
	);

	test('registering never retries the creation of a webhook', async () => {
		const { client, requests } = await wireTo(
			({ method }) => (method === 'GET' ? { body: { data: [] } } : { statusCode: 504 }),
			{ maxRetries: 3 },
		);
		await expect(register(client, URL, ['call-hangup'], () => {})).rejects.toHaveProperty('cause');
		expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
	});

	test('registering fails if the webhooks cannot be listed', async () => {
		const { client } = await wireTo(() => ({ statusCode: 403 }));
		const purpose = { endpoint: 'Fetch All Webhooks', consequence };
		await expect(register(client, URL, ['call-hangup'], () => {})).rejects.toMatchObject({
			...{ cause: { status: 403 }, purpose },
		});
	});
});

describe('unregistering', () => {
	test.each<[string, Given, string | undefined, string[], number]>([
		['deletes the known webhook', { lists: [[ours('a')]] }, 'known', ['known'], 0],
		[
			'deletes every webhook for its URL if none is known',
			{ lists: [[ours('a'), ours('b')]] },
			undefined,
			['a', 'b'],
			1,
		],
		[
			'deletes others for its URL if the known one is gone',
			{ lists: [[ours('a')]], onDelete: { statusCode: 404 } },
			'known',
			['known', 'a'],
			1,
		],
		[
			'leaves webhooks for other URLs alone',
			{ lists: [[ours('a', { url: 'x' })]] },
			undefined,
			[],
			1,
		],
	])('unregistering %s', async (_name, given, known, deleted, times) => {
		const { client, asked, timesListed } = await videoSdkWith(given);
		expect(await unregister(client, URL, known)).toBe(deleted.length > 0);
		expect(asked).toEqual(deleted.map((id) => `DELETE ${PATH}/${id}`));
		expect(timesListed()).toBe(times);
	});

	test('unregistering fails if the webhooks cannot be listed', async () => {
		const { client } = await wireTo(() => ({ statusCode: 403 }));
		const consequence = 'The webhooks for call events were not deleted';
		await expect(unregister(client, URL)).rejects.toMatchObject({
			...{ cause: { status: 403 }, purpose: { consequence: consequence } },
		});
	});

	test('unregistering fails if a webhook cannot be deleted after a retry', async () => {
		jest.spyOn(Math, 'random').mockReturnValue(0);
		const { client, requests } = await wireTo(() => ({ statusCode: 500 }), { maxRetries: 1 });
		const endpoint = 'Delete Webhook';
		const consequence = 'Webhook "a" for call events was not deleted';
		await expect(unregister(client, URL, 'a')).rejects.toMatchObject({
			...{ cause: { status: 500 }, purpose: { endpoint, consequence } },
		});
		expect(requests).toHaveLength(2);
		jest.restoreAllMocks();
	});
});
