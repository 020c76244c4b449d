/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout } from '../../dev/n8n/packed';
import { type Copy, copyCheckout } from '../support/copy';

interface Manifest {
	author: { name: string; email: string };
	homepage: string;
	repository: { url: string };
	bugs: { url: string };
}

/** What may name the repository; everything else is reached from there, or links within it. */
const MAY_NAME_IT = [
	'README.md',
	'credentials/VideoSdkApi.credentials.ts',
	'nodes/VideoSdk/VideoSdk.node.json',
	'nodes/VideoSdk/VideoSdkTrigger.node.json',
	'package.json',
];

let copy: Copy;
beforeAll(async () => (copy = await copyCheckout()));
afterAll(async () => await copy.remove());

async function manifestOf(folder: string): Promise<Manifest> {
	return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Files that have a text in them, case aside. */
async function filesWith(text: string): Promise<string[]> {
	const printed = await copy
		.run('git', 'grep', '--files-with-matches', '--ignore-case', '--fixed-strings', '-e', text)
		.catch(() => '');
	return printed.split('\n').filter((file) => file !== '');
}

test('only the expected files name the repository, and all name the same one', async () => {
	const { homepage, repository, bugs } = await manifestOf(checkout);
	const [, name = ''] = /^git\+https:\/\/github\.com\/(.+)\.git$/.exec(repository.url) ?? [];
	expect(name).toMatch(/^[^/]+\/[^/]+$/);
	expect([homepage, bugs.url]).toEqual([
		`https://github.com/${name}#readme`,
		`https://github.com/${name}/issues`,
	]);
	const files = await filesWith(`github.com/${name}`);
	expect(MAY_NAME_IT).toEqual(expect.arrayContaining(files));
	expect(files).toEqual(expect.arrayContaining(MAY_NAME_IT.slice(1)));
	for (const file of MAY_NAME_IT) {
		const text = await readFile(join(checkout, file), 'utf8');
		const ours = [...text.matchAll(/github\.com\/([\w-]+\/n8n-nodes-videosdk)/g)];
		expect([file, ...ours.map(([, one]) => one)]).toEqual([file, ...ours.map(() => name)]);
	}
});

test('`npm run rename` changes the repository and the author in every file', async () => {
	const before = await manifestOf(copy.folder);
	const [, name = ''] = /github\.com\/(.+)\.git$/.exec(before.repository.url) ?? [];
	const renamed = 'an-organisation-with-a-long-name/some.repository';

	const author = 'VideoSDK <developers@example.com>';
	await copy.run('tsx', 'scripts/rename.ts', renamed, author);
	const url = `https://github.com/${renamed}`;
	expect(await manifestOf(copy.folder)).toEqual({
		...before,
		author: { name: 'VideoSDK', email: 'developers@example.com' },
		homepage: `${url}#readme`,
		repository: { ...before.repository, url: `git+${url}.git` },
		bugs: { url: `${url}/issues` },
	});
	expect(await filesWith(`${name}#`)).toEqual([]);
	expect(await filesWith(`github.com/${name}`)).toEqual([]);
	expect(await filesWith(before.author.email)).toEqual([]);
	expect(await filesWith(before.author.name)).toEqual([]);

	// What is built has the new address, and stands in the style of the house.
	await copy.run('gulp', 'buildUnchecked');
	const changed = (await copy.run('git', 'diff', '--name-only')).split('\n');
	expect(changed).toEqual(expect.arrayContaining(['LICENSE', ...MAY_NAME_IT.slice(1)]));
	await copy.run('prettier', '--check', '--ignore-unknown', ...changed);
	const built = 'dist/credentials/VideoSdkApi.credentials.js';
	expect(await readFile(join(copy.folder, built), 'utf8')).toContain(
		`${url}/blob/main/docs/credential.md`,
	);
});
