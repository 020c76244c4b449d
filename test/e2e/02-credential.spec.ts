/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { createServer } from 'node:http';
import { listen } from '../../dev/listen';
import { flow, sessionNode } from '../../dev/n8n/flow';
import { type Account, expect, test } from './support/account';
import type { CredentialDialog, Editor, NodePanel } from './support/ui';

interface Opened {
	panel: NodePanel;
	credential: CredentialDialog;
}

async function openNewCredential(editor: Editor, account: Account, name: string): Promise<Opened> {
	await editor.open(await account.save(flow(name, sessionNode('VideoSDK', 'get'))));
	const panel = await editor.openNode('VideoSDK');
	return { panel, credential: await panel.newCredential() };
}

test('a valid credential connects, and is not readable on the screen @every-n8n', async ({
	account,
	editor,
}) => {
	const { apiKey, secret: secretKey, url: baseUrl, stats } = account.api;
	const { panel, credential } = await openNewCredential(editor, account, 'The right secret');
	await expect(credential.field('baseUrl')).toHaveValue('https://api.videosdk.live');
	await expect(credential.field('apiKey')).toHaveAttribute('type', 'password');
	await expect(credential.field('secretKey')).toHaveAttribute('type', 'password');

	await credential.fill({ apiKey, secretKey, baseUrl });
	await credential.save();
	await credential.closeTested();

	expect(stats.requests.get('GET /ai/v1/ai-deployment-sessions')).toEqual({
		count: 1,
		lastStatus: 200,
	});
	await panel.openCredential();
	await expect(credential.dialog).toContainText('Connection tested successfully');
	await expect(credential.field('baseUrl')).toHaveValue(baseUrl);
	for (const [field, value] of Object.entries({ apiKey, secretKey })) {
		await expect(credential.field(field)).toHaveAttribute('type', 'password');
		await expect(credential.field(field)).not.toHaveValue(value);
	}
	await credential.close();
});

test('the credential dialog rejects what cannot work, and says why @every-n8n', async ({
	account,
	editor,
}) => {
	const { apiKey, secret: secretKey, url: baseUrl } = account.api;
	const { credential } = await openNewCredential(editor, account, 'Wrong entries');
	const page = createServer((_request, response) => response.end('<h1>Welcome</h1>'));
	const another = await listen(page);

	for (const [fields, says] of [
		[{ apiKey, secretKey, baseUrl: another.url }, 'responded, but it is not the VideoSDK API'],
		[
			{ baseUrl: 'http://api.videosdk.example' },
			'\'Base URL\' in the VideoSDK credential must start with https://, but is "http://api.videosdk.example". Without https://, others on the network could read the access token.',
		],
		[
			{ baseUrl, secretKey: 'not-the-secret' },
			// Older versions lose the status of the answer, and with it our sentence.
			process.env.N8N_VERSION
				? 'Authorization failed - please check your credentials'
				: 'VideoSDK did not accept the API key or the secret key. Copy both again from the VideoSDK dashboard (app.videosdk.live, API keys), and check that the clock of the server that runs n8n is right.',
		],
	] as const) {
		await credential.fill(fields);
		await credential.save();
		await credential.expectFailure(says);
	}
	await credential.close();
	await another.close();
});
