import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { VideoSdkApi } from '../../dev/videosdk-api';
import { askedToEnd, call, minutesAgo, onceEach } from './sessions';
import { useEngine } from './setup';

const { startApi, run, refused } = useEngine();

const callIdsIn = (items: Array<{ json: IDataObject }>) => items.map(({ json }) => json.callId);

test('Make Call returns the ID, numbers, room and rule of the call', async () => {
	const api = await startApi();
	const numbers = { to: '+14155550123', from: '+14155550100' };
	const byRule = { routeBy: 'routingRule', routingRuleId: 'rule-1' };
	const { items } = await run(api, call('make', { ...numbers, ...byRule, roomId: byId('room-7') }));
	expect(items).toMatchObject([
		{
			json: {
				...{ ...numbers, roomId: 'room-7', ruleId: 'rule-1', status: 'initiated' },
				callId: expect.stringMatching(/./),
				message: 'Call initiated successfully',
			},
			pairedItem: { item: 0 },
		},
	]);
	expect(Object.fromEntries(api.stats.callsTo)).toEqual({ '+14155550123': 1 });
});

test('End Call hangs up live calls, and succeeds for calls that have already ended', async () => {
	const api = await startApi();
	const live = api.calls.add().callId;
	const ended = api.calls.add({ status: 'missed' }).callId;
	const end = call('end', { callId: byId('={{ $json.callId }}') });
	const input = [live, ended].map((callId) => ({ json: { callId } }));
	const { items, hint } = await run(api, end, input);
	expect(items.map(({ json }) => [json.callId, json.status, json.alreadyEnded])).toEqual([
		[live, 'ended', undefined],
		[ended, 'missed', true],
	]);
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
	expect(hint).toBe('Ended 2 of 2 calls. 1 call had already ended.');
});

test.each<[IDataObject, string[]]>([
	[{}, ['old', 'in', 'out']],
	[{ roomId: byId('r2') }, ['in']],
	[{ from: '+491511111111' }, ['in']],
	[{ to: '+492222222222' }, ['out']],
	[{ direction: 'inbound' }, ['in']],
	[{ status: ['ended'] }, ['old']],
	[{ runningLongerThan: 30 }, ['in']],
	[{ startedBefore: minutesAgo(90) }, ['old']],
	[{ startedAfter: minutesAgo(10) }, ['out']],
])('Get Many Calls filters by %j', async (filters, expected) => {
	const api = await startApi();
	const fields = { from: '+491511111111', type: 'inbound', roomId: 'r2' };
	api.calls.add({ callId: 'out', to: '+492222222222' });
	api.calls.add({ ...fields, callId: 'in', start: minutesAgo(60) });
	api.calls.add({ callId: 'old', status: 'ended', start: minutesAgo(120) });
	const { items } = await run(api, call('getAll', { returnAll: true, filters }));
	expect(callIdsIn(items)).toEqual(expected);
});

describe('End Many Calls', () => {
	const endMany = (parameters: IDataObject) =>
		call('endMany', { dryRun: false, allLiveCalls: false, filters: {}, ...parameters });

	/** Two hundred live calls and fifty that have ended; and the IDs of the thirty in a room. */
	function addCalls(api: VideoSdkApi) {
		const add = (count: number, fields: Parameters<VideoSdkApi['calls']['add']>[0]) =>
			Array.from({ length: count }, () => api.calls.add(fields).callId);
		const ringing = add(10, { roomId: 'hot', status: 'ringing' });
		add(120, {});
		add(50, { roomId: 'hot', status: 'ended' });
		const answered = add(20, { roomId: 'hot' });
		add(50, { status: 'transferring' });
		return [...answered.reverse(), ...ringing.reverse()];
	}

	const filters = { roomId: byId('hot') };

	test('End Many Calls ends only the live calls that match, and none in a dry run', async () => {
		const api = await startApi();
		const hot = addCalls(api);
		const dry = await run(api, endMany({ filters, dryRun: true }));
		expect(callIdsIn(dry.items).sort()).toEqual([...hot].sort());
		expect(dry.items.every(({ json }) => json.dryRun === true)).toBe(true);
		expect(askedToEnd(api)).toEqual({});
		expect(dry.hint).toBe(
			'Dry run: 30 calls would be ended (VideoSDK listed 250 calls, 200 of them live). Nothing was ended.',
		);
		const { items } = await run(api, endMany({ filters }));
		expect(callIdsIn(items)).toEqual(hot);
		expect(askedToEnd(api)).toEqual(onceEach(hot));
		expect(Object.fromEntries(api.stats.endings)).toEqual(onceEach(hot));
	});

	test('End Many Calls ends each call once while throttled, even if one vanishes', async () => {
		const api = await startApi({ limit: { requests: 10, perMs: 500 } });
		const hot = addCalls(api);
		const gone = hot[7] ?? '';
		api.set({
			faults: ({ method, sessionId }) => {
				if (method === 'POST' && sessionId === gone) api.calls.forget(gone);
				return undefined;
			},
		});
		const { items, error } = await run(api, endMany({ filters }));
		expect(error).toBeUndefined();
		expect(callIdsIn(items)).toEqual(hot);
		expect(items.filter(({ json }) => json.status !== 'ended')).toEqual([]);
		expect(items[7]?.json).toMatchObject({ callId: gone, alreadyEnded: true });
		const { endRequests, endsThrottled, endings } = api.stats;
		const letIn = hot.map((id) => [id, (endRequests.get(id) ?? 0) - (endsThrottled.get(id) ?? 0)]);
		expect(endRequests.size).toBe(hot.length);
		expect(Object.fromEntries(letIn)).toEqual(onceEach(hot));
		expect(Object.fromEntries(endings)).toEqual(onceEach(hot.filter((id) => id !== gone)));
		// Else the limit would have been none.
		expect(api.stats.throttled).toBeGreaterThan(0);
	});

	test('End Many Calls stops at Limit, and says how many calls are left', async () => {
		const api = await startApi();
		addCalls(api);
		const { items, hint } = await run(api, endMany({ filters, options: { maxCalls: 5 } }));
		expect(items).toHaveLength(5);
		expect(hint).toContain("'Limit' is 5: at least 25 more match and are still live.");
	});

	test('End Many Calls ends nothing without a filter', async () => {
		expect(await refused(endMany({}))).toMatchObject({
			message: 'Nothing was ended: there is no filter',
			description: expect.stringContaining("'All Live Calls'"),
		});
	});
});
