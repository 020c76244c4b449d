/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node on a developer's machine, never inside n8n */
import '../test/support/environment';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IDataObject, INodeExecutionData, IWorkflowBase } from 'n8n-workflow';
import { checkout } from '../dev/n8n/packed';
import {
	startVideoSdkApi,
	type VideoSdkApi,
	credentialOf,
	type CredentialFields,
} from '../dev/videosdk-api';
import { Engine, workflowOf } from '../test/support/engine';

const MINUTE = 60_000;

async function readExample(name: string): Promise<IWorkflowBase> {
	const file = join(checkout, 'examples', `${name}.json`);
	return JSON.parse(await readFile(file, 'utf8')) as IWorkflowBase;
}

function table(rows: IDataObject[], columns: string[]) {
	console.table(rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]]))));
}

const jsonOf = (items: INodeExecutionData[] = []) => items.map(({ json }) => json);

/** Runs the example with one item for each session, as its Webhook node makes them. */
async function endFromWebhook(engine: Engine, credential: CredentialFields, sessionIds: string[]) {
	const items = sessionIds.map((sessionId) => ({ json: { body: { sessionId } } }));
	const result = await engine.run(await readExample('end-session-from-webhook'), credential, items);
	const [ended, failed] = result.outputs('End session');
	console.log('\nWhat came out of the node:');
	table(jsonOf(ended), ['sessionId', 'status', 'duration', 'deploymentId', 'alreadyEnded']);
	if (failed?.length) {
		console.log('\nWhat came out of its error output:');
		for (const { error } of jsonOf(failed)) {
			const { message, description } = error as IDataObject;
			console.log(`  ${message}\n  ${description}`);
		}
	}
	result.hints('End session').forEach(({ message }) => console.log(`\nHint: ${message}`));
	return { ended: ended?.length ?? 0, failed: failed?.length ?? 0 };
}

/** Adds four running sessions and an ended one. @returns their IDs, and an unknown one */
function addSessions(api: VideoSdkApi): string[] {
	const now = Date.now();
	const { id: deploymentId } = api.deployments.add({ name: 'Support line', tag: 'v1.0' });
	const start = (minutes: number) => new Date(now - minutes * MINUTE).toISOString();
	const running = [1, 12, 90, 600].map((minutes) =>
		api.sessions.add({ deploymentId, tag: 'v1.0', status: 'running', start: start(minutes) }),
	);
	const ended = api.sessions.add({
		deploymentId,
		tag: 'v1.0',
		status: 'completed',
		start: start(30),
		end: start(25),
		duration: 300,
	});
	return [...running.map(({ sessionId }) => sessionId), ended.sessionId, 'no-such-session'];
}

async function endManyFromList(engine: Engine, credential: CredentialFields, api: VideoSdkApi) {
	for (const minutes of [5, 75, 200]) {
		api.sessions.add({
			status: 'running',
			tag: 'v2.0',
			start: new Date(Date.now() - minutes * MINUTE).toISOString(),
		});
	}
	const many = async (parameters: IDataObject) => {
		const session = { resource: 'agentSession', options: {}, ...parameters };
		return (await engine.run(workflowOf(session), credential, [{ json: {} }])).outputs('VideoSDK');
	};

	console.log('\nGet Many: the live sessions of version v2.0');
	const filters = { tag: 'v2.0', status: ['queued', 'running'] };
	const [live] = await many({ operation: 'getAll', returnAll: true, filters });
	table(jsonOf(live), ['sessionId', 'status', 'runningSeconds', 'tag', 'start']);

	console.log('\nEnd Many: those that have been running for more than an hour');
	const [ended] = await many({
		operation: 'endMany',
		dryRun: false,
		allLiveSessions: false,
		filters: { runningLongerThan: 60 },
	});
	table(jsonOf(ended), ['sessionId', 'status', 'duration', 'tag', 'start']);
}

async function demonstrate() {
	const engine = await Engine.load();
	const api = await startVideoSdkApi();
	const credential = credentialOf(api);
	try {
		console.log(
			"n8n's own engine runs examples/end-session-from-webhook.json with six sessions in one batch.",
		);
		console.log('A fake API on this machine answers in the place of VideoSDK.');
		const { ended, failed } = await endFromWebhook(engine, credential, addSessions(api));
		await endManyFromList(engine, credential, api);
		console.log(`\n${ended} sessions have ended, ${failed} failed.`);
	} finally {
		await api.close();
	}
}

async function main() {
	const {
		VIDEOSDK_API_KEY: apiKey,
		VIDEOSDK_SECRET_KEY: secretKey,
		VIDEOSDK_BASE_URL,
	} = process.env;
	const sessionIds = process.argv.slice(2);
	if (!apiKey || !secretKey || sessionIds.length === 0) {
		await demonstrate();
		console.log(
			'\nTo end a session of yours on the real service: set VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY, then npm run demo -- <session ID>',
		);
		return;
	}
	const baseUrl = VIDEOSDK_BASE_URL ?? 'https://api.videosdk.live';
	console.log(`Ending ${sessionIds.length} of your sessions at ${baseUrl}.`);
	const { failed } = await endFromWebhook(
		await Engine.load(),
		{ apiKey, secretKey, baseUrl },
		sessionIds,
	);
	process.exitCode = failed === 0 ? 0 : 1;
}

void main();
