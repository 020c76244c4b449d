/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs in Node beside the tests, never inside n8n */
import { defineConfig } from '@playwright/test';

// `npm run test:compat` names another, since it may run beside these tests.
const output = process.env.E2E_OUTPUT ?? '.tmp';

export default defineConfig({
	testDir: 'test/e2e',
	outputDir: `${output}/e2e`,
	// `npm run test:compat` names an older n8n, for the tests that have this in their
	// title: what only a server shows, and can differ there.
	grep: process.env.N8N_VERSION ? /@every-n8n/ : undefined,
	// One n8n for all files, in the order of their names.
	workers: 1,
	// A shared machine may be busy at the wrong moment. The report names what took two tries.
	retries: process.env.CI ? 1 : 0,
	timeout: 120_000,
	expect: { timeout: 15_000 },
	reporter: [['list'], ['json', { outputFile: `${output}/e2e.json` }]],
	use: {
		testIdAttribute: 'data-test-id',
		viewport: { width: 1440, height: 900 },
		actionTimeout: 15_000,
		// Without its film, which costs as much as the test. The trace itself costs a sixth of it.
		trace: { mode: process.env.CI ? 'on-first-retry' : 'retain-on-failure', screenshots: false },
		launchOptions: {
			executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
			args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
		},
	},
});
