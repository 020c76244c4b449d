import type { INode, INodeParameters } from 'n8n-workflow';
import { byId, find, changed } from '../../dev/n8n/flow';
import type { VideoSdkApi } from '../../dev/videosdk-api';
import type { SavedCredential, N8nRest, Workflow } from '../../dev/n8n/rest';
import { expect, test as base, type Account } from './support/account';
import { onlyExecution } from './support/executions';
import { startOpenAi, toolResults, type OpenAi, type Question } from './support/openai';
import { post, webhookUrl, type Answer } from './support/outside';

const TOOL = 'End session in VideoSDK';

/** What the model says at the end: what the tool gave it, so that it can be seen from outside. */
const FAREWELL = 'Goodbye! ';

type ToolChanges = [parameters: INodeParameters, settings?: Partial<INode>];

interface Agent {
	model: OpenAi;
	workflow: Workflow;
	rest: N8nRest;
	/** Tells the agent what the caller said. */
	hear(body: { sessionId: string; text: string }): Promise<Answer>;
}

/** Calls the only tool it has, with these arguments, then says what came of it. */
function hangUp(question: Question, args: Record<string, unknown>) {
	const [result] = toolResults(question);
	if (result !== undefined) return { say: FAREWELL + result };
	const [tool, ...others] = question.tools;
	if (!tool || others.length > 0) throw new Error('The model should see one tool.');
	return { call: tool.name, with: args };
}

const test = base.extend<{
	/** What the model gives the tool; set it before the agent is used. */
	modelArguments: { current: Record<string, unknown> };
	/** The example, as it is, with our fake APIs behind it. */
	agent: Agent;
	/** Opens the example with other parameters and settings of the tool. */
	open(...changes: ToolChanges): Promise<Agent>;
}>({
	// eslint-disable-next-line no-empty-pattern -- Playwright reads the names from the first parameter
	modelArguments: async ({}, use) => await use({ current: {} }),
	open: async ({ world, account, modelArguments }, use) => {
		const model = await startOpenAi((question) => hangUp(question, modelArguments.current));
		const openAi: SavedCredential = await world.rest.createCredential('OpenAI', 'openAiApi', {
			apiKey: 'fake-api-key',
			url: model.url,
		});
		try {
			await use(async (...changes) => {
				const example = changed(await world.example('ai-agent-ends-session'), TOOL, ...changes);
				const workflow = await account.activate(example, openAi);
				const url = webhookUrl(world.n8n, find(example, 'Webhook'));
				const hear: Agent['hear'] = async (body) => await post(url, body);
				return { model, workflow, rest: world.rest, hear };
			});
		} finally {
			await model.close();
		}
	},
	agent: async ({ open }, use) => await use(await open({})),
});

function running({ api }: Account): string {
	return api.sessions.add().sessionId;
}

test('the agent in the example hangs up when the caller says goodbye @every-n8n', async ({
	account,
	agent,
}) => {
	const sessionId = running(account);
	const other = running(account);

	const answer = await agent.hear({ sessionId, text: 'That was all. Goodbye!' });

	expect(answer.status).toBe(200);
	const { output } = JSON.parse(answer.text) as { output: string };
	expect(output).toContain(FAREWELL);
	// What the tool gave the model is the session, as ended.
	expect(output).toContain(sessionId);
	expect(output).toContain('completed');
	expect(account.api.sessions.find(sessionId)?.status).toBe('completed');
	expect(account.api.sessions.find(other)?.status).toBe('running');
	expect(account.api.stats.endRequests).toEqual(new Map([[sessionId, 1]]));

	const execution = await onlyExecution(agent.rest, agent.workflow.id);
	expect(execution.status).toBe('success');
	expect(execution.data.resultData.runData[TOOL]).toHaveLength(1);

	expect(agent.model.questions).toHaveLength(2);
	const [question] = agent.model.questions;
	expect(question?.model).toBe('gpt-4.1-mini');
	expect(question?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
	expect(question?.messages.at(-1)?.content).toBe('That was all. Goodbye!');
	expect(question?.tools).toMatchObject([
		{
			name: 'End_session_in_VideoSDK',
			description:
				'Hangs up: ends the session of this call. Use it once, when the caller says goodbye.',
		},
	]);
});

test('arguments that the model makes up cannot end the session of another caller', async ({
	account,
	agent,
	modelArguments,
}) => {
	const sessionId = running(account);
	const other = running(account);
	modelArguments.current = { sessionId: other, input: other };

	await agent.hear({ sessionId, text: 'Goodbye!' });

	expect(account.api.stats.endRequests).toEqual(new Map([[sessionId, 1]]));
});

/** What the model gets from the tool of an operation, and what it did. */
interface Use {
	parameters: INodeParameters;
	/** What the model fills in. */
	args: Record<string, unknown>;
	/** What it gets. */
	result: Array<Record<string, unknown>>;
	/** Whether the fake API is as it should be then. */
	isDone?(api: VideoSdkApi): boolean;
}

const fromModel = (key: string, type = 'string') =>
	`={{ $fromAI('${key}', 'The ${key} to use', '${type}') }}`;

const tool = (resource: string, operation: string, parameters: INodeParameters = {}) => ({
	descriptionType: 'auto',
	resource,
	operation,
	...parameters,
});

const uses: Record<string, Use> = {
	'End session': {
		parameters: tool('agentSession', 'end', { sessionId: byId(fromModel('sessionId')) }),
		args: { sessionId: 'session-1' },
		result: [{ sessionId: 'session-1', status: 'completed' }],
		isDone: (api) => api.sessions.find('session-1')?.status === 'completed',
	},
	'End many sessions': {
		parameters: tool('agentSession', 'endMany', {
			filters: { tag: fromModel('tag'), status: ['running'] },
		}),
		args: { tag: 'v1' },
		result: [{ sessionId: 'session-1', status: 'completed' }],
		isDone: (api) => api.sessions.find('session-2')?.status === 'running',
	},
	'Get session': {
		parameters: tool('agentSession', 'get', { sessionId: byId(fromModel('sessionId')) }),
		args: { sessionId: 'session-1' },
		result: [
			{
				sessionId: 'session-1',
				status: 'running',
				runningSeconds: expect.any(Number),
				deploymentId: 'deployment-1',
				tag: 'v1',
				start: expect.any(String),
				createdAt: expect.any(String),
			},
		],
	},
	'Get many sessions': {
		parameters: tool('agentSession', 'getAll', {
			limit: fromModel('limit', 'number'),
			output: 'selected',
			outputFields: ['metadata', 'status'],
			filters: { tag: fromModel('tag') },
		}),
		args: { limit: 5, tag: 'v2' },
		result: [{ sessionId: 'session-2', status: 'running', metadata: { caller: '+14155550123' } }],
	},
	'Make call': {
		parameters: tool('call', 'make', {
			from: '+14155550100',
			to: fromModel('to'),
			routingRuleId: 'rule',
		}),
		args: { to: '+14155550199' },
		result: [{ callId: expect.any(String), to: '+14155550199' }],
	},
};

for (const [action, { parameters, args, result, isDone }] of Object.entries(uses)) {
	test(`a model uses the tool ${action} @every-n8n`, async ({ account, open, modelArguments }) => {
		const { api } = account;
		api.deployments.add({ id: 'deployment-1', name: 'Day line', tag: 'v1' });
		api.sessions.add({ sessionId: 'session-1', deploymentId: 'deployment-1', tag: 'v1' });
		const metadata = { caller: '+14155550123' };
		api.sessions.add({ sessionId: 'session-2', tag: 'v2', metadata });
		api.calls.add({ callId: 'call-1' });
		api.rooms.add({ roomId: 'room-1', id: 'room-session-1' });
		modelArguments.current = args;
		const agent = await open(parameters);

		await agent.hear({ sessionId: 'session-1', text: 'Please.' });

		const [described] = agent.model.questions[0]?.tools ?? [];
		expect(described?.description).toBe(`${action} in VideoSDK`);
		const asked = Object.keys(args).map((key) => [
			key,
			expect.objectContaining({ description: `The ${key} to use` }) as unknown,
		]);
		expect(described?.parameters.properties).toEqual(Object.fromEntries(asked));
		const [given = ''] = agent.model.questions.slice(-1).flatMap(toolResults);
		const items = JSON.parse(given) as Array<Record<string, unknown>>;
		const isWhole = /^Get /.test(action) && !action.includes('deployment');
		expect(items).toEqual(isWhole ? result : result.map((one) => expect.objectContaining(one)));
		expect(isDone?.(api) ?? true).toBe(true);
	});
}

test.describe('a tool that fails', () => {
	const unknown = '00000000-0000-4000-8000-000000000000';
	const error = `Session "${unknown}" was not ended: there is no such session in this VideoSDK project`;

	async function read(agent: Agent): Promise<unknown> {
		expect((await agent.hear({ sessionId: unknown, text: 'Goodbye!' })).status).toBe(200);
		const [result = ''] = agent.model.questions.slice(-1).flatMap(toolResults);
		return JSON.parse(result);
	}

	test('the model receives the error message if the tool fails', async ({ agent }) => {
		expect(await read(agent)).toEqual([{ error }]);
	});

	test('the model also receives what to do if the tool fails with Continue', async ({ open }) => {
		const agent = await open({}, { onError: 'continueRegularOutput' });

		expect(await read(agent)).toMatchObject([
			{
				error: {
					message: error,
					sessionId: unknown,
					httpCode: '404',
					description: expect.stringMatching(/^If this is the ID of a room or a call/),
				},
			},
		]);
	});
});

test('a tool with Start Session and Wait starts no session, and says so @every-n8n', async ({
	account: { api },
	open,
}) => {
	const { id } = api.deployments.add();
	const agent = await open({ operation: 'startAndWait', deploymentId: byId(id) });

	await agent.hear({ sessionId: '', text: 'Call Ada!' });

	// The model reads it; in n8n 1 it stops the workflow.
	const execution = await onlyExecution(agent.rest, agent.workflow.id);
	const said = JSON.stringify(execution.data.resultData.runData[TOOL]);
	expect(said).toContain('An AI agent cannot wait for a session');
	expect(api.stats.requests.size).toBe(0);
});

test('the panel of a tool does not offer Start Session and Wait', async ({
	world,
	account,
	editor,
}) => {
	await editor.open(await account.save(await world.example('ai-agent-ends-session')));
	const panel = await editor.openNode(TOOL);
	await panel.field('operation').click();
	const options = editor.page.getByRole('option').filter({ visible: true });
	await expect(options.filter({ hasText: 'Start' })).toHaveCount(1);
	await expect(options.filter({ hasText: 'Start Session and Wait' })).toHaveCount(0);
	await editor.page.keyboard.press('Escape');
	await panel.close();
});
