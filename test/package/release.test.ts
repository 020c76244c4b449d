/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { listen } from '../../dev/listen';
import { type Copy, copyCheckout } from '../support/copy';

let copy: Copy;
let origin: string;
const released = '999.0.0';

/** Does what `npm run release` does after its checks, in a copy, and pushes to a repository there. */
async function release(from: Copy, version: string): Promise<string> {
	const to = join(from.folder, '.tmp', 'origin.git');
	await from.run('git', 'init', '--quiet', '--bare', to);
	await from.run('git', 'remote', 'add', 'origin', to);
	await from.run('git', 'push', '--quiet', '--set-upstream', 'origin', 'main');
	await from.run('release-it', version, '--ci');
	return to;
}

beforeAll(async () => {
	copy = await copyCheckout();
	origin = await release(copy, released);
});
afterAll(async () => await copy.remove());

async function read(file: string): Promise<string> {
	return await readFile(join(copy.folder, file), 'utf8');
}

test('a release sets the version, and moves its changes under it in CHANGELOG.md', async () => {
	const versions = ['package.json', 'package-lock.json'].map(async (file) => {
		const { version } = JSON.parse(await read(file)) as { version: string };
		return version;
	});
	expect(await Promise.all(versions)).toEqual([released, released]);
	const before = await copy.run('git', 'show', 'HEAD~:CHANGELOG.md');
	const now = new Date();
	const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()]
		.map((number) => String(number).padStart(2, '0'))
		.join('-');
	expect((await read('CHANGELOG.md')).trim()).toBe(
		before.replace('## [Unreleased]', `## [Unreleased]\n\n## [${released}] - ${date}`),
	);
});

test('a release is one tagged commit that is pushed', async () => {
	const files = await copy.run('git', 'show', '--name-only', '--format=', 'HEAD');
	expect(files.split('\n')).toEqual(
		expect.arrayContaining(['CHANGELOG.md', 'package-lock.json', 'package.json']),
	);
	expect(await copy.run('git', 'status', '--short', '--untracked-files=no')).toBe('');
	const head = await copy.run('git', 'rev-parse', 'HEAD');
	const inOrigin = (ref: string) => copy.run('git', '--git-dir', origin, 'rev-parse', ref);
	expect(await inOrigin('main')).toBe(head);
	expect(await inOrigin(`v${released}^{commit}`)).toBe(head);
});

test('a release keeps the workflows of test/upgrade/next under its version', async () => {
	const kept = async (commit: string, folder: string) =>
		await copy.run('git', 'ls-tree', '--name-only', `${commit}:test/upgrade/${folder}`);
	expect(await kept('HEAD', released)).toBe(await kept('HEAD~', 'next'));
});

test('the first release can have the version that package.json already has', async () => {
	const another = await copyCheckout();
	try {
		const manifest = await readFile(join(another.folder, 'package.json'), 'utf8');
		const { version } = JSON.parse(manifest) as { version: string };
		await release(another, version);
		expect(await another.run('git', 'tag')).toBe(`v${version}`);
	} finally {
		await another.remove();
	}
});

test('a release takes its notes from CHANGELOG.md', async () => {
	const notes = await copy.run('release-it', '--changelog', '--no-increment', '--no-git');
	expect(notes.length).toBeGreaterThan(0);
	expect((await read('CHANGELOG.md')).split(/^## .*$/m)[2]?.trim()).toBe(notes);
});

test("a release cannot be published from a developer's machine without provenance", async () => {
	const registry = createServer((_request, response) => response.writeHead(404).end('{}'));
	const { url, close } = await listen(registry);
	const token = `--${url.replace('http:', '')}/:_authToken=x`;
	const publish = ['npm', 'publish', `--registry=${url}`, token];
	// Where CI runs the tests, this must not pass for its publication.
	const unset = ['-u', 'GITHUB_ACTIONS', '-u', 'GITLAB_CI'];
	await expect(copy.run('env', ...unset, ...publish)).rejects.toThrow('provenance');
	await close();
});
