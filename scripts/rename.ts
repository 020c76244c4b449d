/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node on a developer's machine, never inside n8n */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { format, resolveConfig } from 'prettier';

// Changes the repository of the project, and with it the URLs of the homepage, issues and documentation:
// `npm run rename -- owner/repo`. `npm run rename -- owner/repo "Name <address>"` changes the author too.
// The present names are in `package.json`; test/package/names.test.ts checks that other files have the
// same.

const ROOT = path.join(__dirname, '..');

interface Person {
	name: string;
	email: string;
}

interface Names {
	/** Such as `owner/repo`. */
	repository: string;
	author: Person;
}

async function currentNames(): Promise<Names> {
	const text = await readFile(path.join(ROOT, 'package.json'), 'utf8');
	const { author, repository } = JSON.parse(text) as {
		author: Person;
		repository: { url: string };
	};
	const [, name] = /github\.com\/([^/]+\/[^/]+)\.git$/.exec(repository.url) ?? [];
	if (!name) throw new Error(`package.json has no repository on GitHub, but ${repository.url}.`);
	return { repository: name, author };
}

function newNames([repository = '', person]: string[], { author }: Names): Names {
	if (!/^[\w-]+\/[\w.-]+$/.test(repository)) {
		throw new Error('Say which: npm run rename -- owner/repo "Name <address>"');
	}
	if (person === undefined) return { repository, author };
	const [, name = '', email = ''] = /^(.+) <(\S+@\S+)>$/.exec(person) ?? [];
	if (!email) throw new Error(`An author is "Name <address>", and not "${person}".`);
	return { repository, author: { name, email } };
}

async function rename(): Promise<void> {
	const before = await currentNames();
	const after = newNames(process.argv.slice(2), before);
	const { stdout } = await promisify(execFile)('git', ['ls-files', '-z'], { cwd: ROOT });
	const files = stdout.split('\0').filter((file) => file !== '' && !/\.(png|svg)$/.test(file));
	for (const file of files) {
		const place = path.join(ROOT, file);
		const text = await readFile(place, 'utf8');
		const renamed = text
			.replaceAll(`github.com/${before.repository}`, `github.com/${after.repository}`)
			.replaceAll(before.author.email, after.author.email)
			.replaceAll(before.author.name, after.author.name);
		if (renamed === text) continue;
		// Lines may have become too long.
		const style = { ...(await resolveConfig(place)), filepath: place };
		await writeFile(
			place,
			/\.(ts|js|json|md|yml)$/.test(file) ? await format(renamed, style) : renamed,
		);
		console.log(file);
	}
}

rename().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
