/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../../../dev/listen';

/** A message of a conversation with the model, as OpenAI's chat completions have it. */
export interface Message {
	role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
	content: string | null | Array<{ type: string; text?: string }>;
	tool_calls?: Array<{ id: string; function: { name: string; arguments: string } }>;
	tool_call_id?: string;
}

/** A tool as the model gets to know it. */
export interface ToolDescription {
	name: string;
	description: string;
	parameters: { properties?: Record<string, unknown>; required?: string[] };
}

/** What the model is asked. */
export interface Question {
	model: string;
	messages: Message[];
	tools: ToolDescription[];
}

/** What the model does next: it calls a tool, or it says something. */
export type Turn = { call: string; with: Record<string, unknown> } | { say: string };

/** A fake of OpenAI's chat completions on loopback. */
export interface OpenAi {
	/** As the Base URL of n8n's OpenAI credential. */
	url: string;
	/** All it was asked, in order. */
	questions: Question[];
	close(): Promise<void>;
}

/** What a tool gave back to the model, oldest first. */
export function toolResults({ messages }: Question): string[] {
	return messages
		.filter(({ role }) => role === 'tool')
		.map(({ content }) =>
			Array.isArray(content) ? content.map(({ text = '' }) => text).join('') : (content ?? ''),
		);
}

async function readQuestion(request: IncomingMessage): Promise<Question & { stream: boolean }> {
	const chunks: Buffer[] = [];
	for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
	const { model, messages, tools, stream } = JSON.parse(Buffer.concat(chunks).toString()) as {
		model: string;
		messages: Message[];
		tools?: Array<{ function: ToolDescription }>;
		stream?: boolean;
	};
	return {
		model,
		messages,
		tools: (tools ?? []).map((tool) => tool.function),
		stream: stream === true,
	};
}

function sendTurn(response: ServerResponse, turn: Turn, number: number, stream: boolean): void {
	const isCall = 'call' in turn;
	const message = isCall
		? {
				role: 'assistant',
				content: null,
				tool_calls: [
					{
						index: 0,
						id: `call_${number}`,
						type: 'function',
						function: { name: turn.call, arguments: JSON.stringify(turn.with) },
					},
				],
			}
		: { role: 'assistant', content: turn.say };
	const reason = { finish_reason: isCall ? 'tool_calls' : 'stop' };
	const whole = {
		id: `chatcmpl-${number}`,
		object: stream ? 'chat.completion.chunk' : 'chat.completion',
		created: Math.floor(Date.now() / 1000),
		model: 'fake-model',
	};
	if (!stream) {
		response.setHeader('content-type', 'application/json');
		const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
		response.end(JSON.stringify({ ...whole, choices: [{ index: 0, message, ...reason }], usage }));
		return;
	}
	response.setHeader('content-type', 'text/event-stream');
	for (const choice of [
		{ delta: message, finish_reason: null },
		{ delta: {}, ...reason },
	]) {
		response.write(`data: ${JSON.stringify({ ...whole, choices: [{ index: 0, ...choice }] })}\n\n`);
	}
	response.end('data: [DONE]\n\n');
}

/**
 * Starts a model that follows a script instead of thinking.
 *
 * @param think what it does next, from what it is asked; what it throws is answered with 500
 */
export async function startOpenAi(think: (question: Question) => Turn): Promise<OpenAi> {
	const questions: Question[] = [];
	const serve = async (request: IncomingMessage, response: ServerResponse) => {
		if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
			response.statusCode = 404;
			response.end(JSON.stringify({ error: { message: `There is no ${request.url} here` } }));
			return;
		}
		const { stream, ...question } = await readQuestion(request);
		sendTurn(response, think(question), questions.push(question), stream);
	};
	const server = createServer((request, response) => {
		serve(request, response).catch((error: unknown) => {
			response.statusCode = 500;
			response.end(JSON.stringify({ error: { message: String(error) } }));
		});
	});
	const { url, close } = await listen(server);
	return {
		url: `${url}/v1`,
		questions,
		close,
	};
}
