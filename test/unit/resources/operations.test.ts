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

const [TO, FROM] = ['+14155550123', '+14155550100'];
const [DEPLOYMENTS, SESSIONS] = ['/ai/v1/ai-deployments', '/ai/v1/ai-deployment-sessions'];

const create: Case = {
	...{ operation: ofDeployments.create, fields: { name: ' Line ' }, body: { id: 'd' } },
};
const getDeployment: Case = {
	...{ operation: ofDeployments.get, fields: { deploymentId: 'd', tag: 'v1' }, body: { id: 'd' } },
};
const start: Case = {
	...{ operation: ofSessions.start, fields: { deploymentId: 'd' } },
	body: { data: { sessionId: 's', status: 'queued' } },
};
const make: Case = {
	...{ operation: ofCalls.make, fields: { to: TO, from: FROM, routingRuleId: 'r' } },
	body: { data: { callId: 'c', to: TO } },
};
const dispatch: Case = {
	...{ operation: ofRooms.dispatchAgent, fields: { roomId: 'r', agentId: 'a' } },
	body: { data: { success: true } },
};
const get: Case = {
	...{ operation: ofSessions.get, fields: { sessionId: 's', simplify: false } },
	body: { sessionId: 's', other: 1 },
};

const described = (description: string): Case => ({
	...create,
	fields: { name: 'Line', description },
});
const additional = (additionalFields: IDataObject): Case => ({
	...dispatch,
	fields: { ...dispatch.fields, additionalFields },
});

const dispatched = { meetingId: 'r', roomId: 'r', agentId: 'a' };
const all = { versionId: ' v1 ', metadataJson: '{"a":1}', roomOptions: '{"b":2}' };
const readAll = { versionId: 'v1', metadata: { a: 1 }, roomOptions: { b: 2 } };
const withAll = { ...dispatched, ...readAll };
const empty = { versionId: ' ', metadataJson: '{}', roomOptions: '' };

test.each<[string, Case, string, string, IDataObject?]>([
	['Get Session', get, 'GET', `${SESSIONS}/s`],
	['Create Deployment', create, 'POST', DEPLOYMENTS, { name: 'Line' }],
	[
		'Create Deployment with a description',
		described(' A '),
		'POST',
		DEPLOYMENTS,
		{ name: 'Line', description: 'A' },
	],
	[
		'Create Deployment with a blank description',
		described(' '),
		'POST',
		DEPLOYMENTS,
		{ name: 'Line' },
	],
	['Get Deployment', getDeployment, 'GET', `${DEPLOYMENTS}/d/v1`],
	['Start Session', start, 'POST', `${SESSIONS}/start`, { deploymentId: 'd' }],
	[
		'Make Call',
		make,
		'POST',
		'/v2/sip/call',
		{ sipCallTo: TO, routingRuleId: 'r', sipCallFrom: FROM },
	],
	['Dispatch Agent', dispatch, 'POST', '/v2/agent/dispatch', dispatched],
	['Dispatch Agent with all fields', additional(all), 'POST', '/v2/agent/dispatch', withAll],
	['Dispatch Agent with empty fields', additional(empty), 'POST', '/v2/agent/dispatch', dispatched],
])('%s sends and returns its data', async (...[, one, method, url, body]) => {
	const result = await run(one);
	expect(result.error).toBeUndefined();
	expect(result.sent).toEqual([{ method, url, ...(body && { body }) }]);
	expect(result.items).toMatchObject([
		{ json: one.body?.data ?? one.body, pairedItem: { item: 0 } },
	]);
});

const enterAgentId =
	"In 'Agent ID', enter the ID of the agent, as in its code or in the VideoSDK dashboard.";

/** The field of a text, what it is called in the panel and in errors, and what to do about it. */
const texts: Array<[string, Case, string, string, string, string]> = [
	[
		'Create Deployment',
		create,
		'name',
		'Name',
		'deployment name',
		"In 'Name', enter a short name, as text.",
	],
	['Get Deployment', getDeployment, 'tag', 'Tag', 'tag', "enter its tag in 'Tag', such as v1.0."],
	['Dispatch Agent', dispatch, 'agentId', 'Agent ID', 'agent ID', enterAgentId],
];

test.each(texts)(
	'%s tells an empty expression result from a value that is not text',
	async (_name, one, path, field, noun, advice) => {
		const written = { [path]: '={{ $json.none }}' };
		const description = expect.stringContaining(advice);
		const of = async (value: unknown) =>
			await run({ ...one, fields: { ...one.fields, [path]: value as IDataObject }, written });
		const message = `The expression in '${field}' returned nothing`;
		expect(await of(undefined)).toMatchObject({ error: { message, description }, sent: [] });
		const noText = `The ${noun} is a group of fields, not text`;
		expect(await of({})).toMatchObject({ error: { message: noText, description }, sent: [] });
	},
);

test.each<[IDataObject, string, string]>([
	[
		{ versionId: {} },
		'The version ID is a group of fields, not text',
		"Check 'Version ID', or remove it.",
	],
	[
		{ roomOptions: '[]' },
		"'Room Options (JSON)' is not a JSON object",
		'such as { "vision": true }.',
	],
	[
		{ metadataJson: '[]' },
		"'Metadata (JSON)' is not a JSON object",
		'such as { "customer": "4711" }.',
	],
])('Dispatch Agent does not accept %j', async (fields, message, advice) => {
	const description = expect.stringContaining(advice);
	const result = await run(additional(fields));
	expect(result).toMatchObject({ error: { message, description }, sent: [] });
});

test.each<[string, Case]>([
	['Create Deployment', create],
	['Start Session', start],
	['Make Call', make],
	['Dispatch Agent', dispatch],
])('%s rejects Retry On Fail', async (_name, one) => {
	const { error, sent } = await run(one, { node: { retryOnFail: true } });
	expect(error).toHaveProperty('message', expect.stringContaining("'Retry On Fail' must be off"));
	expect(sent).toEqual([]);
});

test.each<[string, Case, string, string]>([
	['Create Deployment', create, 'Created 0 of 2 deployments', '"Line"'],
	['Get Deployment', getDeployment, 'Retrieved 0 of 2 deployments', '"d"'],
	['Get Session', get, 'Retrieved 0 of 2 sessions', '"s"'],
	['Make Call', make, 'Made 0 of 2 calls', `"${TO}"`],
	['Dispatch Agent', dispatch, 'Dispatched 0 of 2 agents', 'agent for room "r"'],
	['Start Session', start, 'Started 0 of 2 sessions', 'item 1'],
])('the error of %s says what was not attempted', async (_name, one, result, named) => {
	const settings = { maxConcurrency: 1, answer: () => ({ statusCode: 403 }) };
	const { error } = await run(one, settings, [{}, {}]);
	const [before, after] = [`${result}. Failed: `, ` Not attempted: ${named}.`];
	expect((error as Error & { description: string }).description).toContain(before);
	expect((error as Error & { description: string }).description).toContain(after);
});

test('Get Deployment requests a version once even if several items name it', async () => {
	const named = ['d/v1', 'd/v1', 'd/v2', 'e/v1'];
	const parameter = (name: string, index: number) =>
		named[index]?.split('/')[name === 'tag' ? 1 : 0];
	const { sent } = await run(getDeployment, { parameter }, [{}, {}, {}, {}]);
	const urls = ['d/v1', 'd/v2', 'e/v1'].map((path) => `${DEPLOYMENTS}/${path}`);
	expect(sent.map(({ url }) => url)).toEqual(urls);
});

test('Get Session requests a session once for several items and simplifies it for each', async () => {
	const named = ['s', 't', 's'];
	const { items, sent } = await run(
		get,
		{
			parameter: (name, index) => ({ sessionId: named[index], simplify: index !== 0 })[name],
			answer: ({ url }) => ({ body: { sessionId: url.slice(-1), other: 1 } }),
		},
		named.map(() => ({})),
	);
	expect(sent.map(({ url }) => url.slice(-1))).toEqual(['s', 't']);
	const rows = [{ sessionId: 's', other: 1 }, { sessionId: 't' }, { sessionId: 's' }];
	expect(items).toMatchObject(rows.map((json) => ({ json })));
});

test.each([
	[{ returnAll: true }, 3],
	[{ returnAll: false, limit: 2 }, 2],
])('Get Many Deployments respects the limit: %j', async (fields, expected) => {
	const data = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
	const { items } = await run({ operation: ofDeployments.getAll, fields, body: { data } });
	const rows = data.map((json) => ({ json, pairedItem: { item: 0 } }));
	expect(items).toMatchObject(rows.slice(0, expected));
});

test.each<[string, IDataObject, string]>([
	['all rows', { returnAll: true, filters: {} }, 'abc'],
	['as many rows as the limit', { limit: 2, filters: {} }, 'ab'],
	[
		'the rows that pass all filters',
		{ returnAll: true, filters: { tag: 'x', deploymentId: 'd' } },
		'c',
	],
])('Get Many Sessions returns %s', async (_name, wanted, expected) => {
	const [tag, deploymentId] = ['x', 'd'];
	const data: IDataObject[] = [
		...[
			{ sessionId: 'a', tag },
			{ sessionId: 'b', deploymentId },
		],
		{ sessionId: 'c', tag, deploymentId },
	];
	const fields = { simplify: false, ...wanted };
	const { items } = await run({ operation: ofSessions.getAll, fields, body: { data } });
	expect(items?.map(({ json }) => json)).toEqual(
		data.filter(({ sessionId }) => expected.includes(String(sessionId))),
	);
});

describe('Start Session with Wait Until Running', () => {
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
		'Start Session does not wait if not asked to: %j',
		async (options) => {
			const { items, sent } = await startWith(options, 0);
			expect(items).toMatchObject([{ json: { sessionId: 's', status: 'queued' } }]);
			expect(sent).toHaveLength(1);
		},
	);

	test('Start Session with Wait Until Running polls until the session runs', async () => {
		const { items, sent } = await startWith({ waitUntilRunning: true }, 1);
		expect(items).toMatchObject([{ json: { sessionId: 's', status: 'running' } }]);
		const look = { method: 'GET', url: `${SESSIONS}/s` };
		expect(sent.slice(1)).toMatchObject([look, look]);
	});

	test('Start Session fails and names the session if it is not running in time', async () => {
		const { error } = await startWith({ waitUntilRunning: true, waitTimeout: 5 }, 99);
		const message =
			'Session "s" was started but is not running: after 5 seconds, its status is still queued';
		expect(error).toMatchObject({ message });
	});

	test('Start Session does not wait if there is no credential', async () => {
		const { error } = await startWith({ waitUntilRunning: true }, 0, { hasCredential: false });
		expect(error).toMatchObject({ message: 'There is no credential.' });
	});
});

test('the fields of the room operations refer to rooms, not to sessions', () => {
	const texts = JSON.stringify([ofRooms.endMany, ofRooms.endSession, ofRooms.getAll]);
	expect(texts).toContain('Only rooms that started after this time');
	expect(texts).not.toMatch(/sessions? (has|takes|that)|Return Session/);
});

test('the filters of batch calls say that the time of their creation counts', () => {
	const texts = JSON.stringify(batchCallResource);
	expect(texts).toContain('Only batch calls that were created after this time');
	expect(texts).not.toMatch(/batch calls that started/);
});

test.each([
	...[agentDeploymentResource, agentSessionResource, batchCallResource, callResource],
	roomResource,
])("the operations of '$option.name' are sorted by name", ({ operations, description }) => {
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
