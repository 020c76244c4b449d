import { byId } from '../../dev/n8n/flow';
import type { Options, VideoSdkApi } from '../../dev/videosdk-api';
import { stopsNever } from '../support/nodeRun';
import { call, deployment, failing, room, session } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const end = '2026-01-02T03:04:05.678Z';

const otherIds = (other: string, resources: string) =>
	`If this is the ID of ${other}, choose ${resources} as the resource.`;

/** The things that End takes: how one that has ended comes about, and the parameters that end one. */
const things = {
	session: {
		addEnded: (api: VideoSdkApi) => api.sessions.add({ status: 'completed', end }).sessionId,
		ending: (id: string) => session('end', { sessionId: byId(id) }),
		idField: 'sessionId',
		title: 'Session',
		others: otherIds('a room or a call', "'Room' or 'Call'"),
	},
	call: {
		addEnded: (api: VideoSdkApi) => api.calls.add({ status: 'missed', end }).callId,
		ending: (id: string) => call('end', { callId: byId(id) }),
		idField: 'callId',
		title: 'Call',
		others: otherIds('a room or an agent session', "'Room' or 'Agent Session'"),
	},
	room: {
		addEnded: (api: VideoSdkApi) => api.rooms.add({ status: 'ended', end }).roomId,
		ending: (id: string) => room('endSession', { roomId: byId(id) }),
		idField: 'roomId',
		title: 'Room',
		others: otherIds('a call or an agent session', "'Call' or 'Agent Session'"),
	},
} as const;

const cases = Object.entries(things).flatMap(([noun, thing]) =>
	([200, 400, 402, 404, 409] as const).map((status) => ({ noun, status, ...thing })),
);

test.each(cases)(
	'ending a $noun that has already ended succeeds after HTTP $status',
	async ({ noun, status, addEnded, ending, idField }) => {
		const api = await startApi({ endOfEnded: status });
		const id = addEnded(api);
		const { items, error, hint } = await run(api, ending(id));
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ [idField]: id, end, alreadyEnded: true });
		expect(hint).toBe(`The ${noun} had already ended.`);
	},
);

test.each(cases.filter(({ status }) => status !== 409))(
	'ending an unknown $noun after HTTP $status suggests other kinds of ID',
	async ({ noun, status, ending, title, others }) => {
		const { error } = await run(await startApi({ unknownAs: status }), ending('none'));
		const reason =
			status === 200
				? `VideoSDK said "${title} not found"`
				: `there is no such ${noun} in this VideoSDK project`;
		expect(error?.message).toBe(`${title} "none" was not ended: ${reason}`);
		expect(error?.description?.slice(0, others.length)).toBe(others);
	},
);

test.each(['Room not found.', 'RoomId is invalid.'])(
	'End Room treats HTTP 400 with the text "%s" as an unknown room',
	async (message) => {
		const faults: Options['faults'] = ({ route }) =>
			route === '/v2/sessions/end' ? { kind: 'status', status: 400, body: { message } } : undefined;
		const { error } = await run(await startApi({ faults }), things.room.ending('none'));
		expect(error?.message).toBe(
			'Room "none" was not ended: there is no such room in this VideoSDK project',
		);
		expect(error?.description).toContain(`VideoSDK said: "${message}" Request ID: `);
	},
);

test.each(Object.entries(things))(
	'ending a %s after HTTP 402 says that the plan may be the reason',
	async (noun, { ending, title }) => {
		const { error } = await run(await startApi(failing(402, {})), ending('one'));
		const andItsCalls =
			noun === 'room' ? ', and its calls could not be listed, so none was hung up' : '';
		expect(error?.message).toBe(
			`${title} "one" was not ended${andItsCalls}: there is no such ${noun} in this VideoSDK project, or the plan of the project does not include this feature`,
		);
		expect(error?.description).toContain('Check the plan and the balance');
	},
);

test('End Many Sessions fails for a listed session after HTTP 402 without a body', async () => {
	const faults: Options['faults'] = ({ sessionId }) =>
		sessionId ? { kind: 'status', status: 402, body: {} } : undefined;
	const api = await startApi({ faults });
	api.sessions.add({ sessionId: 'one' });
	const all = session('endMany', { dryRun: false, allLiveSessions: true });
	const { items, failed } = await run(api, all, undefined, stopsNever);
	expect(items).toEqual([]);
	expect(failed.map(({ json }) => json.error)).toMatchObject([
		{ sessionId: 'one', httpCode: '402' },
	]);
});

const create = deployment('create', { name: 'Support' });

const answering = (message: string): Options => ({
	faults: () => ({ kind: 'wrongJson', text: JSON.stringify({ success: false, message }) }),
});

const notEnabled = 'Please Enable AI Worker Services';

test.each([
	...[400, 402, 403, 500].map(
		(status) => [status, failing(status, { message: notEnabled })] as const,
	),
	[200, answering(notEnabled)] as const,
])('the error says how to enable AI Worker Services after HTTP %i', async (_status, options) => {
	for (const parameters of [create, session('getAll')]) {
		const { error } = await run(await startApi(options), parameters);
		expect(error?.message).toMatch(/: this VideoSDK project does not have AI Worker Services$/);
		expect(error?.description).toMatch(/^They are part of the pay-as-you-go plan: .*dashboard/);
		expect(error?.description).not.toContain('anyway');
	}
});

test('a rejection with HTTP 200 is reported with the message from VideoSDK', async () => {
	const { error } = await run(await startApi(answering('Deployment is paused')), create);
	expect(error).toMatchObject({
		message: 'Deployment "Support" was not created: VideoSDK said "Deployment is paused"',
		description: expect.stringMatching(/^Check the fields of this node\. Request ID: \S+\.$/),
	});
});
