import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { ListOptions } from '../../dev/videosdk-api';
import { itemsOf, stopsNever } from '../support/nodeRun';
import { addSessions, countOf, idsIn, LIST, minutesAgo as ago, session } from './sessions';
import { useEngine } from './setup';

const { startApi, run, refused } = useEngine();

describe('Get Many Sessions', () => {
	const all = session('getAll', { returnAll: true, filters: {} });

	test('Get Many Sessions with Return All returns each session once with its metadata', async () => {
		const api = await startApi();
		const sessionIds = addSessions(api, 250, { metadata: { customer: '4711' } });
		const { items } = await run(api, all);
		expect(idsIn(items)).toEqual(sessionIds);
		expect(items[0]?.json.metadata).toEqual({ customer: '4711' });
		expect(countOf(api, LIST)).toBe(4);
	});

	test('Limit counts only the sessions that match the filters', async () => {
		const api = await startApi();
		const wanted = addSessions(api, 3, { tag: 'wanted' });
		addSessions(api, 150);
		const { items } = await run(api, session('getAll', { limit: 2, filters: { tag: 'wanted' } }));
		expect(idsIn(items)).toEqual(wanted.slice(0, 2));
	});

	test('Get Many Sessions rejects 0 as Limit', async () => {
		const error = await refused(session('getAll', { limit: 0, filters: {} }));
		expect(error?.message).toBe(`'Limit' is not a whole number of at least 1: "0"`);
	});

	test.each<[string, IDataObject, string[]]>([
		['no filter', {}, ['old', 'queued', 'ended', 'new']],
		['one Status', { status: ['running'] }, ['old', 'new']],
		['several Status values', { status: ['queued', 'completed'] }, ['queued', 'ended']],
		['Deployment', { deploymentId: byId('d2') }, ['old']],
		['Deployment from an expression', { deploymentId: byId('={{ "d" + 2 }}') }, ['old']],
		['Tag', { tag: 'v2' }, ['queued', 'new']],
		['Started After', { startedAfter: ago(45) }, ['queued', 'new']],
		['Started Before', { startedBefore: '={{ $now.minus({ minutes: 45 }) }}' }, ['old', 'ended']],
		['Running Longer Than', { runningLongerThan: 45 }, ['old']],
		['several filters', { tag: 'v2', status: ['running'] }, ['new']],
		['filters that match nothing', { tag: 'v3' }, []],
	])('Get Many Sessions filters by %s', async (_name, filters, expected) => {
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
		['a page holds only 20', { capPerPage: 20 }],
		['the list grows meanwhile', { shift: true }],
		['pageInfo is empty', { emptyPageInfo: true }],
		['all of these apply', { capPerPage: 20, shift: true, emptyPageInfo: true }],
	])('Get Many Sessions returns each session exactly once if %s', async (_name, list) => {
		const api = await startApi({ list });
		const sessionIds = addSessions(api, 205);
		const { items } = await run(api, all);
		const given = idsIn(items);
		expect(new Set(given).size).toBe(given.length);
		expect(given.filter((sessionId) => sessionIds.includes(String(sessionId)))).toEqual(sessionIds);
		expect(given.length - sessionIds.length).toBe(list.shift ? 1 : 0);
	});

	test('Get Many Sessions lists for each item, and pairs the results with it', async () => {
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
