/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { createServer, request as requestOf } from 'node:http';
import jwt from 'jsonwebtoken';
import { listen } from '../../dev/listen';
import type { VideoSdkApi } from '../../dev/videosdk-api';

/** One address for the projects of several customers, as VideoSDK has. */
export interface Gateway {
	url: string;
	/** The API keys of the requests, in the order in which they were answered. */
	answered: string[];
	close(): Promise<void>;
}

/**
 * Starts a server that passes each request on to the fake API whose API key is in the token. Whether the
 * token is signed with the secret of that project, the fake API checks.
 */
export async function startGateway(apis: VideoSdkApi[]): Promise<Gateway> {
	const answered: string[] = [];
	const server = createServer((incoming, outgoing) => {
		const claims = jwt.decode(incoming.headers.authorization ?? '');
		const apiKey = typeof claims === 'object' ? String(claims?.apikey) : '';
		const api = apis.find((one) => one.apiKey === apiKey);
		if (!api) {
			outgoing.writeHead(401).end();
			return;
		}
		const { method, url, headers } = incoming;
		const onward = requestOf(api.url + url, { method, headers }, (answer) => {
			answered.push(apiKey);
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(outgoing);
		});
		onward.on('error', () => outgoing.destroy());
		incoming.pipe(onward);
	});
	const { url, close } = await listen(server, { backlog: 2_048 });
	return { url, answered, close };
}
