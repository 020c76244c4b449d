/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listen } from '../listen';
import { prepareFolder } from '../n8n/install';

const run = promisify(execFile);

/** The one function of verdaccio that is used; it is installed here, not with the project. */
interface Verdaccio {
	runServer(config: object): Promise<Server>;
}

/** An npm registry on loopback, which has only what was published to it. */
export interface Registry {
	/** Publishes a package, from a folder or a .tgz, as the newest version. */
	publish(source: string): Promise<void>;
	/**
	 * Writes an npm that uses this registry, even if it is told to use another: n8n uses the public one,
	 * unless it has a licence.
	 *
	 * @param folder for the npm, which has to be the first in PATH
	 */
	writeNpm(folder: string): Promise<void>;
	/** Closes it, and deletes its packages. */
	close(): Promise<void>;
}

/**
 * Starts a registry. The first time it downloads verdaccio, some 60 MB.
 *
 * @param log gets one line at a time about the download
 */
export async function startRegistry(log: (line: string) => void): Promise<Registry> {
	await prepareFolder(__dirname, log);
	const { runServer } = (await import(
		join(__dirname, 'node_modules', 'verdaccio', 'build', 'index.js')
	)) as Verdaccio;
	const storage = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-registry-'));
	const anyone = { access: '$all', publish: '$all' };
	const server = await runServer({
		configPath: join(storage, 'config.yaml'),
		storage,
		auth: {},
		uplinks: {},
		packages: { '**': anyone },
		web: { enable: false },
		log: { type: 'stdout', level: 'fatal' },
	});
	const { url, close } = await listen(server);
	const registry = `--registry=${url}`;
	return {
		publish: async (source) => {
			// npm requires a token, whatever it is, and can only add provenance in a GitHub workflow.
			const token = `--${url.replace('http:', '')}/:_authToken=anyone`;
			const options = [registry, token, '--provenance=false', '--ignore-scripts'];
			await run('npm', ['publish', source, ...options]);
		},
		writeNpm: async (folder) => {
			const script = `#!/bin/sh
for argument; do
	shift
	case "$argument" in --registry=*) ;; *) set -- "$@" "$argument" ;; esac
done
PATH="\${PATH#*:}" exec npm "$@" '${registry}'
`;
			await mkdir(folder, { recursive: true });
			await writeFile(join(folder, 'npm'), script);
			await chmod(join(folder, 'npm'), 0o755);
		},
		close: async () => {
			await close();
			await rm(storage, { recursive: true, force: true });
		},
	};
}
