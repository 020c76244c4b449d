import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { Options, VideoSdkApi } from '../../dev/videosdk-api';
import { stopsNever } from '../support/nodeRun';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const end = '2026-01-02T03:04:05.678Z';

/** The things that End takes: how one that has ended comes about, and the parameters that end one. */
const things = {
	session: {
		addEnded: (api: VideoSdkApi) => api.sessions.add({ status: 'completed', end }).sessionId,
		ending: (id: string) => ({
			resource: 'agentSession',
			operation: 'end',
			sessionId: byId(id),
		}),
		idField: 'sessionId',
		title: 'Session',
		others: "If this is the ID of a room or a call, choose 'Room' or 'Call' as the resource.",
	},
	call: {
		addEnded: (api: VideoSdkApi) => api.calls.add({ status: 'missed', end }).callId,
		ending: (id: string) => ({ resource: 'call', operation: 'end', callId: byId(id) }),
		idField: 'callId',
		title: 'Call',
		others:
			"If this is the ID of a room or an agent session, choose 'Room' or 'Agent Session' as the resource.",
	},
	room: {
		addEnded: (api: VideoSdkApi) => api.rooms.add({ status: 'ended', end }).roomId,
		ending: (id: string) => ({ resource: 'room', operation: 'endSession', roomId: byId(id) }),
		idField: 'roomId',
		title: 'Room',
		others:
			"If this is the ID of a call or an agent session, choose 'Call' or 'Agent Session' as the resource.",
	},
} as const;

const cases = Object.entries(things).flatMap(([noun, thing]) =>
	([200, 400, 402, 404] as const).map((status) => ({ noun, status, ...thing })),
);

describe('End', () => {
	test.each(cases)(
		'of a $noun that has ended is a success after $status',
		async ({ status, addEnded, ending, idField }) => {
			const api = await startApi({ endOfEnded: status });
			const id = addEnded(api);
			const { items, error } = await run(api, ending(id));
			expect(error).toBeUndefined();
			expect(items[0]?.json).toMatchObject({ [idField]: id, end, alreadyEnded: true });
		},
	);

	test.each(cases)(
		'of a $noun that is unknown says so after $status, and which other ID it may be',
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
		'of a room takes 400 with the text of VideoSDK "%s" for an unknown room',
		async (message) => {
			const faults: Options['faults'] = ({ route }) =>
				route === '/v2/sessions/end'
					? { kind: 'status', status: 400, body: { message } }
					: undefined;
			const { error } = await run(await startApi({ faults }), things.room.ending('none'));
			expect(error?.message).toBe(
				'Room "none" was not ended: there is no such room in this VideoSDK project',
			);
			expect(error?.description).toContain(`VideoSDK said: "${message}" Request ID: `);
		},
	);

	test.each(Object.entries(things))(
		'of a %s says after 402 alone that the plan may be the reason',
		async (noun, { ending, title }) => {
			const api = await startApi({ faults: () => ({ kind: 'status', status: 402, body: {} }) });
			const { error } = await run(api, ending('one'));
			const andItsCalls =
				noun === 'room' ? ', and its calls could not be listed, so none was hung up' : '';
			expect(error?.message).toBe(
				`${title} "one" was not ended${andItsCalls}: there is no such ${noun} in this VideoSDK project, or the plan of the project does not include this feature`,
			);
			expect(error?.description).toContain('Check the plan and the balance');
		},
	);

	test('of a listed session is no success after 402 alone, since a payment may be due', async () => {
		const api = await startApi({
			faults: ({ sessionId }) =>
				sessionId ? { kind: 'status', status: 402, body: {} } : undefined,
		});
		api.sessions.add({ sessionId: 'one' });
		const many = {
			resource: 'agentSession',
			operation: 'endMany',
			dryRun: false,
			allLiveSessions: true,
		};
		const { items, failed } = await run(api, many, undefined, stopsNever);
		expect(items).toEqual([]);
		expect(failed.map(({ json }) => json.error)).toMatchObject([
			{ sessionId: 'one', httpCode: '402' },
		]);
	});
});

const create = { resource: 'agentDeployment', operation: 'create', name: 'Support' };

test.each<[string, NonNullable<Options['faults']>]>([
	...[400, 402, 403, 500].map((status): [string, NonNullable<Options['faults']>] => [
		String(status),
		() => ({ kind: 'status', status, body: { message: 'Please Enable AI Worker Services' } }),
	]),
	['200', () => ({ kind: 'wrongJson', text: '{"message":"Please Enable AI Worker Services"}' })],
])(
	'A project without AI Worker Services is told where to turn them on, after %s',
	async (_status, faults) => {
		for (const parameters of [
			create,
			{ resource: 'agentSession', operation: 'getAll' },
		] as IDataObject[]) {
			const { failed } = await run(await startApi({ faults }), parameters, undefined, stopsNever);
			const { message, description } = failed[0]?.json.error as {
				message: string;
				description: string;
			};
			expect(message).toMatch(/: this VideoSDK project does not have AI Worker Services$/);
			expect(description).toMatch(/^They are part of the pay-as-you-go plan: .*dashboard/);
			expect(description).not.toContain('anyway');
		}
	},
);

test('A rejection with status 200 is told in the words of VideoSDK', async () => {
	const text = '{"success":false,"message":"Deployment is paused"}';
	const api = await startApi({ faults: () => ({ kind: 'wrongJson', text }) });
	const { error } = await run(api, create);
	expect(error).toMatchObject({
		message: 'Deployment "Support" was not created: VideoSDK said "Deployment is paused"',
		description: expect.stringMatching(/^Check the fields of this node\. Request ID: \S+\.$/),
	});
});
