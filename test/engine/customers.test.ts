import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { CredentialFields, Options, VideoSdkApi as Api } from '../../dev/videosdk-api';
import { type Gateway, startGateway } from '../support/gateway';
import { eventBody } from '../support/hostile';
import { asTool, stopsNever } from '../support/nodeRun';
import { askedToEnd, call, countOf, failing, LIST, onceEach, session, START } from './sessions';
import { useEngine } from './setup';
import { useTriggers } from './triggers';

const { engine, startApi, run } = useEngine();

const { openTriggerOf } = useTriggers(engine);

let gateway: Gateway | undefined;

afterEach(async () => {
	await gateway?.close();
	gateway = undefined;
});

/** A credential whose key and secret are those of the item. */
const ofItem = (): CredentialFields => ({
	apiKey: '={{ $json.apiKey }}',
	secretKey: '={{ $json.secretKey }}',
	baseUrl: gateway?.url ?? '',
});

/** Starts the projects of customers, which are reached at one address. */
async function startCustomers(...options: Options[]): Promise<Api[]> {
	const apis: Api[] = [];
	for (const [index, one] of options.entries()) {
		const customer = String.fromCharCode(97 + index);
		apis.push(await startApi({ apiKey: `key-${customer}`, secret: `secret-${customer}`, ...one }));
	}
	gateway = await startGateway(apis);
	return apis;
}

/** Starts the project of one customer. */
async function startCustomer(): Promise<Api> {
	const [api] = await startCustomers({});
	return api as Api;
}

const itemOf = ({ apiKey, secret }: Api, json: IDataObject = {}): INodeExecutionData => ({
	json: { ...json, apiKey, secretKey: secret },
});

const customerOf = ({ json }: INodeExecutionData) => String(json.apiKey);

const endMany = (parameters: IDataObject) =>
	session('endMany', { dryRun: false, allLiveSessions: false, filters: {}, ...parameters });

describe('the projects of three customers, one of them rate-limited', () => {
	const SESSIONS = Array.from({ length: 5 }, (_none, index) => `session-${index}`);

	/**
	 * 200 items in mixed order, of which 40 are of the customer with the limit. All customers have sessions
	 * with the same IDs, and of each a copy that can be told from those of others by `owner`.
	 */
	async function twoHundred(faults?: Options['faults']) {
		const limit = { requests: 10, perMs: 1_000 };
		const apis = await startCustomers({ faults }, { limit, retryAfterSeconds: 1 }, {});
		const [a, b, c] = apis as [Api, Api, Api];
		for (const api of apis) {
			for (const sessionId of SESSIONS)
				api.sessions.add({ sessionId, owner: api.apiKey, tag: 'day' });
			api.sessions.add({ sessionId: 'night', owner: api.apiKey, tag: 'night' });
		}
		const order = [a, c, b, a, c];
		const items = Array.from({ length: 200 }, (_none, index) =>
			itemOf(order[index % 5] ?? a, {
				sessionId: SESSIONS[index % 7] ?? SESSIONS[0],
				phone: `+1415555${1000 + index}`,
			}),
		);
		return { a, b, c, apis, items };
	}

	/** The limit of one holds up no other, and each request has the token of its item. */
	function expectApart({ a, b, c }: Awaited<ReturnType<typeof twoHundred>>) {
		expect([a.stats.throttled, c.stats.throttled]).toEqual([0, 0]);
		expect(b.stats.throttled).toBeGreaterThan(0);
		const answered = gateway?.answered ?? [];
		const lastOf = ({ apiKey }: Api) => answered.lastIndexOf(apiKey);
		const afterwards = answered.slice(Math.max(lastOf(a), lastOf(c)) + 1);
		// In one queue for all, the last answers would be those of the last items, which are theirs.
		expect(afterwards.length).toBeGreaterThan(1);
		expect(new Set(answered)).toEqual(new Set([a.apiKey, b.apiKey, c.apiKey]));
		for (const { stats } of [a, b, c]) {
			expect([...stats.requests.values()].map(({ lastStatus }) => lastStatus)).not.toContain(401);
		}
	}

	test('End Session ends each session once, in the project of the customer it belongs to', async () => {
		const all = await twoHundred(({ attempt }) =>
			attempt === 1 ? { kind: 'status', status: 502 } : undefined,
		);
		const { b } = all;
		// Enough for the limit to be met.
		const more = Array.from({ length: 30 }, () => b.sessions.add({ owner: b.apiKey }).sessionId);
		const items = [...all.items, ...more.map((sessionId) => itemOf(b, { sessionId }))];

		const parameters = session('end', { sessionId: byId('={{ $json.sessionId }}') });
		const { items: rows, failed } = await run(ofItem(), parameters, items, stopsNever);

		expect(failed).toEqual([]);
		expect(rows.map(({ json }) => json)).toMatchObject(
			items.map((item) => ({ sessionId: item.json.sessionId, owner: customerOf(item) })),
		);
		for (const api of all.apis) {
			expect([...api.stats.endings.values()]).toEqual(
				Array(SESSIONS.length + (api === b ? 30 : 0)).fill(1),
			);
			expect(api.sessions.find('night')?.status).toBe('running');
		}
		expectApart(all);
	});

	test('Start Session starts each session in the project of its item', async () => {
		const all = await twoHundred();
		const parameters = session('start', { options: { startWithoutDeployment: true } });
		const { items: rows, failed } = await run(ofItem(), parameters, all.items, stopsNever);

		expect(failed).toEqual([]);
		expect(rows).toHaveLength(200);
		for (const [index, { json }] of rows.entries()) {
			const own = all.apis.find(({ apiKey }) => apiKey === all.items[index]?.json.apiKey);
			expect(own?.sessions.find(String(json.sessionId))).toBeDefined();
		}
		expect(all.apis.map((api) => countOf(api, START) - api.stats.throttled)).toEqual([80, 40, 80]);
		expectApart(all);
	});

	test('Make Call makes each call in the project of its item', async () => {
		const all = await twoHundred();
		const byRule = { routeBy: 'routingRule', routingRuleId: 'rule-1' };
		const parameters = call('make', { to: '={{ $json.phone }}', from: '+14155550100', ...byRule });
		const { items: rows, failed } = await run(ofItem(), parameters, all.items, stopsNever);

		expect(failed).toEqual([]);
		expect(rows).toHaveLength(200);
		for (const { apiKey, stats } of all.apis) {
			const own = all.items.filter((item) => customerOf(item) === apiKey);
			expect(Object.fromEntries(stats.callsTo)).toEqual(
				Object.fromEntries(own.map(({ json }) => [json.phone, 1])),
			);
		}
		expectApart(all);
	});

	test('Get Many Sessions returns to each item the sessions of its own project', async () => {
		const all = await twoHundred();
		const filters = { tag: 'night' };
		const parameters = session('getAll', { returnAll: true, simplify: false, filters });
		const { items: rows, failed } = await run(ofItem(), parameters, all.items, stopsNever);

		expect(failed).toEqual([]);
		expect(rows.map(({ json }) => json)).toMatchObject(
			all.items.map((item) => ({ sessionId: 'night', owner: customerOf(item) })),
		);
		expectApart(all);
	});

	describe('End Many Sessions', () => {
		/** More sessions for the customer with the limit, so that it is met. */
		async function withMore() {
			const all = await twoHundred();
			const { b } = all;
			for (let count = 0; count < 30; count++) b.sessions.add({ owner: b.apiKey, tag: 'day' });
			return all;
		}

		test('End Many Sessions ends the matches in each project, and lists each project once', async () => {
			const all = await withMore();
			const parameters = endMany({ filters: { tag: 'day' } });
			const { items: rows, failed } = await run(ofItem(), parameters, all.items, stopsNever);

			expect(failed).toEqual([]);
			expect(rows).toHaveLength(5 + 35 + 5);
			for (const { json, pairedItem } of rows) {
				const { item } = pairedItem as { item: number };
				expect(all.items[item]?.json.apiKey).toBe(json.owner);
			}
			for (const api of all.apis) {
				expect([...api.stats.endings.values()]).toEqual(Array(api === all.b ? 35 : 5).fill(1));
				expect(api.sessions.find('night')?.status).toBe('running');
			}
			// One look to the page after the last, and one to the front of a list that stood still.
			expect([all.a, all.c].map((api) => countOf(api, LIST))).toEqual([3, 3]);
			expect(all.apis.map(({ stats }) => stats.throttled > 0)).toEqual([false, true, false]);
		});

		test('All Live Sessions leaves projects alone that no item refers to', async () => {
			const all = await withMore();
			const items = all.items.filter((item) => customerOf(item) !== all.c.apiKey);
			const parameters = endMany({ allLiveSessions: true });
			const { items: rows, failed } = await run(ofItem(), parameters, items, stopsNever);

			expect(failed).toEqual([]);
			expect(rows).toHaveLength(6 + 36);
			expect([...all.a.stats.endings.values()]).toEqual(Array(6).fill(1));
			expect([...all.b.stats.endings.values()]).toEqual(Array(36).fill(1));
			expect(all.c.stats.requests.size).toBe(0);
		});
	});
});

describe('the sessions of two customers', () => {
	const endAll = (options: IDataObject = {}) => endMany({ allLiveSessions: true, options });

	/** Two customers with three live sessions each. */
	async function two(...options: Options[]) {
		const [a, b] = (await startCustomers(options[0] ?? {}, options[1] ?? {})) as [Api, Api];
		for (const [name, api] of [['a', a] as const, ['b', b] as const]) {
			for (let count = 0; count < 3; count++) api.sessions.add({ sessionId: `${name}${count}` });
		}
		return { a, b, items: [itemOf(a), itemOf(b)] };
	}

	test('Limit applies to the projects of all customers together, in item order', async () => {
		const { a, b, items } = await two();
		const { hint } = await run(ofItem(), endAll({ maxSessions: 4 }), items);
		expect(askedToEnd(a)).toEqual(onceEach(['a0', 'a1', 'a2']));
		expect(askedToEnd(b)).toEqual(onceEach(['b2']));
		expect(hint).toContain("'Limit' is 4: at least 2 more match and are still live.");
	});

	test('sessions of one customer end even if those of another cannot be listed', async () => {
		const { a, b, items } = await two(failing(403));
		const { items: rows, failed } = await run(ofItem(), endAll(), items, stopsNever);
		expect(failed).toMatchObject([{ pairedItem: { item: 0 } }]);
		expect(rows).toHaveLength(3);
		expect(askedToEnd(a)).toEqual({});
		expect(askedToEnd(b)).toEqual(onceEach(['b0', 'b1', 'b2']));
	});

	test('Wait Until Ended polls each session in the project of its customer', async () => {
		const { items } = await two({ endTakesMs: 50 }, { endTakesMs: 50 });
		const { items: rows } = await run(ofItem(), endAll({ waitUntilEnded: true }), items);
		expect(rows.map(({ json }) => json.status)).toEqual(Array(6).fill('stopped'));
	});

	test('Get Session looks up the same ID separately in the project of each customer', async () => {
		const [a, b] = (await startCustomers({}, {})) as [Api, Api];
		for (const api of [a, b]) api.sessions.add({ sessionId: 'same', owner: api.apiKey });
		const get = session('get', { sessionId: byId('same'), simplify: false });
		const { items: rows } = await run(ofItem(), get, [itemOf(a), itemOf(b), itemOf(a)]);
		expect(rows.map(({ json }) => json.owner)).toEqual(['key-a', 'key-b', 'key-a']);
		expect([a, b].map((api) => api.stats.requests.size)).toEqual([1, 1]);
	});

	test('the hint counts retries in the projects of all customers together', async () => {
		const failsOnce: Options['faults'] = ({ attempt, route }) =>
			attempt === 1 && route.endsWith('/end') ? { kind: 'status', status: 502 } : undefined;
		const { items } = await two({ faults: failsOnce }, { faults: failsOnce });
		const { hint } = await run(ofItem(), endAll(), items);
		expect(hint).toContain('6 retries were needed.');
	});
});

describe('a credential that cannot be read for an item', () => {
	const end = session('end', { sessionId: byId('={{ $json.sessionId }}') });

	test('an item whose API Key is empty fails without affecting the other items', async () => {
		const a = await startCustomer();
		const { sessionId } = a.sessions.add();
		const input = [{ json: { sessionId } }, itemOf(a, { sessionId })];
		const { items, failed } = await run(ofItem(), end, input, stopsNever);
		expect(items).toMatchObject([{ json: { sessionId }, pairedItem: { item: 1 } }]);
		expect(failed).toMatchObject([{ pairedItem: { item: 0 } }]);
		expect(failed[0]?.json.error).toMatchObject({
			message: "'API Key' in the VideoSDK credential is empty for this item [item 0]",
			description: expect.stringContaining('check that the input item has the field'),
		});
	});
});

describe('a credential with expressions in a tool of an AI agent', () => {
	const withKey = (apiKey: string) => ({
		...ofItem(),
		apiKey,
		secretKey: "={{ $('Trigger').first().json.secretKey }}",
	});

	test.each([
		['={{ $json.apiKey }}', '$json'],
		["={{ $('Trigger').item.json.none ?? $input.item.json.apiKey }}", '$input'],
		["={{ $fromAI('apiKey') }}", '$fromAI'],
	])('a tool rejects a credential with %s', async (apiKey, name) => {
		const a = await startCustomer();
		const { sessionId } = a.sessions.add();
		const end = session('end', { sessionId: byId(sessionId) });
		const { error } = await run(withKey(apiKey), end, [itemOf(a)], asTool);
		expect(error).toMatchObject({
			message: `An expression in the VideoSDK credential uses "${name}", which the AI model could change`,
			description: expect.stringContaining("{{ $('Webhook').item.json.body."),
		});
		expect(a.stats.requests.size).toBe(0);
	});

	test('a tool accepts a credential expression that reads a named node', async () => {
		const a = await startCustomer();
		const { sessionId } = a.sessions.add();
		const end = session('end', { sessionId: byId(sessionId) });
		const credential = withKey("={{ $('Trigger').item.json.apiKey }}");
		const { items } = await run(credential, end, [itemOf(a)], asTool);
		expect(items).toMatchObject([{ json: { sessionId, status: 'completed' } }]);
	});
});

describe('a credential that reads the item where there is no item', () => {
	test.each([['started'], ['call-ringing']])(
		'a trigger on %s cannot be published if its credential reads the item',
		async (event) => {
			const a = await startCustomer();
			const trigger = await openTriggerOf(a, { events: [event] }, { credential: ofItem() });
			await expect(trigger.publish()).rejects.toThrow(
				'The VideoSDK credential has an expression that reads an input item, but there is no input item here. Choose a credential with fixed values, or one whose expressions read only $secrets or $vars.',
			);
			expect(a.stats.requests.size).toBe(0);
		},
	);

	test('a published trigger whose credential reads the item outputs a fetchError', async () => {
		const a = await startCustomer();
		const { sessionId } = a.sessions.add();
		const parameters = { events: ['started'], triggerOptions: { verifySignature: false } };
		const trigger = await openTriggerOf(a, parameters, { credential: ofItem() });
		await trigger.post(eventBody(sessionId));
		expect(trigger.runs).toMatchObject([
			{ sessionId, fetchError: expect.stringContaining('there is no input item here') },
		]);
	});

	test('a trigger whose credential reads the item responds 503, so VideoSDK retries', async () => {
		const a = await startCustomer();
		const trigger = await openTriggerOf(a, { events: ['started'] }, { credential: ofItem() });
		const body = eventBody('x');
		const { status } = await trigger.post(body, { 'videosdk-signature': a.webhooks.sign(body) });
		expect(status).toBe(503);
		expect(trigger.errors).toEqual([]);
	});

	test('Start Session and Wait rejects a credential that reads the input item', async () => {
		const a = await startCustomer();
		const options = { startWithoutDeployment: true };
		const { error } = await run(ofItem(), session('startAndWait', { options }), [itemOf(a)]);
		expect(error).toMatchObject({
			message:
				"'Start Session and Wait' cannot use a credential with an expression that reads an input item",
			description: expect.stringContaining('Nothing was sent.'),
		});
		expect(a.stats.requests.size).toBe(0);
	});

	test.each(['searchSessions', 'searchDeployments', 'searchCalls', 'searchRooms'])(
		'%s fails with an explanation if the credential reads the item',
		async (method) => {
			await startCustomers({});
			await expect(engine().search(method, ofItem())).rejects.toMatchObject({
				message: expect.stringContaining('The list cannot be shown'),
				description: expect.stringContaining("Choose 'By ID'"),
			});
		},
	);
});
