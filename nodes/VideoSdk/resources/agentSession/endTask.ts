import type { IDataObject } from 'n8n-workflow';
import type { VideoSdkClient } from '../../api/client';
import { VideoSdkFailure } from '../../api/failure';
import { idOf } from '../../api/pages';
import { endSession, waitUntilEnded } from '../../api/sessions';
import type { Item, Outcome, Work } from '../../execution/operation';
import type { Batch } from '../../execution/runOverItems';
import { readIfAlreadyEnded } from '../../fields/endOptions';
import { readWaitTimeout } from '../../fields/requestOptions';

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
				async () => await endSession(client, sessionId, readIfAlreadyEnded(options)),
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
		run: async () => await endSession(client, sessionId, readIfAlreadyEnded(options), session),
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
