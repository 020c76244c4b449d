import { generateKeyPairSync } from 'node:crypto';
import type {
	IDataObject,
	INodeExecutionData,
	INodeParameters,
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	IPairedItemData,
} from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import type { VideoSdkApi } from '../../dev/videosdk-api';
import { VideoSdk } from '../../nodes/VideoSdk/VideoSdk.node';
import { VideoSdkTrigger } from '../../nodes/VideoSdk/VideoSdkTrigger.node';
import { stopsNever } from '../support/nodeRun';
import { operationsOf } from './sessions';
import { useEngine } from './setup';
import { useTriggers } from './triggers';

/**
 * Every field of both nodes gets values as people give them. A field is found in the description of its
 * node, so that a new one cannot be forgotten: one of no known kind fails, as does one that takes what the
 * others of its kind refuse.
 */
const { engine, startApi, run } = useEngine();
const { openTriggerOf } = useTriggers(engine);

interface Place {
	/** Its path in the parameters: `options.timeout`, `additionalFields.env.entries[0].key`. */
	path: string;
	field: INodeProperties;
}

/** A field and those within it. */
function placesIn(field: INodeProperties, path = field.name): Place[] {
	const options = field.options ?? [];
	switch (field.type) {
		case 'collection':
			return (options as INodeProperties[]).flatMap((inside) =>
				placesIn(inside, `${path}.${inside.name}`),
			);
		case 'fixedCollection':
			return (options as INodePropertyCollection[]).flatMap(({ name, values }) =>
				values.flatMap((inside) => placesIn(inside, `${path}.${name}[0].${inside.name}`)),
			);
		case 'notice':
		case 'hidden':
			return [];
		default:
			return [{ path, field }];
	}
}

interface Kind {
	/** Values that mean something. */
	taken(field: INodeProperties): unknown[];
	/** Values that mean nothing. */
	refused: unknown[];
	/** Values that mean nothing as fixed text, since n8n does not evaluate them. */
	refusedFixed: string[];
}

const BRACES = '{{ $json.value }}';

const choicesOf = ({ options = [] }: INodeProperties) => options as INodePropertyOptions[];

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;

const pemOf = (type: 'spki' | 'pkcs1') => PEM.export({ type, format: 'pem' }).toString();

const kinds = {
	switch: {
		taken: () => [true, false, 'TRUE', 'false ', 1, '0', 'true\u200b'],
		refused: ['yes', 2, '', []],
		refusedFixed: [],
	},
	number: {
		taken: ({ default: usual }) => [usual, String(usual), ` ${String(usual)}\u200b`],
		refused: ['ten', '1e3', '0x10', true, [7]],
		refusedFixed: [],
	},
	choice: {
		taken: (field) =>
			choicesOf(field).flatMap(({ name, value }) => [value, name, `${value}\u200b`]),
		refused: ['no choice', 7, ['no choice']],
		refusedFixed: [],
	},
	choices: {
		taken: (field) => {
			const values = choicesOf(field).map(({ value }) => String(value));
			const [first = ''] = values;
			const names = choicesOf(field).map(({ name }) => name);
			return [
				values,
				first.toUpperCase(),
				values.join(', '),
				JSON.stringify(values),
				names.join(','),
			];
		},
		refused: ['no choice', ['no choice'], { a: 1 }],
		refusedFixed: [],
	},
	time: {
		taken: ({ name }) =>
			name === 'maxDateAndTime'
				? ['={{ $now.plus({ hours: 1 }) }}']
				: ['2025-06-18T10:30:00', '2025-06-18\u200b', Date.UTC(2025, 5, 18)],
		refused: ['soon', 'order 4711', 0, true],
		refusedFixed: [BRACES],
	},
	id: {
		taken: () => ['ab', ' a\u200bb\ufeff', '\u2068ab\u2069'],
		refused: [{ a: 1 }, ['ab', 'b'], true, 1.5, 'a\nb'],
		refusedFixed: [BRACES, 'a{{value}}'],
	},
	phoneNumber: {
		taken: () => ['+1 (415) 555-0123', '\u202a+14155550123\u202c', '001 415 555 0123'],
		refused: ['someone', '1-800-FLOWERS', true],
		refusedFixed: [BRACES],
	},
	prose: {
		taken: () => ['Support\u200dline', 'of {{two}}', 7],
		refused: [{ a: 1 }, true],
		refusedFixed: [BRACES],
	},
	data: {
		taken: () => ['Hello {{name}}', 7, ''],
		refused: [{ a: 1 }],
		refusedFixed: [BRACES],
	},
	json: {
		taken: () => ['{ "a": 1 }', { a: 1 }, ''],
		refused: ['none', 7, '[1]'],
		refusedFixed: [`{ "a": "${BRACES}" }`],
	},
	url: {
		taken: () => ['https://n8n.example.com/a', ' https://n8n.example.com/\u200ba'],
		refused: ['n8n', 'ftp://n8n.example.com', {}],
		refusedFixed: [BRACES],
	},
	publicKey: {
		taken: () =>
			(['spki', 'pkcs1'] as const).flatMap((type) => {
				const pem = pemOf(type);
				return [
					pem,
					pem.replaceAll('\n', ' '),
					pem.replaceAll('\n', '\\n'),
					pem.replaceAll(/^/gm, '    '),
					JSON.stringify({ publicKey: pem }),
				];
			}),
		refused: ['none', '', 7],
		refusedFixed: [BRACES],
	},
} satisfies Record<string, Kind>;

/** The kinds of text, by the last name of the path. */
const texts: Record<string, Kind> = {
	to: kinds.phoneNumber,
	from: kinds.phoneNumber,
	name: kinds.prose,
	description: kinds.prose,
	participantName: kinds.prose,
	webhookUrl: kinds.url,
	publicKey: kinds.publicKey,
	value: kinds.data,
	key: kinds.id,
	tag: kinds.id,
	dtmf: kinds.id,
	agentId: kinds.id,
	gatewayId: kinds.id,
	routingRuleId: kinds.id,
	participantId: kinds.id,
	versionId: kinds.id,
	versionTag: kinds.id,
	batchName: kinds.id,
};

function kindOf({ field }: Place): Kind | undefined {
	switch (field.type) {
		case 'boolean':
			return kinds.switch;
		case 'number':
			return kinds.number;
		case 'options':
			return kinds.choice;
		case 'multiOptions':
			return kinds.choices;
		case 'dateTime':
			return kinds.time;
		case 'resourceLocator':
			return kinds.id;
		case 'json':
			return kinds.json;
		case 'string':
			return texts[field.name];
		default:
			return undefined;
	}
}

/** What each operation is run with, so that it can succeed: all things have the ID `ab`. */
const valid: IDataObject = {
	...Object.fromEntries(
		['sessionId', 'callId', 'roomId', 'deploymentId', 'batchId'].map((name) => [name, byId('ab')]),
	),
	...{ tag: 'ab', name: 'Line', agentId: 'ab', routingRuleId: 'ab', gatewayId: 'ab' },
	...{ to: '+14155550123', from: '+14155550100', maxDateAndTime: '={{ $now.plus({ hours: 1 }) }}' },
	...{ allLiveSessions: true, allLiveCalls: true, allLiveRooms: true },
	...{ dryRun: true, filters: {}, additionalFields: {}, options: {} },
};

function withThings(api: VideoSdkApi, { path }: Place): VideoSdkApi {
	api.sessions.add({ sessionId: 'ab' });
	api.calls.add({ callId: 'ab', roomId: 'ab' });
	api.rooms.add({ roomId: 'ab' });
	api.deployments.add({ id: 'ab', tag: 'ab' });
	// One that is cancelled takes long to be over.
	const status = path.startsWith('options.wait') ? 'completed' : 'running';
	api.batchCalls.add({ batchId: 'ab', status });
	return api;
}

/** Sets a value at a path of parameters, and what has to be set so that n8n shows the field. */
function withValue(parameters: IDataObject, { path, field }: Place, value: unknown): IDataObject {
	const changed = structuredClone(parameters);
	const names = path.split(/[.[\]]+/).filter(Boolean);
	const last = names.pop() ?? '';
	let inside = changed as Record<string, unknown>;
	for (const [at, name] of names.entries()) {
		inside[name] ??= names[at + 1] === '0' ? [] : {};
		inside = inside[name] as Record<string, unknown>;
	}
	if (last === 'key' || last === 'value') Object.assign(inside, { key: 'k', value: 'v' });
	for (const [name, shown = []] of Object.entries(field.displayOptions?.show ?? {})) {
		const [first] = shown;
		if (['resource', 'operation', '@tool'].includes(name)) continue;
		inside[name] = typeof first === 'object' ? 'https://n8n.example.com/a' : first;
	}
	inside[last] = field.type === 'resourceLocator' ? byId(value as string) : value;
	return changed;
}

const { properties } = new VideoSdk().description;

const seen = new Set<INodeProperties>();

/** Whether the same option was tried in another operation: the node reads the options of all in one place. */
function isTried({ path, field }: Place): boolean {
	if (!path.startsWith('options.')) return false;
	const isKnown = seen.has(field);
	seen.add(field);
	return isKnown;
}

/** The operations of the node, each with its places. */
const operations = operationsOf(properties).map(({ resource, operation }) => {
	const isShown = ({ displayOptions: { show = {} } = {} }: INodeProperties) =>
		show.resource?.includes(resource) && show.operation?.includes(operation);
	// n8n's engine alone has no tools: their fields are tried in test/unit/fields/output.test.ts.
	const isOfTool = ({ displayOptions }: INodeProperties) => displayOptions?.show?.['@tool'];
	const places = properties
		.filter((field) => isShown(field) && !isOfTool(field))
		.flatMap((field) => placesIn(field))
		.filter((place) => !isTried(place));
	return { name: `${resource}/${operation}`, resource, operation, places };
});

/** @param error of the run or of an item */
function outcomeOf(error: unknown): string {
	const { message, description } = (error ?? {}) as { message?: string; description?: string };
	return message === undefined ? 'taken' : `refused: ${message} ${description}`;
}

const isExpression = (value: unknown) => typeof value === 'string' && value.startsWith('=');

const itemIn = (pairedItem: INodeExecutionData['pairedItem']) =>
	(pairedItem as IPairedItemData | undefined)?.item;

describe.each(operations)('$name', ({ name, resource, operation, places }) => {
	test.each(places)(`${name} checks $path ($#)`, async (place) => {
		const { path, field } = place;
		const kind = kindOf(place);
		if (!kind) throw new Error(`'${path}' is of no known kind.`);
		const label = field.displayName;
		const base = { ...valid, resource, operation };
		const takesExpression = field.noDataExpression !== true;

		/** Runs the node once, with an item for each value. */
		const attempt = async (values: unknown[], isFixed: boolean) => {
			const api = withThings(await startApi(), place);
			const [first] = values;
			const isWritten = isFixed || isExpression(first);
			const written = isWritten ? first : '={{ $json.value }}';
			const items = values.map((value) => ({ json: { value } as IDataObject }));
			const { failed, error } = await run(api, withValue(base, place, written), items, stopsNever);
			const outcomes = values.map((value, index) => {
				const item = failed.find(({ pairedItem }) => itemIn(pairedItem) === index);
				return { value, outcome: outcomeOf(error ?? item?.json.error) };
			});
			return { outcomes, sent: api.stats.requests.size };
		};
		const expectRefused = async (values: unknown[], isFixed: boolean, ...said: string[]) => {
			const { outcomes, sent } = await attempt(values, isFixed);
			for (const { value, outcome } of outcomes) {
				expect({ value, outcome: outcome.toLowerCase() }).toEqual({
					value,
					outcome: expect.stringMatching(/^refused: /) as string,
				});
				for (const words of [label, ...said]) {
					expect(outcome.toLowerCase()).toContain(words.toLowerCase());
				}
			}
			expect({ values, sent }).toEqual({ values, sent: 0 });
			return outcomes;
		};

		// What decides which fields n8n shows is only taken as the panel writes it.
		const decides = properties.some(({ displayOptions }) => displayOptions?.show?.[field.name]);
		const usual = [true, false, ...choicesOf(field).map(({ value }) => value)] as unknown[];
		const taken = kind
			.taken(field)
			.filter((value) => takesExpression || !decides || usual.includes(value));
		/** The values that each run tries. An execution waits for one session, so Start and Wait takes one item. */
		const inRuns = (values: unknown[]) =>
			takesExpression && operation !== 'startAndWait'
				? [
						values.filter((value) => !isExpression(value)),
						...values.filter(isExpression).map((value) => [value]),
					]
				: values.map((value) => [value]);
		for (const values of inRuns(taken)) {
			const { outcomes } = await attempt(values, !takesExpression);
			expect(outcomes).toEqual(values.map((value) => ({ value, outcome: 'taken' })));
		}
		// A field that takes no expression has its default where it is empty.
		const refused = kind.refused.filter((value) => takesExpression || value !== '');
		for (const values of inRuns(refused)) await expectRefused(values, !takesExpression);
		for (const value of takesExpression ? kind.refusedFixed : []) {
			await expectRefused([value], true, 'from Fixed to Expression');
		}
	});
});

const triggerPlaces = new VideoSdkTrigger().description.properties.flatMap((field) =>
	placesIn(field),
);

test.each(triggerPlaces)('the trigger checks $path', async (place) => {
	const kind = kindOf(place);
	if (!kind) throw new Error(`'${place.path}' is of no known kind.`);
	const publish = async (value: unknown) => {
		const api = await startApi();
		const parameters = withValue({ events: ['started'] }, place, value);
		const trigger = await openTriggerOf(api, parameters as INodeParameters);
		const outcome = await trigger.publish().then(
			() => 'taken',
			(error: Error) => `refused: ${error.message}`,
		);
		await trigger.lifecycle('delete');
		return outcome;
	};
	// Call events need an address that VideoSDK can reach.
	const events = (value: unknown) => !JSON.stringify(value).toLowerCase().includes('call');
	for (const value of kind.taken(place.field).filter(events)) {
		expect({ value, outcome: await publish(value) }).toEqual({ value, outcome: 'taken' });
	}
	for (const value of [...kind.refused, ...kind.refusedFixed]) {
		expect({ value, outcome: await publish(value) }).toEqual({
			value,
			outcome: expect.stringContaining(`'${place.field.displayName}'`) as string,
		});
	}
});
