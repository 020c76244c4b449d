/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { checkout } from '../../dev/n8n/packed';
import type { Workflow } from '../../dev/n8n/rest';
import { type Account, expect, test } from './support/account';
import type { World } from './support/fixtures';
import { picture } from './support/pictures';
import type { Editor } from './support/ui';

const names = readdirSync(join(checkout, 'examples'))
	.filter((file) => file.endsWith('.json'))
	.map((file) => file.replace('.json', ''));

/** The example with a webhook, as if this had been sent to it. */
async function withRequest(world: World, account: Account, name: string): Promise<Workflow> {
	const { sessionId } = account.api.sessions.add({
		start: new Date(Date.now() - 43_000).toISOString(),
	});
	const example = await world.example('end-session-from-webhook');
	const pinData = { Webhook: [{ json: { body: { sessionId } } }] };
	return await account.save({ ...example, name, pinData });
}

async function fit(editor: Editor): Promise<Locator> {
	const canvas = editor.page.getByTestId('canvas-wrapper');
	await canvas.click({ position: { x: 20, y: 20 } });
	await editor.page.keyboard.press('1');
	await expect(editor.page.getByTestId('canvas-node').first()).toBeInViewport();
	// Else a connection that was under the pointer before stays marked.
	await canvas.hover({ position: { x: 25, y: 25 } });
	return canvas;
}

test.skip(!process.env.PICTURES, 'It only makes pictures; other files test what is on them.');

test.afterEach(async ({ editor }) => await editor.page.emulateMedia({ colorScheme: 'light' }));

test('a picture shows the open node after it has ended a session', async ({
	world,
	account,
	editor,
}) => {
	await editor.page.emulateMedia({ colorScheme: 'light' });
	await editor.open(await withRequest(world, account, 'End a session from a webhook (run)'));
	const { status } = await editor.run();
	expect(status).toBe('success');
	// What n8n says of the run covers a corner for some seconds.
	await expect(editor.page.getByRole('alert')).toHaveCount(0);
	const panel = await editor.openNode('End session');
	await expect(panel.output).toContainText('completed');
	const node = editor.page.getByTestId('ndv');
	await picture('node', node);
	await editor.page.emulateMedia({ colorScheme: 'dark' });
	await picture('node-dark', node);
	await panel.close();
});

test('a picture shows the credential dialog', async ({ world, account, editor }) => {
	await editor.open(await withRequest(world, account, 'A credential'));
	const panel = await editor.openNode('End session');
	const credential = await panel.openCredential();
	await expect(credential.dialog).toContainText('Base URL');
	await picture('credential', credential.dialog);
	await credential.close();
	await panel.close();
});

for (const name of names) {
	test(`a picture shows the example ${name}`, async ({ world, account, editor }) => {
		const example = await world.example(name);
		await editor.open(await account.save({ ...example, name: `${example.name} (picture)` }));
		await picture(`example-${name}`, await fit(editor));
	});
}
