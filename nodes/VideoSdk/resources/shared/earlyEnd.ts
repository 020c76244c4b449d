import type { IDataObject } from 'n8n-workflow';
import type { VideoSdkClient } from '../../http/client';
import { type List, type NewRows, pagesOf } from '../../http/pages';
import type { ListOrder } from './listOrder';

/** A live thing that matches the filters of an item. */
export interface Match {
	index: number;
	listed: IDataObject;
}

/**
 * Ends things.
 *
 * @returns whether all of them have been ended
 */
export type End = (matches: Match[]) => Promise<boolean>;

/** A row that is ended to see whether it stays in its place. */
interface Sample {
	match: Match;
	page: number;
	key: string;
	/** The keys of the rows on its page. */
	keys: string[];
}

/** Whether a row stands beside the same rows as before. */
function isInPlace({ key, keys }: Sample, now: Array<string | undefined>): boolean {
	const [before, after] = [keys.indexOf(key), now.indexOf(key)];
	const neighbors = [-1, 1].flatMap((side) => {
		const [one, other] = [keys[before + side], now[after + side]];
		return one === undefined || other === undefined ? [] : [one === other];
	});
	return after >= 0 && neighbors.length > 0 && neighbors.every(Boolean);
}

/**
 * Ends what is found in a list as soon as that is safe. VideoSDK may move or remove a row that is ended,
 * and rows that are still to be read would then be missed. So one is ended first. If the list still has it
 * in its place, the others are ended while the list is read, and otherwise when it was read.
 */
export class EarlyEnd {
	private held: Match[] = [];

	private pages = 0;

	private sample?: Sample;

	private state: 'unknown' | 'asked' | 'stays' = 'unknown';

	private isRead = false;

	/** @param isWanted whether anything is ended before the list was read */
	constructor(
		private readonly client: VideoSdkClient,
		private readonly list: List,
		private readonly order: ListOrder,
		private readonly end: End,
		private readonly isWanted: boolean,
	) {}

	/** Takes the matches of the next page. */
	add(matches: Match[], { keys, rows }: NewRows): void {
		this.pages++;
		this.held.push(...matches);
		const [match] = matches;
		const key = match && keys[rows.indexOf(match.listed)];
		if (match && key !== undefined) this.sample ??= { match, page: this.pages, key, keys };
		if (!this.isWanted || !this.sample || !this.order.keepsEnded) return;
		if (this.state === 'stays') this.endHeld();
		if (this.state !== 'unknown') return;
		this.state = 'asked';
		void this.ask(this.sample);
	}

	/** Ends all that are held. The list was read, as far as possible. */
	finish(): void {
		this.isRead = true;
		this.endHeld();
	}

	private endHeld() {
		if (this.held.length > 0) void this.end(this.held);
		this.held = [];
	}

	/** Ends one, and looks whether it has stayed in its place. Unless that is certain, the others wait. */
	private async ask(sample: Sample) {
		this.held.splice(this.held.indexOf(sample.match), 1);
		const isNeeded = () => !this.isRead;
		const readPage = pagesOf(this.client, this.list, { isNeeded, isUrgent: true });
		try {
			if (!(await this.end([sample.match])) || this.isRead) return;
			const { rows } = await readPage(sample.page);
			if (!isInPlace(sample, rows.map(this.list.keyOf)) || !this.order.keepsEnded) return;
			this.state = 'stays';
			this.endHeld();
		} catch {
			// The page is read as part of the list too, which says why it cannot be read.
		}
	}
}
