import { get } from '../shared/get';
import { getMany } from '../shared/getMany';
import { resourceOf } from '../shared/resource';
import { batchCall } from './batchCall';
import { cancel } from './cancel';

export const batchCallResource = resourceOf({
	option: {
		name: 'Batch Call',
		value: 'batchCall',
		description:
			'A campaign that calls many phone numbers. Choose this if you have a batch call ID.',
	},
	defaultOperation: 'cancel',
	operations: [
		cancel,
		get(batchCall, {
			name: 'Get Batch Call',
			value: 'get',
			action: 'Get batch call',
			description: 'Get the status and details of one batch call',
		}),
		getMany(batchCall, {
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many batch calls',
			description: 'Get a list of batch calls, optionally filtered',
		}),
	],
});
