import type { IDataObject } from 'n8n-workflow';
import { idOf } from '../api/answer';
import type { VideoSdkClient } from '../api/client';
import { endOne } from '../api/endOne';
import { VideoSdkFailure } from '../api/failure';
import type { LiveKind } from '../api/live';
import { waitUntilEnded } from '../api/waitFor';
import type { Batch } from '../execution/batch';
import type { Item, Outcome, Work } from '../execution/operation';
import { readIfAlreadyEnded } from '../fields/endOptions';
import { readWaitTimeout } from '../fields/requestOptions';

/** The work of ending one thing. If several items name the same thing, one request is sent. */
export function endWork(
	{ client, options, once }: Pick<Item, 'client' | 'options' | 'once'>,
	kind: LiveKind,
	id: string,
): Work {
	return {
		about: { [kind.idField]: id },
		run: async () =>
			await once(
				`end ${id}`,
				async () => await endOne(client, kind, id, readIfAlreadyEnded(options)),
			),
	};
}

/** The work of ending a thing that VideoSDK has listed. */
export function endListedWork(
	{ options }: Batch,
	client: VideoSdkClient,
	kind: LiveKind,
	listed: IDataObject,
): Work {
	const id = idOf(listed[kind.idField]);
	if (id === undefined) {
		return {
			run: async () => {
				throw new VideoSdkFailure(
					{ kind: 'unreadable', problem: 'lists it without an ID' },
					{ consequence: `A live ${kind.noun} was not ended` },
				);
			},
		};
	}
	return {
		about: { [kind.idField]: id },
		run: async () => await endOne(client, kind, id, readIfAlreadyEnded(options), listed),
	};
}

/** Waits until the things have ended, if the option 'Wait Until Ended' is on. */
export async function waitIfWanted(
	batch: Batch,
	kind: LiveKind,
	ended: Outcome[],
): Promise<Outcome[]> {
	if (batch.options.waitUntilEnded !== true) return ended;
	const timeout = readWaitTimeout(batch.options);
	return await batch.continueWith(ended, async (thing, client) => {
		const id = String(thing[kind.idField]);
		return await batch.once(
			client,
			`wait ${id}`,
			async () => await waitUntilEnded(client, kind, id, thing, timeout),
		);
	});
}
