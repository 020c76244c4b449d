import type { INodeProperties } from 'n8n-workflow';
import { batchCalls } from '../../api/batchCalls';
import { endOne } from '../../api/endOne';
import type { Operation } from '../../execution/operation';
import { readChoice } from '../../fields/choice';
import { endOptions, readIfAlreadyEnded } from '../../fields/endOptions';
import { optionsField } from '../../fields/requestOptions';
import { finish } from '../shared/endWork';
import { batchCall } from './batchCall';

const mode: INodeProperties = {
	displayName: 'Mode',
	name: 'mode',
	type: 'options',
	noDataExpression: true,
	default: 'graceful',
	options: [
		{ name: 'Graceful', value: 'graceful' },
		{ name: 'Immediate', value: 'immediate' },
	],
	description:
		"How VideoSDK cancels the batch call. VideoSDK documents neither how the modes differ, nor what happens to calls in progress. To hang up those calls, use the resource 'Call' and its operation 'End Many Calls'. It cannot select the calls of one batch call, so set filters such as 'From' to spare other calls.",
};

/** Cancels the batch call that each item names. One that is over is a success, unless it is to fail. */
export const cancel: Operation = {
	option: {
		name: 'Cancel Batch Call',
		value: 'cancel',
		action: 'Cancel batch call',
		description: 'Cancel a campaign that calls many phone numbers',
	},
	fields: [
		{ ...batchCall.idField, description: batchCall.descriptions.end },
		mode,
		optionsField(endOptions(batchCalls.noun)),
	],
	thing: batchCalls,
	done: 'canceled',
	async execute(run) {
		const cancelled = await run.forEachItem((item) => {
			const batchId = batchCall.readId(item);
			const how = {
				ifAlreadyEnded: readIfAlreadyEnded(run.options),
				body: { mode: readChoice(item, item.rawParameter(mode.name), mode) },
			};
			return {
				about: { batchId },
				run: async () =>
					await run.once(
						item.client,
						`cancel ${batchId}`,
						async () => await endOne(item.client, batchCalls, batchId, how),
					),
			};
		});
		return await finish(run, batchCall, cancelled);
	},
};
