/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node on a developer's machine, never inside n8n */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const OLDER = path.join(ROOT, 'test', 'compat');
const NEWEST = path.join(ROOT, 'dev', 'n8n');

/** Where a version of n8n is installed, whole or only its n8n-core and n8n-workflow. */
export interface Folder {
	/** Of n8n: its n8n-core has another number before 2.34. */
	version: string;
	folder: string;
	/** Whether it is the one that `npm test` and `npm run test:e2e` use. */
	isNewest: boolean;
	/** Whether all of n8n is there, and a Node with it. */
	hasServer: boolean;
}

/**
 * Lists the versions of n8n that the package is tested with, oldest first. They are named here and
 * nowhere else: the older ones by the folders of test/compat, the newest by dev/n8n.
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
