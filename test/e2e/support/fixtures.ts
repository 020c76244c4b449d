/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test as base, type BrowserContext } from '@playwright/test';
import { withCredentials } from '../../../dev/n8n/flow';
import { prepareN8n, type InstalledN8n } from '../../../dev/n8n/install';
import { checkout } from '../../../dev/n8n/packed';
import type { SavedCredential, Workflow, WorkflowFile } from '../../../dev/n8n/rest';
import { credentialOf } from '../../../dev/videosdk-api';
import { pack } from '../../support/pack';
import { n8n3Defaults } from './n8n3';
import { type OwnN8n, startOwnN8n, type Undo, undoAll } from './ownN8n';
import { Traffic } from './traffic';
import { Editor } from './ui';

/** A real n8n with the packed package in it, and the fake VideoSDK. */
export interface World extends OwnN8n {
	installed: InstalledN8n;
	/** The packed package. */
	tarball: string;
	/** For the fake API. */
	credential: SavedCredential;
	/** Of all pages that are signed in. */
	traffic: Traffic;
	/** Saves a workflow, with the credential in each of our nodes. */
	save(workflow: WorkflowFile): Promise<Workflow>;
	/** Reads a workflow of examples/ by its name without `.json`. */
	example(name: string): Promise<WorkflowFile>;
}

/** The folder of the n8n that `npm run test:compat` names, if it is not the newest. */
function olderN8n(): string | undefined {
	const { N8N_VERSION } = process.env;
	return N8N_VERSION && join(checkout, 'test', 'compat', N8N_VERSION);
}

async function createWorld(undo: Undo): Promise<World> {
	// eslint-disable-next-line no-console -- the first time this takes minutes
	const installed = await prepareN8n(console.log, undefined, olderN8n());
	const { tarball, remove } = await pack();
	undo.push(remove);
	const own = await startOwnN8n(installed, undo, { tarball, env: n8n3Defaults });
	const { api, rest } = own;
	const credential = await rest.createCredential('VideoSDK', 'videoSdkApi', credentialOf(api));
	return {
		...own,
		installed,
		tarball,
		credential,
		traffic: new Traffic(),
		save: async (workflow) => await rest.createWorkflow(withCredentials(workflow, credential)),
		example: async (file) =>
			JSON.parse(
				await readFile(join(checkout, 'examples', `${file}.json`), 'utf8'),
			) as WorkflowFile,
	};
}

/** Lets the pages of a context be the owner's, and writes down what goes in and out of them. */
export async function signIn(
	context: BrowserContext,
	{ rest, n8n, traffic }: Pick<World, 'rest' | 'n8n' | 'traffic'>,
): Promise<void> {
	traffic.watch(context);
	const [name = '', value = ''] = rest.cookie.split('=');
	await context.addCookies([{ name, value, url: n8n.url }]);
}

/** Playwright's `test`, with one world for all files and pages that are signed in to its n8n. */
export const test = base.extend<object, { world: World; editor: Editor }>({
	world: [
		// Playwright reads the names of the fixtures that one needs from its first parameter.
		// eslint-disable-next-line no-empty-pattern
		async ({}, use) => {
			const undo: Undo = [];
			try {
				await use(await createWorld(undo));
			} finally {
				await undoAll(undo);
			}
		},
		{ scope: 'worker', timeout: 900_000 },
	],
	editor: [
		async ({ browser, world }, use) => {
			const context = await browser.newContext({
				baseURL: world.n8n.url,
				viewport: { width: 1440, height: 900 },
			});
			await signIn(context, world);
			await use(new Editor(await context.newPage(), world.rest));
			await context.close();
		},
		{ scope: 'worker' },
	],
	context: async ({ context, world }, use) => {
		await signIn(context, world);
		await use(context);
		// While its answers can still be read.
		await world.traffic.settled();
	},
	baseURL: async ({ world }, use) => await use(world.n8n.url),
});

export { expect } from '@playwright/test';
