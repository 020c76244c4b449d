/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { execFile } from 'node:child_process';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sign } from 'jsonwebtoken';
import { find } from '../../dev/n8n/flow';
import type { Workflow } from '../../dev/n8n/rest';
import { expect, test as base } from './support/account';
import { allExecutions } from './support/executions';
import { post, webhookUrl } from './support/outside';
import { dumpDatabase, searchFolder } from './support/secrets';
import { Traffic } from './support/traffic';

const run = promisify(execFile);

const DATABASE = join('.n8n', 'database.sqlite');

/** As the node makes it. */
const tokenOf = (apiKey: string, secret: string) =>
	sign({ apikey: apiKey, permissions: ['allow_join'], version: 2 }, secret, { expiresIn: 600 });

// Whatever ran before, or did not: the credential is used once with success and once without, in
// front of a browser.
const test = base.extend<{ used: Workflow }>({
	used: async ({ world, account }, use) => {
		const example = await world.example('end-session-from-webhook');
		const workflow = await account.activate(example);
		const url = webhookUrl(world.n8n, find(example, 'Webhook'));
		const { sessionId } = account.api.sessions.add();
		expect((await post(url, { sessionId })).status).toBe(200);
		account.api.set({ secret: 'another' });
		expect((await post(url, { sessionId })).status).toBe(422);
		await use(workflow);
	},
});

test.setTimeout(300_000);

test('the n8n folder, with its database and log, contains no secret and no token', async ({
	world: { api, home, installed, n8n },
	used,
}) => {
	const { findings, files } = await searchFolder(home, api.secret, installed.node);

	expect(findings).toEqual([]);
	// What was searched is what n8n wrote.
	expect(files).toEqual(expect.arrayContaining([DATABASE, `${DATABASE}-wal`]));
	expect(files.map((file) => join(home, file))).toContain(n8n.logFile);
	const rows = await dumpDatabase(join(home, DATABASE), installed.node);
	for (const text of [used.id, 'Session stopped successfully', 'videoSdkApi']) {
		expect(rows).toContain(text);
	}
});

test('the traffic of the browser contains no secret and no token', async ({
	world: { api, rest, traffic },
	account: { credential },
	used,
	editor,
}) => {
	await editor.open(used);
	const panel = await editor.openNode('End session');
	const dialog = await panel.openCredential();
	await expect(dialog.field('secretKey')).toBeVisible();
	await dialog.close();
	await panel.close();
	const [latest] = await allExecutions(rest, used.id);
	await editor.show(`/workflow/${used.id}/executions/${latest?.id}`);
	await expect
		.poll(() => traffic.places)
		.toEqual(
			expect.arrayContaining([
				`answer to GET /rest/credentials/${credential.id}`,
				`answer to GET /rest/workflows/${used.id}`,
				`answer to GET /rest/executions/${latest?.id}`,
				'received on /rest/push',
			]),
		);
	await traffic.settled();
	expect(traffic.search(api.secret)).toEqual([]);
});

test('the search for secrets finds a secret and a token planted in the n8n folder', async ({
	world: { api, home, installed },
	used,
}) => {
	expect(used.id).not.toBe('');
	const copy = await mkdtemp(join(tmpdir(), 'n8n-nodes-videosdk-planted-'));
	try {
		await cp(join(home, '.n8n'), copy, {
			recursive: true,
			filter: (path) => !path.includes('node_modules'),
		});
		const search = async () => (await searchFolder(copy, api.secret, installed.node)).findings;
		expect(await search()).toEqual([]);

		const token = tokenOf(api.apiKey, api.secret);
		await appendFile(join(copy, 'n8n.log'), `request failed: {"authorization":"${token}"}\n`);
		for (const padding of ['', 'x', 'xx']) {
			const inBase64 = Buffer.from(`${padding}${api.secret}${padding}`).toString('base64');
			await writeFile(join(copy, `base64-${padding.length}`), `{"data":"${inBase64}"}`);
		}
		// A page of SQLite holds 4 KB, so that a long value is cut somewhere.
		const plant = `
			const { DatabaseSync } = require('node:sqlite');
			const database = new DatabaseSync(process.argv[1]);
			database.exec('create table planted (value text)');
			database.prepare('insert into planted values (?)').run(process.argv[2].repeat(50));`;
		const file = join(copy, 'database.sqlite');
		await run(installed.node, ['--no-warnings', '-e', plant, file, `${token} ${api.secret} `]);

		expect(await search()).toEqual(
			expect.arrayContaining([
				{ where: 'n8n.log', what: 'a token' },
				{ where: 'base64-0', what: 'the secret' },
				{ where: 'base64-1', what: 'the secret' },
				{ where: 'base64-2', what: 'the secret' },
				{ where: 'database.sqlite, as SQL reads it', what: 'the secret' },
				{ where: 'database.sqlite, as SQL reads it', what: 'a token' },
			]),
		);
		expect(await readFile(join(copy, 'n8n.log'), 'utf8')).not.toContain(api.secret);
	} finally {
		await rm(copy, { recursive: true, force: true });
	}
});

test('the search for secrets finds those in traffic, except in a credential form', async ({
	world: { api, n8n },
	browser,
}) => {
	const context = await browser.newContext({ baseURL: n8n.url });
	const traffic = new Traffic();
	traffic.watch(context);
	try {
		const page = await context.newPage();
		await page.route('**/planted/**', async (route) => {
			const json = { given: tokenOf(api.apiKey, 'whatever') };
			await route.fulfill(route.request().url().endsWith('/token') ? { json } : { json: {} });
		});
		await page.goto('/healthz');
		const secret = api.secret;
		await page.evaluate(
			async ([typed]) => {
				const send = async (path: string, init?: RequestInit) =>
					await (await fetch(path, init)).text();
				await send('/planted/token');
				await send('/planted/body', { method: 'POST', body: `{"key":"${typed}"}` });
				await send('/planted/header', { headers: { 'x-key': `${typed}` } });
				await send(`/planted/query?key=${typed}`);
				for (const path of ['/rest/credentials', '/rest/credentials/test']) {
					await send(path, { method: 'POST', body: `{"secretKey":"${typed}"}` });
				}
			},
			[secret],
		);
		await traffic.settled();

		const found = traffic.search(secret).map(({ what, where }) => `${what} in the ${where}`);
		expect(found.sort()).toEqual([
			'a token in the answer to GET /planted/token',
			'the secret in the body of POST /planted/body',
			'the secret in the headers of GET /planted/header',
			'the secret in the request GET /planted/query',
		]);
	} finally {
		await context.close();
	}
});
