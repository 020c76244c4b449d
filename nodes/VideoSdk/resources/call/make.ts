import { calls, makeCall } from '../../api/calls';
import type { Operation } from '../../execution/operation';
import { optionsField } from '../../fields/requestOptions';
import { refuseRetryOnFail } from '../../fields/retryOnFail';
import { callStartFields, readCallStart } from './callStart';

/** Makes one call for each item. */
export const make: Operation = {
	option: {
		name: 'Make Call',
		value: 'make',
		action: 'Make call',
		description: 'Call a phone number. The call costs money until it ends.',
	},
	fields: [...callStartFields, optionsField()],
	thing: calls,
	done: 'made',
	async execute(run) {
		return await run.forEachItem((item) => {
			refuseRetryOnFail(run);
			const start = readCallStart(item);
			return {
				about: { to: start.sipCallTo },
				run: async () => await makeCall(item.client, start),
			};
		});
	},
};
