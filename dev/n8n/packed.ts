/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node on a developer's machine, never inside n8n */
import { execFile } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** The folder of the checkout, which has the built package in it. */
export const checkout = path.join(__dirname, '..', '..');

/** The name and version of a package. */
export interface PackageVersion {
	name: string;
	version: string;
}

/** This package, packed. */
export interface Packed {
	/** The path of the .tgz. */
	tarball: string;
	/** The paths of the files in it. */
	files: string[];
	/** Bytes of the .tgz. */
	size: number;
	/** Bytes of all files in it. */
	unpackedSize: number;
}

/**
 * Packs this package, as it would be published, from what is built.
 *
 * @param folder for the .tgz
 */
export async function packInto(folder: string): Promise<Packed> {
	const { stdout } = await exec('npm', ['pack', '--json', '--pack-destination', folder], {
		cwd: checkout,
		shell: process.platform === 'win32',
	});
	const [packed] = JSON.parse(stdout) as Array<{
		filename: string;
		files: Array<{ path: string }>;
		size: number;
		unpackedSize: number;
	}>;
	if (!packed) throw new Error('npm pack made no file.');
	const { filename, size, unpackedSize } = packed;
	const files = packed.files.map((file) => file.path);
	return { tarball: path.join(folder, filename), files, size, unpackedSize };
}

/** The folder of a community package in an n8n that keeps everything in `home`. */
export function folderOf(home: string, { name }: PackageVersion): string {
	return path.join(home, '.n8n', 'nodes', 'node_modules', name);
}

/**
 * Installs a packed package into the home of an n8n, which loads it at its next start. The result is that
 * of n8n's own installer (`CommunityPackagesService.downloadPackage`): the files are in
 * `.n8n/nodes/node_modules/<name>`, its package.json has no peer and development dependencies, and
 * `.n8n/nodes/package.json` lists it.
 *
 * @param home what N8N_USER_FOLDER will be
 * @param tarball the path of the .tgz
 * @throws Error when the package has runtime dependencies, which a verified one may not have
 */
export async function unpackInto(home: string, tarball: string): Promise<PackageVersion> {
	const manifest = await readManifest(tarball);
	const { name, version } = manifest;
	if (Object.keys(manifest.dependencies ?? {}).length > 0) {
		throw new Error(`${name} has runtime dependencies, and nothing here installs them.`);
	}

	const nodes = path.join(home, '.n8n', 'nodes');
	const folder = folderOf(home, manifest);
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	await exec('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);

	const installed = {
		...manifest,
		devDependencies: undefined,
		peerDependencies: undefined,
		optionalDependencies: undefined,
	};
	await writeFile(path.join(folder, 'package.json'), JSON.stringify(installed, null, 2));
	await writeFile(
		path.join(nodes, 'package.json'),
		JSON.stringify(
			{ name: 'installed-nodes', private: true, dependencies: { [name]: version } },
			null,
			2,
		),
	);
	return { name, version };
}

/**
 * Writes a stand-in for the npm that n8n's Settings → Community nodes runs. It knows only the packed
 * package, and uses no registry: n8n's own installer then installs the file that will be published, and
 * the page does not wait for a network.
 *
 * @param folder for the fake API, which has to be the first in n8n's PATH
 */
export async function writeNpmStandIn(
	folder: string,
	tarball: string,
	{ name, version }: PackageVersion,
): Promise<void> {
	const script = `#!/bin/sh
# n8n runs: npm view <spec> version --json; npm pack <spec> --quiet; npm install, in the
# unpacked package; npm outdated --json.
case "$1 $2" in
'view ${name}@'*) echo '"${version}"' ;;
'pack ${name}@'*) cp '${tarball}' . && echo '${path.basename(tarball)}' ;;
'install '*) ;;
'outdated '*) echo '{}' ;;
*) echo "npm ERR! E404 only ${name} can be installed here" >&2; exit 1 ;;
esac
`;
	const file = path.join(folder, 'npm');
	await mkdir(folder, { recursive: true });
	await writeFile(file, script);
	await chmod(file, 0o755);
}

interface Manifest extends PackageVersion {
	dependencies?: Record<string, string>;
}

async function readManifest(tarball: string): Promise<Manifest> {
	const { stdout } = await exec('tar', ['-xzOf', tarball, 'package/package.json']);
	return JSON.parse(stdout) as Manifest;
}
