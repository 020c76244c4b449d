import type { IDataObject } from 'n8n-workflow';
import { agentSessionResource } from '../../../../nodes/VideoSdk/resources/agentSession';
import { ChangingList } from '../../../support/changingList';
import { useFakeTime } from '../../../support/fakeTime';
import { runOver } from '../../../support/runOver';

useFakeTime(0.5);

/** Ends the sessions with the tag `x` while the list changes. */
async function endAll(list: ChangingList): Promise<IDataObject[]> {
	const { endMany } = agentSessionResource.operations;
	if (!endMany) throw new Error('There is no such operation.');
	const fields: IDataObject = { dryRun: false, allLiveSessions: false, filters: { tag: 'x' } };
	const changes = list.start();
	const running = runOver([{}], endMany, {
		continues: true,
		parameter: (name) => fields[name],
		answer: async (request) => await list.answer(request),
	});
	let isOver = false;
	void running.then(() => (isOver = true));
	while (!isOver) await jest.advanceTimersByTimeAsync(50);
	changes.stop();
	const { items = [] } = await running;
	return items.map(({ json }) => json);
}

describe('a list that changes while it is read, under faults and limits', () => {
	test.each(Array.from({ length: 50 }, (_, at) => at + 1))(
		'a changing list hides no live session, and none is ended twice: seed %i',
		async (seed) => {
			const list = new ChangingList(seed);
			const rows = await endAll(list);
			const failed = new Set(rows.flatMap(({ error }) => (error as IDataObject)?.sessionId ?? []));
			const ids = rows.flatMap(({ sessionId }) => sessionId ?? []);
			expect({
				...list.traits,
				missed: [...list.wanted].filter((id) => !list.ends.has(id) && !failed.has(id)),
				twice: ids.filter((id, at) => ids.indexOf(id) !== at),
				invented: [...list.ends.keys()].filter((id) => list.tagOf(id) !== 'x'),
			}).toEqual({ ...list.traits, missed: [], twice: [], invented: [] });
		},
	);
});
