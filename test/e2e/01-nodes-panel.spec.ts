import type { Locator } from '@playwright/test';
import { flow, node } from '../../dev/n8n/flow';
import { expect, test } from './support/account';
import { NodePanel } from './support/ui';

const manual = node('Start', 'n8n-nodes-base.manualTrigger');

async function expectIcon(place: Locator, file: RegExp): Promise<void> {
	const icon = place.locator('img').first();
	await expect(icon).toHaveAttribute('src', file);
	await expect(icon).toHaveJSProperty('complete', true);
	// What a browser says of an image that it cannot show.
	await expect(icon).not.toHaveJSProperty('naturalWidth', 0);
}

// All tests share the page.
test.afterEach(async ({ editor }) => await editor.page.emulateMedia({ colorScheme: 'light' }));

test('n8n installs the package and lists its nodes @every-n8n', async ({
	world: { n8n, rest },
}) => {
	const { installed } = n8n;
	if (!installed) throw new Error('This n8n was started without the package.');
	await rest.installCommunityPackage(installed);

	expect(await rest.call('GET', '/rest/community-packages')).toEqual([
		expect.objectContaining({
			packageName: installed.name,
			installedVersion: installed.version,
			installedNodes: expect.arrayContaining([
				expect.objectContaining({ type: 'n8n-nodes-videosdk.videoSdk' }),
				expect.objectContaining({ type: 'n8n-nodes-videosdk.videoSdkTrigger' }),
			]),
		}),
	]);
});

/** What people search for who want what the node does. */
const SEARCHES = [
	...['end session', 'hang up', 'stop agent', 'end call', 'end room', 'room', 'meeting'],
	...['dispatch', 'deployment', 'dial', 'session ended', 'call ended', 'runaway', 'terminate'],
	...['kill', 'videosdk'],
];

test('the node is found by common search words, with its icon in both themes', async ({
	account,
	editor,
}) => {
	const { nodesPanel } = editor;
	/** In what the theme of the browser gives, which n8n follows while it is open. */
	const expectIcons = async (place: Locator) => {
		await editor.page.emulateMedia({ colorScheme: 'dark' });
		await expectIcon(place, /\/videosdk\.dark\.svg$/);
		await editor.page.emulateMedia({ colorScheme: 'light' });
		await expectIcon(place, /\/videosdk\.svg$/);
	};
	await editor.open(await account.save(flow('Search', manual)));

	for (const words of SEARCHES) {
		await nodesPanel.search(words);
		await expect(nodesPanel.entries.first(), words).toContainText('VideoSDK');
	}
	await expectIcons(nodesPanel.entries.first());

	await nodesPanel.entry('VideoSDK').click();
	// n8n has no search among the actions of a community node: they are read.
	for (const name of ['End call', 'End many calls', 'End many rooms', 'End room']) {
		await expect(nodesPanel.entry(name)).toBeVisible();
	}
	const action = nodesPanel.entry('End session');
	await expectIcons(action);

	await action.click();
	const panel = await NodePanel.opened(editor.page, editor.rest, 'End session');
	await expect(panel.field('resource').locator('input')).toHaveValue('Agent Session');
	await expect(panel.field('operation').locator('input')).toHaveValue('End Session');
	await panel.close();
	await expectIcons(editor.node('End session'));
});

test('the trigger is found in the nodes panel, and starts a workflow with an event', async ({
	account,
	editor,
}) => {
	const { nodesPanel } = editor;
	await editor.open(await account.save(flow('Search for the trigger')));

	await nodesPanel.search('videosdk');
	await nodesPanel.entry('VideoSDK').click();
	await expect(nodesPanel.entry('On call ended')).toBeVisible();
	await nodesPanel.entry('On session ended').click();

	const panel = await NodePanel.opened(editor.page, editor.rest, 'VideoSDK Trigger');
	await expect(panel.field('events')).toContainText('Session Ended');
	await expect(panel.field('events')).not.toContainText('Session Started');
	// What to do with its URL stands there for the events that are chosen.
	const ndv = editor.page.getByTestId('ndv');
	const forCalls = 'For call events, the trigger registers its URL with VideoSDK';
	await expect(ndv).toContainText('Start Session > Additional Fields > Webhook URL');
	await expect(ndv).not.toContainText(forCalls);
	await panel.chooseSeveral('events', ['Call Ended']);
	await expect(ndv).toContainText(forCalls);
	await panel.close();
	await expectIcon(editor.node('VideoSDK Trigger'), /\/videosdk\.svg$/);
});

test('the node is found among the tools of an AI agent', async ({ account, editor }) => {
	const agent = node('Agent', '@n8n/n8n-nodes-langchain.agent', {}, { typeVersion: 2.2 });
	await editor.open(await account.save(flow('Search for a tool', manual, agent)));

	await editor.node('Agent').getByTestId('canvas-handle-plus').last().click();
	await editor.nodesPanel.search('hang up');

	await expect(editor.nodesPanel.entries.first()).toContainText('VideoSDK Tool');
	await expectIcon(editor.nodesPanel.entries.first(), /\/videosdk\.svg$/);
});
