import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';
import { deploymentIdField } from '../agentDeployment/deploymentId';
import { startSession, waitUntilRunning } from '../api/sessions';
import type { Item, Task } from '../items';
import { optionsField, readWaitTimeout, waitTimeoutOption } from '../options';
import { additionalFields, readSessionStart } from './sessionStart';

const showOnlyForStart = { show: { resource: ['agentSession'], operation: ['start'] } };

export const description: INodeProperties[] = updateDisplayOptions(showOnlyForStart, [
	{
		...deploymentIdField,
		description: 'The agent deployment to start a session of, by its ID',
	},
	{
		displayName: 'Tag',
		name: 'tag',
		type: 'string',
		default: '',
		placeholder: 'e.g. v1.0',
		description: 'The version of the deployment; left empty, VideoSDK chooses',
	},
	additionalFields,
	optionsField([
		{
			displayName: 'Wait Until Running',
			name: 'waitUntilRunning',
			type: 'boolean',
			noDataExpression: true,
			default: false,
			description:
				'Whether to ask for the session until it runs. Without this, its status is queued.',
		},
		waitTimeoutOption,
	]),
]);

export const done = 'started';

/** Starts one session for the item. */
export function* run(item: Item): Generator<Task> {
	const { client, options } = item;
	const start = readSessionStart(item);
	const task: Task = { run: async () => await startSession(client, start) };
	if (options.waitUntilRunning === true) {
		const timeout = readWaitTimeout(options);
		task.finish = async (session) =>
			await waitUntilRunning(client, String(session.sessionId), session, timeout);
	}
	yield task;
}
