import { batchCalls } from '../../api/batchCalls';
import { batchIdField, readBatchId } from '../../fields/batchId';
import { valueFilter } from '../../fields/filters';
import type { EndableResource } from '../shared/endableResource';

/** What the operations of all live resources need to know of batch calls. */
export const batchCall: EndableResource = {
	name: 'batchCall',
	kind: batchCalls,
	idField: batchIdField,
	readId: readBatchId,
	filters: [
		valueFilter(
			{
				displayName: 'Name',
				name: 'batchName',
				type: 'string',
				default: '',
				placeholder: 'e.g. Reminders',
				description: 'Only batch calls with this name',
			},
			'batchName',
		),
	],
	output: {
		simplified: [
			'batchId',
			'batchName',
			'status',
			'runningSeconds',
			'progress',
			'recordsUploaded',
			'phoneNumber',
			'timing',
			'createdAt',
			'updatedAt',
		],
		more: [
			'description',
			'routingRuleId',
			'scheduledDate',
			'scheduledTime',
			'timezone',
			'parseError',
		],
	},
	descriptions: {
		end: 'The batch call to cancel',
		get: 'The batch call to get',
	},
};
