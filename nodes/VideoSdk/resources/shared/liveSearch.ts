import type { IDataObject } from 'n8n-workflow';
import { idOf } from '../../http/answer';
import type { VideoSdkClient } from '../../http/client';
import { VideoSdkFailure } from '../../http/failure';
import { type EndableApi, listOf } from '../../api/live';
import { type List, type Need, readPages } from '../../http/pages';
import { hasEnded } from '../../api/statuses';
import type { Condition } from '../../fields/filters';
import { EarlyEnd, type End, type Match } from './earlyEnd';
import { ListChange, ListOrder } from './listOrder';

/** The filters of an item. */
interface ItemFilters {
	index: number;
	conditions: Condition[];
}

/** How many more things may be ended. The searches in several projects share it. */
export interface Limit {
	left: number;
}

/** The list is read more than twice only if rows may have been missed, and not again and again. */
const MOST_LOOKS = 3;

/** Whether it may help to read the list again after this error. */
function mayPass(error: unknown): boolean {
	if (!(error instanceof VideoSdkFailure)) return false;
	const { cause } = error;
	return cause.kind === 'status' ? cause.status >= 500 : cause.kind !== 'gaveUp';
}

/** Finds the live things of a project to end, by reading the list, the first time and again. */
export class LiveSearch {
	/** Whether the list was read to its end. */
	isComplete = false;

	/** Things that were found. */
	found = 0;

	/** Rows in the list. */
	listed = 0;

	/** Live things in the list, and those that were found later. */
	live = 0;

	/** Things that match but exceed the limit, the first time. */
	overLimit = 0;

	/** Pages that were read. */
	pages = 0;

	private looks = 0;

	private readonly met = new Set<string>();

	/** The place of each row that the last look saw, by its key. */
	private places: ReadonlyMap<string, number> = new Map();

	private isUncertain = true;

	/** How much of the list the next look needs. */
	private need: Need = 'all';

	/** The keys of live rows that did not match: they may by the next look. */
	private readonly unmatched = new Set<string>();

	constructor(
		private readonly client: VideoSdkClient,
		private readonly kind: EndableApi,
		private readonly wanted: ItemFilters[],
		private readonly limit: Limit,
	) {}

	/** Whether the list has to be read, for the first time or again. */
	get isUnfinished(): boolean {
		return this.looks < MOST_LOOKS && this.isUncertain && this.limit.left > 0;
	}

	/**
	 * Reads the list, and ends the things that match and were not found before, each once, for the first
	 * item that it matches, in the order of the list. They are ended while the list is still read if that
	 * does not move the rows to come, and otherwise when it was read. If a page cannot be read, what was
	 * found before it is ended.
	 *
	 * @param endsEarly whether anything is ended before the list was read
	 * @throws VideoSdkFailure
	 */
	async look(end: End, endsEarly: boolean): Promise<void> {
		this.looks++;
		const isFirst = !this.isComplete;
		const list = this.listFor(isFirst);
		const seen = new Map<string, number>();
		const order = new ListOrder(this.kind);
		const change = new ListChange(this.places);
		const early = new EarlyEnd(this.client, list, order, end, isFirst && endsEarly);
		let unknown = 0;
		let perPage = 0;
		if (isFirst) this.live = this.overLimit = 0;
		try {
			for await (const page of readPages(this.client, list, this.need, seen)) {
				this.pages++;
				perPage ||= page.rows.length;
				order.add(page);
				const unknownHere = change.add(page.keys, this.met);
				unknown += unknownHere;
				const matches = page.rows.flatMap((row, place) =>
					this.matchesIn(row, page.keys[place] ?? '', isFirst),
				);
				early.add(matches, page);
				const isOver = unknownHere === 0 && !change.isDisturbed && this.unmatched.size === 0;
				if (this.need === 'some' && isOver) break;
			}
		} catch (error) {
			this.isUncertain = seen.size > 0 && mayPass(error);
			await Promise.reject(error);
		} finally {
			early.finish();
			this.listed = Math.max(this.listed, seen.size);
		}
		// So many new rows can have pushed one over the end of a page in both looks.
		this.isUncertain = isFirst || change.isDisturbed || (unknown > 0 && unknown >= perPage);
		this.need = !isFirst ? 'one at a time' : order.wasStill ? 'some' : 'all';
		this.isComplete = true;
		this.places = seen;
	}

	private listFor(isFirst: boolean): List {
		const could = `${this.kind.title}s could not be listed`;
		if (!isFirst) {
			return {
				...listOf(this.kind),
				consequence: `${could} again, so ${this.kind.noun}s that started in the meantime may still be live`,
			};
		}
		return {
			...listOf(this.kind),
			consequence: `${could}, so none was ended`,
			laterConsequence: `Not all ${this.kind.noun}s could be listed, so some that match may still be live`,
		};
	}

	/** The match in a row, if there is one that was not found before. */
	private matchesIn(listed: IDataObject, key: string, isFirst: boolean): Match[] {
		const { kind } = this;
		this.unmatched.delete(key);
		if (hasEnded(kind.statuses, listed)) return [];
		if (isFirst) this.live++;
		const first = this.wanted.find(({ conditions }) => conditions.every((isMet) => isMet(listed)));
		if (!first && isFirst) this.unmatched.add(key);
		const id = idOf(listed[kind.idField]);
		// A thing without an ID cannot be ended or recognized, so it is reported the first time only.
		if (!first || (id === undefined ? this.looks > 1 : this.met.has(id))) return [];
		if (this.limit.left <= 0) {
			if (isFirst) this.overLimit++;
			return [];
		}
		if (id !== undefined) {
			this.met.add(id);
			this.limit.left--;
		}
		if (!isFirst) this.live++;
		this.found++;
		return [{ index: first.index, listed }];
	}
}
