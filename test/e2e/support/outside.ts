/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { createServer } from 'node:http';
import type { INode } from 'n8n-workflow';
import { listen } from '../../../dev/listen';

/** An answer as somebody outside of n8n sees it. */
export interface Answer {
	status: number;
	headers: Headers;
	text: string;
}

/** Sends something to an address of n8n, as JSON unless it is text or bytes. */
export async function post(
	url: string,
	body: unknown,
	headers: Record<string, string> = {},
): Promise<Answer> {
	const raw = typeof body === 'string' || Buffer.isBuffer(body);
	const response = await fetch(url, {
		method: 'POST',
		body: raw ? body : JSON.stringify(body),
		// On a connection of its own: n8n may close a kept one at the moment it is used.
		headers: { 'content-type': 'application/json', connection: 'close', ...headers },
		redirect: 'manual',
	});
	return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The production URL of a Webhook node. */
export function webhookUrl(n8n: { url: string }, { parameters }: INode): string {
	return `${n8n.url}/webhook/${String(parameters.path)}`;
}

/** The production URL of a VideoSDK Trigger; `webhook-test` gives the test URL. */
export function triggerUrl(
	n8n: { url: string },
	{ webhookId }: INode,
	endpoint: 'webhook' | 'webhook-test' = 'webhook',
): string {
	return `${n8n.url}/${endpoint}/${String(webhookId)}/videosdk`;
}

/** A request that came to a {@link Recorder}. */
export interface Recorded {
	method: string;
	path: string;
	headers: Record<string, unknown>;
	body: string;
}

/** A server of somebody else's on loopback, which keeps what it gets. */
export interface Recorder {
	url: string;
	requests: Recorded[];
	close(): Promise<void>;
}

/** Starts a server that answers each request with 200 and writes it down. */
export async function startRecorder(): Promise<Recorder> {
	const requests: Recorded[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const { method = '', url: path = '', headers } = request;
			requests.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
			response.setHeader('content-type', 'application/json');
			response.end('{"ok":true}');
		});
	});
	const { url, close } = await listen(server);
	return { url, requests, close };
}
