/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Something that should not be where it is. */
export interface Finding {
	where: string;
	what: 'the secret' | 'a token';
}

/** Three dots of base64url, the second of which holds claims. */
const TOKEN = /eyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]*/g;

/** Bytes of a text as base64, wherever in a longer base64 they begin. */
function inBase64(text: string): string[] {
	return [0, 1, 2].map((offset) => {
		const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString('base64');
		const bits = (bytes: number) => (bytes * 8) / 6;
		return encoded.slice(Math.ceil(bits(offset)), Math.floor(bits(offset + text.length)));
	});
}

/** Whether these are the claims of a token for VideoSDK: n8n's own session has others. */
function isForVideoSdk(payload: string): boolean {
	try {
		const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
		return typeof claims === 'object' && claims !== null && 'apikey' in claims;
	} catch {
		return false;
	}
}

/**
 * Looks for a secret key, also in base64, and for tokens that it may have signed.
 *
 * @param where it is, for whoever reads the finding
 */
export function findSecrets(where: string, content: string | Buffer, secret: string): Finding[] {
	const text = typeof content === 'string' ? content : content.toString('latin1');
	const findings: Finding[] = [];
	if ([secret, ...inBase64(secret)].some((form) => text.includes(form))) {
		findings.push({ where, what: 'the secret' });
	}
	for (const [, payload = ''] of text.matchAll(TOKEN)) {
		if (!isForVideoSdk(payload)) continue;
		findings.push({ where, what: 'a token' });
		break;
	}
	return findings;
}

/** Every row of every table, one a line. A long value is in pieces in the file, not here. */
const DUMP = `
const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(process.argv[1], { readOnly: true });
const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
for (const { name } of tables) {
	for (const row of database.prepare('select * from "' + name + '"').iterate()) {
		console.log(name, ...Object.values(row).map((value) =>
			value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value));
	}
}
`;

/** Gives all that is in an SQLite database as text, with the Node that n8n runs on. */
export async function dumpDatabase(file: string, node: string): Promise<string> {
	const { stdout } = await run(node, ['--no-warnings', '-e', DUMP, file], {
		maxBuffer: 1024 ** 3,
	});
	return stdout;
}

/** What {@link searchFolder} went through. */
export interface Search {
	findings: Finding[];
	/** Files, relative to the folder. */
	files: string[];
}

/**
 * Looks for secrets in each file of a folder, byte by byte, and in each row of its databases.
 *
 * @param node the Node that n8n runs on, which can read them
 */
export async function searchFolder(folder: string, secret: string, node: string): Promise<Search> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const paths = entries
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
	const findings: Finding[] = [];
	for (const path of paths) {
		const where = relative(folder, path);
		findings.push(...findSecrets(where, await readFile(path), secret));
		if (path.endsWith('.sqlite')) {
			const rows = await dumpDatabase(path, node);
			findings.push(...findSecrets(`${where}, as SQL reads it`, rows, secret));
		}
	}
	return { findings, files: paths.map((path) => relative(folder, path)) };
}
