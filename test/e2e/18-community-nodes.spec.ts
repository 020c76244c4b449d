/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { find, withCredentials } from '../../dev/n8n/flow';
import type { SavedCredential, Workflow } from '../../dev/n8n/rest';
import { credentialOf } from '../../dev/videosdk-api';
import { expect, test } from './support/fixtures';
import { type FreshN8n, installInDialog, startFreshN8n } from './support/freshN8n';
import { post, webhookUrl } from './support/outside';
import { Editor } from './support/ui';

const NAME = 'n8n-nodes-videosdk';

/** Higher than any that the package will have. */
const NEXT = '999.0.0';

/** What the next version says of the node. */
const NEXT_DESCRIPTION = 'The next version';

test.describe.serial('Settings → Community nodes, with a registry', () => {
	test.setTimeout(120_000);

	let fresh: FreshN8n;
	let credential: SavedCredential;
	let workflow: Workflow;

	test.beforeAll(async ({ browser, world }) => {
		test.setTimeout(300_000);
		fresh = await startFreshN8n(browser, world);
	});

	test.afterAll(async () => await fresh?.stop());

	/** The page, as it is when it is opened. */
	async function openSettings() {
		await fresh.page.goto('/settings/community-nodes', { timeout: 60_000 });
		return fresh.page.getByTestId('community-package-card');
	}

	/** What is shown, beside what else the test leaves in `.tmp/e2e/`. */
	async function picture(name: string) {
		await fresh.page.screenshot({
			path: test.info().outputPath(`${name}.png`),
			animations: 'disabled',
		});
	}

	async function install() {
		await installInDialog(fresh.page, NAME, async () => await picture('install'));
		const card = fresh.page.getByTestId('community-package-card');
		await expect(card).toContainText(NAME);
		return card;
	}

	/** What the installed version says of the node. */
	async function descriptionOfNode() {
		const node = { name: `${NAME}.videoSdk`, version: 1 };
		const [type] = await fresh.rest.call<Array<{ description: string }>>(
			'POST',
			'/rest/node-types',
			{
				nodeInfos: [node],
			},
		);
		return type?.description;
	}

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
		expect(find(workflow, 'End session').credentials?.videoSdkApi?.id).toBe(credential.id);
		const saved = await fresh.rest.call<SavedCredential[]>('GET', '/rest/credentials');
		expect(saved.map(({ id, type }) => ({ id, type }))).toEqual([
			{ id: credential.id, type: 'videoSdkApi' },
		]);
	}

	test('Community nodes installs the package, and its node works without a restart', async ({
		world,
	}) => {
		const { version } = JSON.parse(
			await readFile(join(fresh.packed.folder, 'package.json'), 'utf8'),
		) as {
			version: string;
		};
		await openSettings();

		const card = await install();

		await expect(card).toContainText(`v${version}`);
		await expect(card.getByRole('button', { name: 'Update' })).toHaveCount(0);
		await picture('installed');
		credential = await fresh.rest.createCredential(
			'VideoSDK',
			'videoSdkApi',
			credentialOf(fresh.api),
		);
		const example = await world.example('end-session-from-webhook');
		workflow = await fresh.rest.createWorkflow(withCredentials(example, credential));
		await fresh.rest.activate(workflow);
		await endsSession();
	});

	test('Community nodes updates the package, and the workflow uses the new version', async () => {
		const manifest = join(fresh.packed.folder, 'package.json');
		const published = JSON.parse(await readFile(manifest, 'utf8')) as object;
		await writeFile(manifest, JSON.stringify({ ...published, version: NEXT }));
		const node = join(fresh.packed.folder, 'dist/nodes/VideoSdk/VideoSdk.node.js');
		const before = (await descriptionOfNode()) ?? '';
		const code = await readFile(node, 'utf8');
		await writeFile(node, code.replace(before, NEXT_DESCRIPTION));
		await fresh.registry.publish(fresh.packed.folder);

		const card = await openSettings();
		await card.getByRole('button', { name: 'Update' }).click();
		const dialog = fresh.page.getByRole('dialog');
		await expect(dialog).toContainText(workflow.name);
		await picture('update');
		await dialog.getByRole('button', { name: 'Confirm update' }).click();

		await expect(dialog).toBeHidden({ timeout: 60_000 });
		await expect(card).toContainText(`v${NEXT}`);
		await picture('updated');
		expect(await descriptionOfNode()).toBe(NEXT_DESCRIPTION);
		await expectKept();
		await endsSession();
	});

	test('Community nodes removes the package, but keeps the workflow and credential', async () => {
		const card = await openSettings();
		await card.getByRole('button').last().click();
		await fresh.page.getByText('Uninstall package').click();
		const dialog = fresh.page.getByRole('dialog');
		await expect(dialog).toContainText(workflow.name);
		await picture('remove');
		await dialog.getByRole('button', { name: 'Confirm uninstall' }).click();

		await expect(dialog).toBeHidden({ timeout: 60_000 });
		await expect(card).toHaveCount(0);
		await picture('removed');
		await expect(descriptionOfNode()).rejects.toThrow('Unrecognized node type');
		await expectKept();
		const editor = new Editor(fresh.page, fresh.rest);
		// Not by way of the overview: n8n no longer knows which fields of the credential are secret, and
		// gives the overview all of them.
		await fresh.page.goto('about:blank');
		await editor.open(workflow);
		await expect(editor.node('End session')).toBeVisible();
		await picture('workflow-without');
	});
});
