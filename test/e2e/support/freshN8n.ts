/* eslint-disable @n8n/community-nodes/no-restricted-imports, no-console -- runs in Node beside the tests, never inside n8n */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import getPort from 'get-port';
import { N8nRest } from '../../../dev/n8n/rest';
import { type RunningN8n, startN8n } from '../../../dev/n8n/server';
import { type Registry, startRegistry } from '../../../dev/registry';
import { startVideoSdkApi, type VideoSdkApi } from '../../../dev/videosdk-api';
import { type PackedPackage, pack } from '../../support/pack';
import { expect, signIn, type World } from './fixtures';

/** A new n8n without the package, which finds it in a registry. */
export interface FreshN8n {
	n8n: RunningN8n;
	/** Signed in as the owner. */
	rest: N8nRest;
	/** A page of the owner. */
	page: Page;
	registry: Registry;
	/** What was published to the registry. */
	packed: PackedPackage;
	api: VideoSdkApi;
	/** Stops all of it, and deletes what it wrote. */
	stop(): Promise<void>;
}

/**
 * Starts a new n8n, a registry with the packed package, and a fake VideoSDK.
 *
 * @throws Error when one of them does not start; nothing is left of the others then
 */
export async function startFreshN8n(browser: Browser, world: World): Promise<FreshN8n> {
	const undo: Array<() => Promise<unknown>> = [];
	const stop = async () => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	try {
		const api = await startVideoSdkApi();
		undo.push(async () => await api.close());
		const registry = await startRegistry(console.log);
		undo.push(registry.close);
		const packed = await pack();
		undo.push(packed.remove);
		await registry.publish(packed.tarball);

		const home = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-fresh-'));
		undo.push(async () => await rm(home, { recursive: true, force: true, maxRetries: 3 }));
		await registry.writeNpm(join(home, 'bin'));
		const port = await getPort({ host: '127.0.0.1' });
		const n8n = await startN8n({ n8n: world.installed, home, port });
		undo.push(n8n.stop);
		const rest = new N8nRest(n8n.url);
		await rest.setUpOwner();

		const context = await browser.newContext({
			baseURL: n8n.url,
			viewport: { width: 1440, height: 900 },
		});
		undo.push(async () => await context.close());
		await signIn(context, { ...world, n8n, rest });
		return { n8n, rest, page: await context.newPage(), registry, packed, api, stop };
	} catch (error) {
		await stop();
		return await Promise.reject(error);
	}
}

/**
 * Installs a package with the button of Settings → Community nodes, where nothing is installed yet.
 *
 * @param name of the package
 * @param look is called when the dialog is filled in
 */
export async function installInDialog(
	page: Page,
	name: string,
	look?: () => Promise<void>,
): Promise<void> {
	await page.getByRole('button', { name: 'Install a community node' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('textbox').fill(name);
	await dialog.getByTestId('user-agreement-checkbox').click();
	await look?.();
	await dialog.getByTestId('install-community-package-button').click();
	await expect(dialog).toBeHidden({ timeout: 60_000 });
}
