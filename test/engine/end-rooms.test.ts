import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Fault, FaultRequest, Options, VideoSdkApi } from '../../dev/videosdk-api';
import { stopsNever } from '../support/nodeRun';
import { call, countOf, onceEach, room } from './sessions';
import { useEngine } from './setup';
import { addTwoRooms } from '../support/twoRooms';

const { startApi, run } = useEngine();

const END_CALL = '/v2/sip/call/end';
const END_ROOM = '/v2/sessions/end';
const LIST_CALLS = 'GET /v2/sip/call';

const endRoom = (roomId: string, options: IDataObject = {}) =>
	room('endSession', { roomId: byId(roomId), options });

const endRooms = (parameters: IDataObject = {}) =>
	room('endMany', { dryRun: false, allLiveRooms: true, ...parameters });

const endCall = (options: IDataObject = {}) =>
	call('end', { callId: byId('={{ $json.callId }}'), options });

const itemsOf = (...callIds: string[]) => callIds.map((callId) => ({ json: { callId } }));

/** A fake API with a room `a` that has two live calls, and a room `b` that has one. */
async function twoRooms(options?: Options) {
	const api = await startApi(options);
	addTwoRooms(api, 'a', 'b');
	return api;
}

const statusesOf = (api: VideoSdkApi, ...callIds: string[]) =>
	callIds.map((callId) => api.calls.find(callId)?.status);

const forbidden = 'VideoSDK does not allow this API key to do this ("A fault on purpose")';

const isOf = (id: string, fault: Fault) => (request: FaultRequest) =>
	request.method === 'POST' && request.sessionId === id ? fault : undefined;

describe('End Room', () => {
	test('End Room hangs up the live calls of the room, and leaves other rooms alone', async () => {
		const api = await twoRooms();
		const { items } = await run(api, endRoom('a'));
		expect(items).toMatchObject([{ json: { roomId: 'a', status: 'ended' } }]);
		expect(Object.keys(items[0]?.json ?? {}).slice(0, 3)).toEqual(['roomId', 'status', 'calls']);
		const numbers = { type: 'outbound', from: '+14155550100', to: '+14155550123' };
		expect(items[0]?.json.calls).toEqual([
			{ callId: 'ringing', ...numbers, status: 'ended' },
			{ callId: 'answered', ...numbers, status: 'ended' },
		]);
		expect(Object.fromEntries(api.stats.endings)).toEqual({ answered: 1, ringing: 1, a: 1 });
		expect(api.rooms.find('b')).toMatchObject({ status: 'ongoing' });
		expect(api.calls.find('other')).toMatchObject({ status: 'answered' });
	});

	test('End Room hangs up the calls before it ends the session of the room', async () => {
		const api = await twoRooms();
		let liveAtEnd: unknown[] = [];
		api.set({
			faults: ({ route }) => {
				if (route === END_ROOM) liveAtEnd = statusesOf(api, 'answered', 'ringing');
				return undefined;
			},
		});
		await run(api, endRoom('a'));
		expect(liveAtEnd).toEqual(['ended', 'ended']);
	});

	test('End Room succeeds if the room and its calls have already ended', async () => {
		const api = await twoRooms();
		await run(api, endRoom('a'));
		api.resetStats();
		const { items, error } = await run(api, endRoom('a'));
		expect(error).toBeUndefined();
		const room = { roomId: 'a', status: 'ended', alreadyEnded: true, calls: [] };
		expect(items).toMatchObject([{ json: room }]);
		expect(api.stats.endings.size).toBe(0);
	});

	test('End Room hangs up live calls even if the session of the room has ended', async () => {
		const api = await startApi();
		api.rooms.add({ roomId: 'a', status: 'ended', end: '2025-06-18T11:16:54.314Z' });
		api.calls.add({ callId: 'left', roomId: 'a' });
		const { items } = await run(api, endRoom('a'));
		expect(items[0]?.json).toMatchObject({
			alreadyEnded: true,
			calls: [{ callId: 'left', status: 'ended' }],
		});
	});

	test('End Room hangs up no call of another room if VideoSDK ignores the filter', async () => {
		const api = await twoRooms({ list: { ignoreRoom: true } });
		await run(api, endRoom('a'));
		expect(api.calls.find('other')).toMatchObject({ status: 'answered' });
		expect(api.calls.find('ringing')).toMatchObject({ status: 'ended' });
	});

	test('End Room without Also Hang Up Calls neither lists nor hangs up calls', async () => {
		const api = await twoRooms();
		const { items } = await run(api, endRoom('a', { endCalls: false }));
		expect(items[0]?.json).not.toHaveProperty('calls');
		expect(countOf(api, LIST_CALLS)).toBe(0);
		expect(api.calls.find('answered')).toMatchObject({ status: 'answered' });
	});

	test('End Room still ends the room if a call cannot be hung up, and names the call', async () => {
		const api = await twoRooms({ faults: isOf('ringing', { kind: 'status', status: 403 }) });
		const { failed } = await run(api, endRoom('a'), undefined, stopsNever);
		expect(failed[0]?.json.error).toMatchObject({
			message: `Room "a" was ended, but call "ringing" was not hung up: ${forbidden}`,
			description: expect.stringMatching(/^1 of 2 calls was hung up\. /),
			roomId: 'a',
			calls: [
				{ callId: 'ringing', status: 'ringing', error: expect.stringContaining('was not ended') },
				{ callId: 'answered', status: 'ended' },
			],
			room: { roomId: 'a', status: 'ended' },
		});
		expect(api.rooms.find('a')).toMatchObject({ status: 'ended' });
	});

	test.each([
		[500, 500],
		[403, 500],
	])('End Room says that calls may have ended anyway after HTTP %i and %i', async (...statuses) => {
		const api = await twoRooms({
			faults: ({ sessionId = '' }) => {
				const status = statuses[['ringing', 'answered'].indexOf(sessionId)];
				return status === undefined ? undefined : { kind: 'status', status };
			},
		});
		const { error } = await run(api, endRoom('a', { maxRetries: 0 }));
		expect(error?.message).toBe(
			'Room "a" was ended, but 2 calls ("ringing", "answered") may not have been hung up: VideoSDK returned a server error (HTTP 500)',
		);
		expect(error?.description).toMatch(
			/^The calls may have ended anyway\. If they are still live, try to end them again\. VideoSDK said/,
		);
	});

	test('End Room reports live calls that VideoSDK listed without an ID', async () => {
		const nameless = { roomId: 'a', status: 'answered' };
		const text = (data: IDataObject[]) => JSON.stringify({ data, pageInfo: { total: 1 } });
		const errorAfter = async (data: IDataObject[]) => {
			const api = await twoRooms({
				faults: ({ route, method }) =>
					`${method} ${route}` === LIST_CALLS ? { kind: 'wrongJson', text: text(data) } : undefined,
			});
			return (await run(api, endRoom('a'))).error;
		};
		const one = await errorAfter([nameless]);
		expect(one?.message).toBe(
			'Room "a" was ended, but a call without an ID was not hung up: VideoSDK listed it without an ID',
		);
		expect(one?.description).toBe(
			'Without an ID, the node cannot end the call. Look for live calls in the VideoSDK dashboard.',
		);
		const two = await errorAfter([nameless, { ...nameless, from: '+14155550100' }]);
		expect(two?.message).toContain('2 calls (one without an ID, one without an ID) were not');
	});

	test('End Room ends the room and reports an error if its calls cannot be listed', async () => {
		const faults = ({ route, method }: FaultRequest): Fault | undefined =>
			method === 'GET' && route === '/v2/sip/call' ? { kind: 'status', status: 403 } : undefined;
		const api = await twoRooms({ faults });
		const { error } = await run(api, endRoom('a'));
		expect(error?.message).toBe(
			`Room "a" was ended, but its calls could not be listed, so none was hung up: ${forbidden}`,
		);
		expect(error?.description).toContain("turn off the option 'Also Hang Up Calls'");
		expect(api.rooms.find('a')).toMatchObject({ status: 'ended' });
	});

	test('End Room reports which calls it hung up if the room cannot be ended', async () => {
		const api = await twoRooms({ faults: isOf('a', { kind: 'status', status: 403 }) });
		const { failed } = await run(api, endRoom('a'), undefined, stopsNever);
		expect(failed[0]?.json.error).toMatchObject({
			message: `Room "a" was not ended: ${forbidden}`,
			description: expect.stringMatching(/^2 of 2 calls were hung up\. /),
			calls: [{ status: 'ended' }, { status: 'ended' }],
		});
	});

	test('End Room finishes a room that it has begun even if another item fails', async () => {
		const api = await twoRooms({ delayMs: 20 });
		api.set({
			faults: ({ route, sessionId }) =>
				sessionId === 'none' && route === END_ROOM ? { kind: 'status', status: 403 } : undefined,
		});
		const items = ['a', 'none'].map((roomId) => ({ json: { roomId } }));
		const { error } = await run(api, endRoom('={{ $json.roomId }}'), items);
		expect(error?.message).toContain('"none"');
		expect(api.rooms.find('a')).toMatchObject({ status: 'ended' });
		expect(statusesOf(api, 'answered', 'ringing')).toEqual(['ended', 'ended']);
	});

	test('End Room with Force sends a forced end to VideoSDK', async () => {
		const api = await twoRooms({ faults: () => undefined });
		const { error } = await run(api, endRoom('a', { vsdkForceKill: true }));
		expect(error).toBeUndefined();
		expect(Object.fromEntries(api.stats.forced)).toEqual({ a: 1 });
	});
});

describe('End Many Rooms', () => {
	test('End Many Rooms ends matching rooms with their calls, and none in a dry run', async () => {
		const api = await twoRooms();
		const filters = { roomId: byId('a') };
		const dry = await run(api, endRooms({ dryRun: true, allLiveRooms: false, filters }));
		expect(dry.items).toMatchObject([{ json: { dryRun: true, roomId: 'a' } }]);
		expect(api.stats.endings.size).toBe(0);

		const { items } = await run(api, endRooms({ allLiveRooms: false, filters }));
		expect(items).toMatchObject([{ json: { roomId: 'a', calls: [{}, {}] } }]);
		expect(api.rooms.find('b')).toMatchObject({ status: 'ongoing' });
	});

	test('End Many Rooms ends all live rooms while throttled, even if rooms come and go', async () => {
		const api = await startApi({ limit: { requests: 10, perMs: 400 }, retryAfterSeconds: 0 });
		for (let index = 0; index < 15; index++) {
			const roomId = `room-${index}`;
			const isLive = index < 10;
			api.rooms.add({ roomId, status: isLive ? 'ongoing' : 'ended' });
			api.calls.add({ callId: `call-${index}`, roomId, status: isLive ? 'answered' : 'ended' });
		}
		let hasStarted = false;
		api.set({
			faults: ({ route, sessionId }) => {
				if (sessionId === 'room-7' && route === END_ROOM) api.rooms.forget('room-7');
				if (route === END_ROOM && !hasStarted) {
					hasStarted = true;
					api.rooms.add({ roomId: 'late' });
					api.calls.add({ callId: 'call-late', roomId: 'late' });
				}
				return undefined;
			},
		});
		const { items, failed, error } = await run(api, endRooms(), undefined, stopsNever);
		expect(error).toBeUndefined();
		expect(failed).toEqual([]);
		expect(items).toHaveLength(11);
		expect(items.filter(({ json }) => json.status !== 'ended')).toEqual([]);
		expect(items.flatMap(({ json }) => json.calls)).toHaveLength(11);
		expect(api.calls.all().filter(({ status }) => status === 'answered')).toEqual([]);
		expect([...api.stats.endings.values()].filter((count) => count !== 1)).toEqual([]);
		expect(api.stats.throttled).toBeGreaterThan(0);
	});
});

describe('End Call with Also End Room', () => {
	test('Also End Room ends the room with its last call, and returns the ended room', async () => {
		const api = await twoRooms();
		const { items } = await run(api, endCall({ endRoom: true }), itemsOf('answered', 'ringing'));
		const room = { roomId: 'a', status: 'ended' };
		expect(items).toMatchObject([
			{ json: { callId: 'answered', status: 'ended', room } },
			{ json: { callId: 'ringing', status: 'ended', room } },
		]);
		expect(api.rooms.find('b')).toMatchObject({ status: 'ongoing' });
		expect(api.stats.endings.get('a')).toBe(1);
	});

	test('Also End Room succeeds if the call and its room have already ended', async () => {
		const api = await twoRooms();
		const both = itemsOf('answered', 'ringing');
		await run(api, endCall({ endRoom: true }), both);
		const { items, error } = await run(api, endCall({ endRoom: true }), both);
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ alreadyEnded: true, room: { alreadyEnded: true } });
	});

	test('Also End Room does not end a room in which another call is live', async () => {
		const api = await twoRooms();
		const { items } = await run(api, endCall({ endRoom: true }), itemsOf('answered'));
		expect(items[0]?.json.room).toEqual({ roomId: 'a', status: 'ongoing', otherLiveCalls: 1 });
		expect(api.rooms.find('a')).toMatchObject({ status: 'ongoing' });
	});

	test('Also End Room reports that the call was hung up if its room cannot be ended', async () => {
		const api = await twoRooms({ faults: isOf('b', { kind: 'status', status: 403 }) });
		const { failed } = await run(api, endCall({ endRoom: true }), itemsOf('other'), stopsNever);
		expect(failed[0]?.json.error).toMatchObject({
			message: `Call "other" was hung up, but room "b" was not ended: ${forbidden}`,
			callId: 'other',
			roomId: 'b',
			call: { callId: 'other', status: 'ended' },
		});
	});

	test('Also End Room reports that the call was hung up if its room cannot be found', async () => {
		const api = await startApi({
			faults: ({ method, path }) =>
				method === 'GET' && path.endsWith('/alone') ? { kind: 'status', status: 403 } : undefined,
		});
		api.calls.add({ callId: 'alone', roomId: undefined });
		const { failed } = await run(api, endCall({ endRoom: true }), itemsOf('alone'), stopsNever);
		expect(failed[0]?.json.error).toMatchObject({
			message: `Call "alone" was hung up, but its room was not ended, because the call could not be looked up: ${forbidden}`,
			callId: 'alone',
			call: { callId: 'alone', status: 'ended' },
		});
	});

	test('Also End Room returns null as the room of a call that is in no room', async () => {
		const api = await startApi();
		api.calls.add({ callId: 'alone', roomId: undefined });
		const { items } = await run(api, endCall({ endRoom: true }), itemsOf('alone'));
		expect(items[0]?.json).toMatchObject({ callId: 'alone', room: null });
	});

	test('End Call without Also End Room sends no request about the room', async () => {
		const api = await twoRooms();
		const { items } = await run(api, endCall(), itemsOf('other'));
		expect(items[0]?.json).not.toHaveProperty('room');
		expect(countOf(api, `POST ${END_ROOM}`)).toBe(0);
		expect(countOf(api, `POST ${END_CALL}`)).toBe(1);
	});

	test('Also End Room ends each room once with End Many Calls', async () => {
		const api = await twoRooms();
		const options = { endRoom: true };
		const parameters = call('endMany', { dryRun: false, allLiveCalls: true, options });
		const { items } = await run(api, parameters);
		const status = 'ended';
		expect(items.map(({ json }) => json.room)).toMatchObject(Array(3).fill({ status }));
		expect(Object.fromEntries(api.stats.endings)).toEqual(
			onceEach(['answered', 'ringing', 'other', 'a', 'b']),
		);
	});
});
