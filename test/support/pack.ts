/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const checkout = join(__dirname, '..', '..');

/** A package as it would be published, from what is built now. */
export interface PackedPackage {
	/** The .tgz. */
	tarball: string;
	/** Where it is unpacked. */
	folder: string;
	/** Its files, relative to the folder. */
	files: string[];
	/** Deletes the tarball and the folder. */
	remove(): Promise<void>;
}

/** Packs the package into a temporary folder and unpacks it there. */
export async function pack(): Promise<PackedPackage> {
	const temporary = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-pack-'));
	const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', temporary], {
		cwd: checkout,
	});
	const [packed] = JSON.parse(stdout) as Array<{
		filename: string;
		files: Array<{ path: string }>;
	}>;
	if (!packed) throw new Error('npm pack made no file.');
	const tarball = join(temporary, packed.filename);
	await run('tar', ['-xzf', tarball, '-C', temporary]);
	return {
		tarball,
		folder: join(temporary, 'package'),
		files: packed.files.map(({ path }) => path),
		remove: async () => await rm(temporary, { recursive: true, force: true }),
	};
}
