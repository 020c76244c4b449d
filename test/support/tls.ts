/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { generate } from 'selfsigned';

async function portOf(server: Server): Promise<number> {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return (server.address() as AddressInfo).port;
}

/** Joins two sockets; what goes wrong with one ends the other. */
function join(one: Socket, other: Socket, change = (data: Buffer) => data): void {
	one.on('data', (data: Buffer) => other.write(data));
	other.on('data', (data: Buffer) => one.write(change(data)));
	for (const socket of [one, other]) {
		socket.on('error', () => {});
		socket.on('close', () => {
			one.destroy();
			other.destroy();
		});
	}
}

/** A server with TLS before another one without. */
export interface TlsServer {
	/** Without a slash at the end. */
	url: string;
	close(): void;
}

/**
 * Puts TLS before a server, with a certificate that nobody vouches for.
 *
 * @param port of the server
 * @param isDamaged whether a bit of the next response changes on its way
 */
export async function startTls(port: number, isDamaged = () => false): Promise<TlsServer> {
	let isAnswered = false;
	const { private: key, cert } = await generate();
	const tls = createTlsServer({ key, cert }, (socket) => {
		join(socket, connect(port, '127.0.0.1'), (data) => {
			isAnswered = true;
			return data;
		});
	});
	tls.on('tlsClientError', () => {});
	const tlsPort = await portOf(tls);
	const wire = createServer((socket) => {
		isAnswered = false;
		join(socket, connect(tlsPort, '127.0.0.1'), (data) => {
			if (!isAnswered || !isDamaged()) return data;
			const damaged = Buffer.from(data);
			damaged.writeUInt8(damaged.readUInt8(data.length - 1) ^ 1, data.length - 1);
			return damaged;
		});
	});
	return {
		url: `https://127.0.0.1:${await portOf(wire)}`,
		close: () => {
			wire.close();
			tls.close();
		},
	};
}
