import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { ListOptions } from '../../dev/videosdk-api';
import { itemsOf, stopsNever } from '../support/nodeRun';
import { addSessions, countOf, idsIn, LIST, minutesAgo as ago, session } from './sessions';
import { useEngine } from './setup';

const { startApi, run, refused } = useEngine();

describe('Get Many', () => {
	const all = session('getAll', { returnAll: true, filters: {} });

	test('Return All gives each session once, with what only the list has', async () => {
		const api = await startApi();
		const sessionIds = addSessions(api, 250, { metadata: { customer: '4711' } });
		const { items } = await run(api, all);
		expect(idsIn(items)).toEqual(sessionIds);
		expect(items[0]?.json.metadata).toEqual({ customer: '4711' });
		expect(countOf(api, LIST)).toBe(4);
	});

	test.each([
		[1, 1],
		[100, 1],
		[101, 2],
		[250, 3],
	])('with Limit %i, VideoSDK is asked %i times', async (limit, requests) => {
		const api = await startApi();
		const sessionIds = addSessions(api, 400);
		const { items } = await run(api, session('getAll', { limit, filters: {} }));
		expect(idsIn(items)).toEqual(sessionIds.slice(0, limit));
		expect(countOf(api, LIST)).toBe(requests);
	});

	test('Limit counts the sessions that pass the filters', async () => {
		const api = await startApi();
		const wanted = addSessions(api, 3, { tag: 'wanted' });
		addSessions(api, 150);
		const { items } = await run(api, session('getAll', { limit: 2, filters: { tag: 'wanted' } }));
		expect(idsIn(items)).toEqual(wanted.slice(0, 2));
	});

	test.each([['={{ $json.none }}'], ['many'], [0]])(
		'a Limit of %s does not stand for another number',
		async (limit) => {
			const error = await refused(session('getAll', { limit, filters: {} }));
			expect(error?.message).toMatch(/limit/i);
		},
	);

	test.each<[string, IDataObject, string[]]>([
		['no filter', {}, ['old', 'queued', 'ended', 'new']],
		['one status', { status: ['running'] }, ['old', 'new']],
		['several statuses', { status: ['queued', 'completed'] }, ['queued', 'ended']],
		['a deployment', { deploymentId: byId('d2') }, ['old']],
		['a deployment by an expression', { deploymentId: byId('={{ "d" + 2 }}') }, ['old']],
		['a tag', { tag: 'v2' }, ['queued', 'new']],
		['started after', { startedAfter: ago(45) }, ['queued', 'new']],
		['started before', { startedBefore: '={{ $now.minus({ minutes: 45 }) }}' }, ['old', 'ended']],
		['running longer than', { runningLongerThan: 45 }, ['old']],
		['several filters', { tag: 'v2', status: ['running'] }, ['new']],
		['filters that none passes', { tag: 'v3' }, []],
	])('Get Many gives what passes %s', async (_name, filters, expected) => {
		const api = await startApi();
		api.sessions.add({ sessionId: 'new', tag: 'v2', start: ago(1) });
		api.sessions.add({ sessionId: 'ended', status: 'completed', start: ago(60) });
		api.sessions.add({ sessionId: 'queued', tag: 'v2', status: 'queued', start: ago(2) });
		api.sessions.add({ sessionId: 'old', deploymentId: 'd2', start: ago(60) });
		const { items, error } = await run(api, { ...all, filters });
		expect(error).toBeUndefined();
		expect(idsIn(items)).toEqual(expected);
	});

	test.each<[string, ListOptions]>([
		['a page holds 20 at most', { capPerPage: 20 }],
		['the list grows while it is read', { shift: true }],
		['nothing is said of pages', { emptyPageInfo: true }],
		['all of it', { capPerPage: 20, shift: true, emptyPageInfo: true }],
	])('Get Many gives each session once and ends: %s', async (_name, list) => {
		const api = await startApi({ list });
		const sessionIds = addSessions(api, 205);
		const { items } = await run(api, all);
		const given = idsIn(items);
		expect(new Set(given).size).toBe(given.length);
		expect(given.filter((sessionId) => sessionIds.includes(String(sessionId)))).toEqual(sessionIds);
		expect(given.length - sessionIds.length).toBe(list.shift ? 1 : 0);
	});

	test('Get Many gives the first page once where the server knows no other', async () => {
		const api = await startApi({ list: { ignorePage: true } });
		const sessionIds = addSessions(api, 205);
		const { items } = await run(api, all);
		expect(idsIn(items)).toEqual(sessionIds.slice(0, 100));
		// The total promises more pages, which are requested in vain.
		expect(countOf(api, LIST)).toBeLessThan(10);
	});

	test('Get Many reads two thousand sessions', async () => {
		const api = await startApi();
		const sessionIds = addSessions(api, 2_000);
		const { items } = await run(api, all);
		expect(idsIn(items)).toEqual(sessionIds);
		expect(countOf(api, LIST)).toBe(21);
	});

	test('Get Many lists for each item, paired with it', async () => {
		const api = await startApi();
		addSessions(api, 1, { tag: 'a' });
		addSessions(api, 2, { tag: 'b' });
		const parameters = { ...all, filters: { tag: '={{ $json.sessionId }}' } };
		const { items, failed } = await run(api, parameters, itemsOf(['b', '', 'a']), stopsNever);
		expect(items.map(({ json, pairedItem }) => [json.tag, pairedItem])).toEqual([
			['b', { item: 0 }],
			['b', { item: 0 }],
			['a', { item: 2 }],
		]);
		expect(failed[0]?.json.error).toMatchObject({
			message: "The expression in 'Tag' returned nothing [item 1]",
		});
	});
});
