/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type BrowserContext } from '@playwright/test';
import getPort from 'get-port';
import { withCredentials } from '../../../dev/n8n/flow';
import { prepareN8n, type InstalledN8n } from '../../../dev/n8n/install';
import { checkout } from '../../../dev/n8n/packed';
import {
	N8nRest,
	type SavedCredential,
	type Workflow,
	type WorkflowFile,
} from '../../../dev/n8n/rest';
import { startN8n, type RunningN8n } from '../../../dev/n8n/server';
import { startVideoSdkApi, type VideoSdkApi, credentialOf } from '../../../dev/videosdk-api';
import { pack } from '../../support/pack';
import { n8n3Defaults } from './n8n3';
import { Traffic } from './traffic';
import { Editor } from './ui';

/** A real n8n with the packed package in it, and the fake VideoSDK. */
export interface World {
	api: VideoSdkApi;
	installed: InstalledN8n;
	/** The packed package. */
	tarball: string;
	/** The folder that this n8n keeps everything in. */
	home: string;
	n8n: RunningN8n;
	/** Signed in as the owner. */
	rest: N8nRest;
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

async function createWorld(undo: Array<() => Promise<void>>): Promise<World> {
	// eslint-disable-next-line no-console -- the first time this takes minutes
	const installed = await prepareN8n(console.log, undefined, olderN8n());
	const packed = await pack();
	undo.push(packed.remove);
	const home = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-e2e-'));
	undo.push(async () => await rm(home, { recursive: true, force: true, maxRetries: 3 }));
	const api = await startVideoSdkApi();
	undo.push(async () => await api.close());
	const { tarball } = packed;
	const n8n = await startN8n({
		n8n: installed,
		home,
		port: await getPort({ host: '127.0.0.1' }),
		tarball,
		env: n8n3Defaults,
	});
	undo.push(n8n.stop);
	const rest = new N8nRest(n8n.url);
	await rest.setUpOwner();
	const credential = await rest.createCredential('VideoSDK', 'videoSdkApi', credentialOf(api));
	return {
		api,
		installed,
		tarball,
		home,
		n8n,
		rest,
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
			const undo: Array<() => Promise<void>> = [];
			try {
				await use(await createWorld(undo));
			} finally {
				for (const step of undo.reverse()) await step();
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
