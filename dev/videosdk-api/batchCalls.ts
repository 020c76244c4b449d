import { randomUUID } from 'node:crypto';
import { ApiError, type JsonObject } from './answer';
import type { Options } from './options';
import { pageOf } from './paging';
import { countUp, type Stats } from './stats';

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
	readonly #oldestFirst: BatchCall[] = [];

	constructor(
		private readonly options: Options,
		private readonly stats: Stats,
	) {}

	/** Adds a batch call, by default one that is running. */
	add(fields: Partial<BatchCall> = {}): BatchCall {
		const now = new Date().toISOString();
		const batch: BatchCall = {
			batchId: randomUUID(),
			batchName: 'Reminders',
			status: 'running',
			timing: 'immediate',
			phoneNumber: '+14155550100',
			recordsUploaded: 120,
			createdAt: now,
			updatedAt: now,
			...fields,
		};
		this.#oldestFirst.push(batch);
		return { ...batch };
	}

	/** A copy of a batch call. @throws ApiError when there is none, as `unknownAs` says */
	get(batchId: string): BatchCall {
		return { ...this.#kept(batchId) };
	}

	/** One page, newest first; see `pageOf`. Its rows are in `batchCalls`, and have `progress`. */
	list(query: URLSearchParams): JsonObject {
		const { data, pageInfo } = pageOf(this.#oldestFirst, query, this.options.list);
		return { batchCalls: data.map((batch) => ({ ...batch, progress: 40 })), pageInfo };
	}

	/**
	 * Cancels: `graceful` leaves it `cancelling`, `immediate` has it `cancelled`.
	 * Assumed: both that, and that one that is over is answered as `endOfEnded` says.
	 * @throws ApiError
	 */
	cancel(batchId: string, mode: unknown): BatchCall {
		if (mode !== 'graceful' && mode !== 'immediate') {
			throw new ApiError(400, 'mode must be graceful or immediate');
		}
		const batch = this.#kept(batchId);
		if (over.includes(batch.status)) {
			const { endOfEnded = 409 } = this.options;
			if (endOfEnded !== 'success') throw new ApiError(endOfEnded, `Batch call is ${batch.status}`);
			return { ...batch };
		}
		countUp(this.stats.endings, batchId);
		batch.status = mode === 'immediate' ? 'cancelled' : 'cancelling';
		return { ...batch };
	}

	#kept(batchId: string): BatchCall {
		const batch = this.#oldestFirst.find((one) => one.batchId === batchId);
		if (!batch) throw new ApiError(this.options.unknownAs ?? 404, 'Batch call not found');
		return batch;
	}
}
