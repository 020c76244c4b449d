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
	test('reads all that is registered, and creates a webhook where there is none', async () => {
		const { outcome, asked, requests, mayExist } = await registerIn({});
		expect(outcome).toBe('new');
		expect(mayExist).toBe(true);
		expect(asked).toEqual([CREATE]);
		expect(requests[0]).toMatchObject({ method: 'GET', url: PATH, qs: { perPage: 100 } });
	});

	const both = ['call-missed', 'call-hangup'];

	test.each<[string, IDataObject[], string[]]>([
		['spells the ID webhookId', [ours('known')], ['call-hangup']],
		['spells the ID id', [{ ...ours(''), id: 'known' }], ['call-hangup']],
		['lists the events in another order', [ours('known', { events: both })], both.toReversed()],
		['names the one event', [ours('known', { events: 'call-hangup' })], ['call-hangup']],
		['lists a row without an ID', [ours(''), ours('known')], ['call-hangup']],
	])('uses what is there where VideoSDK %s', async (_name, list, events) => {
		const { outcome, asked } = await registerIn({ lists: [list] }, 'known', events);
		expect({ outcome, asked }).toEqual({ outcome: 'known', asked: [] });
	});

	test.each<[string, IDataObject]>([
		['has another ID', ours('other')],
		['is for another address', ours('known', { url: 'https://n8n.example/webhook/2' })],
		['is for other events', ours('known', { events: ['call-missed'] })],
		['is for more events', ours('known', { events: ['call-hangup', 'call-missed'] })],
	])('takes the place of one that %s', async (_name, webhook) => {
		const { outcome, asked } = await registerIn({ lists: [[webhook]] }, 'known');
		expect(outcome).toBe('new');
		expect(asked).toEqual([CREATE, `DELETE ${PATH}/${String(webhook.webhookId)}`]);
	});

	test('deletes what is ours beside the webhook in use, and leaves those of others alone', async () => {
		const lists = [[theirs, ours('a/b'), ours('known')]];
		const { outcome, asked } = await registerIn({ lists }, 'known');
		expect({ outcome, asked }).toEqual({ outcome: 'known', asked: [`DELETE ${PATH}/a%2Fb`] });
	});

	test('deletes none that is the new one, nor fails where one has gone', async () => {
		const given = { lists: [[ours('new'), ours('gone')]], onDelete: { statusCode: 404 } };
		const { outcome, asked } = await registerIn(given);
		expect({ outcome, asked }).toEqual({ outcome: 'new', asked: [CREATE, `DELETE ${PATH}/gone`] });
	});

	test.each<[string, WireAnswer]>([
		['in data, by the name id', { body: { data: { id: 'new' } } }],
		['in data, by the name webhookId', { body: { data: { webhookId: 'new' } } }],
		['without data', { body: { id: 'new' } }],
	])('finds the ID of a new one %s', async (_name, onCreate) => {
		const { outcome, timesListed } = await registerIn({ onCreate });
		expect(outcome).toBe('new');
		expect(timesListed).toBe(1);
	});

	test.each<[string, WireAnswer]>([
		['got lost', { statusCode: 504 }],
		['names none', { body: {} }],
	])('looks for the new one where the answer %s', async (_name, onCreate) => {
		const before = [ours('before'), theirs];
		const theirNew = { ...theirs, webhookId: 'their new' };
		const lists = [before, [...before, theirNew, ours('new')]];
		const { outcome, asked } = await registerIn({ lists, onCreate });
		expect({ outcome, asked }).toEqual({
			...{ outcome: 'new', asked: [CREATE, `DELETE ${PATH}/before`] },
		});
	});

	const consequence = 'The trigger is not registered for call events';

	const noWebhook = 'has no webhook in it (the field "id" is missing)';

	test.each<[string, WireAnswer, object, boolean, number]>([
		['is refused', { statusCode: 400 }, { kind: 'status', status: 400 }, false, 1],
		['gets lost', { statusCode: 504 }, { kind: 'status', status: 504 }, true, 2],
		['names none', { body: {} }, { kind: 'unreadable', problem: noWebhook }, true, 2],
	])('fails if it %s', async (_name, onCreate, cause, mayHaveTakenEffect, times) => {
		const result = await registerIn({ lists: [[ours('before')]], onCreate });
		expect(result.mayExist).toBe(mayHaveTakenEffect);
		const purpose = { endpoint: 'Create Webhook', consequence };
		expect(result.outcome).toMatchObject({ cause, mayHaveTakenEffect, purpose });
		expect(result.timesListed).toBe(times);
	});

	test('sends the request for a new one only once', async () => {
		const { client, requests } = await wireTo(
			({ method }) => (method === 'GET' ? { body: { data: [] } } : { statusCode: 504 }),
			{ maxRetries: 3 },
		);
		await expect(register(client, URL, ['call-hangup'], () => {})).rejects.toHaveProperty('cause');
		expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
	});

	test('fails where what is registered cannot be read', async () => {
		const { client } = await wireTo(() => ({ statusCode: 403 }));
		const purpose = { endpoint: 'Fetch All Webhooks', consequence };
		await expect(register(client, URL, ['call-hangup'], () => {})).rejects.toMatchObject({
			...{ cause: { status: 403 }, purpose },
		});
	});
});

describe('registering no more', () => {
	test.each<[string, Given, string | undefined, string[], number]>([
		['deletes the one that is known', { lists: [[ours('a')]] }, 'known', ['known'], 0],
		['deletes each for the address', { lists: [[ours('a'), ours('b')]] }, undefined, ['a', 'b'], 1],
		[
			'looks for others if VideoSDK does not know the one',
			{ lists: [[ours('a')]], onDelete: { statusCode: 404 } },
			'known',
			['known', 'a'],
			1,
		],
		['leaves those of others alone', { lists: [[ours('a', { url: 'x' })]] }, undefined, [], 1],
	])('%s', async (_name, given, known, deleted, times) => {
		const { client, asked, timesListed } = await videoSdkWith(given);
		expect(await unregister(client, URL, known)).toBe(deleted.length > 0);
		expect(asked).toEqual(deleted.map((id) => `DELETE ${PATH}/${id}`));
		expect(timesListed()).toBe(times);
	});

	test('fails where what is registered cannot be read', async () => {
		const { client } = await wireTo(() => ({ statusCode: 403 }));
		const consequence = 'The webhooks for call events were not deleted';
		await expect(unregister(client, URL)).rejects.toMatchObject({
			...{ cause: { status: 403 }, purpose: { consequence: consequence } },
		});
	});

	test('fails where one cannot be deleted, which is tried again', async () => {
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
