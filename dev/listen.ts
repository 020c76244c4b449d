/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node on a developer's machine, never inside n8n */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';

/** A server that listens on loopback. */
export interface Listening {
	port: number;
	/** Without a slash at the end. */
	url: string;
	/** Closes at once, and with it all open connections. */
	close(): Promise<void>;
}

/**
 * Lets a server listen on loopback.
 *
 * @param options the port, by default any that is free
 * @throws Error when the port is taken
 */
export async function listen(server: Server, options: ListenOptions = {}): Promise<Listening> {
	server.listen({ port: 0, ...options, host: '127.0.0.1' });
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		port,
		url: `http://127.0.0.1:${port}`,
		close: async () => {
			const closed = once(server, 'close');
			server.close();
			server.closeAllConnections();
			await closed;
		},
	};
}
