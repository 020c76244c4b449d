/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { checkout } from '../../dev/n8n/packed';
import { expect, test } from './support/fixtures';
import { installInDialog, startFreshN8n } from './support/freshN8n';
import { CredentialDialog, Editor } from './support/ui';

/** Opens what is added with the "+" at the top left. */
async function add(page: Page, what: string): Promise<void> {
	await page.getByTestId('universal-add').click();
	await page.getByText(what, { exact: true }).click();
}

// README, "First success in five steps", by mouse and to the letter. Only the Base URL is another,
// since VideoSDK is a stand-in.
test('the five steps of the README end a session', async ({ browser, world }) => {
	test.setTimeout(300_000);
	const fresh = await startFreshN8n(browser, world);
	try {
		const { page, api } = fresh;
		api.set({ startTakesMs: 500 });
		api.addDeployment({ name: 'Support line' });
		await page.goto('/', { timeout: 60_000 });
		const started = Date.now();

		await test.step('1. Install the node', async () => {
			await page.getByTestId('main-sidebar-settings').click();
			await page.getByText('Community nodes', { exact: true }).click();
			await installInDialog(page, 'n8n-nodes-videosdk');
		});

		await test.step('2. Add your credential', async () => {
			await page.getByTestId('settings-back').click();
			await add(page, 'New credential');
			await page.getByTestId('new-credential-type-select').locator('input').fill('VideoSDK API');
			await page.getByRole('option', { name: 'VideoSDK API' }).click();
			await page.getByRole('button', { name: 'Continue' }).click();
			const credential = new CredentialDialog(page);
			const { apiKey, secret: secretKey, url: baseUrl } = api;
			await credential.fill({ apiKey, secretKey, baseUrl });
			await credential.save();
			await expect(credential.dialog).toContainText('Connection tested successfully');
			await credential.close();
		});

		const editor = new Editor(page, fresh.rest);
		await test.step('3. Import the example', async () => {
			await add(page, 'New workflow');
			await page.getByTestId('workflow-menu').click();
			await page.getByText('Import', { exact: true }).hover();
			const chooser = page.waitForEvent('filechooser');
			await page.getByText('From file', { exact: true }).click();
			await (await chooser).setFiles(join(checkout, 'examples', 'start-wait-end.json'));
			await expect(editor.node('End session')).toBeVisible();
		});

		await test.step('4. Run it', async () => {
			const start = await editor.openNode('Start session');
			await start.pick('deploymentId', 'Support line');
			await start.close();
			const wait = await editor.openNode('Wait');
			await wait.fill('amount', '10');
			await wait.choose('unit', 'Seconds');
			await wait.close();
			const { status } = await editor.run();
			expect(status).toBe('success');
		});

		await test.step('5. See the session end', async () => {
			const end = await editor.openNode('End session');
			const [session] = await end.rows();
			expect(session).toMatchObject({ status: 'completed', end: expect.stringMatching(/^20/) });
			expect(Number(session?.duration)).toBeGreaterThanOrEqual(9);
		});
		test
			.info()
			.annotations.push({ type: 'seconds', description: String((Date.now() - started) / 1000) });
		expect(api.stats.endings.size).toBe(1);
	} finally {
		await fresh.stop();
	}
});
