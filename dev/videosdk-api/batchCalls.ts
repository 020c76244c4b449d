import { randomUUID } from 'node:crypto';
import { ApiError, type JsonObject } from './answer';
import type { Options } from './options';
import { countUp, type Stats } from './stats';
import { Store } from './store';

/** A batch call, in the spelling of the vendor's SDK. Times are ISO-8601. */
export interface BatchCall {
	batchId: string;
	batchName: string;
	status: string;
	[field: string]: unknown;
}

const over = ['completed', 'cancelled', 'parse_failed'];

/**
 * The project's batch calls. VideoSDK's pages do not have them: all of it is from the types of the
 * vendor's SDK, and what they do not say is assumed.
 */
export class BatchCalls {
	readonly #store: Store<BatchCall>;

	constructor(
		options: Options,
		private readonly stats: Stats,
	) {
		this.#store = new Store(options, 'Batch call', ({ batchId }) => batchId);
	}

	/** Adds a batch call, by default one that is running. */
	add(fields: Partial<BatchCall> = {}): BatchCall {
		const now = new Date().toISOString();
		return this.#store.add({
			batchId: randomUUID(),
			batchName: 'Reminders',
			status: 'running',
			timing: 'immediate',
			phoneNumber: '+14155550100',
			recordsUploaded: 120,
			createdAt: now,
			updatedAt: now,
			...fields,
		});
	}

	/** A copy of a batch call. @throws ApiError when there is none */
	get(batchId: string): BatchCall {
		return { ...this.#store.kept(batchId) };
	}

	/** One page, newest first; see `pageOf`. Its rows are in `batchCalls`, and have `progress`. */
	list(query: URLSearchParams): JsonObject {
		const { data, pageInfo } = this.#store.list(query);
		return { batchCalls: data.map((batch) => ({ ...batch, progress: 40 })), pageInfo };
	}

	/**
	 * Cancels: `graceful` leaves it `cancelling`, `immediate` has it `cancelled`.
	 * Assumed: both statuses.
	 * @throws ApiError
	 */
	cancel(batchId: string, mode: unknown): BatchCall {
		if (mode !== 'graceful' && mode !== 'immediate') {
			throw new ApiError(400, 'mode must be graceful or immediate');
		}
		const batch = this.#store.kept(batchId);
		if (over.includes(batch.status)) {
			this.#store.answerEnded(batch.status);
			return { ...batch };
		}
		countUp(this.stats.endings, batchId);
		batch.status = mode === 'immediate' ? 'cancelled' : 'cancelling';
		return { ...batch };
	}
}
