import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { VideoSdkClient } from '../api/client';
import { VideoSdkFailure } from '../api/failure';
import { idOf } from '../api/pages';
import { endSession, type IfAlreadyEnded, waitUntilEnded } from '../api/sessions';
import type { Batch, Item, Work } from '../items';
import type { Outcome } from '../account';
import { readWaitTimeout, waitTimeoutOption } from '../options';

/** The options of an operation that ends sessions. */
export const endOptions: INodeProperties[] = [
	{
		displayName: 'If Already Ended',
		name: 'ifAlreadyEnded',
		type: 'options',
		noDataExpression: true,
		default: 'return',
		description: 'What to do about a session that has ended before',
		options: [
			{
				name: 'Return Session',
				value: 'return',
				description: 'Give the session like the others, with the field alreadyEnded',
			},
			{ name: 'Fail', value: 'fail', description: 'Treat it as an error' },
		],
	},
	{
		displayName: 'Wait Until Ended',
		name: 'waitUntilEnded',
		type: 'boolean',
		noDataExpression: true,
		default: false,
		description:
			'Whether to ask for the session until it has really ended, and give its final fields. Without this, its status may still be stopping.',
	},
	waitTimeoutOption,
];

const ifAlreadyEnded = (options: IDataObject): IfAlreadyEnded =>
	options.ifAlreadyEnded === 'fail' ? 'fail' : 'return';

/** The work of ending one session. A session that the run names twice is asked for once. */
export function endWork(
	{ client, options, once }: Pick<Item, 'client' | 'options' | 'once'>,
	sessionId: string,
): Work {
	return {
		about: { sessionId },
		run: async () =>
			await once(
				`end ${sessionId}`,
				async () => await endSession(client, sessionId, ifAlreadyEnded(options)),
			),
	};
}

/** The work of ending a session that VideoSDK listed. */
export function endListedWork(batch: Batch, client: VideoSdkClient, session: IDataObject): Work {
	const { options } = batch;
	const sessionId = idOf(session.sessionId);
	if (sessionId === undefined) {
		return {
			run: async () => {
				throw new VideoSdkFailure(
					{ kind: 'unreadable', problem: 'lists it without an ID' },
					{ consequence: 'A live session was not ended' },
				);
			},
		};
	}
	return {
		about: { sessionId },
		run: async () => await endSession(client, sessionId, ifAlreadyEnded(options), session),
	};
}

/** Waits until what was ended has really ended, if the option Wait Until Ended is on. */
export async function waitIfWanted(batch: Batch, ended: Outcome[]): Promise<Outcome[]> {
	const client = await batch.client();
	if (batch.options.waitUntilEnded !== true || !client) return ended;
	const timeout = readWaitTimeout(batch.options);
	return await batch.continueWith(ended, async (session) => {
		const sessionId = String(session.sessionId);
		return await batch.once(
			`wait ${sessionId}`,
			async () => await waitUntilEnded(client, sessionId, session, timeout),
		);
	});
}
