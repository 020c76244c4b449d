import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Fault } from '../../dev/videosdk-api';
import { stopsNever } from '../support/nodeRun';
import { room } from './sessions';
import { useEngine } from './setup';

const { startApi, run, refused } = useEngine();

describe('End Room', () => {
	const endSession = (roomId: string, options: IDataObject = {}) =>
		room('endSession', { roomId: byId(roomId), options });

	test('End Room treats an already ended room as a success or, if configured, an error', async () => {
		const api = await startApi();
		const { roomId } = api.rooms.add({ status: 'ended', end: '2025-06-18T11:16:54.314Z' });
		const { items, hint } = await run(api, endSession(roomId));
		expect(items[0]?.json).toMatchObject({ roomId, status: 'ended', alreadyEnded: true });
		expect(hint).toBe('The room had already ended.');
		const { error } = await run(api, endSession(roomId, { ifAlreadyEnded: 'fail' }));
		expect(error?.message).toBe(
			`Room "${roomId}" was not ended: it had already ended on Jun 18, 2025, 11:16 UTC (status ended)`,
		);
		expect(error?.description).toContain("set the option 'If Already Ended' to 'Return Room Data'");
	});
});

test('Get Many Rooms returns only rooms with live sessions, and filters by room', async () => {
	const api = await startApi();
	api.rooms.add({ roomId: 'over', status: 'ended' });
	api.rooms.add({ roomId: 'a' });
	api.rooms.add({ roomId: 'b' });
	const roomsOf = async (filters: IDataObject) =>
		(await run(api, room('getAll', { returnAll: true, filters }))).items.map(
			({ json }) => json.roomId,
		);
	expect(await roomsOf({})).toEqual(['b', 'a']);
	expect(await roomsOf({ roomId: byId('a') })).toEqual(['a']);
});

describe('Dispatch Agent', () => {
	const dispatch = (parameters: IDataObject = {}) =>
		room('dispatchAgent', { roomId: byId('r'), agentId: 'support', ...parameters });

	test('Dispatch Agent sends the agent into the room', async () => {
		const api = await startApi();
		const additionalFields = {
			versionId: 'v2',
			versionTag: 'v2.0',
			autoEndSession: false,
			sessionTimeoutSeconds: 120,
			metadata: { entries: [{ key: 'customer', value: '4711' }] },
			roomOptions: '{ "recording": true }',
		};
		const { items } = await run(api, dispatch({ additionalFields }));
		const json = {
			...{ success: true, status: 'assigned', roomId: 'r', agentId: 'support' },
			...{ jobId: expect.any(String) as string, workerId: expect.any(String) as string },
			message: 'Agent dispatch requested successfully.',
		};
		expect(items).toEqual([{ json, pairedItem: { item: 0 } }]);
		expect(api.stats.dispatches).toEqual([{ roomId: 'r', agentId: 'support' }]);
	});

	test.each<[string, Fault | undefined, RegExp]>([
		['error status', undefined, / Request ID: \S+\.$/],
		[
			'HTTP 200',
			{ kind: 'wrongJson', text: '{"message":"No workers available"}' },
			/ VideoSDK said: "No workers available"\.$/,
		],
	])('Dispatch Agent says what to do if no worker is available (%s)', async (_name, fault, end) => {
		const api = await startApi({ hasWorkers: false, faults: () => fault });
		const { failed } = await run(api, dispatch(), undefined, stopsNever);
		expect(failed[0]?.json.error).toMatchObject({
			message: 'Agent "support" was not sent to room "r": no worker is available to run the agent',
			description: expect.stringMatching(
				/check that it matches .* still occupy .* VideoSDK said: "No workers available"\./,
			),
			roomId: 'r',
			agentId: 'support',
		});
		expect(failed[0]?.json.error).toHaveProperty('description', expect.stringMatching(end));
	});

	test('Dispatch Agent does not suggest another resource if Room returned nothing', async () => {
		const roomId = byId('={{ $json.roomId }}');
		const error = await refused(dispatch({ roomId }), [{ json: { sessionId: 's' } }]);
		expect(error).toMatchObject({
			message: "The expression in 'Room' returned nothing",
			description: expect.stringContaining("In 'Room', enter the ID of one room."),
		});
	});

	test('Dispatch Agent rejects a fractional Session Timeout before anything is sent', async () => {
		const error = await refused(dispatch({ additionalFields: { sessionTimeoutSeconds: 0.5 } }));
		expect(error?.message).toBe(
			`'Session Timeout (Seconds)' is not a whole number of at least 1: "0.5"`,
		);
	});

	test('Dispatch Agent fails if the response has success: false', async () => {
		const text = '{"message":"Agent is paused","data":{"success":false,"status":"rejected"}}';
		const api = await startApi({ faults: () => ({ kind: 'wrongJson', text }) });
		const { error } = await run(api, dispatch());
		expect(error?.message).toBe(
			'Agent "support" was not sent to room "r": VideoSDK said "Agent is paused"',
		);
	});
});
