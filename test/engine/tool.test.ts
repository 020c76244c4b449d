import type { IDataObject } from 'n8n-workflow';
import { byId } from '../../dev/n8n/flow';
import { VideoSdk } from '../../nodes/VideoSdk/VideoSdk.node';
import { asTool } from '../support/nodeRun';
import { addSessions, askedToEnd, call, onceEach, operationsOf, session } from './sessions';
import { useEngine } from './setup';

const { startApi, run, refused } = useEngine();

const byGateway = { routeBy: 'gateway', gatewayId: 'g', to: '+14155550123' };

/** What n8n's Agents 3 and 3.1 give a tool: their own item, and over it what the model adds to its call. */
const itemOf = (json: IDataObject) => [{ json }];

describe('a tool of an AI agent', () => {
	test.each<[string, string, IDataObject]>([
		['Session', '$json', session('end', { sessionId: byId('={{ $json.body.sessionId }}') })],
		['Session', '$input', session('end', { sessionId: byId('={{ $input.item.json.id }}') })],
		['Dry Run', '$json', session('endMany', { dryRun: '={{ $json.dry ?? false }}' })],
		['Tag', '$json', session('endMany', { filters: { tag: '={{ $json.tag }}' } })],
		[
			'Deployment',
			'$json',
			session('getAll', { filters: { deploymentId: byId('={{ $json.id }}') } }),
		],
		[
			'Hide Phone Number',
			'$json',
			call('make', { ...byGateway, additionalFields: { hidePhoneNumber: '={{ $json.h }}' } }),
		],
	])('a tool rejects the field %s if it reads %s (case %#)', async (label, name, parameters) => {
		const error = await refused(parameters, itemOf({ body: { sessionId: 'x' } }), asTool);
		expect(error).toMatchObject({
			name: 'NodeOperationError',
			message: `The expression in '${label}' uses "${name}", which the AI model could change`,
			description: expect.stringContaining("{{ $('Webhook').item.json.body."),
		});
	});

	test.each([
		['the output of a named node', "={{ $('Trigger').item.json.sessionId }}"],
		['a value from the model', "={{ $fromAI('sessionId') }}"],
	])('a field of a tool accepts %s', async (_what, sessionId) => {
		const api = await startApi();
		const [wanted = ''] = addSessions(api, 2);
		const parameters = session('end', { sessionId: byId(sessionId) });
		await run(api, parameters, itemOf({ sessionId: wanted }), asTool);
		expect(askedToEnd(api)).toEqual(onceEach([wanted]));
	});

	test('a rejected expression in a tool is an error item with Continue', async () => {
		const api = await startApi();
		const parameters = session('end', { sessionId: byId('={{ $json.id }}') });
		const { items } = await run(api, parameters, itemOf({ id: 'x' }), {
			node: { ...asTool.node, onError: 'continueRegularOutput' },
		});
		expect(items[0]?.json.error).toMatchObject({
			message: 'The expression in \'Session\' uses "$json", which the AI model could change',
			description: expect.stringContaining("{{ $fromAI('sessionId') }}"),
		});
	});

	describe('End Many Sessions as a tool', () => {
		const tag = "={{ $fromAI('tag', 'Version', 'string', '') }}";

		test('End Many Sessions as a tool requires a filter that the user fills in', async () => {
			const parameters = session('endMany', { dryRun: false, filters: { tag } });
			const error = await refused(parameters, itemOf({ tag: 'v1' }), asTool);
			expect(error?.message).toBe(
				'The AI model fills in all filters, so it could end any live session',
			);
		});

		test.each<[string, IDataObject]>([
			["a user's filter", { filters: { tag, deploymentId: byId('d') } }],
			['All Live Sessions', { filters: { tag }, allLiveSessions: true }],
		])('End Many Sessions as a tool ends what the model chooses with %s', async (_what, more) => {
			const api = await startApi();
			const [wanted = ''] = addSessions(api, 1, { tag: 'v1', deploymentId: 'd' });
			addSessions(api, 1, { tag: 'v2', deploymentId: 'd' });
			const parameters = session('endMany', { dryRun: false, ...more });
			const { hint } = await run(api, parameters, itemOf({ tag: 'v1' }), asTool);
			expect(askedToEnd(api)).toEqual(onceEach([wanted]));
			expect(hint).toMatch(/^Ended 1 of 1 matching session /);
			expect(hint).not.toContain('had no effect');
		});

		test('End Many Sessions as a tool ends nothing if the model leaves a filter empty', async () => {
			const filters = { tag, deploymentId: byId('d') };
			const parameters = session('endMany', { dryRun: false, filters });
			const error = await refused(parameters, itemOf({}), asTool);
			expect(error?.message).toBe(
				"'Tag' is empty, so nothing was done. Call the tool again with a value for it",
			);
		});

		test.each([
			[false, 'Nothing was ended, because none of the 3 live sessions match the filters.'],
			[
				true,
				'Dry run: nothing would be ended, because none of the 3 live sessions match the filters.',
			],
		])('End Many Sessions as a tool reports no match (Dry Run %s)', async (dryRun, message) => {
			const api = await startApi();
			addSessions(api, 3);
			const parameters = session('endMany', { dryRun, filters: { tag: 'none' } });
			const { items } = await run(api, parameters, itemOf({}), asTool);
			expect(items).toEqual([{ json: { message, live: 3, matching: 0 }, pairedItem: { item: 0 } }]);
			expect((await run(api, parameters)).items).toEqual([]);
		});
	});

	describe('Get Many Sessions as a tool', () => {
		const filters = {
			tag: "={{ $fromAI('tag', '', 'string', '') }}",
			status: "={{ $fromAI('status', '', 'json', []) }}",
			runningLongerThan: "={{ $fromAI('minutes', '', 'number', '') }}",
			deploymentId: byId("={{ $fromAI('deployment', '', 'string', '') }}"),
		};

		test('Get Many Sessions as a tool ignores a filter that the model leaves empty', async () => {
			const api = await startApi();
			addSessions(api, 3);
			const { items } = await run(api, session('getAll', { filters }), itemOf({}), asTool);
			expect(items).toHaveLength(3);
		});

		test('Get Many Sessions as a tool fails if any other filter is empty', async () => {
			const api = await startApi();
			addSessions(api, 3);
			const parameters = session('getAll', {
				filters: { ...filters, tag: "={{ $('Trigger').item.json.tag }}" },
			});
			const { error } = await run(api, parameters, itemOf({}), asTool);
			expect(error?.message).toBe("The expression in 'Tag' returned nothing");
		});

		test('Get Many Sessions as a tool says how many sessions were searched', async () => {
			const api = await startApi();
			addSessions(api, 3);
			const parameters = session('getAll', { filters: { tag: 'none' } });
			const { items } = await run(api, parameters, itemOf({}), asTool);
			expect(items[0]?.json).toEqual({
				message: 'None of the 3 sessions match the filters.',
				listed: 3,
				matching: 0,
			});
		});
	});

	const lists = operationsOf(new VideoSdk().description.properties).filter(({ operation }) =>
		['getAll', 'endMany'].includes(operation),
	);

	test.each(lists)('$resource $operation as a tool says that there is nothing', async (chosen) => {
		const api = await startApi();
		const filters = chosen.resource === 'agentDeployment' ? {} : { runningLongerThan: 1 };
		const parameters = { ...chosen, dryRun: false, filters };
		const { items } = await run(api, parameters, itemOf({}), asTool);
		expect(items).toHaveLength(1);
		expect(items[0]?.json.message).toMatch(/(there are no |The project has no )/i);
		expect((await run(api, parameters)).items).toEqual([]);
	});
});

test('a lost connection of a tool says in its message how to find out what happened', async () => {
	const api = await startApi({ faults: () => ({ kind: 'reset' }) });
	// A model reads the message, and nothing else.
	const { error } = await run(api, call('make', byGateway), undefined, asTool);
	const findOut = "Before you call again, use 'Get Many'";
	expect(error?.message).toContain(
		'The call to +14155550123 may not have been made: the connection to VideoSDK was lost. ',
	);
	expect(error?.message).toContain(findOut);
	expect(error?.description).not.toContain(findOut);
});
