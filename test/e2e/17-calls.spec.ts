import { expect, test } from './support/account';
import { output } from './support/executions';
import { openOperation } from './support/openOperation';

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

test.describe('Call', () => {
	test('Make calls a number, Get looks up the call that is picked, and End hangs one up @every-n8n', async ({
		account,
		editor,
	}) => {
		const { api } = account;
		api.addRoom({ roomId: 'support-room' });
		const other = api.addCall({ to: '+14155550199' });
		const panel = await openOperation(editor, account, 'Call', 'Make', 'Make, get and end a call');
		await panel.fill('to', '+14155550123');
		await panel.fill('routingRuleId', 'rule-1');
		await panel.fill('from', '+14155550100');
		await panel.pick('roomId', 'support-room');
		await panel.add('Add field', 'Wait Until Answered');
		await panel.toggle('waitUntilAnswered');

		const execution = await panel.execute();

		const [made] = output(execution, 'VideoSDK').map(({ json }) => json);
		const numbers = { from: '+14155550100', to: '+14155550123', roomId: 'support-room' };
		expect(made).toMatchObject({ ...numbers, status: 'answered' });
		const callId = String(made?.callId);
		expect(api.call(callId)).toMatchObject({ ...numbers, ruleId: 'rule-1' });
		expect(api.stats.callsTo).toEqual(new Map([['+14155550123', 1]]));

		await panel.choose('operation', 'Get');
		const rows = await panel.openList('callId');
		await expect(rows).toHaveText([
			/^\+14155550100 → \+14155550123 · .* · answered at \d\d:\d\d$/,
			/^\+14155550100 → \+14155550199 · .* · answered at \d\d:\d\d$/,
		]);
		await rows.filter({ hasText: '+14155550199' }).click();
		await panel.execute();
		await expect
			.poll(async () => await panel.rows())
			.toMatchObject([{ callId: other.callId, to: '+14155550199', status: 'answered' }]);
		expect(api.stats.endRequests.size).toBe(0);

		await panel.choose('operation', 'End');
		await panel.pick('callId', '+14155550123');
		await panel.execute();
		await expect.poll(async () => await panel.rows()).toMatchObject([{ callId, status: 'ended' }]);
		expect(api.stats.endings).toEqual(new Map([[callId, 1]]));
		expect(api.call(other.callId)?.status).toBe('answered');
	});

	test('Get Many lists the calls that pass all filters, and End Many shows, then hangs up the live ones @every-n8n', async ({
		account,
		editor,
	}) => {
		const { api } = account;
		const from = '+14155550111';
		const ended = api.addCall({ from, status: 'missed', start: minutesAgo(90) });
		const live = api.addCall({ from, start: minutesAgo(90) });
		api.addCall({ from, type: 'inbound', start: minutesAgo(90) });
		api.addCall({ start: minutesAgo(90) });
		const panel = await openOperation(editor, account, 'Call', 'Get Many', 'List and end calls');
		await panel.add('Add filter', 'Direction');
		await panel.add('Add filter', 'From');
		await panel.fill('from', from);
		await panel.execute();
		await expect
			.poll(async () => await panel.rows())
			.toMatchObject([{ callId: live.callId }, { callId: ended.callId, status: 'missed' }]);

		// n8n empties the filters when another operation is chosen.
		await panel.choose('operation', 'End Many');
		await panel.toggle('dryRun');
		await panel.add('Add filter', 'Direction');
		await panel.add('Add filter', 'From');
		await panel.fill('from', from);
		await panel.execute();
		await expect
			.poll(async () => await panel.rows())
			.toMatchObject([{ callId: live.callId, status: 'answered', dryRun: 'true' }]);
		expect(api.stats.endRequests.size).toBe(0);

		await panel.toggle('dryRun');
		await panel.execute();
		await expect
			.poll(async () => await panel.rows())
			.toMatchObject([{ callId: live.callId, status: 'ended' }]);
		expect(api.stats.endRequests).toEqual(new Map([[live.callId, 1]]));
	});
});

test.describe('Room', () => {
	test('Get Many lists live rooms, Dispatch Agent sends an agent into one, and End Session ends another @every-n8n', async ({
		account,
		editor,
	}) => {
		const { api } = account;
		api.addRoom({ roomId: 'over', status: 'ended', end: minutesAgo(5) });
		api.addRoom({ roomId: 'support-room' });
		api.addRoom({ roomId: 'sales-room' });
		const panel = await openOperation(editor, account, 'Room', 'Get Many', 'List and end rooms');
		await panel.execute();
		await expect
			.poll(async () => await panel.rows())
			.toMatchObject([
				{ roomId: 'sales-room', status: 'ongoing' },
				{ roomId: 'support-room', status: 'ongoing' },
			]);

		await panel.choose('operation', 'Dispatch Agent');
		await panel.pick('roomId', 'support-room');
		await panel.fill('agentId', 'support-agent');
		await panel.execute();
		await expect
			.poll(async () => await panel.rows())
			.toMatchObject([{ roomId: 'support-room', agentId: 'support-agent', status: 'assigned' }]);
		expect(api.stats.dispatches).toEqual([{ roomId: 'support-room', agentId: 'support-agent' }]);

		await panel.choose('operation', 'End Session');
		await panel.pick('roomId', 'sales-room');
		await panel.execute();
		await expect
			.poll(async () => await panel.rows())
			.toMatchObject([{ roomId: 'sales-room', status: 'ended' }]);
		expect(api.stats.endings).toEqual(new Map([['sales-room', 1]]));
	});
});
