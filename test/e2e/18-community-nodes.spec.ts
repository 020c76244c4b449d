/* eslint-disable @n8n/community-nodes/no-restricted-imports, no-console -- runs in Node beside the tests, never inside n8n */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import getPort from 'get-port';
import { find, withCredentials } from '../../dev/n8n/flow';
import { N8nRest, type SavedCredential, type Workflow } from '../../dev/n8n/rest';
import { type RunningN8n, startN8n } from '../../dev/n8n/server';
import { type Registry, startRegistry } from '../../dev/registry';
import { credentialOf, startVideoSdkApi, type VideoSdkApi } from '../../dev/videosdk-api';
import { type PackedPackage, pack } from '../support/pack';
import { expect, signIn, test } from './support/fixtures';
import { post, webhookUrl } from './support/outside';
import { Editor } from './support/ui';

const NAME = 'n8n-nodes-videosdk';

/** Higher than any that the package will have. */
const NEXT = '999.0.0';

/** What the next version says of the node. */
const NEXT_DESCRIPTION = 'The next version';

test.describe.serial('Settings → Community nodes, with a registry', () => {
	test.setTimeout(120_000);

	const undo: Array<() => Promise<unknown>> = [];
	let api: VideoSdkApi;
	let registry: Registry;
	let packed: PackedPackage;
	let n8n: RunningN8n;
	let rest: N8nRest;
	let page: Page;
	let credential: SavedCredential;
	let workflow: Workflow;

	test.beforeAll(async ({ browser, world }) => {
		test.setTimeout(300_000);
		api = await startVideoSdkApi();
		undo.push(async () => await api.close());
		registry = await startRegistry(console.log);
		undo.push(registry.close);
		packed = await pack();
		undo.push(packed.remove);
		await registry.publish(packed.tarball);

		const home = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-community-'));
		undo.push(async () => await rm(home, { recursive: true, force: true, maxRetries: 3 }));
		await registry.writeNpm(join(home, 'bin'));
		const port = await getPort({ host: '127.0.0.1' });
		n8n = await startN8n({ n8n: world.installed, home, port });
		undo.push(n8n.stop);
		rest = new N8nRest(n8n.url);
		await rest.setUpOwner();

		const context = await browser.newContext({ baseURL: n8n.url });
		undo.push(async () => await context.close());
		await signIn(context, { ...world, n8n, rest });
		page = await context.newPage();
	});

	test.afterAll(async () => {
		for (const step of undo.splice(0).reverse()) await step();
	});

	/** The page, as it is when it is opened. */
	async function openSettings() {
		await page.goto('/settings/community-nodes', { timeout: 60_000 });
		return page.getByTestId('community-package-card');
	}

	/** What is shown, beside what else the test leaves in `.tmp/e2e/`. */
	async function picture(name: string) {
		await page.screenshot({ path: test.info().outputPath(`${name}.png`), animations: 'disabled' });
	}

	async function install() {
		await page.getByRole('button', { name: 'Install a community node' }).click();
		const dialog = page.getByRole('dialog');
		await dialog.getByRole('textbox').fill(NAME);
		await dialog.getByTestId('user-agreement-checkbox').click();
		await picture('install');
		await dialog.getByTestId('install-community-package-button').click();
		await expect(dialog).toBeHidden({ timeout: 60_000 });
		const card = page.getByTestId('community-package-card');
		await expect(card).toContainText(NAME);
		return card;
	}

	/** What the installed version says of the node. */
	async function descriptionOfNode() {
		const node = { name: `${NAME}.videoSdk`, version: 1 };
		const [type] = await rest.call<Array<{ description: string }>>('POST', '/rest/node-types', {
			nodeInfos: [node],
		});
		return type?.description;
	}

	/** Calls the workflow, which ends a session with the saved credential. */
	async function endsSession() {
		const { sessionId } = api.addSession();
		const answer = await post(webhookUrl(n8n, find(workflow, 'Webhook')), { sessionId });
		expect(JSON.parse(answer.text)).toMatchObject({ sessionId, status: 'completed' });
		expect(api.stats.endings.get(sessionId)).toBe(1);
	}

	/** The workflow and the credential as they were saved, with the secret in it. */
	async function expectKept() {
		const { nodes } = await rest.call<Workflow>('GET', `/rest/workflows/${workflow.id}`);
		expect(nodes).toEqual(workflow.nodes);
		expect(find(workflow, 'End session').credentials?.videoSdkApi?.id).toBe(credential.id);
		const saved = await rest.call<SavedCredential[]>('GET', '/rest/credentials');
		expect(saved.map(({ id, type }) => ({ id, type }))).toEqual([
			{ id: credential.id, type: 'videoSdkApi' },
		]);
	}

	test('installs the package, and its node works without a restart', async ({ world }) => {
		const { version } = JSON.parse(await readFile(join(packed.folder, 'package.json'), 'utf8')) as {
			version: string;
		};
		await openSettings();

		const card = await install();

		await expect(card).toContainText(`v${version}`);
		await expect(card.getByRole('button', { name: 'Update' })).toHaveCount(0);
		await picture('installed');
		credential = await rest.createCredential('VideoSDK', 'videoSdkApi', credentialOf(api));
		const example = await world.example('end-session-from-webhook');
		workflow = await rest.createWorkflow(withCredentials(example, credential));
		await rest.activate(workflow);
		await endsSession();
	});

	test('updates it, and the workflow goes on with the new version', async () => {
		const manifest = join(packed.folder, 'package.json');
		const published = JSON.parse(await readFile(manifest, 'utf8')) as object;
		await writeFile(manifest, JSON.stringify({ ...published, version: NEXT }));
		const node = join(packed.folder, 'dist/nodes/VideoSdk/VideoSdk.node.js');
		const before = (await descriptionOfNode()) ?? '';
		const code = await readFile(node, 'utf8');
		await writeFile(node, code.replace(before, NEXT_DESCRIPTION));
		await registry.publish(packed.folder);

		const card = await openSettings();
		await card.getByRole('button', { name: 'Update' }).click();
		const dialog = page.getByRole('dialog');
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

	test('removes it, and the workflow and the credential stay', async () => {
		const card = await openSettings();
		await card.getByRole('button').last().click();
		await page.getByText('Uninstall package').click();
		const dialog = page.getByRole('dialog');
		await expect(dialog).toContainText(workflow.name);
		await picture('remove');
		await dialog.getByRole('button', { name: 'Confirm uninstall' }).click();

		await expect(dialog).toBeHidden({ timeout: 60_000 });
		await expect(card).toHaveCount(0);
		await picture('removed');
		await expect(descriptionOfNode()).rejects.toThrow('Unrecognized node type');
		await expectKept();
		const editor = new Editor(page, rest);
		await editor.open(workflow);
		await expect(editor.node('End session')).toBeVisible();
		await picture('workflow-without');
	});
});
