import type { IDataObject } from 'n8n-workflow';
import type { NewRows } from '../../http/pages';
import { hasEnded } from '../../api/statuses';
import type { EndableApi } from '../../api/live';

/** Milliseconds since 1970, or NaN. */
function createdAt({ startOf }: EndableApi, row: IDataObject): number {
	const time = row.createdAt ?? startOf(row);
	return typeof time === 'string' ? Date.parse(time) : Number.NaN;
}

/**
 * What one reading of a list has shown of its order. VideoSDK documents no order, so nothing is assumed
 * that was not seen.
 */
export class ListOrder {
	private last = Number.POSITIVE_INFINITY;

	private hasOlder = false;

	private hasEndedRow = false;

	private isNewestFirst = true;

	private readonly totals = new Set<number | undefined>();

	private rows = 0;

	private repeated = 0;

	constructor(private readonly kind: EndableApi) {}

	/** Takes the next page. */
	add({ rows, repeated, total }: NewRows): void {
		this.totals.add(total);
		this.rows += rows.length;
		this.repeated += repeated;
		for (const row of rows) {
			const time = createdAt(this.kind, row);
			this.isNewestFirst &&= time <= this.last;
			this.hasOlder ||= time < this.last && this.last !== Number.POSITIVE_INFINITY;
			this.last = time;
			this.hasEndedRow ||= hasEnded(this.kind.statuses, row);
		}
	}

	/**
	 * Whether a row that is ended stays in its place, as far as can be seen: the newest come first, and
	 * ended ones stand among them. So the pages that are still to be read do not move.
	 */
	get keepsEnded(): boolean {
		return this.isNewestFirst && this.hasOlder && this.hasEndedRow && this.repeated === 0;
	}

	/**
	 * Whether nothing moved while the list was read to its end: the newest come first, all pages have given
	 * the same total, and so many rows were read, each once.
	 */
	get wasStill(): boolean {
		return (
			this.isNewestFirst &&
			this.repeated === 0 &&
			this.totals.size === 1 &&
			this.totals.has(this.rows)
		);
	}
}

/** Compares a reading of a list with the one before. */
export class ListChange {
	private lastPlace = -1;

	private hasUnknown = false;

	/**
	 * Whether the reading before has missed a row, or may have: a row that it did not see stands between
	 * two that it saw, or these have changed their order.
	 */
	isDisturbed = false;

	/** @param places of the rows in the reading before, by their keys */
	constructor(private readonly places: ReadonlyMap<string, number>) {}

	/**
	 * Takes the next page.
	 *
	 * @param keys of its rows
	 * @param ended keys of rows that were ended meanwhile, which may have moved because of that
	 * @returns how many of its rows the reading before did not see
	 */
	add(keys: string[], ended: ReadonlySet<string>): number {
		let unknown = 0;
		for (const key of keys) {
			const place = this.places.get(key);
			if (place === undefined) unknown++;
			if (ended.has(key)) continue;
			if (place === undefined) {
				this.hasUnknown = this.lastPlace >= 0;
				continue;
			}
			this.isDisturbed ||= this.hasUnknown || place < this.lastPlace;
			this.lastPlace = place;
		}
		return unknown;
	}
}
