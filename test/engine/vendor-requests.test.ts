/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { createSecretKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import {
	type CreateSipCallOptions,
	type DispatchAgentOptions,
	type EndSessionOptions,
	type ListCallsParams,
	type ListSessionsParams,
	type SipWebhook,
	type SipWebhookEvent,
	VideoSDK,
} from '@videosdk.live/server-sdk';
import fc from '../support/fastCheck';
import { type JwtPayload, verify } from 'jsonwebtoken';
import type { IDataObject } from 'n8n-workflow';
import { type Listening, listen } from '../../dev/listen';
import { byId } from '../../dev/n8n/flow';
import { TriggerUrl } from '../support/webhook';
import { batchCall, call, deployment, room, session, SESSIONS } from './sessions';
import { useEngine } from './setup';

const { engine, run } = useEngine();

const apiKey = 'key-of-the-project';
const secretKey = 'secret-of-the-project';
// As a key: as text it would be tried as an RSA key first.
const secret = createSecretKey(Buffer.from(secretKey));

/** Headers in which an HTTP client speaks of itself and the connection, not of what is wanted. */
const ofTheClient = [
	...['accept', 'accept-encoding', 'accept-language', 'connection', 'content-length', 'host'],
	...['sec-fetch-mode', 'user-agent'],
];

/** A request as it arrived. */
interface Sent {
	method: string;
	/** As it was encoded. */
	path: string;
	/** Decoded: there is more than one right way to encode it. */
	query: Record<string, string>;
	/** Without those of the client, and without the token. */
	headers: Record<string, unknown>;
	/** What the token says, which stands bare in its header, and how long it lives. */
	claims: object;
	seconds: number;
	body: unknown;
}

/** The number of the case, in the base URL of the node. */
const CASE = /^\/(\d+)(?=\/)/;

function readRequest({ method = '', url = '', headers }: IncomingMessage, body: string): Sent {
	const { pathname, searchParams } = new URL(url.replace(CASE, ''), 'http://localhost');
	const { authorization = '', ...others } = headers;
	const { iat = 0, exp = 0, ...claims } = verify(authorization, secret) as JwtPayload;
	return {
		method,
		path: pathname,
		query: Object.fromEntries(searchParams),
		headers: Object.fromEntries(
			Object.entries(others).filter(([name]) => !ofTheClient.includes(name)),
		),
		claims,
		seconds: exp - iat,
		body: body === '' ? undefined : JSON.parse(body),
	};
}

/** Says yes to everything, and keeps it. Lists have these pages. */
let pages: object[][] = [];
const sent: Sent[] = [];
let caseNumber = 0;
const unreadable: unknown[] = [];
let server: Listening;
let trigger: TriggerUrl;

const DEPLOYMENTS = '/ai/v1/ai-deployments';

const WEBHOOKS = '/v2/sip/webhooks';

const BATCH_CALLS = '/v2/batch-calls';

const lists = ['/v2/sip/call', '/v2/sessions', SESSIONS, DEPLOYMENTS, WEBHOOKS, BATCH_CALLS];

const isList = ({ method, path }: Sent) => method === 'GET' && lists.includes(path);

function answerTo(request: Sent): object {
	if (!isList(request)) {
		const done = { id: '1', callId: '1', sessionId: '1', batchId: '1', status: 'ended' };
		return { ...done, message: 'Done', data: done };
	}
	const currentPage = Number(request.query.page ?? 1);
	const pageInfo = { currentPage, perPage: 100, lastPage: pages.length };
	const rows = pages[currentPage - 1] ?? [];
	return request.path === BATCH_CALLS ? { batchCalls: rows, pageInfo } : { data: rows, pageInfo };
}

beforeAll(async () => {
	server = await listen(
		createServer((request, response) => {
			text(request)
				.then((body) => {
					const one = readRequest(request, body);
					// A page that the node requested ahead can arrive when its case is over.
					const [, of = caseNumber] = CASE.exec(request.url ?? '') ?? [];
					if (Number(of) === caseNumber) sent.push(one);
					response.setHeader('content-type', 'application/json');
					response.end(JSON.stringify(answerTo(one)));
				})
				.catch((error: unknown) => {
					unreadable.push(error);
					response.destroy();
				});
		}),
	);
	const credential = { apiKey, secretKey, baseUrl: server.url };
	trigger = await TriggerUrl.open(engine(), { credential });
});
afterAll(async () => {
	await trigger.close();
	await server.close();
});

/** A page after the one that shows that the list has ended: the node requests pages ahead. */
const isAhead = (one: Sent) => isList(one) && Number(one.query.page) > pages.length + 1;

/** What one side sends, in an order that does not depend on which of several requests is the faster. */
async function requestsOf(ask: () => Promise<unknown>): Promise<Sent[]> {
	sent.length = 0;
	await ask();
	return sorted(sent);
}

function sorted(requests: Sent[]): Sent[] {
	const keyOf = ({ method, path, query, body }: Sent) =>
		JSON.stringify([method, path, query.page, query.perPage, body]);
	return [...requests].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** What somebody wants, in the words of the node; its items carry it. */
type Wish = Record<string, unknown>;

/** A wish, said to both sides. */
interface Case {
	wish: Wish;
	/** Parameters of the node, or what n8n calls of the trigger. */
	node: IDataObject | ((trigger: TriggerUrl) => Promise<unknown>);
	/** Calls of the vendor's SDK. */
	vendor: (sdk: VideoSDK) => Promise<unknown>;
	pages?: object[][];
}

/** A difference that is right: makes of the vendor's requests those that are expected of the node. */
type Difference = (theirs: Sent[], one: Case) => Sent[];

const eachList = (theirs: Sent[], change: (query: Sent['query']) => Sent['query']) =>
	theirs.map((one) => (isList(one) ? { ...one, query: change(one.query) } : one));

const withBody = (theirs: Sent[], change: (body: Wish) => Wish) =>
	theirs.map((one) => (one.body ? { ...one, body: change(one.body as Wish) } : one));

const isCutShort = ({ wish }: Case) => wish.limit !== undefined && wish.isEnough === true;

/** All that may differ, and does. */
const differences = {
	/** Our token allows less and lives for ten minutes: the documented least for the server API. */
	token: (theirs) =>
		theirs.map((one) => ({
			...one,
			claims: { ...one.claims, permissions: ['allow_join'] },
			seconds: 600,
		})),
	/** We always name the page and its rows: what VideoSDK takes otherwise is not documented. */
	page: (theirs) => eachList(theirs, (query) => ({ page: '1', perPage: '100', ...query })),
	/** We filter rows ourselves: a filter that VideoSDK ignores would end too much. */
	filters: (theirs) =>
		eachList(theirs, (query) =>
			Object.fromEntries(
				Object.entries(query).filter(([field]) => !['roomId', 'type', 'startDate'].includes(field)),
			),
		),
	/** We read until a page has nothing new: the documented pageInfo contradicts itself. */
	readToEnd: (theirs, one) => {
		const read = theirs.filter(isList);
		const last = read.at(-1);
		if (!last || !one.pages?.length || isCutShort(one)) return theirs;
		return [...theirs, { ...last, query: { ...last.query, page: String(read.length + 1) } }];
	},
	/** End Many reads the list again for what has begun meanwhile. */
	secondLook: (theirs) => [...theirs, ...theirs.filter(isList)],
	/** The answer to End does not say whether a room had ended: we look before and after it. */
	lookUp: (theirs, { wish: { roomId } }) =>
		theirs.flatMap((one) => {
			if (one.path !== '/v2/sessions/end') return [one];
			const look = {
				...one,
				method: 'GET',
				path: '/v2/sessions',
				query: { roomId: String(roomId), page: '1', perPage: '10' },
				headers: {},
				body: undefined,
			};
			return [look, one, look];
		}),
	/** DTMF is sent as digits, as documented; the SDK has a switch in its types. */
	dtmf: (theirs, { wish: { dtmf } }) =>
		withBody(theirs, (body) => ({ ...body, ...(dtmf !== undefined && { dtmf }) })),
	/** Objects that were left empty are not sent: in the form they mean nothing. */
	empty: (theirs) =>
		withBody(theirs, (body) =>
			Object.fromEntries(Object.entries(body).filter(([, value]) => !isDeepStrictEqual(value, {}))),
		),
} satisfies Record<string, Difference>;

type ReasonFor<Fields, Offered extends keyof Fields> = Record<
	Exclude<keyof Fields, Offered>,
	string
>;

const filteredHere = 'the node filters rows itself';

/** Fields of the SDK that the node does not have, and why. One that the SDK gains fails the type check. */
const notOffered = {
	'call: make': {
		mediaEncryption: 'the gateway or the routing rule has it',
		includeHeaders: 'of calls that come in: what it adds to events is not documented',
	} satisfies ReasonFor<
		CreateSipCallOptions,
		| ('callTo' | 'callFrom' | 'roomId' | 'participantId' | 'participant' | 'metadata')
		| ('gatewayId' | 'routingRuleId' | 'recordAudio' | 'waitUntilAnswered' | 'ringingTimeout')
		| ('dtmf' | 'maxCallDuration' | 'hidePhoneNumber' | 'headers')
	>,
	'call: getAll': {
		sessionId: 'it is no field of the documented call',
		id: 'Get has it',
		gatewayId: filteredHere,
		ruleId: filteredHere,
		search: filteredHere,
		endDate: filteredHere,
		cursor: 'the SDK turns it into a page',
		page: 'the node reads all pages',
		perPage: 'the node reads all pages',
	} satisfies ReasonFor<ListCallsParams, 'roomId' | 'type' | 'startDate'>,
	'room: dispatchAgent': {
		meetingId: 'another name of roomId',
		sipOptions: 'not documented: Make Call makes calls',
		wait: 'not documented',
	} satisfies ReasonFor<
		DispatchAgentOptions,
		'roomId' | 'agentId' | 'metadata' | 'versionId' | 'versionTag' | 'roomOptions'
	>,
	'room: endSession': {
		meetingId: 'another name of roomId',
		sessionId: 'a room has one live session',
		ignoreClosed: 'sent always, unless a session that has ended is to be an error',
	} satisfies ReasonFor<EndSessionOptions, 'roomId' | 'force'>,
	'room: getAll': {
		query: filteredHere,
		customRoomId: filteredHere,
		endDate: filteredHere,
		cursor: 'the SDK turns it into a page',
		page: 'the node reads all pages',
		perPage: 'the node reads all pages',
	} satisfies ReasonFor<ListSessionsParams, 'roomId' | 'status' | 'startDate'>,
};

/** Any text that the node takes: without control characters, and nothing that is another place in a path. */
const name = fc
	.oneof(
		{ weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }) },
		fc.constantFrom('a/b?c#d&e=f', '100%', '..%2Fend', 'a+b c', "it's", 'é', '=1', '{{ 1 }}', '0'),
		fc.uuid(),
	)
	.map((one) => one.trim())
	.filter((one) => one !== '' && !/[\p{Cc}\p{Cs}]|^\.{1,2}$/u.test(one));

const phoneNumber = fc.stringMatching(/^\+[1-9]\d{6,14}$/);
const seconds = fc.integer({ min: 1, max: 86_400 });
const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
const texts = fc.dictionary(name, fc.string(), { maxKeys: 3 });

/** Gives any of the fields of a wish, and all of those that are required. */
const wishOf = (
	required: Record<string, fc.Arbitrary<unknown>>,
	optional: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<Wish> =>
	fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) });

/** Expressions that take these fields of the wish from the item, where it has them. */
const fieldsOf = (wish: Wish, ...names: string[]): IDataObject =>
	Object.fromEntries(
		names.filter((one) => wish[one] !== undefined).map((one) => [one, `={{ $json.${one} }}`]),
	);

const picked = (field: string) => ({ [field]: byId(`={{ $json.${field} }}`) });

/** Keys and values of the wish, as they are entered one by one. */
const entriesOf = (wish: Wish, from: string, field = from): IDataObject => {
	if (!wish[from]) return {};
	const keys = Object.keys(wish[from]);
	const at = (index: number, part: number) =>
		`={{ Object.entries($json.${from})[${index}][${part}] }}`;
	return {
		[field]: { entries: keys.map((_key, index) => ({ key: at(index, 0), value: at(index, 1) })) },
	};
};

/** Metadata as JSON, as an object or as text, and single entries on top of it. */
const metadata = {
	metadata: object,
	isText: fc.boolean(),
	entries: texts,
};

const metadataOf = (wish: Wish): IDataObject => ({
	...(wish.metadata !== undefined && {
		metadataJson: wish.isText ? '={{ JSON.stringify($json.metadata) }}' : '={{ $json.metadata }}',
	}),
	...entriesOf(wish, 'entries', 'metadata'),
});

const mergedMetadata = ({ metadata: json, entries }: Wish) =>
	json || entries ? { ...(json as object), ...(entries as object) } : undefined;

const row = fc.record({
	callId: fc.uuid(),
	status: fc.constantFrom('answered', 'ringing', 'ended', 'missed'),
	roomId: fc.constantFrom('r1', 'r2'),
	type: fc.constantFrom('inbound', 'outbound'),
	start: fc.constant('2026-06-18T11:16:10.643Z'),
});
type Row = typeof row extends fc.Arbitrary<infer Fields> ? Fields : never;

const rowPages = fc.array(fc.array(row, { minLength: 1, maxLength: 4 }), { maxLength: 3 });

/** A room has one live session. */
function eachInItsRoom(rows: Row[][]) {
	let count = 0;
	return rows.map((page) => page.map((one) => ({ ...one, roomId: `r${++count}` })));
}

const listWish = {
	pages: rowPages,
	asksForRows: fc.boolean(),
};
const listFilters = {
	roomId: fc.constantFrom('r1', 'r2'),
	startedAfter: fc
		.date({ min: new Date('2020-01-01'), max: new Date('2026-01-01'), noInvalidDate: true })
		.map((date) => date.toISOString()),
	limit: fc.integer({ min: 1, max: 4 }),
};

const fits = ({ roomId, direction }: Wish, one: Pick<Row, 'roomId' | 'type'>) =>
	(roomId === undefined || roomId === one.roomId) &&
	(direction === undefined || direction === one.type);

const startDateOf = ({ startedAfter }: Wish) =>
	startedAfter === undefined ? undefined : Date.parse(String(startedAfter));

/** What Get Many is told, and how many rows a person who uses the SDK takes from its list. */
function listCase(
	wish: Wish,
	parametersOf: (operation: string, parameters: IDataObject) => IDataObject,
	list: (sdk: VideoSDK) => Promise<AsyncIterable<unknown>>,
): Case {
	const rows = wish.pages as Row[][];
	const { limit = Number.POSITIVE_INFINITY } = wish as { limit?: number };
	const matching = rows.flat().filter((one) => fits(wish, one)).length;
	return {
		wish: { ...wish, isEnough: matching >= limit },
		node: parametersOf('getAll', {
			...{ returnAll: wish.limit === undefined, limit: wish.limit as number },
			filters: fieldsOf(wish, 'roomId', 'direction', 'startedAfter'),
		}),
		vendor: async (sdk) => {
			let left = limit;
			for await (const one of await list(sdk)) {
				if (fits(wish, one as Row)) left--;
				if (left <= 0) break;
			}
		},
		pages: rows,
	};
}

const perPageOf = ({ asksForRows }: Wish) => (asksForRows ? { perPage: 100 } : {});

/** Reads all pages by the SDK's own door for what it has no resource for, and one more. */
const readAll = (path: string, count: number) => async (sdk: VideoSDK) => {
	for (let page = 1; page <= count + 1; page++) {
		await sdk.api.get(path, { query: { page, perPage: 100 } });
	}
};

/** Events of calls that the page of Create Webhook allows. */
const events = fc.subarray(
	[
		...['call-started', 'call-answered', 'call-hangup', 'call-transferred', 'call-missed'],
		...['call-update', 'call-ringing'],
	],
	{ minLength: 1 },
);

interface Operation {
	cases: fc.Arbitrary<Case>;
	/** What may differ beside the token. */
	allowed: Array<keyof typeof differences>;
}

/** Operations on one thing, which need its ID and nothing else. */
const ofOne = (
	parametersOf: (operation: string) => IDataObject,
	operation: string,
	idField: string,
	vendor: (sdk: VideoSDK, id: string) => Promise<unknown>,
): Operation => ({
	allowed: [],
	cases: wishOf({ [idField]: name }).map((wish) => ({
		wish,
		node: { ...parametersOf(operation), ...picked(idField) },
		vendor: async (sdk) => await vendor(sdk, String(wish[idField])),
	})),
});

/** Ends the listed calls that are live and fit, one by one. */
async function endCalls(sdk: VideoSDK, wish: Wish) {
	const wanted = { ...perPageOf(wish), roomId: wish.roomId } as ListCallsParams;
	for await (const one of await sdk.sip.calls.list(wanted)) {
		const isLive = one.status === 'answered' || one.status === 'ringing';
		if (isLive && fits(wish, one as unknown as Row)) await sdk.sip.calls.end(one.id);
	}
}

const pick = (wish: Wish, ...names: string[]) =>
	Object.fromEntries(names.filter((one) => wish[one] !== undefined).map((one) => [one, wish[one]]));

const switches = ['recordAudio', 'waitUntilAnswered', 'hidePhoneNumber'];
const times = ['ringingTimeout', 'maxCallDuration'];
const roomFields = [
	'autoEndSession',
	'joinMeeting',
	'playground',
	'vision',
	'sessionTimeoutSeconds',
];
const versionFields = ['versionId', 'versionTag'];

/** The same arbitrary for each of these fields. */
const each = (names: string[], arbitrary: fc.Arbitrary<unknown>) =>
	Object.fromEntries(names.map((one) => [one, arbitrary]));

/**
 * What both sides can do. For agent sessions and deployments the SDK has no resource, so that paths
 * and fields are those of the documentation, and its own door sends them.
 */
const operations: Record<string, Operation> = {
	'Call: Make': {
		allowed: ['dtmf', 'empty'],
		cases: wishOf(
			{ to: phoneNumber, isByGateway: fc.boolean(), way: name },
			{
				...{ from: phoneNumber, ...each(['roomId', 'participantId', 'participantName'], name) },
				...{ ...metadata, ...each(switches, fc.boolean()), ...each(times, seconds) },
				...{ dtmf: fc.stringMatching(/^[\d*#w]{1,9}$/), headers: texts },
			},
		)
			.filter(({ isByGateway, from }) => isByGateway === true || from !== undefined)
			.map((wish) => {
				const way = wish.isByGateway ? 'gatewayId' : 'routingRuleId';
				const { participantId, participantName } = wish;
				const options = {
					...{ callTo: wish.to, callFrom: wish.from, [way]: wish.way },
					...pick(wish, 'roomId', 'headers', ...switches, ...times),
					...(participantName === undefined
						? { participantId }
						: { participant: { id: participantId, name: participantName } }),
					metadata: mergedMetadata(wish),
					dtmf: wish.dtmf === undefined ? undefined : true,
				} as CreateSipCallOptions;
				const fields = ['participantId', 'participantName', 'dtmf', ...switches, ...times];
				return {
					wish,
					node: call('make', {
						routeBy: wish.isByGateway ? 'gateway' : 'routingRule',
						[way]: '={{ $json.way }}',
						...fieldsOf(wish, 'to', 'from'),
						...(wish.roomId !== undefined && picked('roomId')),
						additionalFields: {
							...fieldsOf(wish, ...fields),
							...metadataOf(wish),
							...entriesOf(wish, 'headers'),
						},
					}),
					vendor: async (sdk) => await sdk.sip.calls.create(options),
				};
			}),
	},
	'Call: End': ofOne(call, 'end', 'callId', async (sdk, id) => await sdk.sip.calls.end(id)),
	'Call: End Many': {
		allowed: ['page', 'filters', 'readToEnd', 'secondLook'],
		cases: wishOf(listWish, { roomId: listFilters.roomId }).map((wish) => ({
			wish,
			node: call('endMany', {
				...{ dryRun: false, allLiveCalls: true, filters: fieldsOf(wish, 'roomId') },
			}),
			vendor: async (sdk) => await endCalls(sdk, wish),
			pages: wish.pages as Row[][],
		})),
	},
	'Call: Get': ofOne(call, 'get', 'callId', async (sdk, id) => await sdk.sip.calls.get(id)),
	'Call: Get Many': {
		allowed: ['page', 'filters', 'readToEnd'],
		cases: wishOf(listWish, {
			...{ ...listFilters, direction: fc.constantFrom('inbound', 'outbound') },
		}).map((wish) =>
			listCase(wish, call, async (sdk) => {
				const { roomId, direction: type } = wish;
				const wanted = { ...perPageOf(wish), roomId, type, startDate: startDateOf(wish) };
				return await sdk.sip.calls.list(wanted as ListCallsParams);
			}),
		),
	},
	'Batch Call: Cancel': {
		allowed: [],
		cases: wishOf({ batchId: name, isImmediate: fc.boolean() }).map((wish) => {
			const mode = wish.isImmediate ? 'immediate' : 'graceful';
			return {
				wish,
				node: batchCall('cancel', { ...picked('batchId'), mode }),
				vendor: async (sdk) => await sdk.batchcall.cancel(String(wish.batchId), mode),
			};
		}),
	},
	'Batch Call: Get': ofOne(
		...([batchCall, 'get', 'batchId'] as const),
		async (sdk, id) => await sdk.batchcall.get(id),
	),
	'Batch Call: Get Many': {
		allowed: ['page', 'readToEnd'],
		cases: wishOf({ pages: rowPages, asksForRows: fc.boolean() }).map((wish) => ({
			wish,
			node: batchCall('getAll', { returnAll: true, filters: {} }),
			vendor: async (sdk) => {
				const read: unknown[] = [];
				for await (const one of await sdk.batchcall.list(perPageOf(wish))) read.push(one);
			},
			pages: (wish.pages as Row[][]).map((page) =>
				page.map(({ callId, status }) => ({ batchId: callId, status })),
			),
		})),
	},
	'Room: Dispatch Agent': {
		allowed: ['empty'],
		cases: wishOf(
			{ roomId: name, agentId: name },
			{
				...{ ...each(versionFields, name), roomOptions: object, ...metadata },
				...{ ...each(roomFields, fc.boolean()), sessionTimeoutSeconds: seconds },
			},
		).map((wish) => {
			const roomOptions = {
				...(wish.roomOptions as object | undefined),
				...pick(wish, ...roomFields),
			};
			const options = {
				...pick(wish, 'roomId', 'agentId', ...versionFields),
				...{ roomOptions, metadata: mergedMetadata(wish) },
			};
			return {
				wish,
				node: room('dispatchAgent', {
					...{ ...picked('roomId'), ...fieldsOf(wish, 'agentId') },
					additionalFields: {
						...fieldsOf(wish, ...versionFields, 'roomOptions', ...roomFields),
						...metadataOf(wish),
					},
				}),
				vendor: async (sdk) => await sdk.agents.dispatch(options as DispatchAgentOptions),
			};
		}),
	},
	'Room: End': {
		allowed: ['page', 'readToEnd', 'lookUp'],
		cases: wishOf({
			...{ ...listWish, roomId: listFilters.roomId },
			...each(['hasCalls', 'isForced', 'failsIfEnded'], fc.boolean()),
		}).map((wish) => ({
			wish,
			node: room('endSession', {
				...picked('roomId'),
				options: {
					endCalls: wish.hasCalls === true,
					vsdkForceKill: wish.isForced === true,
					ifAlreadyEnded: wish.failsIfEnded ? 'fail' : 'return',
				},
			}),
			vendor: async (sdk) => {
				if (wish.hasCalls) await endCalls(sdk, wish);
				await sdk.sessions.end({
					roomId: String(wish.roomId),
					...(wish.isForced === true && { force: true }),
					...(wish.failsIfEnded !== true && { ignoreClosed: true }),
				});
			},
			pages: wish.hasCalls ? (wish.pages as Row[][]) : [],
		})),
	},
	'Room: Get Many': {
		allowed: ['page', 'filters', 'readToEnd'],
		cases: wishOf({ ...listWish, pages: rowPages.map(eachInItsRoom) }, listFilters).map((wish) =>
			listCase(wish, room, async (sdk) => {
				const { roomId } = wish;
				const wanted = { ...perPageOf(wish), roomId, startDate: startDateOf(wish) };
				return await sdk.sessions.list({ ...wanted, status: 'ongoing' } as ListSessionsParams);
			}),
		),
	},
	'Agent Session: Start': {
		allowed: ['empty'],
		cases: wishOf(
			{ deploymentId: name },
			{
				...{ tag: name, env: texts, ...metadata },
				webhookUrl: name.map((path) => `https://n8n.example/${path}`),
			},
		).map((wish) => {
			const events = ['ai-deployment-session-stopped'];
			const webhook = wish.webhookUrl && { endPoint: wish.webhookUrl, events };
			return {
				wish,
				node: session('start', {
					...{ ...picked('deploymentId'), ...fieldsOf(wish, 'tag') },
					additionalFields: {
						...fieldsOf(wish, 'webhookUrl'),
						...(wish.webhookUrl !== undefined && { webhookEvents: events }),
						...metadataOf(wish),
						...entriesOf(wish, 'env'),
					},
				}),
				vendor: async (sdk) => {
					const fields = pick(wish, 'deploymentId', 'tag', 'env');
					const body = { ...fields, webhook, metaData: mergedMetadata(wish) };
					await sdk.api.post(`${SESSIONS}/start`, { body });
				},
			};
		}),
	},
	'Agent Session: End': ofOne(
		...([session, 'end', 'sessionId'] as const),
		async (sdk, sessionId) => await sdk.api.post(`${SESSIONS}/end`, { body: { sessionId } }),
	),
	'Agent Session: Get': ofOne(
		...([session, 'get', 'sessionId'] as const),
		async (sdk, id) => await sdk.api.get(`${SESSIONS}/${encodeURIComponent(id)}`),
	),
	'Agent Session: Get Many': {
		allowed: [],
		cases: rowPages.map((rows) => ({
			wish: {},
			node: session('getAll', { returnAll: true, filters: {} }),
			vendor: readAll(SESSIONS, rows.length),
			pages: rows.map((page) => page.map(({ callId }) => ({ sessionId: callId }))),
		})),
	},
	'Agent Deployment: Create': {
		allowed: [],
		cases: wishOf({ name }, { description: name }).map((wish) => ({
			wish,
			node: deployment('create', fieldsOf(wish, 'name', 'description')),
			vendor: async (sdk) => await sdk.api.post(DEPLOYMENTS, { body: wish }),
		})),
	},
	'Agent Deployment: Get': {
		allowed: [],
		cases: wishOf({ deploymentId: name, tag: name }).map((wish) => ({
			wish,
			node: deployment('get', { ...picked('deploymentId'), ...fieldsOf(wish, 'tag') }),
			vendor: async (sdk) => {
				const place = [wish.deploymentId, wish.tag].map((one) => encodeURIComponent(String(one)));
				await sdk.api.get(`${DEPLOYMENTS}/${place.join('/')}`);
			},
		})),
	},
	'Agent Deployment: Get Many': {
		allowed: [],
		cases: rowPages.map((rows) => ({
			wish: {},
			node: deployment('getAll', { returnAll: true }),
			vendor: readAll(DEPLOYMENTS, rows.length),
			pages: rows.map((page) => page.map(({ callId }) => ({ id: callId, tag: 'v1' }))),
		})),
	},
};

/**
 * What the trigger asks for call events, as who uses the SDK would: what is registered for the address
 * is kept if it is remembered and for the same events, and else replaced.
 */
const ofTrigger: Record<string, Operation> = {
	'Trigger: publish': {
		allowed: ['page', 'readToEnd'],
		cases: fc
			.record({
				events,
				rows: fc.array(
					fc.array(fc.record({ id: name, isOurs: fc.boolean(), events, isListed: fc.boolean() }), {
						minLength: 1,
						maxLength: 3,
					}),
					{ maxLength: 3 },
				),
				asksForRows: fc.boolean(),
				remembers: fc.boolean(),
			})
			.map((wish) => {
				let count = 0;
				const listed = wish.rows.map((page) =>
					page.map(({ id, isOurs, events: of, isListed }) => ({
						[isListed ? 'webhookId' : 'id']: `${id}-${++count}`,
						url: isOurs ? trigger.url : 'https://n8n.example/webhook',
						events: of,
					})),
				);
				const sorted = (of: unknown) => JSON.stringify([of].flat().sort());
				// n8n remembers one that is there, or none.
				const first = listed.flat().find(({ url }) => url === trigger.url);
				const known = wish.remembers ? (first?.webhookId ?? first?.id) : undefined;
				return {
					wish,
					node: async (to: TriggerUrl) => {
						to.parameters = { events: ['started', ...wish.events] };
						to.rememberWebhook(known);
						await to.publish();
					},
					vendor: async ({ sip: { webhooks } }: VideoSDK) => {
						const { url } = trigger;
						const before: SipWebhook[] = [];
						for await (const one of await webhooks.list(perPageOf(wish))) {
							if (one.url === url) before.push(one);
						}
						const wanted = sorted(wish.events);
						const kept =
							before.find((one) => one.id === known && sorted(one.events) === wanted) ??
							(await webhooks.create({ url, events: wish.events as SipWebhookEvent[] }));
						for (const { id } of before) if (id !== kept.id) await webhooks.delete(id);
					},
					pages: listed,
				};
			}),
	},
	'Trigger: unpublish': {
		allowed: [],
		cases: wishOf({ webhookId: name }).map((wish) => ({
			wish,
			node: async (to) => {
				to.parameters = { events: ['call-hangup'] };
				to.rememberWebhook(wish.webhookId);
				await to.lifecycle('delete');
			},
			vendor: async ({ sip: { webhooks } }) => await webhooks.delete(String(wish.webhookId)),
		})),
	},
};

/** Wishes for each operation. */
const CASES = 40;

test.each(Object.entries({ ...operations, ...ofTrigger }))(
	"%s sends the same requests as VideoSDK's server SDK",
	async (_operation, { cases, allowed }) => {
		const sdk = new VideoSDK({ apiKey, secret: secretKey, apiEndpoint: server.url });
		const names: Array<keyof typeof differences> = ['token', ...allowed];
		const count: Record<string, number> = Object.fromEntries(names.map((one) => [one, 0]));
		const wrong: object[] = [];

		for (const one of fc.sample(cases, CASES)) {
			pages = one.pages ?? [];
			caseNumber++;
			const theirs = await requestsOf(async () => await one.vendor(sdk));
			let error: unknown;
			const ours = await requestsOf(async () => {
				const credential = { apiKey, secretKey, baseUrl: `${server.url}/${caseNumber}` };
				const { node, wish } = one;
				if (typeof node === 'function') await node(trigger);
				else ({ error } = await run(credential, node, [{ json: wish as IDataObject }]));
			});
			let expected = theirs;
			for (const which of names) {
				const changed = sorted(differences[which](expected, one));
				if (!isDeepStrictEqual(changed, expected)) count[which] = (count[which] ?? 0) + 1;
				expected = changed;
			}
			const needed = ours.filter((request) => !isAhead(request));
			// Never more pages than twice those that the list has.
			const isWasteful = ours.length - needed.length > pages.length;
			if (error || isWasteful || theirs.length === 0 || !isDeepStrictEqual(needed, expected)) {
				wrong.push({ wish: one.wish, error, ours: needed, expected });
			}
		}

		expect(unreadable).toEqual([]);
		expect(wrong.slice(0, 3)).toEqual([]);
		// A difference that never shows is none.
		expect(Object.values(count)).not.toContain(0);
	},
	300_000,
);

test("VideoSDK's server SDK does not cover agent sessions and deployments yet", async () => {
	const source = await readFile(require.resolve('@videosdk.live/server-sdk'), 'utf8');
	expect(source).toContain('/v2/sip/call');
	expect(source).not.toMatch(/ai-deployment-sessions|\/ai\/v1\/ai-deployments/);
});

test.each(Object.entries(notOffered))(
	'%s has none of the fields that are listed as not offered',
	(operation, fields) => {
		const [resource, value] = operation.split(': ');
		const { properties } = engine().nodeType('videoSdk').description;
		const shown = properties.filter(({ displayOptions: { show = {} } = {} }) => {
			return show.resource?.includes(resource ?? '') && show.operation?.includes(value ?? '');
		});
		const offered = shown.flatMap((field) => [field, ...(field.options ?? [])]);
		expect(offered.length).toBeGreaterThan(1);
		expect(offered.map((field) => field.name).filter((one) => one in fields)).toEqual([]);
	},
);
