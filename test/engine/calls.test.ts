import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { VideoSdkApi } from '../../dev/videosdk-api';
import { stopsNever } from '../support/nodeRun';
import { askedToEnd, call, failing, minutesAgo, onceEach, pageOf } from './sessions';
import { useEngine } from './setup';

const { startApi, run, refused } = useEngine();

const named = (operation: string, options: IDataObject = {}) =>
	call(operation, { callId: byId('={{ $json.callId }}'), options });

const itemsOf = (...callIds: string[]): INodeExecutionData[] =>
	callIds.map((callId) => ({ json: { callId } }));

const callIdsIn = (items: Array<{ json: IDataObject }>) => items.map(({ json }) => json.callId);

describe('Make Call', () => {
	const byRule = { routeBy: 'routingRule', routingRuleId: 'rule-1' };
	const numbers = { to: '+14155550123', from: '+14155550100' };
	const make = (parameters: IDataObject = {}) =>
		call('make', { ...numbers, ...byRule, additionalFields: {}, ...parameters });

	test('Make Call returns the ID, numbers, room and rule of the call', async () => {
		const api = await startApi();
		const { items } = await run(api, make({ roomId: byId('room-7') }));
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

	test('Make Call needs no From number if it routes by a gateway', async () => {
		const api = await startApi();
		const { items } = await run(api, make({ routeBy: 'gateway', gatewayId: 'gw', from: '' }));
		expect(items[0]?.json).toMatchObject({ gatewayId: 'gw' });
	});

	const none = '={{ $json.none }}';
	const nothing = (field: string) => `The expression in '${field}' returned nothing`;

	test.each<[IDataObject, string]>([
		[{ to: ' ' }, "'To' is empty"],
		[
			{ to: '={{ 14155550123 }}' },
			`'To' does not start with a plus sign and a country code: "14155550123"`,
		],
		[
			{ to: '{{ $json.phone }}' },
			`'To' contains an expression, but is set to Fixed: "{{ $json.phone }}"`,
		],
		[{ from: '+12' }, `'From' is not an international phone number: "+12"`],
		[{ from: none }, nothing('From')],
		[{ routingRuleId: none }, nothing('Routing Rule ID')],
		[{ routeBy: 'gateway', gatewayId: none }, nothing('Gateway ID')],
		...(['yes', 'on', 2] as const).map((value): [IDataObject, string] => [
			{ additionalFields: { hidePhoneNumber: `={{ ${JSON.stringify(value)} }}` } },
			`'Hide Phone Number' is neither on nor off: "${value}"`,
		]),
		[{ additionalFields: { recordAudio: none } }, nothing('Record Audio')],
		[
			{ additionalFields: { ringingTimeout: 1.5 } },
			`'Ringing Timeout (Seconds)' is not a whole number of at least 1: "1.5"`,
		],
	])('Make Call rejects %j', async (parameters, message) => {
		expect(await refused(make(parameters))).toMatchObject({ message });
	});

	test.each([
		['+1 (415) 555-0123', '+14155550123'],
		['\u202a+14155550123\u202c', '+14155550123'],
		['sip:alice@pbx.example.com', 'sip:alice@pbx.example.com'],
		['1001', '1001'],
	])('Make Call dials %s as %s', async (to, called) => {
		const api = await startApi();
		await run(api, make({ to }));
		expect(Object.fromEntries(api.stats.callsTo)).toEqual({ [called]: 1 });
	});

	test.each([[true], ['TRUE'], ['true '], [1], ['1']])(
		'Make Call waits for an answer if Wait Until Answered evaluates to %j',
		async (value) => {
			const waitUntilAnswered = `={{ ${JSON.stringify(value)} }}`;
			const parameters = make({ additionalFields: { waitUntilAnswered } });
			const { items } = await run(await startApi(), parameters);
			expect(items[0]?.json).toMatchObject({ status: 'answered' });
		},
	);

	test('Make Call redacts SIP header values, even if VideoSDK repeats them', async () => {
		const api = await startApi(failing(400, { message: 'bad header hunter2hunter2' }));
		const headers = { entries: [{ key: 'X-Secret', value: 'hunter2hunter2' }] };
		const parameters = make({ additionalFields: { headers } });
		const { failed } = await run(api, parameters, undefined, stopsNever);
		expect(JSON.stringify(failed[0]?.json)).toContain('bad header');
		expect(JSON.stringify(failed[0]?.json)).not.toContain('hunter2');
	});
});

describe('End, Get and Get Many', () => {
	test('End Call hangs up live calls, and succeeds for calls that have already ended', async () => {
		const api = await startApi();
		const live = api.calls.add().callId;
		const ended = api.calls.add({ status: 'missed' }).callId;
		const { items, hint } = await run(api, named('end'), itemsOf(live, ended));
		expect(items.map(({ json }) => [json.callId, json.status, json.alreadyEnded])).toEqual([
			[live, 'ended', undefined],
			[ended, 'missed', true],
		]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		expect(hint).toBe('Ended 2 of 2 calls. 1 call had already ended.');
	});

	test('End Call names a call that does not exist, and keeps the fields of its item', async () => {
		const { failed } = await run(await startApi(), named('end'), itemsOf('none'), stopsNever);
		const message = 'Call "none" was not ended: there is no such call in this VideoSDK project';
		expect(failed).toMatchObject([
			{ json: { callId: 'none', error: { message, callId: 'none' } }, pairedItem: { item: 0 } },
		]);
	});

	test('End Call can treat an already ended call as an error', async () => {
		const api = await startApi();
		const { callId } = api.calls.add({ status: 'not-answered' });
		const { error } = await run(api, named('end', { ifAlreadyEnded: 'fail' }), itemsOf(callId));
		expect(error?.message).toContain('it had already ended');
		expect(error?.description).toContain("'Return Call Data'");
	});

	test('End Call looks up the call if the response was lost', async () => {
		const api = await startApi({
			faults: ({ method }) => (method === 'POST' ? { kind: 'reset', processed: true } : undefined),
		});
		const { callId } = api.calls.add();
		const { items } = await run(api, named('end', { maxRetries: 1 }), itemsOf(callId));
		expect(items[0]?.json).toMatchObject({ callId, status: 'ended', alreadyEnded: true });
	});

	test('Get Call adds callId to the id that VideoSDK returns', async () => {
		const api = await startApi();
		const { callId } = api.calls.add({ metadata: { customer: '4711' } });
		const { items } = await run(api, { ...named('get'), simplify: false }, itemsOf(callId));
		const numbers = { from: '+14155550100', to: '+14155550123' };
		const more = { roomId: 'room-1', metadata: { customer: '4711' } };
		expect(items[0]?.json).toMatchObject({ callId, id: callId, ...numbers, ...more });
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

	test('Get Many Calls takes a missing start time from the first entry of the call log', async () => {
		const timelog = [{ status: 'initiated', timestamp: minutesAgo(60) }];
		const first = pageOf([{ callId: 'a', status: 'ringing', timelog }]);
		const api = await startApi({
			faults: ({ path }) => (path.includes('page=1&') ? first : undefined),
		});
		const filters = { runningLongerThan: 59 };
		const { items } = await run(api, call('getAll', { returnAll: true, filters }));
		expect(callIdsIn(items)).toEqual(['a']);
	});
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

	test.each([
		['+1 415 555 0123', '+14155550123'],
		['14155550123', '+14155550123'],
		['1 (415) 555-0123', '+14155550123'],
		['\u202a+14155550123\u202c', '+14155550123'],
		['+14155550123', '14155550123'],
		['+14155550123', 'sip:+14155550123@pbx.example.com'],
	])('End Many Calls with To %s ends only %s', async (to, listed) => {
		const api = await startApi();
		const { callId } = api.calls.add({ to: listed });
		api.calls.add({ to: '+14155550124' });
		await run(api, endMany({ filters: { to: '={{ $json.to }}' } }), [{ json: { to } }]);
		expect(askedToEnd(api)).toEqual(onceEach([callId]));
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

	test('End Many Calls looks once more for calls that started meanwhile', async () => {
		const api = await startApi();
		const { callId } = api.calls.add({ roomId: 'hot' });
		let late = '';
		api.set({
			faults: ({ method }) => {
				if (method === 'POST' && !late) late = api.calls.add({ roomId: 'hot' }).callId;
				return undefined;
			},
		});
		await run(api, endMany({ filters }));
		expect(askedToEnd(api)).toEqual(onceEach([callId, late]));
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
