/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import type { InstalledN8n } from '../../../dev/n8n/install';
import { N8nRest } from '../../../dev/n8n/rest';
import { type RunningN8n, startN8n, type StartOptions } from '../../../dev/n8n/server';
import { startVideoSdkApi, type VideoSdkApi } from '../../../dev/videosdk-api';

/** What undoes each step that was taken, in their order. */
export type Undo = Array<() => Promise<unknown>>;

/** Undoes all steps, the latest first. */
export async function undoAll(undo: Undo): Promise<void> {
	for (const step of undo.splice(0).reverse()) await step();
}

/** An n8n with a folder of its own, and a fake VideoSDK. */
export interface OwnN8n {
	api: VideoSdkApi;
	/** The folder that this n8n keeps everything in. */
	home: string;
	n8n: RunningN8n;
	/** Signed in as the owner. */
	rest: N8nRest;
	/** Starts it once more, with the same settings, after it was stopped. */
	startAgain(): Promise<void>;
}

/**
 * Starts a new n8n and a fake VideoSDK.
 *
 * @param undo takes what stops them and deletes what they wrote
 */
export async function startOwnN8n(
	installed: InstalledN8n,
	undo: Undo,
	more: Pick<StartOptions, 'tarball' | 'env'> = {},
): Promise<OwnN8n> {
	const home = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-e2e-'));
	undo.push(async () => await rm(home, { recursive: true, force: true, maxRetries: 3 }));
	const api = await startVideoSdkApi();
	undo.push(async () => await api.close());
	const port = await getPort({ host: '127.0.0.1' });
	const start = async () => {
		const n8n = await startN8n({ n8n: installed, home, port, ...more });
		undo.push(n8n.stop);
		return n8n;
	};
	const n8n = await start();
	const rest = new N8nRest(n8n.url);
	await rest.setUpOwner();
	const startAgain = async () => void (await start());
	return { api, home, n8n, rest, startAgain };
}
