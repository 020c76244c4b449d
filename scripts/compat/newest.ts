/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node on a developer's machine, never inside n8n */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { compareVersions, folders } from './folders';

// Checks whether an n8n can be installed that is newer than the newest one in the tests:
// `npm run compat:newest`. npm resolves all its packages for that, but downloads none of them.

const exec = promisify(execFile);

async function main(): Promise<void> {
	const newest = (await folders()).find(({ isNewest }) => isNewest);
	if (!newest) throw new Error('There is no newest n8n.');
	const { stdout } = await exec('npm', ['view', 'n8n', 'versions', '--json']);
	const newer = (JSON.parse(stdout) as string[])
		.filter((version) => /^[\d.]+$/.test(version))
		.filter((version) => compareVersions(version, newest.version) > 0)
		.sort(compareVersions)
		.reverse();
	if (newer.length === 0) console.log(`There is no n8n newer than ${newest.version}.`);

	for (const version of newer) {
		console.log(`n8n ${version}: can it be installed? This takes about 2 minutes.`);
		const problem = await tryToInstall(version, newest.folder);
		if (!problem) {
			console.log(`Yes. Install n8n ${version} in ${newest.folder} to test with it.`);
			return;
		}
		console.log(`No: ${problem}`);
	}
}

/** @returns the error of npm, or undefined if it can be installed */
async function tryToInstall(version: string, like: string): Promise<string | undefined> {
	const folder = await mkdtemp(path.join(tmpdir(), 'n8n-newest-'));
	try {
		for (const file of ['package.json', '.npmrc']) {
			await cp(path.join(like, file), path.join(folder, file));
		}
		const args = ['install', '--package-lock-only', '--no-audit', '--no-fund', '--save-exact'];
		await exec('npm', [...args, `n8n@${version}`], { cwd: folder });
		return undefined;
	} catch (error) {
		const { stderr = '' } = error as { stderr?: string };
		return /notarget (.*)/.exec(stderr)?.[1] ?? stderr;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
