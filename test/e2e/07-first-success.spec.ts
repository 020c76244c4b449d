/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { join } from 'node:path';
import { checkout } from '../../dev/n8n/packed';
import { expect, test } from './support/fixtures';
import { installInDialog, startFreshN8n } from './support/freshN8n';
import { Film } from './support/pictures';
import { CredentialDialog, Editor } from './support/ui';

// README, "Get started in five steps", by mouse and to the letter. Only the Base URL is another,
// since VideoSDK is a fake API. With PICTURES=1 it makes the film that the README shows.
test('the five steps of the README end a session', async ({ browser, world }) => {
	test.setTimeout(300_000);
	const fresh = await startFreshN8n(browser, world);
	try {
		const { page, api } = fresh;
		const film = await Film.of(page);
		const step = async (title: string, body: () => Promise<void>) => {
			film.caption = title;
			await test.step(title, body);
		};
		/** Opens what is added with the "+" at the top left. */
		const add = async (what: string) => {
			await page.getByTestId('universal-add').click();
			const entry = page.getByText(what, { exact: true });
			await film.before(entry);
			await entry.click();
		};
		api.set({ startTakesMs: 500 });
		api.deployments.add({ name: 'Support line' });
		await page.goto('/', { timeout: 60_000 });
		const started = Date.now();

		await step('1. Install the node', async () => {
			const settings = page.getByTestId('main-sidebar-settings');
			await film.before(settings);
			await settings.click();
			await page.getByText('Community nodes', { exact: true }).click();
			await film.before(page.getByRole('button', { name: 'Install a community node' }));
			await installInDialog(page, 'n8n-nodes-videosdk', async () => {
				await film.before(page.getByTestId('install-community-package-button'), 2.5);
			});
			await film.once(page.getByTestId('community-package-card'));
		});

		await step('2. Add your credential', async () => {
			await page.getByTestId('settings-back').click();
			await add('New credential');
			await page.getByTestId('new-credential-type-select').locator('input').fill('VideoSDK API');
			await page.getByRole('option', { name: 'VideoSDK API' }).click();
			const next = page.getByRole('button', { name: 'Continue' });
			await film.before(next);
			await next.click();
			const credential = new CredentialDialog(page);
			const { apiKey, secret: secretKey, url: baseUrl } = api;
			await credential.fill({ apiKey, secretKey });
			await film.before(credential.dialog.getByTestId('credential-save-button'), 2.5);
			await credential.fill({ baseUrl });
			await credential.save();
			await expect(credential.dialog).toContainText('Connection tested successfully');
			await film.before(credential.closeButton, 2);
			await credential.close();
		});

		const editor = new Editor(page, fresh.rest);
		await step('3. Import the example', async () => {
			await add('New workflow');
			await page.getByTestId('workflow-menu').click();
			await page.getByText('Import', { exact: true }).hover();
			const chooser = page.waitForEvent('filechooser');
			const fromFile = page.getByText('From file', { exact: true });
			await film.before(fromFile);
			await fromFile.click();
			await (await chooser).setFiles(join(checkout, 'examples', 'start-wait-end.json'));
			await expect(editor.node('End session')).toBeVisible();
			await film.before(editor.node('Start session'), 2.5);
		});

		await step('4. Run it', async () => {
			const start = await editor.openNode('Start session');
			const rows = await start.openList('deploymentId');
			const row = rows.filter({ hasText: 'Support line · any version' });
			await film.before(row);
			await row.click();
			await film.once(start.field('deploymentId'));
			await start.close();
			const wait = await editor.openNode('Wait');
			await expect(wait.field('amount').locator('input')).toHaveValue(/^10(\.0+)?$/);
			await wait.choose('unit', 'Seconds');
			await film.once(wait.field('unit'));
			await wait.close();
			await film.before(page.getByTestId('execute-workflow-button'));
			const ticked = (name: string) => editor.node(name).getByTestId('canvas-node-status-success');
			const run = editor.run();
			await film.once(ticked('Start session'));
			const { status } = await run;
			expect(status).toBe('success');
			await film.once(ticked('End session'), 2.5);
		});

		await step('5. See the session end', async () => {
			const end = await editor.openNode('End session');
			const [session] = await end.rows();
			expect(session).toMatchObject({ status: 'completed', end: expect.stringMatching(/^20/) });
			expect(Number(session?.duration)).toBeGreaterThanOrEqual(9);
			await film.prepare(async () => await end.widenOutput());
			await film.once(end.output);
			await film.before(end.output.getByText('duration', { exact: true }), 3);
		});
		test
			.info()
			.annotations.push({ type: 'seconds', description: String((Date.now() - started) / 1000) });
		expect(api.stats.endings.size).toBe(1);
		await film.save('first-success');
	} finally {
		await fresh.stop();
	}
});
