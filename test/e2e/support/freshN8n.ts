/* eslint-disable @n8n/community-nodes/no-restricted-imports, no-console -- runs in Node beside the tests, never inside n8n */
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { type Registry, startRegistry } from '../../../dev/registry';
import { type PackedPackage, pack } from '../../support/pack';
import { signIn, type World } from './fixtures';
import { type OwnN8n, startOwnN8n, type Undo } from './ownN8n';

/** A new n8n without the package, which finds it in a registry. */
export interface FreshN8n extends OwnN8n {
	/** A page of the owner. */
	page: Page;
	registry: Registry;
	/** What was published to the registry. */
	packed: PackedPackage;
}

/**
 * Starts a new n8n, a registry with the packed package, and a fake VideoSDK.
 *
 * @param undo takes what stops all of it and deletes what it wrote
 */
export async function startFreshN8n(browser: Browser, world: World, undo: Undo): Promise<FreshN8n> {
	const registry = await startRegistry(console.log);
	undo.push(registry.close);
	const packed = await pack();
	undo.push(packed.remove);
	await registry.publish(packed.tarball);

	const own = await startOwnN8n(world.installed, undo);
	await registry.writeNpm(join(own.home, 'bin'));
	const context = await browser.newContext({
		baseURL: own.n8n.url,
		viewport: { width: 1440, height: 900 },
	});
	undo.push(async () => await context.close());
	await signIn(context, { ...world, ...own });
	return { ...own, page: await context.newPage(), registry, packed };
}
