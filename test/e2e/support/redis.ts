/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { once } from 'node:events';
import { connect } from 'node:net';
import getPort from 'get-port';
import { startGroup } from '../../../dev/n8n/processes';
import { untilReady } from './untilReady';

/** A Redis of the tests' own, on loopback. */
export interface Redis {
	port: number;
	/** Ends it and waits for that. */
	stop(): Promise<void>;
}

async function answers(port: number): Promise<boolean> {
	const socket = connect(port, '127.0.0.1');
	try {
		await once(socket, 'connect');
		socket.write('PING\r\n');
		const [said] = (await once(socket, 'data')) as [Buffer];
		return said.toString() === '+PONG\r\n';
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
}

/**
 * Starts Debian's `redis-server` on a free port.
 *
 * @param folder where it keeps, in clear, every command that changed something
 * @throws Error when it is not installed, or does not answer
 */
export async function startRedis(folder: string): Promise<Redis> {
	const port = await getPort({ host: '127.0.0.1' });
	const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
	const storage = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
	const { ended, kill } = startGroup('redis-server', [...settings, ...storage], {
		stdio: 'ignore',
	});
	const stop = async () => {
		kill('SIGTERM');
		await ended;
	};

	await untilReady('redis-server', async () => await answers(port), { ended, stop });
	return { port, stop };
}
