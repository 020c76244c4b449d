/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packInto } from '../../dev/n8n/packed';

const run = promisify(execFile);

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
	const { tarball, files } = await packInto(temporary);
	await run('tar', ['-xzf', tarball, '-C', temporary]);
	return {
		tarball,
		folder: join(temporary, 'package'),
		files,
		remove: async () => await rm(temporary, { recursive: true, force: true }),
	};
}
