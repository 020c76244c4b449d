import type { IDataObject } from 'n8n-workflow';
import { idOf } from '../api/answer';
import type { VideoSdkClient } from '../api/client';
import { type LiveKind, listOf } from '../api/live';
import { readList } from '../api/pages';
import { hasEnded } from '../api/statuses';
import type { readFilters } from '../fields/filters';

/** What an item looks for. */
interface ItemFilters {
	index: number;
	filters: ReturnType<typeof readFilters>;
}

/** A live thing that the filters of an item match. */
export interface Match {
	index: number;
	listed: IDataObject;
}

/** The live things that are wanted, as one look at the list after another shows them. */
export class LiveSearch {
	/** Things that were found. */
	found = 0;

	/** Live things at the first look. */
	live = 0;

	/** Those of them that match, but are over the limit. */
	overLimit = 0;

	private readonly met = new Set<string>();

	constructor(
		private readonly client: VideoSdkClient,
		private readonly kind: LiveKind,
		private readonly wanted: ItemFilters[],
		private readonly limit: number,
	) {}

	/**
	 * Reads the whole list, since what ending does to its order is not documented.
	 *
	 * @param isFirst whether it is the first look
	 * @returns what matches and was not met before, each once, for the first item that it matches
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
			const first = this.wanted.find(({ filters }) => filters.every((passes) => passes(listed)));
			const id = idOf(listed[kind.idField]);
			// One without an ID cannot be ended, nor told from others: it is reported once.
			if (!first || (id === undefined ? !isFirst : this.met.has(id))) continue;
			if (this.met.size >= this.limit) {
				if (isFirst) this.overLimit++;
				continue;
			}
			if (id !== undefined) this.met.add(id);
			found.push({ index: first.index, listed });
		}
		this.found += found.length;
		return found;
	}
}
