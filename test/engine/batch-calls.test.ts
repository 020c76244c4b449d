import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import { stopsNever } from '../support/nodeRun';
import { batchCall, countOf } from './sessions';
import { useEngine } from './setup';

const { startApi, run } = useEngine();

const cancel = (batchId: string, parameters: IDataObject = {}) =>
	batchCall('cancel', { batchId: byId(batchId), ...parameters });

describe('Cancel Batch Call', () => {
	test.each([
		[{}, 'cancelling'],
		[{ mode: 'graceful' }, 'cancelling'],
		[{ mode: 'immediate' }, 'cancelled'],
	])('Cancel Batch Call with %j returns the status %s', async (parameters, status) => {
		const api = await startApi();
		const { batchId } = api.batchCalls.add();
		const { batchId: other } = api.batchCalls.add();
		const { items } = await run(api, cancel(batchId, parameters));
		expect(items).toMatchObject([{ json: { batchId, batchName: 'Reminders', status } }]);
		expect(api.batchCalls.get(other)).toMatchObject({ status: 'running' });
	});

	test('Cancel Batch Call succeeds if the batch call has already ended', async () => {
		const api = await startApi({ endOfEnded: 409 });
		const { batchId } = api.batchCalls.add({ status: 'completed' });
		const { items } = await run(api, cancel(batchId));
		expect(items).toMatchObject([{ json: { batchId, status: 'completed', alreadyEnded: true } }]);
	});

	test('Cancel Batch Call can treat an already ended batch call as an error', async () => {
		const api = await startApi();
		const { batchId } = api.batchCalls.add({ status: 'completed' });
		const { error } = await run(api, cancel(batchId, { options: { ifAlreadyEnded: 'fail' } }));
		expect(error?.message).toBe(
			`Batch call "${batchId}" was not canceled: it had already ended (status completed)`,
		);
		expect(error?.description).toContain("to 'Return Batch Call Data'");
	});

	test('Cancel Batch Call names a batch call that does not exist', async () => {
		const { failed } = await run(await startApi(), cancel('none'), undefined, stopsNever);
		expect(failed[0]?.json.error).toMatchObject({
			message:
				'Batch call "none" was not canceled: there is no such batch call in this VideoSDK project',
			batchId: 'none',
		});
	});

	test('Cancel Batch Call retries after a lost response, because it is idempotent', async () => {
		const api = await startApi({
			faults: ({ method, attempt }) =>
				method === 'POST' && attempt === 1 ? { kind: 'reset', processed: true } : undefined,
		});
		const { batchId } = api.batchCalls.add();
		const { error } = await run(api, cancel(batchId, { mode: 'immediate' }));
		expect(error).toBeUndefined();
		expect(countOf(api, 'POST /v2/batch-calls/{batchId}/cancel')).toBe(2);
		expect(api.stats.endings.get(batchId)).toBe(1);
	});

	test('Cancel Batch Call fails if the batch call does not end within Wait Timeout', async () => {
		const api = await startApi();
		const { batchId } = api.batchCalls.add();
		const options = { waitUntilEnded: true, waitTimeout: 1 };
		const { error } = await run(api, cancel(batchId, { options }));
		expect(error?.message).toBe(
			`Batch call "${batchId}" has not ended yet: after 1 second, its status is still cancelling`,
		);
	});
});

test('Get Batch Call gets one, and Get Many Batch Calls filters by name or status', async () => {
	const api = await startApi();
	const { batchId } = api.batchCalls.add({ batchName: 'Bills' });
	api.batchCalls.add({ status: 'completed' });
	const got = await run(api, batchCall('get', { batchId: byId(batchId) }));
	expect(got.items).toMatchObject([{ json: { batchId, batchName: 'Bills', status: 'running' } }]);
	for (const filters of [{ batchName: 'Bills' }, { status: ['running'] }]) {
		const { items } = await run(api, batchCall('getAll', { returnAll: true, filters }));
		expect(items).toMatchObject([{ json: { batchId, progress: 40 } }]);
	}
});
