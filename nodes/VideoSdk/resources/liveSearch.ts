import type { IDataObject } from 'n8n-workflow';
import { idOf } from '../api/answer';
import type { VideoSdkClient } from '../api/client';
import { type LiveKind, listOf } from '../api/live';
import { readList } from '../api/pages';
import { hasEnded } from '../api/statuses';
import type { Condition } from '../fields/filters';

/** The filters of an item. */
interface ItemFilters {
	index: number;
	conditions: Condition[];
}

/** A live thing that matches the filters of an item. */
export interface Match {
	index: number;
	listed: IDataObject;
}

/** Finds the live things of a project to end, by reading the list, the first time and again. */
export class LiveSearch {
	/** Live things in the list, the first time. */
	live = 0;

	private readonly met = new Set<string>();

	constructor(
		private readonly client: VideoSdkClient,
		private readonly kind: LiveKind,
		private readonly wanted: ItemFilters[],
	) {}

	/**
	 * Reads the whole list before anything is ended, since ending may change its order.
	 *
	 * @param isFirst whether it is read for the first time
	 * @returns the things that match and were not found before, each once, for the first item that it
	 * matches
	 * @throws VideoSdkFailure
	 */
	async look(isFirst: boolean): Promise<Match[]> {
		const found: Match[] = [];
		const { kind } = this;
		const effect = isFirst
			? ', so none was ended'
			: ' again, to find those that started in the meantime';
		const consequence = `${kind.title}s could not be listed${effect}`;
		for await (const listed of readList(this.client, { ...listOf(kind), consequence })) {
			if (hasEnded(kind.statuses, listed)) continue;
			if (isFirst) this.live++;
			const first = this.wanted.find(({ conditions }) =>
				conditions.every((isMet) => isMet(listed)),
			);
			const id = idOf(listed[kind.idField]);
			// A thing without an ID cannot be ended or recognized, so it is reported the first time only.
			if (!first || (id === undefined ? !isFirst : this.met.has(id))) continue;
			if (id !== undefined) this.met.add(id);
			found.push({ index: first.index, listed });
		}
		return found;
	}
}
