/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- runs in Node on a developer's machine, never inside n8n */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

// Mutates the code, one file after the other, and runs the tests of that file: `npm run test:mutation`.
// With files as arguments, only those are mutated.

/**
 * The tests of a file, in addition to the unit test with its name. Those of a folder are for its files
 * that have neither. Slow tests, with large batches and under faults, are left out.
 */
const ALSO: Record<string, string[]> = {
	'credentials/VideoSdkApi.credentials.ts': ['unit/credential'],
	'nodes/VideoSdk/api/answer.ts': [
		'unit/api/endOne',
		'unit/api/pages',
		'unit/api/sessions',
		'unit/api/sipWebhooks',
	],
	'nodes/VideoSdk/api/callEvents.ts': ['unit/webhook/callEvent'],
	'nodes/VideoSdk/api/endOne.ts': ['unit/api/sessions'],
	'nodes/VideoSdk/api/governor.ts': ['unit/api/governor-simulated'],
	'nodes/VideoSdk/api/isObject.ts': [
		'unit/api/pages',
		'unit/fields/metadata',
		'unit/webhook/sessionEvent',
	],
	'nodes/VideoSdk/api/live.ts': ['unit/api/sessions', 'unit/api/endOne'],
	'nodes/VideoSdk/api/quotable.ts': ['unit/api/errorResponse'],
	'nodes/VideoSdk/api/rooms.ts': ['unit/api/waitFor'],
	'nodes/VideoSdk/api/sendable.ts': [
		'unit/fields/text',
		'unit/webhook/callEvent',
		'unit/webhook/sessionEvent',
	],
	'nodes/VideoSdk/api/sessions.ts': ['unit/webhook/resume'],
	'nodes/VideoSdk/api/timeLimit.ts': ['unit/api/client'],
	'nodes/VideoSdk/api/transport.ts': ['unit/api/client'],
	'nodes/VideoSdk/api/uptime.ts': ['unit/api/stop'],
	'nodes/VideoSdk/api/waitFor.ts': ['unit/api/sessions'],
	'nodes/VideoSdk/execution/batch.ts': [
		'unit/execution/runOverItems',
		'unit/resources/startAndWait',
	],
	'nodes/VideoSdk/execution/capitalized.ts': ['unit/execution/summary'],
	'nodes/VideoSdk/execution/explainFailure.ts': ['unit/execution/explainError'],
	'nodes/VideoSdk/execution/invalidInput.ts': ['unit/execution/runOverItems'],
	'nodes/VideoSdk/execution/resumableExecution.ts': ['unit/resources/startAndWait'],
	'nodes/VideoSdk/execution/toItem.ts': ['unit/execution/runOverItems'],
	'nodes/VideoSdk/fields/': ['unit/VideoSdk.node'],
	'nodes/VideoSdk/fields/additionalFields.ts': [
		'unit/resources/callStart',
		'unit/fields/sessionStart',
	],
	'nodes/VideoSdk/fields/callId.ts': ['unit/fields/ids'],
	'nodes/VideoSdk/fields/deploymentId.ts': ['unit/fields/ids'],
	'nodes/VideoSdk/fields/filters.ts': ['unit/VideoSdk.node'],
	'nodes/VideoSdk/fields/keysAndValues.ts': ['unit/resources/callStart'],
	'nodes/VideoSdk/fields/metadata.ts': ['unit/resources/callStart'],
	'nodes/VideoSdk/fields/output.ts': ['unit/VideoSdk.node'],
	'nodes/VideoSdk/fields/requestOptions.ts': ['unit/VideoSdk.node'],
	'nodes/VideoSdk/fields/roomId.ts': ['unit/fields/ids'],
	'nodes/VideoSdk/fields/sessionId.ts': ['unit/fields/ids'],
	'nodes/VideoSdk/fields/sessionStart.ts': ['unit/VideoSdk.node'],
	'nodes/VideoSdk/fields/text.ts': ['unit/fields/filters'],
	'nodes/VideoSdk/fields/time.ts': ['unit/fields/filters'],
	'nodes/VideoSdk/listSearch/': ['engine/pickers'],
	'nodes/VideoSdk/resources/agentDeployment/': ['unit/resources/operations'],
	'nodes/VideoSdk/resources/agentSession/': ['unit/resources/operations'],
	'nodes/VideoSdk/resources/agentSession/earlyEvent.ts': ['unit/resources/startAndWait'],
	'nodes/VideoSdk/resources/agentSession/startAndWait.ts': ['unit/resources/startAndWait'],
	'nodes/VideoSdk/resources/call/': ['unit/resources/operations'],
	'nodes/VideoSdk/resources/call/callStart.ts': ['unit/resources/callStart'],
	'nodes/VideoSdk/resources/endWork.ts': ['unit/resources/end', 'unit/resources/endMany'],
	'nodes/VideoSdk/resources/get.ts': ['unit/resources/operations'],
	'nodes/VideoSdk/resources/getMany.ts': ['unit/resources/operations'],
	'nodes/VideoSdk/resources/liveSearch.ts': ['unit/resources/endMany'],
	'nodes/VideoSdk/resources/room/': ['unit/resources/operations'],
	'nodes/VideoSdk/webhook/eventBody.ts': ['unit/webhook/sessionEvent', 'unit/webhook/callEvent'],
	'nodes/VideoSdk/webhook/fetchSession.ts': ['unit/webhook/receive'],
	'nodes/VideoSdk/webhook/http.ts': ['unit/webhook/receive', 'unit/webhook/callEvent'],
	'nodes/VideoSdk/webhook/receive.ts': ['unit/webhook/callEvent'],
	'nodes/VideoSdk/webhook/resume.ts': ['unit/resources/startAndWait'],
	'nodes/VideoSdk/webhook/signedEvent.ts': ['unit/webhook/receive', 'unit/webhook/callEvent'],
	'nodes/VideoSdk/webhook/unconfirmedEvents.ts': ['unit/webhook/callEvent'],
	'nodes/VideoSdk/webhook/wantedEvents.ts': ['unit/webhook/receive'],
};

function testsOf(file: string): string[] {
	const own = `unit/${path.relative('nodes/VideoSdk', file).replace(/\.ts$/, '')}`;
	const tests = existsSync(`test/${own}.test.ts`) ? [own] : [];
	tests.push(...(ALSO[file] ?? []));
	return tests.length > 0 ? tests : (ALSO[`${path.dirname(file)}/`] ?? []);
}

async function sources(): Promise<string[]> {
	const folders = ['credentials', 'nodes'];
	const files = folders.map(async (folder) =>
		(await readdir(folder, { recursive: true })).map((file) => path.join(folder, file)),
	);
	return (await Promise.all(files))
		.flat()
		.filter((file) => /(?<!\.d)\.ts$/.test(file))
		.sort();
}

async function mutate(file: string): Promise<Record<string, number>> {
	// A CommonJS module can import an ECMAScript module only in this way.
	const { Stryker } = await import('@stryker-mutator/core');
	const tests = testsOf(file);
	const report = path.join('.tmp', 'mutation', file.replace(/\.ts$/, '').replaceAll(path.sep, '.'));
	const stryker = new Stryker({
		mutate: [file],
		// Tests with n8n's engine load dist/.
		...(tests.some((test) => test.startsWith('engine/')) && {
			buildCommand: 'npx gulp buildUnchecked',
		}),
		jest: {
			configFile: 'jest.mutation.config.js',
			enableFindRelatedTests: false,
			config: { testMatch: tests.map((test) => `<rootDir>/test/${test}.test.ts`) },
		},
		htmlReporter: { fileName: `${report}.html` },
		jsonReporter: { fileName: `${report}.json` },
	});
	const counts: Record<string, number> = {};
	for (const { status } of await stryker.runMutationTest()) {
		counts[status] = (counts[status] ?? 0) + 1;
	}
	return counts;
}

async function main(): Promise<void> {
	const named = process.argv.slice(2);
	const table: Record<string, Record<string, number>> = {};
	for (const file of named.length > 0 ? named : await sources()) {
		table[file] = await mutate(file);
	}
	console.table(table);
}

void main();
