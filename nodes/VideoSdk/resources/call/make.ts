import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { calls, makeCall } from '../../api/calls';
import type { Batch } from '../../execution/batch';
import type { Outcome } from '../../execution/operation';
import { optionsField } from '../../fields/requestOptions';
import { refuseRetryOnFail } from '../../fields/retryOnFail';
import { callStartFields, readCallStart } from './callStart';

const showOnlyForMake = { show: { resource: ['call'], operation: ['make'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForMake, [
	...callStartFields,
	optionsField(),
]);

export const thing = calls;

export const done = 'made';

/** Makes one call for each item. */
export async function run(batch: Batch): Promise<Outcome[]> {
	return await batch.forEachItem((item) => {
		refuseRetryOnFail(item);
		const start = readCallStart(item);
		return {
			about: { to: start.sipCallTo },
			run: async () => await makeCall(item.client, start),
		};
	});
}
