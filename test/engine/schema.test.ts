/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests run in Node, never inside n8n */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import { checkout } from '../../dev/n8n/packed';
import { credentialOf, type VideoSdkApi } from '../../dev/videosdk-api';
import { WaitingExecution } from '../support/waiting';
import { operationsOf } from './sessions';
import { useEngine } from './setup';

const { engine, startApi, run } = useEngine();

interface Schema {
	type: string;
	properties?: Record<string, Schema>;
	items?: Schema;
}

async function schemaOf(operation: string): Promise<Schema> {
	const folder = join(checkout, 'dist/nodes/VideoSdk/__schema__/v1.0.0');
	return JSON.parse(await readFile(join(folder, `${operation}.json`), 'utf8')) as Schema;
}

function typeOf(value: unknown): string {
	if (Array.isArray(value)) return 'array';
	if (value === null) return 'null';
	return Number.isInteger(value) ? 'integer' : typeof value;
}

/** The fields of a value and of what is in it, each with its type. */
function fieldsOf(value: unknown, at = ''): string[] {
	if (Array.isArray(value)) return [`${at}: array`, ...fieldsOf(value[0], `${at}[]`)];
	if (typeof value !== 'object' || value === null) return [`${at}: ${typeOf(value)}`];
	const inside = Object.entries(value).flatMap(([name, field]) => fieldsOf(field, `${at}.${name}`));
	return [`${at}: object`, ...inside];
}

function fieldsOfSchema({ type, properties = {}, items }: Schema, at = ''): string[] {
	const inside = Object.entries(properties).flatMap(([name, field]) =>
		fieldsOfSchema(field, `${at}.${name}`),
	);
	return [`${at}: ${type}`, ...(items ? fieldsOfSchema(items, `${at}[]`) : []), ...inside];
}

const participants = [{ participantId: 'p1', name: 'Ann' }];

const metadata = { customer: '4711' };

const filters = { status: ['running', 'completed'] };

/** What each operation is run with, so that its items give every field that they can. */
const operations: Record<string, (api: VideoSdkApi) => IDataObject> = {
	'agentSession/end': (api) => ({ sessionId: byId(api.sessions.add().sessionId) }),
	'agentSession/endMany': (api) => {
		api.sessions.add();
		return { dryRun: false, filters: { status: ['running'] } };
	},
	'agentSession/get': (api) => {
		api.sessions.add({ sessionId: 'live' });
		api.sessions.add({ sessionId: 'ended' });
		api.sessions.setStatus('ended', 'completed');
		return { sessionId: byId('={{ $json.id }}') };
	},
	'agentSession/getAll': (api) => {
		api.sessions.add({ metadata });
		const { sessionId } = api.sessions.add();
		api.sessions.setStatus(sessionId, 'completed');
		return { filters, returnAll: true };
	},
	'agentSession/start': (api) => ({ deploymentId: byId(api.deployments.add().id) }),
	'agentSession/startAndWait': (api) => ({ deploymentId: byId(api.deployments.add().id) }),
	'batchCall/cancel': (api) => ({ batchId: byId(api.batchCalls.add().batchId) }),
	'batchCall/get': (api) => {
		api.batchCalls.add({ batchId: 'live' });
		api.batchCalls.add({ batchId: 'ended', status: 'completed' });
		return { batchId: byId('={{ $json.id }}') };
	},
	'batchCall/getAll': (api) => {
		api.batchCalls.add();
		return { filters: {}, returnAll: true };
	},
	'call/end': (api) => ({ callId: byId(api.calls.add().callId) }),
	'call/endMany': (api) => {
		api.calls.add();
		return { dryRun: false, filters: { status: ['answered'] } };
	},
	'call/get': (api) => {
		api.calls.add({ callId: 'live', metadata });
		api.calls.add({ callId: 'ended' });
		api.calls.setStatus('ended', 'ended');
		return { callId: byId('={{ $json.id }}') };
	},
	'call/getAll': (api) => {
		api.calls.add({ metadata });
		api.calls.setStatus(api.calls.add().callId, 'ended');
		return { filters: {}, returnAll: true };
	},
	'call/make': () => ({
		from: '+14155550100',
		to: '+14155550123',
		routingRuleId: 'rule',
		additionalFields: { metadataJson: '{ "customer": "4711" }' },
	}),
	'room/dispatchAgent': () => ({ roomId: byId('room'), agentId: 'agent' }),
	'room/endMany': (api) => {
		api.calls.add({ roomId: api.rooms.add({ participants }).roomId });
		return { dryRun: false, allLiveRooms: true };
	},
	'room/endSession': (api) => {
		const { roomId } = api.rooms.add({ participants });
		api.calls.add({ roomId });
		return { roomId: byId(roomId) };
	},
	'room/getAll': (api) => {
		api.rooms.add({ participants });
		return { filters: {}, returnAll: true };
	},
	'agentDeployment/create': () => ({ name: 'Line', description: 'Night' }),
	'agentDeployment/get': (api) => ({ deploymentId: byId(api.deployments.add().id), tag: 'v1.0' }),
	'agentDeployment/getAll': (api) => {
		api.deployments.add();
		return { returnAll: true };
	},
};

/** What comes out of a node that waits, once its session has ended. */
async function outputOfResumed(api: VideoSdkApi, parameters: IDataObject) {
	const settings = { credential: credentialOf(api), parameters };
	const execution = await WaitingExecution.start(engine(), settings);
	try {
		api.sessions.setStatus(String(execution.output()[0]?.json.sessionId), 'completed');
		await execution.over();
		return execution.output()[0]?.json;
	} finally {
		await execution.close();
	}
}

test.each(Object.keys(operations))(
	'the output schema of %s matches the output of a run',
	async (name) => {
		const api = await startApi();
		const [resource, operation] = name.split('/');
		const parameters = { resource, operation, ...operations[name]?.(api) };
		// Of one thing, not every field comes out.
		const ids = operation === 'get' ? ['live', 'ended'] : [''];
		const ran = await run(
			api,
			parameters,
			ids.map((id) => ({ json: { id } })),
		);
		expect(ran.error).toBeUndefined();
		const outputs = ran.run.waitTill
			? [await outputOfResumed(api, parameters)]
			: ran.items.map(({ json }) => json);
		const fields = new Set(outputs.flatMap((json) => fieldsOf(json)));
		expect([...fields].sort()).toEqual(fieldsOfSchema(await schemaOf(name)).sort());
	},
);

test('every operation has an output schema that is tested', () => {
	const { properties } = engine().nodeType('videoSdk').description;
	const names = operationsOf(properties).map((one) => `${one.resource}/${one.operation}`);
	const missing = names.filter((name) => !(name in operations));
	if (missing.length > 0) {
		throw new Error(
			`There is no sample of ${missing.join(', ')}. ` +
				`Add it to 'operations' in this file, with parameters that return every field, and its fields to nodes/VideoSdk/__schema__/v1.0.0/${missing[0]}.json.`,
		);
	}
	expect(Object.keys(operations).sort()).toEqual(names.sort());
});
