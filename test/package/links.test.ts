/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, type Token, walkTokens } from 'marked';
import { checkout } from '../../dev/n8n/packed';

function read(file: string): string {
	return readFileSync(join(checkout, file), 'utf8');
}

const { repository } = JSON.parse(read('package.json')) as { repository: { url: string } };
const home = repository.url.replace(/^git\+|\.git$/g, '');
const start = `${home}/blob/main/`;
/** Where pictures are that npm's website shows too: it leaves a relative `srcset` as it is. */
const raw = `${home}/raw/main/`;

/** All files below a folder whose names end like this. */
async function filesIn(folder: string, ending: RegExp): Promise<string[]> {
	const entries = await readdir(join(checkout, folder), { recursive: true });
	return entries.filter((name) => ending.test(name)).map((name) => join(folder, name));
}

function textOf(token: Token): string {
	if ('tokens' in token && token.tokens) return token.tokens.map(textOf).join('');
	return 'text' in token ? String(token.text) : '';
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(file: string): Set<string> {
	const slugger = new GithubSlugger();
	const headings = lexer(read(file)).filter(({ type }) => type === 'heading');
	return new Set(headings.map((heading) => slugger.slug(textOf(heading))));
}

/** Where a document leads to: links, pictures, and both of them written as HTML. */
function linksOf(markdown: string): string[] {
	const links: string[] = [];
	walkTokens(lexer(markdown), (token) => {
		if (token.type === 'link' || token.type === 'image') links.push(String(token.href));
		if (token.type === 'html') {
			const attributes = token.raw.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g);
			links.push(...Array.from(attributes, ([, target = '']) => target));
		}
	});
	return links;
}

/**
 * Follows a link that stays in the repository.
 *
 * @returns what is wrong with it, or undefined
 */
function problemOf(link: string, from: string): string | undefined {
	const prefix = [start, raw].find((address) => link.startsWith(address)) ?? '';
	if (!prefix && /^[a-z]+:/.test(link)) return undefined;
	const [path = '', anchor] = decodeURI(link.slice(prefix.length)).split('#');
	const file = prefix ? path : normalize(path === '' ? from : join(dirname(from), path));
	if (!existsSync(join(checkout, file))) return `${from}: there is no ${file}`;
	if (anchor === undefined || (file.endsWith('.md') && anchorsOf(file).has(anchor)))
		return undefined;
	return `${from}: ${file} has no heading #${anchor}`;
}

function deadLinks(from: string, markdown: string): string[] {
	return linksOf(markdown).flatMap((link) => problemOf(link, from) ?? []);
}

test('every link in the documents leads to an existing file and heading', async () => {
	const top = (await readdir(checkout)).filter((name) => name.endsWith('.md'));
	const folders = await Promise.all(
		['docs', 'examples', '.github'].map(async (folder) => await filesIn(folder, /\.md$/)),
	);
	const documents = [top, ...folders].flat();
	expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/operations.md']));
	expect(documents.flatMap((file) => deadLinks(file, read(file)))).toEqual([]);
});

test('every link in nodes, credentials and examples leads to an existing file', async () => {
	const places = ['nodes', 'credentials', 'examples'].map(
		async (place) => await filesIn(place, /\.(ts|json)$/),
	);
	const links = (await Promise.all(places)).flat().flatMap((file) => {
		const addresses = read(file).match(/https:\/\/github\.com\/[^\s"'`\\)]+/g) ?? [];
		return addresses
			.filter((address) => address.startsWith(home))
			.map((address) => ({ file, address }));
	});
	expect(links.length).toBeGreaterThanOrEqual(5);
	// Only what names a file can be followed here.
	expect(links.filter(({ address }) => !address.startsWith(start))).toEqual([]);
	expect(links.flatMap(({ file, address }) => problemOf(address, file) ?? [])).toEqual([]);
});

test.each([
	['[a page](no-such-page.md)', 'docs/a.md: there is no docs/no-such-page.md'],
	[
		'[a page](../README.md#no-such-heading)',
		'docs/a.md: README.md has no heading #no-such-heading',
	],
	[`[a page](${start}docs/trigger.md#none)`, 'docs/a.md: docs/trigger.md has no heading #none'],
	['<img src="none.png" alt="a picture">', 'docs/a.md: there is no docs/none.png'],
	[`a <source srcset="${raw}docs/none.png"> picture`, 'docs/a.md: there is no docs/none.png'],
])('a dead link is found: %s', (markdown, problem) => {
	expect(deadLinks('docs/a.md', markdown)).toEqual([problem]);
});
