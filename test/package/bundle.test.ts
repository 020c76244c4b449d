/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build, type BuildOptions } from 'esbuild';
import { checkout } from '../../dev/n8n/packed';

const { bundleOptions } = jest.requireActual<{ bundleOptions: BuildOptions }>('../../gulpfile.js');

/** The folders of the packages that the files of a bundle belong to. */
const foldersOf = (files: string[]) =>
	new Set(
		files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file.trim())?.[0] ?? []),
	);

test('the package contains the full license of every bundled package', async () => {
	const { metafile } = await build({ ...bundleOptions, write: false, metafile: true });
	const shipped = await readFile(join(checkout, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
	const folders = [...foldersOf(Object.keys(metafile?.inputs ?? {}))];
	expect(folders).toEqual(expect.arrayContaining(['node_modules/jws', 'node_modules/p-map']));
	const titles: string[] = [];
	for (const folder of folders) {
		const text = await readFile(join(checkout, folder, 'package.json'), 'utf8');
		const { name, version, license } = JSON.parse(text) as Record<string, string>;
		titles.push(`${name} ${version} (${license})`);
		const papers = (await readdir(join(checkout, folder))).filter((file) =>
			/^(licen[cs]e|copying|notice)/i.test(file),
		);
		expect([folder, papers]).toEqual([folder, [expect.any(String)]]);
		for (const paper of papers) {
			expect(shipped).toContain((await readFile(join(checkout, folder, paper), 'utf8')).trim());
		}
	}
	expect(shipped.split('\n').filter((line) => titles.includes(line))).toEqual(titles.sort());
});

test('the bill of materials lists the same packages as the license file', async () => {
	await promisify(execFile)('node_modules/.bin/gulp', ['bom'], { cwd: checkout });
	const bom = JSON.parse(await readFile(join(checkout, '.tmp/bom.json'), 'utf8')) as {
		bomFormat: string;
		components: Array<{ name: string; version?: string }>;
	};
	const shipped = await readFile(join(checkout, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
	const titles = [...shipped.matchAll(/^(\S+ \d\S*) \(\S+\)$/gm)].map(([, title]) => title);
	// What stands in for Node in them has no version.
	const bundled = bom.components.filter(({ version }) => version !== undefined);
	expect(bom.bomFormat).toBe('CycloneDX');
	expect(bundled.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(titles);
});

test('the node and the trigger load the same request queue', async () => {
	const read = async (file: string) =>
		await readFile(join(checkout, 'dist/nodes/VideoSdk', file), 'utf8');
	for (const file of ['VideoSdk.node.js', 'VideoSdkTrigger.node.js']) {
		expect(await read(file)).toContain('require("./http/requestQueue.js")');
		expect(await read(file)).not.toContain('RequestQueue = class');
	}
	expect(await read('http/requestQueue.js')).toContain('RequestQueue = class');
});

describe('shims for modules that jsonwebtoken imports', () => {
	let folder: string;

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-bundle-'));
	});
	afterAll(async () => await rm(folder, { recursive: true, force: true }));

	const MODULES = ['buffer', 'stream', 'util', 'semver', './data-stream'];

	/** Bundles a file that imports all of them, and tells which it was given as they are. */
	async function genuineIn(file: string): Promise<string[]> {
		const files = {
			[file]: MODULES.map((name) => `require('${name}')`).join(';'),
			[join(dirname(file), 'data-stream.js')]: 'module.exports = "genuine ./data-stream"',
			'node_modules/semver/index.js': 'module.exports = "genuine semver"',
		};
		for (const [path, text] of Object.entries(files)) {
			await mkdir(dirname(join(folder, path)), { recursive: true });
			await writeFile(join(folder, path), text);
		}
		const { outputFiles } = await build({
			...bundleOptions,
			absWorkingDir: folder,
			entryPoints: [file],
			write: false,
		});
		const code = outputFiles?.[0]?.text ?? '';
		return MODULES.filter(
			(name) => code.includes(`"genuine ${name}"`) || code.includes(`require("${name}")`),
		);
	}

	test.each([
		['node_modules/other/index.js', MODULES],
		['node_modules/jws-other/index.js', MODULES],
		['node_modules/@jws/other/index.js', MODULES],
		['node_modules/jws/node_modules/other/index.js', MODULES],
		['nodes/index.js', MODULES],
		['node_modules/jws/lib/index.js', ['semver']],
		['node_modules/other/node_modules/jws/index.js', ['semver']],
		['node_modules/jwa/index.js', ['buffer', 'stream', 'semver', './data-stream']],
		['node_modules/safe-buffer/index.js', ['stream', 'util', 'semver', './data-stream']],
		['node_modules/jsonwebtoken/index.js', ['buffer', 'stream', 'util', './data-stream']],
	])('%s gets only the shims meant for it', async (file, genuine) => {
		expect(await genuineIn(file)).toEqual(genuine);
	});
});
