/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- the tests run in Node, never inside n8n */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../../dev/n8n/packed';

const exec = promisify(execFile);

/** The commands of our packages are found as in a script of package.json, without npx, which is slow. */
const env = {
	...process.env,
	PATH: [join(checkout, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
};

/** A copy of the checkout, for tests that change files. */
export interface Copy {
	folder: string;
	/** Runs a command in it. @returns what the command prints */
	run(command: string, ...args: string[]): Promise<string>;
	/** Deletes it. */
	remove(): Promise<void>;
}

/** Copies the checkout as it is now into a Git repository of its own, with one commit. */
export async function copyCheckout(): Promise<Copy> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-copy-'));
	const runIn = (cwd: string) =>
		async function run(command: string, ...args: string[]) {
			const { stdout } = await exec(command, args, { cwd, env, maxBuffer: 16 * 1024 ** 2 });
			return stdout.trim();
		};
	const run = runIn(folder);
	const listed = await runIn(checkout)('git', 'ls-files', '-co', '--exclude-standard', '-z');
	const files = [...new Set(listed.split('\0').filter((name) => name !== ''))];
	await Promise.all(files.map(async (file) => await cp(join(checkout, file), join(folder, file))));
	await symlink(join(checkout, 'node_modules'), join(folder, 'node_modules'));
	await run('git', 'init', '--quiet', '--initial-branch', 'main');
	await run('git', 'config', 'user.name', 'Test');
	await run('git', 'config', 'user.email', 'test@example.com');
	// node_modules is a link here, which .gitignore does not ignore.
	await run('git', 'add', '--all', '--', '.', ':!node_modules');
	await run('git', 'commit', '--quiet', '--no-verify', '--message', 'A copy');
	const remove = async () => await rm(folder, { recursive: true, force: true });
	return { folder, run, remove };
}
