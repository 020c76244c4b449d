/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node on a developer's machine, never inside n8n */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const OLDER = path.join(ROOT, 'test', 'compat');
const NEWEST = path.join(ROOT, 'dev', 'n8n');

/** Where a version of n8n is installed, whole or only its n8n-core and n8n-workflow. */
export interface Folder {
	/** The version of n8n. Before 2.34, that of n8n-core differs. */
	version: string;
	folder: string;
	/** Whether `npm test` and `npm run test:e2e` use it. */
	isNewest: boolean;
	/** Whether it has the whole n8n, and a Node.js. */
	hasServer: boolean;
}

/**
 * Lists the versions of n8n that the package is tested with, oldest first. The older ones are the folders
 * of test/compat, and dev/n8n has the newest.
 */
export async function folders(): Promise<Folder[]> {
	const versions = (await readdir(OLDER)).sort(compareVersions);
	const older = versions.map(async (version): Promise<Folder> => {
		const folder = path.join(OLDER, version);
		const hasServer = (await dependenciesOf(folder)).n8n !== undefined;
		return { version, folder, isNewest: false, hasServer };
	});
	const { n8n = '' } = await dependenciesOf(NEWEST);
	const newest = { version: n8n, folder: NEWEST, isNewest: true, hasServer: true };
	return [...(await Promise.all(older)), newest];
}

/** Orders versions without a suffix, the oldest first. */
export function compareVersions(a: string, b: string): number {
	return a.localeCompare(b, 'en', { numeric: true });
}

async function dependenciesOf(folder: string): Promise<Record<string, string>> {
	const text = await readFile(path.join(folder, 'package.json'), 'utf8');
	return (JSON.parse(text) as { dependencies: Record<string, string> }).dependencies;
}
