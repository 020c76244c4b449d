import type { IDataObject } from 'n8n-workflow';
import { idOf } from '../../http/answer';
import type { VideoSdkClient } from '../../http/client';
import { endOne } from '../../api/endOne';
import { VideoSdkFailure } from '../../http/failure';
import { waitUntilEnded } from '../../api/waitFor';
import type { Run } from '../../execution/run';
import type { Outcome, Work } from '../../execution/work';
import { readIfAlreadyEnded } from '../../fields/endOptions';
import { waitTimeoutIn } from '../../fields/requestOptions';
import type { EndableResource } from './endableResource';

async function endThing(
	client: VideoSdkClient,
	{ kind, ending }: EndableResource,
	id: string,
	options: IDataObject,
	listed?: IDataObject,
): Promise<IDataObject> {
	if (ending?.end) return await ending.end(client, id, options, listed);
	const ifAlreadyEnded = readIfAlreadyEnded(options);
	return await endOne(client, kind, id, { ifAlreadyEnded, listed });
}

/** The work of ending one thing. If several items name the same thing, one request is sent. */
export function endWork(
	run: Run,
	client: VideoSdkClient,
	resource: EndableResource,
	id: string,
): Work {
	const { kind } = resource;
	return {
		about: { [kind.idField]: id },
		run: async () =>
			await run.once(
				client,
				`end ${id}`,
				async () => await endThing(client, resource, id, run.options),
			),
	};
}

/** The work of ending a thing that VideoSDK has listed. */
export function endListedWork(
	{ options }: Run,
	client: VideoSdkClient,
	resource: EndableResource,
	listed: IDataObject,
): Work {
	const { kind } = resource;
	const id = idOf(listed[kind.idField]);
	if (id === undefined) {
		return {
			run: async () => {
				throw new VideoSdkFailure(
					{ kind: 'withoutId', noun: kind.noun },
					{ consequence: `A live ${kind.noun} was not ended` },
				);
			},
		};
	}
	return {
		about: { [kind.idField]: id },
		run: async () => await endThing(client, resource, id, options, listed),
	};
}

/**
 * Does what is left to do when all things of the run have been ended: what is particular to the resource,
 * and waiting until they have ended, if the option 'Wait Until Ended' is on.
 */
export async function finish(
	run: Run,
	{ kind, ending }: EndableResource,
	outcomes: Outcome[],
): Promise<Outcome[]> {
	const ended = ending?.after ? await ending.after(run, outcomes) : outcomes;
	if (run.options.waitUntilEnded !== true) return ended;
	const timeout = waitTimeoutIn(run.options);
	return await run.continueWith(ended, async (thing, client) => {
		const id = String(thing[kind.idField]);
		return await run.once(
			client,
			`wait ${id}`,
			async () => await waitUntilEnded(client, kind, id, thing, timeout),
		);
	});
}
