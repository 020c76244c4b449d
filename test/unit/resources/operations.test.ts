import type { IDataObject } from 'n8n-workflow';
import type { Operation } from '../../../nodes/VideoSdk/execution/operation';
import { agentDeploymentResource } from '../../../nodes/VideoSdk/resources/agentDeployment';
import { agentSessionResource } from '../../../nodes/VideoSdk/resources/agentSession';
import { batchCallResource } from '../../../nodes/VideoSdk/resources/batchCall';
import { callResource } from '../../../nodes/VideoSdk/resources/call';
import { roomResource } from '../../../nodes/VideoSdk/resources/room';
import { runOver, type RunOverSettings } from '../../support/runOver';

const { operations: ofDeployments } = agentDeploymentResource;
const { operations: ofSessions } = agentSessionResource;
const { operations: ofCalls } = callResource;
const { operations: ofRooms } = roomResource;

/** An operation, what its fields hold for each item, and what VideoSDK answers. */
interface Case {
	operation: Operation | undefined;
	fields: IDataObject;
	/** What is written in the fields, where it is an expression. */
	written?: IDataObject;
	body?: IDataObject;
}

/** Finds what stands at a path such as `additionalFields.versionId`. */
const at = (fields: IDataObject, path: string) =>
	path
		.split('.')
		.reduce<unknown>((value, name) => (value as IDataObject | undefined)?.[name], fields);

async function run(
	{ operation, fields, written = {}, body = {} }: Case,
	settings: RunOverSettings = {},
	items: IDataObject[] = [{}],
) {
	if (!operation) throw new Error('There is no such operation.');
	const { requests, ...result } = await runOver(items, operation, {
		parameter: (name, _index, _fallback, { rawExpressions }) =>
			at(rawExpressions ? { ...fields, ...written } : fields, name),
		answer: () => ({ body }),
		...settings,
	});
	const sent = requests.map(({ method, url, qs, body: text }) => ({
		method,
		url,
		...(qs && { qs }),
		...(typeof text === 'string' && { body: JSON.parse(text) as IDataObject }),
	}));
	return { ...result, sent };
}

const create: Case = {
	operation: ofDeployments.create,
	fields: { name: ' Line ' },
	body: { id: 'd' },
};
const getDeployment: Case = {
	operation: ofDeployments.get,
	fields: { deploymentId: 'd', tag: 'v1' },
	body: { id: 'd' },
};
const start: Case = {
	operation: ofSessions.start,
	fields: { deploymentId: 'd' },
	body: { data: { sessionId: 's', status: 'queued' } },
};
const make: Case = {
	operation: ofCalls.make,
	fields: { to: '+14155550123', from: '+14155550100', routingRuleId: 'r' },
	body: { data: { callId: 'c', to: '+14155550123' } },
};
const dispatch: Case = {
	operation: ofRooms.dispatchAgent,
	fields: { roomId: 'r', agentId: 'a' },
	body: { data: { success: true } },
};

const get: Case = {
	operation: ofSessions.get,
	fields: { sessionId: 's', simplify: false },
	body: { sessionId: 's', other: 1 },
};

test.each<[string, Case, object, IDataObject]>([
	[
		'Get',
		get,
		{ method: 'GET', url: '/ai/v1/ai-deployment-sessions/s' },
		{ sessionId: 's', other: 1 },
	],
	[
		'Create',
		create,
		{ method: 'POST', url: '/ai/v1/ai-deployments', body: { name: 'Line' } },
		{ id: 'd' },
	],
	[
		'Create, with a description',
		{ ...create, fields: { name: 'Line', description: ' Night ' } },
		{ method: 'POST', url: '/ai/v1/ai-deployments', body: { name: 'Line', description: 'Night' } },
		{ id: 'd' },
	],
	[
		'Create, with a description of nothing',
		{ ...create, fields: { name: 'Line', description: ' ' } },
		{ method: 'POST', url: '/ai/v1/ai-deployments', body: { name: 'Line' } },
		{ id: 'd' },
	],
	[
		'Get of a deployment',
		getDeployment,
		{ method: 'GET', url: '/ai/v1/ai-deployments/d/v1' },
		{ id: 'd' },
	],
	[
		'Start',
		start,
		{ method: 'POST', url: '/ai/v1/ai-deployment-sessions/start', body: { deploymentId: 'd' } },
		{ sessionId: 's', status: 'queued' },
	],
	[
		'Make',
		make,
		{
			method: 'POST',
			url: '/v2/sip/call',
			body: { sipCallTo: '+14155550123', routingRuleId: 'r', sipCallFrom: '+14155550100' },
		},
		{ callId: 'c', to: '+14155550123' },
	],
	[
		'Dispatch Agent',
		dispatch,
		{
			method: 'POST',
			url: '/v2/agent/dispatch',
			body: { meetingId: 'r', roomId: 'r', agentId: 'a' },
		},
		{ success: true },
	],
	[
		'Dispatch Agent, with all that can be given',
		{
			...dispatch,
			fields: {
				...dispatch.fields,
				additionalFields: { versionId: ' v1 ', metadataJson: '{"a":1}', roomOptions: '{"b":2}' },
			},
		},
		{
			method: 'POST',
			url: '/v2/agent/dispatch',
			body: {
				...{ meetingId: 'r', roomId: 'r', agentId: 'a', versionId: 'v1' },
				...{ metadata: { a: 1 }, roomOptions: { b: 2 } },
			},
		},
		{ success: true },
	],
	[
		'Dispatch Agent, with fields that were left empty',
		{
			...dispatch,
			fields: {
				...dispatch.fields,
				additionalFields: { versionId: ' ', metadataJson: '{}', roomOptions: '' },
			},
		},
		{
			method: 'POST',
			url: '/v2/agent/dispatch',
			body: { meetingId: 'r', roomId: 'r', agentId: 'a' },
		},
		{ success: true },
	],
])('%s: what is sent, and what comes out', async (_name, one, sent, json) => {
	const result = await run(one);
	expect(result.error).toBeUndefined();
	expect(result.sent).toEqual([sent]);
	expect(result.items).toMatchObject([{ json, pairedItem: { item: 0 } }]);
});

/** The field of a text, what it is called in the panel and in errors, and what to do about it. */
const texts: Array<[string, Case, string, string, string, string]> = [
	['Create', create, 'name', 'Name', 'deployment name', "In 'Name', enter a short name."],
	[
		'Get of a deployment',
		getDeployment,
		'tag',
		'Tag',
		'tag',
		"Choose a version in 'Deployment', or enter it in 'Tag', such as v1.0.",
	],
	[
		'Dispatch Agent',
		dispatch,
		'agentId',
		'Agent ID',
		'agent ID',
		"In 'Agent ID', enter the ID of the agent, as in its code or in the VideoSDK dashboard.",
	],
];

test.each(texts)(
	'%s says of an expression that finds nothing where it stands',
	async (_name, one, path, field, _noun, nextStep) => {
		const empty = {
			...one,
			fields: { ...one.fields, [path]: undefined },
			written: { [path]: '={{ $json.none }}' },
		};
		const { error, sent } = await run(empty);
		expect(error).toMatchObject({
			message: `The expression in '${field}' returned nothing`,
			description: expect.stringContaining(nextStep),
		});
		expect(sent).toEqual([]);
	},
);

const additional = (fields: IDataObject): Case => ({
	...dispatch,
	fields: { ...dispatch.fields, additionalFields: fields },
});

test.each<[string, Case, string, string]>([
	...texts.map(([name, one, path, , noun, nextStep]): [string, Case, string, string] => [
		name,
		{ ...one, fields: { ...one.fields, [path]: {} } },
		`The ${noun} is an object, not text`,
		nextStep,
	]),
	[
		'Dispatch Agent, Version ID',
		additional({ versionId: {} }),
		'The version ID is an object, not text',
		"Check 'Version ID', or remove it.",
	],
	[
		'Dispatch Agent, Room Options',
		additional({ roomOptions: '[]' }),
		"'Room Options (JSON)' is not a JSON object",
		'Enter a JSON object, such as',
	],
	[
		'Dispatch Agent, Metadata',
		additional({ metadataJson: '[]' }),
		"'Metadata (JSON)' is not a JSON object",
		'Enter a JSON object, such as',
	],
])('%s says what is no text', async (_name, one, message, nextStep) => {
	const { error, sent } = await run(one);
	expect(error).toMatchObject({ message, description: expect.stringContaining(nextStep) });
	expect(sent).toEqual([]);
});

test.each<[string, Case]>([
	['Create', create],
	['Start', start],
	['Make', make],
	['Dispatch Agent', dispatch],
])("%s refuses n8n's Retry On Fail", async (_name, one) => {
	const { error, sent } = await run(one, { node: { retryOnFail: true } });
	expect(error).toHaveProperty('message', expect.stringContaining("'Retry On Fail' must be off"));
	expect(sent).toEqual([]);
});

test.each<[string, Case, string, string]>([
	['Create', create, 'Created 0 of 2 deployments', '"Line"'],
	['Get of a deployment', getDeployment, 'Read 0 of 2 deployments', '"d"'],
	['Get', get, 'Read 0 of 2 sessions', '"s"'],
	['Make', make, 'Made 0 of 2 calls', '"+14155550123"'],
	['Dispatch Agent', dispatch, 'Dispatched 0 of 2 agents', '"r"'],
	['Start', start, 'Started 0 of 2 sessions', 'item 1'],
])('%s: an error says which was not attempted', async (_name, one, result, named) => {
	const { error } = await run(one, { maxConcurrency: 1, answer: () => ({ statusCode: 403 }) }, [
		{},
		{},
	]);
	expect(error).toHaveProperty('description', expect.stringContaining(`${result}. Still to do: `));
	expect(error).toHaveProperty(
		'description',
		expect.stringContaining(`; ${named} – not attempted.`),
	);
});

test('Get of a deployment asks once for a version that several items name', async () => {
	const named = [
		['d', 'v1'],
		['d', 'v1'],
		['d', 'v2'],
		['e', 'v1'],
	];
	const { sent } = await run(
		getDeployment,
		{ parameter: (name, index) => named[index]?.[name === 'tag' ? 1 : 0] },
		named.map(() => ({})),
	);
	expect(sent.map(({ url }) => url)).toEqual(
		['d/v1', 'd/v2', 'e/v1'].map((path) => `/ai/v1/ai-deployments/${path}`),
	);
});

test.each([
	[{ returnAll: true }, 3],
	[{ returnAll: false, limit: 2 }, 2],
])('Get Many of deployments gives as many as are wanted: %j', async (fields, expected) => {
	const data = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
	const { items } = await run({ operation: ofDeployments.getAll, fields, body: { data } });
	expect(items).toMatchObject(
		data.slice(0, expected).map((json) => ({ json, pairedItem: { item: 0 } })),
	);
});

test('Get asks once for a session that several items name, and gives each what it wants of it', async () => {
	const named = ['s', 't', 's'];
	const { items, sent } = await run(
		get,
		{
			parameter: (name, index) =>
				({ sessionId: named[index], simplify: index !== 0 })[name as string],
			answer: ({ url }) => ({ body: { sessionId: url.slice(-1), other: 1 } }),
		},
		named.map(() => ({})),
	);
	expect(sent.map(({ url }) => url.slice(-1))).toEqual(['s', 't']);
	expect(items).toMatchObject([
		{ json: { sessionId: 's', other: 1 } },
		{ json: { sessionId: 't' } },
		{ json: { sessionId: 's' } },
	]);
});

test.each<[string, IDataObject, string[]]>([
	['all', { returnAll: true, filters: {} }, ['a', 'b', 'c']],
	['as many as are wanted', { limit: 2, filters: {} }, ['a', 'b']],
	[
		'those that pass all filters',
		{ returnAll: true, filters: { tag: 'x', deploymentId: 'd' } },
		['c'],
	],
])('Get Many gives %s', async (_name, fields, expected) => {
	const data = [
		{ sessionId: 'a', tag: 'x' },
		{ sessionId: 'b', deploymentId: 'd' },
		{ sessionId: 'c', tag: 'x', deploymentId: 'd' },
	];
	const { items } = await run({
		operation: ofSessions.getAll,
		fields: { simplify: false, ...fields },
		body: { data },
	});
	expect(items?.map(({ json }) => json)).toEqual(
		data.filter(({ sessionId }) => expected.includes(sessionId)),
	);
});

describe('Start, with Wait Until Running', () => {
	beforeEach(() => {
		jest.useFakeTimers();
	});
	afterEach(() => {
		jest.useRealTimers();
	});

	async function startWith(options: IDataObject, runsAfter: number, settings?: RunOverSettings) {
		let looks = 0;
		const running = run(start, {
			options,
			answer: ({ method }) => {
				if (method === 'POST') return { body: start.body };
				return { body: { sessionId: 's', status: ++looks > runsAfter ? 'running' : 'queued' } };
			},
			...settings,
		});
		await jest.advanceTimersByTimeAsync(200_000);
		return await running;
	}

	test.each([[{}], [{ waitUntilRunning: false }], [{ waitUntilRunning: 'true' }]])(
		'off, gives it as it was started: %j',
		async (options) => {
			const { items, sent } = await startWith(options, 0);
			expect(items).toMatchObject([{ json: { sessionId: 's', status: 'queued' } }]);
			expect(sent).toHaveLength(1);
		},
	);

	test('on, looks at it until it runs', async () => {
		const { items, sent } = await startWith({ waitUntilRunning: true }, 1);
		expect(items).toMatchObject([{ json: { sessionId: 's', status: 'running' } }]);
		expect(sent.slice(1)).toMatchObject([
			{ method: 'GET', url: '/ai/v1/ai-deployment-sessions/s' },
			{ method: 'GET', url: '/ai/v1/ai-deployment-sessions/s' },
		]);
	});

	test('gives up when its time is over, and names the session', async () => {
		const { error } = await startWith({ waitUntilRunning: true, waitTimeout: 5 }, 99);
		expect(error).toHaveProperty(
			'message',
			'Session "s" was started but is not running: after 5 seconds its status is still queued',
		);
	});

	test('waits for nothing where there is no credential', async () => {
		const { error } = await startWith({ waitUntilRunning: true }, 0, { hasCredential: false });
		expect(error).toHaveProperty('message', 'There is no credential.');
	});
});

test('the fields of rooms speak of rooms, as their operations do', () => {
	const texts = JSON.stringify([ofRooms.endMany, ofRooms.endSession, ofRooms.getAll]);
	expect(texts).toContain('Only rooms that started after this time');
	expect(texts).not.toMatch(/sessions? (has|takes|that)|Return Session/);
});

test.each(
	[
		agentDeploymentResource,
		agentSessionResource,
		batchCallResource,
		callResource,
		roomResource,
	].map(({ option, operations, description }) => ({
		resource: option.name,
		operations,
		description,
	})),
)("the operations of '$resource' are listed by name", ({ operations, description }) => {
	const options = Object.values(operations).map(({ option }) => option);
	const names = options.map(({ name }) => name);
	expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b)));
	expect(description[0]).toMatchObject({ name: 'operation', options });
	expect(operations).toHaveProperty([description[0]?.default as string]);
	for (const { action, description: text } of options) {
		expect(action).toMatch(/^[A-Z][a-z ]+$/);
		expect(text).toMatch(/^[A-Z]/);
	}
});
