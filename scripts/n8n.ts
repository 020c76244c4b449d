/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/require-node-api-error, no-console -- runs in Node on a developer's machine, never inside n8n */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import getPort, { portNumbers } from 'get-port';
import { withCredentials } from '../dev/n8n/flow';
import { prepareN8n } from '../dev/n8n/install';
import { folderOf, packInto } from '../dev/n8n/packed';
import { startGroup } from '../dev/n8n/processes';
import {
	N8nRest,
	N8nRestError,
	OWNER,
	type SavedCredential,
	type Workflow,
	type WorkflowFile,
} from '../dev/n8n/rest';
import { startN8n, type RunningN8n } from '../dev/n8n/server';
import {
	startVideoSdkApi,
	type Session,
	type VideoSdkApi,
	credentialOf,
} from '../dev/videosdk-api';

// A real n8n with this package in it, to try it by hand: `npm run n8n`. It uses a fake VideoSDK,
// unless `--real` is given: then you create the credential yourself. With `--watch`, which is
// `npm run dev`, a change of the code is in it a moment later.

const EXAMPLES = path.join(__dirname, '..', 'examples');

/** The steps to undo at the end, in the order in which they were done. */
const undo: Array<() => Promise<unknown>> = [];

async function main(): Promise<void> {
	const real = process.argv.includes('--real');
	const watch = process.argv.includes('--watch');
	const interrupted = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => interrupted.abort());
	}
	// After SIGHUP there is no terminal to print to, but n8n still has to be stopped.
	for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

	try {
		const n8n = await bringUp(real, watch, interrupted.signal);
		const how = await Promise.race([n8n.ended, aborted(interrupted.signal)]);
		if (how) throw new Error(`n8n stopped: ${how}`);
	} catch (error) {
		if (!interrupted.signal.aborted) {
			console.error(`\n${error instanceof Error ? error.message : String(error)}`);
			process.exitCode = 1;
		}
	} finally {
		if (undo.length > 0) console.log('\nStopping …');
		for (const step of undo.reverse()) await step().catch(console.error);
	}
}

async function bringUp(real: boolean, watch: boolean, signal: AbortSignal): Promise<RunningN8n> {
	const prepared = await prepareN8n(console.log, signal);

	const home = await mkdtemp(path.join(tmpdir(), 'n8n-videosdk-'));
	undo.push(async () => await rm(home, { recursive: true, force: true, maxRetries: 3 }));
	const { tarball } = await packInto(home);

	const fakeApi = real ? undefined : await startFakeApi();

	console.log('Starting n8n …');
	const port = await getPort({ port: portNumbers(5678, 5778), host: '127.0.0.1' });
	const env = watch ? { N8N_DEV_RELOAD: 'true' } : {};
	const n8n = await startN8n({ n8n: prepared, home, port, tarball, env, signal });
	undo.push(n8n.stop);

	const rest = new N8nRest(n8n.url);
	await rest.setUpOwner();
	if (n8n.installed) await rest.installCommunityPackage(n8n.installed);
	const credential = fakeApi && (await saveCredential(rest, fakeApi.api));
	const examples = await importExamples(rest, n8n.url, credential);
	signal.throwIfAborted();

	describe(n8n, examples, fakeApi);
	if (watch && n8n.installed) buildOnChange(folderOf(home, n8n.installed));
	return n8n;
}

/** @param installed the folder of the package in n8n */
function buildOnChange(installed: string): void {
	const gulp = path.join(path.dirname(require.resolve('gulp')), 'bin', 'gulp.js');
	const { ended, kill } = startGroup(process.execPath, [gulp, 'watch'], {
		cwd: path.join(__dirname, '..'),
		env: { ...process.env, INSTALLED: installed },
		stdio: 'inherit',
	});
	undo.push(async () => {
		kill('SIGTERM');
		await ended;
	});
	console.log('\nA change of nodes/, credentials/ or icons/ is there after a reload of the page.');
}

interface FakeApi {
	api: VideoSdkApi;
	sessions: Session[];
}

/** Starts a fake API with two deployments, 5 ended sessions and 25 live ones. */
async function startFakeApi(): Promise<FakeApi> {
	const api = await startVideoSdkApi();
	undo.push(async () => await api.close());

	const deployments = [
		api.deployments.add({ name: 'Support line', description: 'Answers the phone' }),
		api.deployments.add({ name: 'Appointment reminders', description: 'Calls people back' }),
	];
	const statuses = [
		...['completed', 'completed', 'stopped', 'failed', 'completed'],
		...Array<string>(20).fill('running'),
		...['stopping', 'stopping', 'queued', 'queued', 'queued'],
	];
	const sessions = statuses.map((status, index) => {
		const deployment = deployments[index % deployments.length];
		const start = Date.now() - (statuses.length - index) * 60_000;
		const seconds = 40 + index;
		const end = index < 5 ? start + seconds * 1000 : undefined;
		return api.sessions.add({
			status,
			deploymentId: deployment?.id,
			tag: deployment?.tag,
			start: iso(start),
			createdAt: iso(start),
			updatedAt: iso(end ?? start),
			...(end && { end: iso(end), duration: seconds }),
			metadata: { caller: `+1 555 01${String(index).padStart(2, '0')}` },
		});
	});
	return { api, sessions };
}

function iso(time: number): string {
	return new Date(time).toISOString();
}

async function saveCredential(rest: N8nRest, api: VideoSdkApi): Promise<SavedCredential> {
	return await rest.createCredential('VideoSDK fake API', 'videoSdkApi', credentialOf(api));
}

interface Example {
	workflow: Workflow;
	/** The arguments of curl to call its webhook, if it is active. */
	webhook?: string;
}

async function importExamples(
	rest: N8nRest,
	url: string,
	credential?: SavedCredential,
): Promise<Example[]> {
	const files = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.json')).sort();
	const examples: Example[] = [];
	for (const name of files) {
		const file = JSON.parse(await readFile(path.join(EXAMPLES, name), 'utf8')) as WorkflowFile;
		const workflow = await rest.createWorkflow(
			credential ? withCredentials(file, credential) : file,
		);
		const webhook = workflow.nodes.find(({ type }) => type === 'n8n-nodes-base.webhook');
		const active = credential && webhook && (await activate(rest, workflow));
		examples.push({
			workflow,
			webhook: active
				? `-X ${webhook.parameters.httpMethod} ${url}/webhook/${webhook.parameters.path}`
				: undefined,
		});
	}
	return examples;
}

async function activate(rest: N8nRest, workflow: Workflow): Promise<boolean> {
	try {
		await rest.activate(workflow);
		return true;
	} catch (error) {
		// The example also needs another credential, such as one of a language model.
		if (error instanceof N8nRestError && error.status === 400) return false;
		throw error;
	}
}

function describe(n8n: RunningN8n, examples: Example[], fakeApi?: FakeApi): void {
	const shown = examples.find(({ webhook }) => webhook) ?? examples[0];
	const lines = [
		'',
		'n8n is running, with this package in it. Ctrl-C stops it and removes all it wrote.',
		'',
		`  Open     ${n8n.url}${shown ? `/workflow/${shown.workflow.id}` : '/'}`,
		`  Sign in  ${OWNER.email} with the password ${OWNER.password}`,
		`  Log      ${n8n.logFile}`,
	];
	if (fakeApi) {
		const { api, sessions } = fakeApi;
		lines.push(
			`  API      a stand-in for VideoSDK at ${api.url}, with ${sessions.length} sessions`,
		);
		const session = sessions.find(({ status }) => status === 'running');
		if (session) lines.push(`  Session  ${session.sessionId}, which is running`);
		if (session && shown?.webhook) {
			lines.push(
				'',
				`  curl ${shown.webhook} \\`,
				`    -H 'content-type: application/json' -d '{"sessionId":"${session.sessionId}"}'`,
			);
		}
	} else {
		lines.push('  API      the real one: choose a credential of your own in the VideoSDK nodes');
	}
	console.log(lines.join('\n'));
}

async function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

void main();
