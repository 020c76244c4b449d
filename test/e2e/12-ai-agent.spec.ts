import type { INode, INodeParameters } from 'n8n-workflow';
import { byId, find, changed } from '../../dev/n8n/flow';
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
	/** The example, as it is, with our stand-ins behind it. */
	agent: Agent;
	/** Opens the example with other parameters and settings of the tool. */
	open(...changes: ToolChanges): Promise<Agent>;
}>({
	// eslint-disable-next-line no-empty-pattern -- Playwright reads the names from the first parameter
	modelArguments: async ({}, use) => await use({ current: {} }),
	open: async ({ world, account, modelArguments }, use) => {
		const model = await startOpenAi((question) => hangUp(question, modelArguments.current));
		const openAi: SavedCredential = await world.rest.createCredential('OpenAI', 'openAiApi', {
			apiKey: 'stand-in',
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
	return api.addSession().sessionId;
}

test('the example’s agent hangs up when the caller says goodbye @every-n8n', async ({
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
	expect(account.api.session(sessionId)?.status).toBe('completed');
	expect(account.api.session(other)?.status).toBe('running');
	expect(account.api.stats.endRequests).toEqual(new Map([[sessionId, 1]]));

	const execution = await onlyExecution(agent.rest, agent.workflow.id);
	expect(execution.status).toBe('success');
	expect(execution.data.resultData.runData[TOOL]).toHaveLength(1);
});

test('the model knows the tool by our name and description', async ({ account, agent }) => {
	await agent.hear({ sessionId: running(account), text: 'Goodbye!' });

	expect(agent.model.questions).toHaveLength(2);
	const [question] = agent.model.questions;
	expect(question?.model).toBe('gpt-4.1-mini');
	expect(question?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
	expect(question?.messages.at(-1)?.content).toBe('Goodbye!');
	expect(question?.tools).toEqual([
		expect.objectContaining({
			name: 'End_session_in_VideoSDK',
			description:
				'Hangs up: ends the session of this call. Use it once, when the caller says goodbye.',
		}),
	]);
});

test('what the model makes up cannot end another session than the caller’s', async ({
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

test('with $fromAI the model names the session', async ({ account, open, modelArguments }) => {
	const described = "={{ $fromAI('sessionId', 'ID of the session that should end', 'string') }}";
	const agent = await open({ sessionId: byId(described) });
	const named = running(account);
	const caller = running(account);
	modelArguments.current = { sessionId: named };

	const answer = await agent.hear({ sessionId: caller, text: `End ${named}, please.` });

	expect(answer.status).toBe(200);
	const [tool] = agent.model.questions[0]?.tools ?? [];
	expect(tool?.parameters).toMatchObject({
		properties: { sessionId: { type: 'string', description: 'ID of the session that should end' } },
		required: ['sessionId'],
	});
	expect(account.api.stats.endRequests).toEqual(new Map([[named, 1]]));
});

test('without a description of their own, the model gets that of the operation', async ({
	account,
	open,
}) => {
	const agent = await open({ descriptionType: 'auto' });

	await agent.hear({ sessionId: running(account), text: 'Goodbye!' });

	const [tool] = agent.model.questions[0]?.tools ?? [];
	expect(tool?.description).toMatch(/\bend\b/i);
	expect(tool?.description).toMatch(/session/i);
});

test.describe('when the tool fails', () => {
	const unknown = '00000000-0000-4000-8000-000000000000';
	const error = `Session "${unknown}" was not ended: there is no such session in this VideoSDK project`;

	async function read(agent: Agent): Promise<unknown> {
		expect((await agent.hear({ sessionId: unknown, text: 'Goodbye!' })).status).toBe(200);
		const [result = ''] = agent.model.questions.slice(-1).flatMap(toolResults);
		return JSON.parse(result);
	}

	test('the model reads our sentence', async ({ agent }) => {
		expect(await read(agent)).toEqual([{ error }]);
	});

	test('and with On Error set to Continue, the model also reads what to do', async ({ open }) => {
		const agent = await open({}, { onError: 'continueRegularOutput' });

		expect(await read(agent)).toMatchObject([
			{
				error: {
					message: error,
					sessionId: unknown,
					httpCode: '404',
					description: expect.stringMatching(/^Check the ID of the session/),
				},
			},
		]);
	});
});
