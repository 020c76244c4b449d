import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Fault, VideoSdkApi } from '../../dev/videosdk-api';
import { stopsNever } from '../support/nodeRun';
import { askedToEnd, countOf, onceEach } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const CALLS = '/v2/sip/call';

const call = (operation: string, parameters: IDataObject = {}): IDataObject => ({
	resource: 'call',
	operation,
	...parameters,
});

const named = (operation: string, options: IDataObject = {}) =>
	call(operation, { callId: byId('={{ $json.callId }}'), options });

const itemsOf = (callIds: unknown[]): INodeExecutionData[] =>
	callIds.map((callId) => ({ json: { callId: callId as string } }));

const callIdsIn = (items: Array<{ json: IDataObject }>) => items.map(({ json }) => json.callId);

describe('Make', () => {
	const make = (parameters: IDataObject = {}) =>
		call('make', {
			to: '+14155550123',
			from: '+14155550100',
			routeBy: 'routingRule',
			routingRuleId: 'rule-1',
			additionalFields: {},
			...parameters,
		});

	test('calls, and gives ID, numbers and room by one name each', async () => {
		const api = await startApi();
		const { items } = await run(api, make({ roomId: byId('room-7') }));
		expect(items).toEqual([
			{
				json: expect.objectContaining({
					callId: expect.stringMatching(/./),
					status: 'initiated',
					from: '+14155550100',
					to: '+14155550123',
					roomId: 'room-7',
					ruleId: 'rule-1',
					message: 'Call initiated successfully',
				}),
				pairedItem: { item: 0 },
			},
		]);
		expect(Object.fromEntries(api.stats.callsTo)).toEqual({ '+14155550123': 1 });
	});

	test('calls by a gateway, which has a number of its own', async () => {
		const api = await startApi();
		const { items } = await run(api, make({ routeBy: 'gateway', gatewayId: 'gw', from: '' }));
		expect(items[0]?.json).toMatchObject({ gatewayId: 'gw' });
	});

	test('gives a call that is answered, where that is waited for', async () => {
		const api = await startApi();
		const { items } = await run(api, make({ additionalFields: { waitUntilAnswered: true } }));
		expect(items[0]?.json).toMatchObject({ status: 'answered' });
	});

	test.each<[string, IDataObject, string]>([
		['To is empty', { to: ' ' }, "'To' is empty"],
		[
			'a national number',
			{ to: '0171 1234567' },
			`'To' has no plus sign and country code: "0171 1234567"`,
		],
		[
			'a number that a sheet made of one',
			{ to: '={{ 14155550123 }}' },
			`'To' has no plus sign and country code: "14155550123"`,
		],
		[
			'contains an expression, but is set to Fixed',
			{ to: '{{ $json.phone }}' },
			`'To' contains an expression, but is set to Fixed: "{{ $json.phone }}"`,
		],
		...['yes', 'on', 2].map((value): [string, IDataObject, string] => [
			'a switch that is neither on nor off',
			{ additionalFields: { hidePhoneNumber: `={{ ${JSON.stringify(value)} }}` } },
			`'Hide Phone Number' is neither on nor off: "${value}"`,
		]),
		[
			'a switch whose expression found nothing',
			{ additionalFields: { recordAudio: '={{ $json.none }}' } },
			"The expression in 'Record Audio' returned nothing",
		],
		[
			'sixteen digits',
			{ from: '+1234567890123456' },
			`'From' is not an international phone number: "+1234567890123456"`,
		],
		[
			'no From for a rule',
			{ from: '={{ $json.none }}' },
			"The expression in 'From' returned nothing",
		],
		[
			'no rule',
			{ routingRuleId: '={{ $json.none }}' },
			"The expression in 'Routing Rule ID' returned nothing",
		],
		[
			'no gateway',
			{ routeBy: 'gateway', gatewayId: '={{ $json.none }}' },
			"The expression in 'Gateway ID' returned nothing",
		],
		[
			'a ringing timeout that is none',
			{ additionalFields: { ringingTimeout: 1.5 } },
			`'Ringing Timeout (Seconds)' is not a whole number of at least 1: "1.5"`,
		],
	])('says what is wrong before anything is sent: %s', async (_name, parameters, message) => {
		const api = await startApi();
		const { error } = await run(api, make(parameters));
		expect(error).toMatchObject({ message });
		expect(api.stats.requests.size).toBe(0);
	});

	test.each([
		['+1 (415) 555-0123', '+14155550123'],
		['\u202a+14155550123\u202c', '+14155550123'],
		['0049 171 1234567', '+491711234567'],
		['sip:alice@pbx.example.com', 'sip:alice@pbx.example.com'],
		['1001', '1001'],
	])('calls %s as %s', async (to, called) => {
		const api = await startApi();
		await run(api, make({ to }));
		expect(Object.fromEntries(api.stats.callsTo)).toEqual({ [called]: 1 });
	});

	test.each([['TRUE'], ['true '], [1], ['1']])(
		'a switch is on where an expression returns %j',
		async (value) => {
			const api = await startApi();
			const waitUntilAnswered = `={{ ${JSON.stringify(value)} }}`;
			const { items } = await run(api, make({ additionalFields: { waitUntilAnswered } }));
			expect(items[0]?.json).toMatchObject({ status: 'answered' });
		},
	);

	test('shows how a phone number looks', async () => {
		const { error } = await run(await startApi(), make({ to: '911' }));
		expect(error?.description).toContain('+14155550123');
	});

	test.each<[string, Fault]>([
		['a server error', { kind: 'status', status: 502 }],
		['500', { kind: 'status', status: 500 }],
		['no answer in time', { kind: 'stall', processed: true }],
		['503', { kind: 'status', status: 503 }],
		['a connection that breaks after it was made', { kind: 'reset', processed: true }],
		['an answer that cannot be read', { kind: 'wrongJson', text: '<html>' }],
		['an answer without a call', { kind: 'wrongJson', text: '{}' }],
	])('does not call again where the phone may have rung: %s', async (_name, fault) => {
		const api = await startApi({ faults: () => fault });
		const { failed } = await run(api, make({ options: { timeout: 2_000 } }), undefined, stopsNever);
		expect(countOf(api, `POST ${CALLS}`)).toBe(1);
		expect(failed[0]?.json.error).toMatchObject({
			to: '+14155550123',
			message: expect.stringMatching(/^The call to \+14155550123 may not have been made: /),
			description: expect.stringContaining('may have rung'),
		});
	});

	test('calls again after 429, which surely rang nowhere', async () => {
		const refusedOnce = ({ attempt }: { attempt: number }): Fault | undefined =>
			attempt === 1 ? { kind: 'status', status: 429 } : undefined;
		const api = await startApi({ faults: refusedOnce });
		const { items } = await run(api, make());
		expect(items).toHaveLength(1);
		expect(Object.fromEntries(api.stats.callsTo)).toEqual({ '+14155550123': 1 });
	});

	test("refuses n8n's Retry On Fail", async () => {
		const api = await startApi();
		const { error } = await run(api, make(), undefined, { node: { retryOnFail: true } });
		expect(error?.message).toContain("'Retry On Fail' must be off");
		expect(api.stats.requests.size).toBe(0);
	});

	test('shows no value of a SIP header, also where VideoSDK repeats it', async () => {
		const body = { message: 'bad header hunter2hunter2' };
		const api = await startApi({ faults: () => ({ kind: 'status', status: 400, body }) });
		const headers = { entries: [{ key: 'X-Secret', value: 'hunter2hunter2' }] };
		const { failed } = await run(
			api,
			make({ additionalFields: { headers } }),
			undefined,
			stopsNever,
		);
		expect(JSON.stringify(failed[0]?.json)).not.toContain('hunter2');
	});
});

describe('End, Get and Get Many', () => {
	test('End hangs up, and a call that has ended before is success', async () => {
		const api = await startApi();
		const live = api.calls.add().callId;
		const ended = api.calls.add({ status: 'missed' }).callId;
		const { items, hint } = await run(api, named('end'), itemsOf([live, ended]));
		expect(items.map(({ json }) => [json.callId, json.status, json.alreadyEnded])).toEqual([
			[live, 'ended', undefined],
			[ended, 'missed', true],
		]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		expect(hint).toBe('Ended 2 of 2 calls. 1 call had already ended.');
	});

	test('End says of a call that is not there which it is, and what to check', async () => {
		const api = await startApi();
		const { failed } = await run(api, named('end'), itemsOf(['none']), stopsNever);
		expect(failed).toEqual([
			{
				json: {
					callId: 'none',
					error: expect.objectContaining({
						message: 'Call "none" was not ended: there is no such call in this VideoSDK project',
						callId: 'none',
					}),
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	test('If Already Ended makes it an error, in the words of calls', async () => {
		const api = await startApi();
		const { callId } = api.calls.add({ status: 'not-answered' });
		const { error } = await run(api, named('end', { ifAlreadyEnded: 'fail' }), itemsOf([callId]));
		expect(error?.message).toContain('it had already ended');
		expect(error?.description).toContain("'Return Call'");
	});

	test('End asks for a call whose answer got lost', async () => {
		const api = await startApi({
			faults: ({ method }) => (method === 'POST' ? { kind: 'reset', processed: true } : undefined),
		});
		const { callId } = api.calls.add();
		const { items } = await run(api, named('end', { maxRetries: 1 }), itemsOf([callId]));
		expect(items[0]?.json).toMatchObject({ callId, status: 'ended', alreadyEnded: true });
	});

	test('Get gives what VideoSDK calls id as callId too', async () => {
		const api = await startApi();
		const { callId } = api.calls.add({ metadata: { customer: '4711' } });
		const { items } = await run(api, { ...named('get'), simplify: false }, itemsOf([callId]));
		expect(items[0]?.json).toMatchObject({
			callId,
			id: callId,
			from: '+14155550100',
			to: '+14155550123',
			roomId: 'room-1',
			metadata: { customer: '4711' },
		});
	});

	const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

	test.each<[string, IDataObject, string[]]>([
		['none', {}, ['old', 'in', 'out']],
		['the room', { roomId: byId('r2') }, ['in']],
		['the number it comes from', { from: '+491511111111' }, ['in']],
		['the number that is called', { to: '+492222222222' }, ['out']],
		['the direction', { direction: 'inbound' }, ['in']],
		['the status', { status: ['ended'] }, ['old']],
		['how long it runs', { runningLongerThan: 30 }, ['in']],
		['when it started', { startedBefore: minutesAgo(90) }, ['old']],
		['when it started', { startedAfter: minutesAgo(10) }, ['out']],
	])('Get Many filters by %s', async (_name, filters, expected) => {
		const api = await startApi();
		const fields = { from: '+491511111111', type: 'inbound', roomId: 'r2' };
		api.calls.add({ callId: 'out', to: '+492222222222' });
		api.calls.add({ ...fields, callId: 'in', start: minutesAgo(60) });
		api.calls.add({ callId: 'old', status: 'ended', start: minutesAgo(120) });
		const { items } = await run(api, call('getAll', { returnAll: true, filters }));
		expect(callIdsIn(items)).toEqual(expected);
	});

	test('a call without a start is as old as the first entry of its log', async () => {
		const timelog = [{ status: 'initiated', timestamp: minutesAgo(60) }];
		const data = [{ callId: 'a', status: 'ringing', timelog }];
		const api = await startApi({
			faults: ({ path }) =>
				path.includes('page=1&')
					? { kind: 'wrongJson', text: JSON.stringify({ data }) }
					: undefined,
		});
		const filters = { runningLongerThan: 59 };
		const { items } = await run(api, call('getAll', { returnAll: true, filters }));
		expect(callIdsIn(items)).toEqual(['a']);
	});
});

describe('End Many', () => {
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

	test('of 200 live calls, ends the 30 that match, once each', async () => {
		const api = await startApi();
		const hot = addCalls(api);
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
	])('a filter for %s ends a call to %s, and no other', async (to, listed) => {
		const api = await startApi();
		const { callId } = api.calls.add({ to: listed });
		api.calls.add({ to: '+14155550124' });
		await run(api, endMany({ filters: { to: '={{ $json.to }}' } }), [{ json: { to } }]);
		expect(askedToEnd(api)).toEqual(onceEach([callId]));
	});

	test('Dry Run gives the same and ends none', async () => {
		const api = await startApi();
		const hot = addCalls(api);
		const { items, hint } = await run(api, endMany({ filters, dryRun: true }));
		expect(callIdsIn(items).sort()).toEqual(hot.sort());
		expect(items.every(({ json }) => json.dryRun === true)).toBe(true);
		expect(askedToEnd(api)).toEqual({});
		expect(hint).toBe(
			'Dry run: 30 calls would be ended (250 listed, 200 live). Nothing was ended.',
		);
	});

	test('one that vanishes meanwhile has ended', async () => {
		const api = await startApi();
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
		expect(items[7]?.json).toMatchObject({ callId: gone, status: 'ended', alreadyEnded: true });
	});

	test('behind a limit of 10 a second, Dry Run ends none, and the 30 of 200 that match end once each, with one that vanishes meanwhile', async () => {
		const api = await startApi({ limit: { requests: 10, perMs: 1_000 } });
		const hot = addCalls(api);
		const dry = await run(api, endMany({ filters, dryRun: true }));
		expect(callIdsIn(dry.items).sort()).toEqual([...hot].sort());
		expect(askedToEnd(api)).toEqual({});

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
		const { endRequests, endsThrottled, endings } = api.stats;
		const letIn = hot.map((id) => [id, (endRequests.get(id) ?? 0) - (endsThrottled.get(id) ?? 0)]);
		expect(endRequests.size).toBe(hot.length);
		expect(Object.fromEntries(letIn)).toEqual(onceEach(hot));
		expect(Object.fromEntries(endings)).toEqual(onceEach(hot.filter((id) => id !== gone)));
		// Else the limit would have been none.
		expect(api.stats.throttled).toBeGreaterThan(0);
	});

	test('looks once more for what has begun meanwhile', async () => {
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

	test('a limit holds, and says what is left', async () => {
		const api = await startApi();
		addCalls(api);
		const { items, hint } = await run(api, endMany({ filters, options: { maxCalls: 5 } }));
		expect(items).toHaveLength(5);
		expect(hint).toContain("'Limit' is 5: at least 25 more match and are still live.");
	});

	test('without a filter it refuses, in the words of calls', async () => {
		const api = await startApi();
		addCalls(api);
		const { error } = await run(api, endMany({}));
		expect(error).toMatchObject({
			message: 'Nothing was ended: there is no filter',
			description: expect.stringContaining("'All Live Calls'"),
		});
		expect(api.stats.requests.size).toBe(0);
	});
});
