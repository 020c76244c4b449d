import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { endSession, waitUntilEnded } from '../api/sessions';
import type { Item, Task } from '../items';
import { readWaitTimeout, waitTimeoutOption } from '../options';

/** The options of an operation that ends sessions. */
export const endOptions: INodeProperties[] = [
	{
		displayName: 'If Already Ended',
		name: 'ifAlreadyEnded',
		type: 'options',
		noDataExpression: true,
		default: 'return',
		description: 'What to do about a session that has ended before',
		options: [
			{
				name: 'Return Session',
				value: 'return',
				description: 'Give the session like the others, with the field alreadyEnded',
			},
			{ name: 'Fail', value: 'fail', description: 'Treat it as an error' },
		],
	},
	{
		displayName: 'Wait Until Ended',
		name: 'waitUntilEnded',
		type: 'boolean',
		noDataExpression: true,
		default: false,
		description:
			'Whether to ask for the session until it has really ended, and give its final fields. Without this, its status may still be stopping.',
	},
	waitTimeoutOption,
];

/** The task of ending one session. A session that the run names twice is asked for once. */
export function endTask(item: Item, sessionId: string): Task {
	const { client, options, once } = item;
	const ifAlreadyEnded = options.ifAlreadyEnded === 'fail' ? 'fail' : 'return';
	const task: Task = {
		about: { sessionId },
		run: async () =>
			await once(
				`end ${sessionId}`,
				async () => await endSession(client, sessionId, ifAlreadyEnded),
			),
	};
	if (options.waitUntilEnded !== true) return task;
	const timeout = readWaitTimeout(options);
	const finish = async (session: IDataObject) =>
		await once(
			`wait ${sessionId}`,
			async () => await waitUntilEnded(client, sessionId, session, timeout),
		);
	return { ...task, finish };
}
