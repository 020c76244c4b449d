/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { find, withCredentials } from '../../dev/n8n/flow';
import { checkout } from '../../dev/n8n/packed';
import type { SavedCredential, Workflow } from '../../dev/n8n/rest';
import { expect, test } from './support/fixtures';
import { type FreshN8n, startFreshN8n } from './support/freshN8n';
import { post, webhookUrl } from './support/outside';
import { type Undo, undoAll } from './support/ownN8n';
import { Film } from './support/pictures';
import { CredentialDialog, Editor } from './support/ui';

const NAME = 'n8n-nodes-videosdk';

/** Higher than any version that the package will have. */
const NEXT = '999.0.0';

/** What the next version says of the node. */
const NEXT_DESCRIPTION = 'The next version';

test.describe.serial('a new n8n with a registry', () => {
	test.setTimeout(300_000);
	const undo: Undo = [];
	let fresh: FreshN8n;

	test.beforeAll(async ({ browser, world }) => {
		test.setTimeout(300_000);
		fresh = await startFreshN8n(browser, world, undo);
	});

	test.afterAll(async () => await undoAll(undo));

	// README, "Get started in five steps", by mouse and to the letter. Only the Base URL is another,
	// since VideoSDK is a fake API. With PICTURES=1 it makes the film that the README shows.
	test('the five steps of the README end a session', async () => {
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
			const installNode = page.getByRole('button', { name: 'Install a community node' });
			await film.before(installNode);
			await installNode.click();
			const dialog = page.getByRole('dialog');
			const install = dialog.getByTestId('install-community-package-button');
			await dialog.getByRole('textbox').fill(NAME);
			await dialog.getByTestId('user-agreement-checkbox').click();
			await film.before(install, 2.5);
			await install.click();
			await expect(dialog).toBeHidden({ timeout: 60_000 });
			const card = page.getByTestId('community-package-card');
			await expect(card).toContainText(NAME);
			await expect(card.getByRole('button', { name: 'Update' })).toHaveCount(0);
			await film.once(card);
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
	});

	/** The package in Settings → Community nodes, beside what n8n shows while it reads the list. */
	const packageCard = () =>
		fresh.page.getByTestId('community-package-card').filter({ hasText: NAME });

	/** What the installed version says of the node. */
	async function descriptionOfNode() {
		const nodeInfos = [{ name: `${NAME}.videoSdk`, version: 1 }];
		const [type] = await fresh.rest.call<Array<{ description: string }>>(
			'POST',
			'/rest/node-types',
			{ nodeInfos },
		);
		return type?.description;
	}

	let credential: SavedCredential | undefined;
	let workflow: Workflow;

	/** Calls the workflow, which ends a session with the saved credential. */
	async function endsSession() {
		const { sessionId } = fresh.api.sessions.add();
		const answer = await post(webhookUrl(fresh.n8n, find(workflow, 'Webhook')), { sessionId });
		expect(JSON.parse(answer.text)).toMatchObject({ sessionId, status: 'completed' });
		expect(fresh.api.stats.endings.get(sessionId)).toBe(1);
	}

	/** The workflow and the credential as they were saved, with the secret in it. */
	async function expectKept() {
		const { nodes } = await fresh.rest.call<Workflow>('GET', `/rest/workflows/${workflow.id}`);
		expect(nodes).toEqual(workflow.nodes);
		expect(find(workflow, 'End session').credentials?.videoSdkApi?.id).toBe(credential?.id);
		const saved = await fresh.rest.call<SavedCredential[]>('GET', '/rest/credentials');
		expect(saved.map(({ id, type }) => ({ id, type }))).toEqual([
			{ id: credential?.id, type: 'videoSdkApi' },
		]);
	}

	test('Community nodes updates the package, and the workflow uses the new version', async ({
		world,
	}) => {
		[credential] = await fresh.rest.call<SavedCredential[]>('GET', '/rest/credentials');
		if (!credential) throw new Error('The credential of the five steps is missing.');
		const example = await world.example('end-session-from-webhook');
		workflow = await fresh.rest.createWorkflow(withCredentials(example, credential));
		await fresh.rest.activate(workflow);
		await endsSession();
		const manifest = join(fresh.packed.folder, 'package.json');
		const published = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
		await writeFile(manifest, JSON.stringify({ ...published, version: NEXT }));
		const node = join(fresh.packed.folder, 'dist/nodes/VideoSdk/VideoSdk.node.js');
		const before = (await descriptionOfNode()) ?? '';
		const code = await readFile(node, 'utf8');
		await writeFile(node, code.replace(before, NEXT_DESCRIPTION));
		await fresh.registry.publish(fresh.packed.folder);

		await fresh.page.goto('/settings/community-nodes', { timeout: 60_000 });
		const card = packageCard();
		await expect(card).toContainText(`v${published.version}`);
		await card.getByRole('button', { name: 'Update' }).click();
		const dialog = fresh.page.getByRole('dialog');
		await expect(dialog).toContainText(workflow.name);
		await dialog.getByRole('button', { name: 'Confirm update' }).click();

		await expect(dialog).toBeHidden({ timeout: 60_000 });
		await expect(card).toContainText(`v${NEXT}`);
		expect(await descriptionOfNode()).toBe(NEXT_DESCRIPTION);
		await expectKept();
		await endsSession();
	});

	test('Community nodes removes the package, but keeps the workflow and credential', async () => {
		const card = packageCard();
		await card.getByRole('button').last().click();
		await fresh.page.getByText('Uninstall package').click();
		const dialog = fresh.page.getByRole('dialog');
		await expect(dialog).toContainText(workflow.name);
		await dialog.getByRole('button', { name: 'Confirm uninstall' }).click();

		await expect(dialog).toBeHidden({ timeout: 60_000 });
		await expect(card).toHaveCount(0);
		await expect(descriptionOfNode()).rejects.toThrow('Unrecognized node type');
		await expectKept();
		const editor = new Editor(fresh.page, fresh.rest);
		// Not by way of the overview: n8n no longer knows which fields of the credential are secret, and
		// gives the overview all of them.
		await fresh.page.goto('about:blank');
		await editor.open(workflow);
		await expect(editor.node('End session')).toBeVisible();
	});
});
