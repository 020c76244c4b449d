/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error, @n8n/community-nodes/no-restricted-globals -- runs in Node on a developer's machine, never inside n8n */
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import type { InstalledN8n } from './install';
import { unpackInto, writeNpmStandIn, type PackageVersion } from './packed';
import { startGroup } from './processes';

/** How to start an n8n; see {@link startN8n}. */
export interface StartOptions {
	/** From `prepareN8n`. */
	n8n: InstalledN8n;
	/** The folder n8n keeps everything in (N8N_USER_FOLDER): database, key, packages, log. */
	home: string;
	/** Where it listens, on 127.0.0.1. */
	port: number;
	/**
	 * A packed package to install into `home` before the start. Not for a worker that shares the home of
	 * a running n8n.
	 */
	tarball?: string;
	/** Variables that are added to the environment, or replace those that are set here. */
	env?: NodeJS.ProcessEnv;
	/** n8n's arguments; `['worker']` or `['webhook']` for a process of queue mode. */
	args?: string[];
	/** How long the start may take, in milliseconds. */
	timeout?: number;
	/** Gives up a start that is in progress. */
	signal?: AbortSignal;
}

/** An n8n that was started here. */
export interface RunningN8n {
	/** Without a slash at the end. */
	url: string;
	pid: number;
	/** The log of n8n, of every start with this home. */
	logFile: string;
	/** What was installed from the tarball. */
	installed?: PackageVersion;
	/** Resolves with how it ended, in a few words, also if nobody stopped it. */
	ended: Promise<string>;
	/** Stops it and everything that it started, and waits for that. Can be called more than once. */
	stop(): Promise<void>;
}

/** Milliseconds that n8n gets to stop by itself. It usually takes 2 s. */
const GRACE = 15_000;

/** What n8n prints when it is ready: the editor, a worker, or a webhook process. */
const READY =
	/^(Editor is now accessible via:|n8n worker is now ready)|Webhook listener waiting for requests/m;

/**
 * Starts an n8n without telemetry and requests to n8n's servers, that listens only on loopback. Resolves
 * when its editor, or the worker, is ready.
 *
 * @throws Error when it ends before it is ready, or the time is over, with the end of its log
 */
export async function startN8n(options: StartOptions): Promise<RunningN8n> {
	const { n8n, home, port, tarball, args = ['start'], timeout = 120_000, signal } = options;
	signal?.throwIfAborted();
	await mkdir(home, { recursive: true });

	const bin = path.join(home, 'bin');
	const installed = tarball ? await unpackInto(home, tarball) : undefined;
	if (tarball && installed) await writeNpmStandIn(bin, tarball, installed);

	const logFile = path.join(home, `${args[0] ?? 'n8n'}-${port}.log`);
	const logStart = await stat(logFile).then(
		({ size }) => size,
		() => 0,
	);
	const log = openSync(logFile, 'a');
	const { child, ended, kill } = startGroup(n8n.node, [n8n.bin, ...args], {
		cwd: home,
		env: {
			...inherited(),
			...environment(n8n, home, port),
			N8N_RUNNERS_BROKER_PORT: String(await getPort({ host: '127.0.0.1' })),
			PATH: [bin, path.dirname(n8n.node), process.env.PATH].join(path.delimiter),
			...options.env,
		},
		stdio: ['ignore', log, log],
	});
	closeSync(log);
	if (child.pid === undefined) throw new Error(`n8n could not be started: ${await ended}`);

	const stop = async () => {
		child.kill('SIGTERM');
		await Promise.race([ended, sleep(GRACE, undefined, { ref: false })]);
		kill('SIGKILL');
		await ended;
	};

	const url = `http://127.0.0.1:${port}`;
	const running = { url, pid: child.pid, logFile, installed, ended, stop };
	try {
		await ready(running, logStart, timeout, signal);
	} catch (error) {
		await stop();
		throw error;
	}
	return running;
}

function environment({ bin }: InstalledN8n, home: string, port: number): NodeJS.ProcessEnv {
	return {
		// As in n8n's own images. Otherwise n8n runs in development mode, and browsers do not cache its
		// files.
		NODE_ENV: 'production',
		N8N_USER_FOLDER: home,
		N8N_PORT: String(port),
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_EDITOR_BASE_URL: `http://127.0.0.1:${port}/`,
		N8N_WEBHOOK_URL: `http://127.0.0.1:${port}/`,
		// Otherwise a browser refuses the cookie over http.
		N8N_SECURE_COOKIE: 'false',

		N8N_COMMUNITY_PACKAGES_ENABLED: 'true',
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',

		// Everything that would send requests to servers of n8n or others, at the start or in the editor.
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		...(hasModule(bin, 'mcp-registry') && { N8N_DISABLED_MODULES: 'mcp-registry' }),

		// Dialogs and banners that would cover the canvas.
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
	};
}

/** Whether n8n has a module. It does not start if one that it does not have is disabled. */
function hasModule(bin: string, name: string): boolean {
	return existsSync(path.join(path.dirname(bin), '..', 'dist', 'modules', name));
}

// Variables of npm, of a debugger and for a proxy are for the process of the caller, not for n8n. A proxy
// would also get requests to a fake API on this machine.
function inherited(): NodeJS.ProcessEnv {
	return Object.fromEntries(
		Object.entries(process.env).filter(
			([name]) => !/^(npm_|N8N_|NODE_OPTIONS$|(https?|all)_proxy$)/i.test(name),
		),
	);
}

async function ready(
	{ url, logFile, ended }: RunningN8n,
	logStart: number,
	timeout: number,
	signal?: AbortSignal,
): Promise<void> {
	let over = '';
	void ended.then((how) => (over = `n8n at ${url} was not ready: ${how}`));
	const deadline = Date.now() + timeout;

	for (;;) {
		const printed = (await readFile(logFile)).subarray(logStart).toString();
		if (READY.test(printed)) return;

		if (Date.now() > deadline) over ||= `n8n at ${url} was not ready in ${timeout / 1000} s`;
		if (over) {
			const tail = printed.trimEnd().split('\n').slice(-20).join('\n');
			throw new Error(`${over}. The end of its log, ${logFile}:\n${tail}`);
		}
		await sleep(100, undefined, { signal });
	}
}
