/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTC_TIME = 0x17;

/** Gives a value in DER. */
function der(type: number, ...parts: Array<Buffer | string | number[]>): Buffer {
	const content = Buffer.concat(parts.map((part) => Buffer.from(part as Buffer)));
	const { length } = content;
	const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([type, ...size]), content]);
}

/** Makes a certificate that nobody vouches for, and its key (RFC 5280). */
function selfSigned(): { key: string; cert: string } {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
	const ecdsaWithSha256 = Buffer.from('300a06082a8648ce3d040302', 'hex');
	const nobody = der(SEQUENCE);
	const validity = der(SEQUENCE, der(UTC_TIME, '250101000000Z'), der(UTC_TIME, '491231235959Z'));
	const subject = publicKey.export({ type: 'spki', format: 'der' });
	const content = [der(INTEGER, [1]), ecdsaWithSha256, nobody, validity, nobody, subject];
	const toSign = der(SEQUENCE, ...content);
	const signature = der(BIT_STRING, [0], sign('sha256', toSign, privateKey));
	const certificate = der(SEQUENCE, toSign, ecdsaWithSha256, signature).toString('base64');
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
		cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
	};
}

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
	const tls = createTlsServer(selfSigned(), (socket) => {
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
