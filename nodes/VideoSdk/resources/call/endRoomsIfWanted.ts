import { endRoomOf } from '../../api/endRoom';
import type { Run } from '../../execution/run';
import type { Outcome } from '../../execution/work';

/**
 * Ends the rooms of the calls that were hung up, if the option 'Also End Room' is on. It begins when all
 * calls of the run have been hung up, so that calls of one room do not keep each other's room open.
 */
export async function endRoomsIfWanted(run: Run, ended: Outcome[]): Promise<Outcome[]> {
	if (run.options.endRoom !== true) return ended;
	const hungUp = new Set(ended.flatMap(({ rows = [] }) => rows.map(({ callId }) => callId)));
	return await run.continueWith(
		ended,
		async (call, client) =>
			await endRoomOf(
				client,
				call,
				hungUp,
				async (roomId, end) => await run.once(client, `end room ${roomId}`, end),
			),
		{ stops: false },
	);
}
