/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { N8nRest, type SavedCredential } from '../../../dev/n8n/rest';
import { type RunningN8n, startN8n } from '../../../dev/n8n/server';
import { credentialOf, startVideoSdkApi, type VideoSdkApi } from '../../../dev/videosdk-api';
import type { World } from './fixtures';
import { n8n3Defaults } from './n8n3';
import type { Undo } from './ownN8n';
import { type Postgres, startPostgres } from './postgres';
import { startRedis } from './redis';

/** An n8n of several processes, with a fake VideoSDK. */
export interface QueueMode {
	/** The folder that all of them share. */
	home: string;
	main: RunningN8n;
	workers: RunningN8n[];
	/** Takes webhooks, as the main process does too. */
	webhookProcess: RunningN8n;
	/** Signed in as the owner. */
	rest: N8nRest;
	postgres: Postgres;
	api: VideoSdkApi;
	/** For the fake API. */
	credential: SavedCredential;
}

/**
 * Starts n8n in queue mode, a main process, a webhook process and workers, with a Redis and a
 * PostgreSQL of its own.
 *
 * @param undo takes what stops all of it and deletes what it wrote
 */
export async function startQueueMode(
	world: World,
	workerCount: number,
	undo: Undo,
): Promise<QueueMode> {
	const home = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-queue-'));
	undo.push(async () => await rm(home, { recursive: true, force: true, maxRetries: 3 }));
	const api = await startVideoSdkApi({ delayMs: 50 });
	undo.push(async () => await api.close());
	await mkdir(join(home, 'redis'));
	const redis = await startRedis(join(home, 'redis'));
	undo.push(redis.stop);
	// n8n does not refuse SQLite here, but its processes lock each other out: SQLITE_BUSY.
	const postgres = await startPostgres();
	undo.push(postgres.stop);

	const port = await getPort({ host: '127.0.0.1' });
	const env = {
		...n8n3Defaults,
		...postgres.env,
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redis.port),
		// What a worker takes for the address of n8n, which is that of the main process.
		WEBHOOK_URL: `http://127.0.0.1:${port}/`,
		N8N_WEBHOOK_URL: `http://127.0.0.1:${port}/`,
	};
	const start = async (more: { tarball?: string; args?: string[]; port: number }) => {
		const started = await startN8n({ n8n: world.installed, home, env, ...more });
		undo.push(started.stop);
		return started;
	};
	const main = await start({ tarball: world.tarball, port });
	const startMore = async (what: 'worker' | 'webhook') =>
		await start({ args: [what], port: await getPort({ host: '127.0.0.1' }) });
	const [webhookProcess, ...workers] = await Promise.all([
		startMore('webhook'),
		...Array.from({ length: workerCount }, async () => await startMore('worker')),
	]);
	const rest = new N8nRest(main.url);
	await rest.setUpOwner();
	const credential = await rest.createCredential('VideoSDK', 'videoSdkApi', credentialOf(api));
	return { home, main, webhookProcess, workers, rest, postgres, api, credential };
}
