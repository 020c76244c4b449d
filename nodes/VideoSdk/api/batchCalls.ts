import { findStatusIn, findThingIn } from '../http/answer';
import type { EndableApi } from './live';
import { batchCallStatuses } from './statuses';

const BATCH_CALLS = '/v2/batch-calls';

const pathOf = (batchId: string) => `${BATCH_CALLS}/${encodeURIComponent(batchId)}`;

const readBatchCall = (body: Parameters<typeof findStatusIn>[0]) => findThingIn(body, 'batchId');

/**
 * Batch calls, which call many phone numbers, one after the other. They are not on VideoSDK's pages: all
 * of it is from the vendor's SDK (`batchCalls` of `@videosdk.live/server-sdk`).
 */
export const batchCalls: EndableApi = {
	noun: 'batch call',
	subject: 'batch call',
	title: 'Batch call',
	idField: 'batchId',
	statuses: batchCallStatuses,
	get: { endpoint: 'Fetch a Batch Call', path: pathOf, read: readBatchCall },
	end: {
		endpoint: 'Cancel Batch Call',
		path: (batchId) => `${pathOf(batchId)}/cancel`,
		isNamedInPath: true,
		done: 'canceled',
		read: (body) => readBatchCall(body) ?? findStatusIn(body),
	},
	list: { endpoint: 'Fetch Batch Calls', path: BATCH_CALLS, rows: 'batchCalls' },
	startOf: ({ createdAt }) => createdAt,
	startVerb: 'were created',
};
