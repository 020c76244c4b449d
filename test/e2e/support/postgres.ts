/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import { execFile } from 'node:child_process';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import getPort from 'get-port';
import { startGroup } from '../../../dev/n8n/processes';
import { untilReady } from './untilReady';

const run = promisify(execFile);

/** A PostgreSQL of the tests' own, on loopback, in a temporary folder. */
export interface Postgres {
	/** What n8n has to be told. */
	env: Record<string, string>;
	/** All that is in its database, as SQL. */
	dump(): Promise<string>;
	/** Ends it, waits for that, and deletes its folder. */
	stop(): Promise<void>;
}

const USER = 'n8n';
const DATABASE = 'postgres';

/** Debian keeps each version's programs in a folder of its own, and only some of them on PATH. */
async function findPrograms(): Promise<string> {
	const versions = '/usr/lib/postgresql';
	const found = await readdir(versions).catch(() => []);
	const newest = found.sort((a, b) => Number(a) - Number(b)).at(-1);
	if (newest === undefined) throw new Error('Debian’s package postgresql is not installed.');
	return join(versions, newest, 'bin');
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian made for it. */
async function findUser(): Promise<{ uid?: number; gid?: number }> {
	if (process.getuid?.() !== 0) return {};
	const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
	return { uid: await id('-u'), gid: await id('-g') };
}

/**
 * Starts Debian's PostgreSQL on a free port, without care for a crash of the machine.
 *
 * @throws Error when it is not installed, or is not ready in time
 */
export async function startPostgres(): Promise<Postgres> {
	const programs = await findPrograms();
	const user = await findUser();
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-postgres-'));
	if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
	const data = join(folder, 'data');
	const inFolder = { ...user, cwd: folder };
	const rules = ['--auth', 'trust', '--no-locale', '--encoding', 'UTF8', '--no-sync'];
	await run(join(programs, 'initdb'), ['-D', data, '-U', USER, ...rules], inFolder);

	const port = String(await getPort({ host: '127.0.0.1' }));
	const settings = ['fsync=off', 'unix_socket_directories=', 'listen_addresses=127.0.0.1'];
	const { child, ended } = startGroup(
		join(programs, 'postgres'),
		['-D', data, '-p', port, ...settings.flatMap((setting) => ['-c', setting])],
		{ ...inFolder, stdio: 'ignore' },
	);
	const stop = async () => {
		// A fast shutdown, in its words: it waits for no client.
		child.kill('SIGINT');
		await ended;
		await rm(folder, { recursive: true, force: true });
	};

	const where = ['-h', '127.0.0.1', '-p', port, '-U', USER, '-d', DATABASE];
	const isReady = async () =>
		await run(join(programs, 'pg_isready'), where).then(
			() => true,
			() => false,
		);
	await untilReady('PostgreSQL', isReady, { ended, stop });

	return {
		env: {
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: port,
			DB_POSTGRESDB_USER: USER,
			DB_POSTGRESDB_DATABASE: DATABASE,
		},
		dump: async () => {
			const { stdout } = await run(join(programs, 'pg_dump'), where, { maxBuffer: 1024 ** 3 });
			return stdout;
		},
		stop,
	};
}
