/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listen, type Listening } from '../listen';
import { ApiError, send, type Answer, type JsonObject } from './answer';
import { readBody } from './body';
import { BatchCalls } from './batchCalls';
import { Calls } from './calls';
import { Deployments } from './deployments';
import { isProcessed, misbehave } from './faults';
import { Limits, throttledStatuses } from './limits';
import type { Options } from './options';
import { Rooms } from './rooms';
import { endPaths, makeRoutes, paramsOf, type Route, type RouteRequest } from './routes';
import { Sessions } from './sessions';
import { SipWebhooks } from './sipWebhooks';
import { countUp, Stats } from './stats';
import { Timers } from './timers';
import { checkToken } from './token';
import { Webhooks } from './webhooks';

interface Target {
	/** The template of the path, or `unknown path`. */
	path: string;
	params: string[];
	/** Absent when the path is unknown or does not take this method. */
	route?: Route;
	/** `Allow` of a path that does not take this method. */
	allow: string;
}

function answerTo(error: unknown): Answer {
	if (error instanceof ApiError) return error.toAnswer();
	// A path that is wrongly percent-encoded.
	if (error instanceof URIError) return new ApiError(400, error.message).toAnswer();
	return new ApiError(500, `The fake API failed: ${String(error)}`).toAnswer();
}

/** A running fake VideoSDK API. */
export class VideoSdkApi {
	/** What it saw and did; see `resetStats`. */
	readonly stats = new Stats();
	readonly #options: Options;
	readonly #timers = new Timers();
	/** Signs and sends events. */
	readonly webhooks: Webhooks;
	readonly sessions: Sessions;
	readonly deployments: Deployments;
	readonly calls: Calls;
	readonly batchCalls: BatchCalls;
	/** Where events of calls are sent. */
	readonly sipWebhooks: SipWebhooks;
	readonly rooms: Rooms;
	readonly #limits: Limits;
	readonly #routes: Route[];
	readonly #server: Server;
	readonly #attempts = new Map<string, number>();
	#listening?: Listening;
	#inFlight = 0;

	/** Use `startVideoSdkApi`. */
	constructor(options: Options) {
		this.#options = { ...options };
		this.webhooks = new Webhooks(this.#options, this.stats, this.#timers);
		this.sessions = new Sessions(this.#options, this.stats, this.#timers, (session, webhook) =>
			this.webhooks.announce(session, webhook),
		);
		this.deployments = new Deployments(this.#options);
		this.sipWebhooks = new SipWebhooks(this.#options, this.webhooks);
		this.calls = new Calls(this.#options, this.stats, this.#timers, (call) =>
			this.sipWebhooks.announce(call),
		);
		this.rooms = new Rooms(this.#options, this.stats);
		this.batchCalls = new BatchCalls(this.#options, this.stats);
		this.#limits = new Limits(this.#options);
		this.#routes = makeRoutes(this);
		this.#server = createServer((request, response) => {
			this.#serve(request, response).catch((error: unknown) => send(response, answerTo(error)));
		});
		// Longer than any client's, so that a kept connection is never closed under a request.
		this.#server.keepAliveTimeout = 120_000;
	}

	get apiKey(): string {
		return this.#options.apiKey ?? 'fake-api-key';
	}

	get secret(): string {
		return this.#options.secret ?? 'fake-secret';
	}

	get port(): number {
		return this.#listening?.port ?? 0;
	}

	/** The base URL, without a slash at its end. */
	get url(): string {
		return this.#listening?.url ?? '';
	}

	/** Changes options from the next request on; `undefined` brings a default back. */
	set(options: Options): void {
		Object.assign(this.#options, options);
	}

	/**
	 * Starts all counts anew, those of a fault's `attempt` too. Sessions stay, and so do requests:
	 * `mostInFlight` begins with those that are open.
	 */
	resetStats(): void {
		Object.assign(this.stats, new Stats(), { mostInFlight: this.#inFlight });
		this.#attempts.clear();
	}

	/**
	 * Starts to listen on loopback.
	 * @throws Error when the port is taken
	 */
	async listen(port: number): Promise<void> {
		this.#listening = await listen(this.#server, { port });
	}

	/** Closes at once: open requests are broken off and nothing is left waiting. */
	async close(): Promise<void> {
		if (!this.#server.listening) return;
		this.#timers.close();
		this.webhooks.close();
		await this.#listening?.close();
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { method = 'GET', url = '/' } = request;
		const [pathname = '', ...query] = url.split('?');
		const target = this.#target(method, pathname);
		this.#watch(`${method} ${target.path}`, response);

		const body = await readBody(request);
		const sessionId = this.#idOf(target, body);
		const endOf = endPaths.has(target.path) ? sessionId : undefined;
		if (endOf !== undefined) countUp(this.stats.endRequests, endOf);
		response.once('finish', () => this.#countThrottled(response.statusCode, endOf));
		const attempt = countUp(this.#attempts, `${method} ${target.path} ${sessionId ?? ''}`);
		const asked = { method, path: url, route: target.path, sessionId, attempt };
		const fault = this.#options.faults?.(asked);
		if (fault && !isProcessed(fault)) return misbehave(fault, response, this.#timers);

		const answer = await this.#answer(request, target, new URLSearchParams(query.join('?')), body);
		if (fault) misbehave(fault, response, this.#timers, answer);
		else send(response, answer);
	}

	#target(method: string, pathname: string): Target {
		const fits = ({ path }: Route) => paramsOf(path, pathname) !== undefined;
		const path = this.#routes.find(fits)?.path;
		if (path === undefined) return { path: 'unknown path', params: [], allow: '' };
		const onPath = this.#routes.filter((route) => route.path === path);
		return {
			path,
			params: paramsOf(path, pathname) ?? [],
			route: onPath.find((route) => route.method === method),
			allow: onPath.map((route) => route.method).join(', '),
		};
	}

	/** The ID of the session, call or room that a request is about. */
	#idOf(target: Target, body: JsonObject | ApiError): string | undefined {
		if (/\{(sessionId|callId)\}$/.test(target.path)) return target.params[0];
		const field = endPaths.get(target.path);
		if (field === undefined || body instanceof ApiError) return undefined;
		const id = body[field];
		return typeof id === 'string' ? id : undefined;
	}

	#watch(key: string, response: ServerResponse): void {
		const { requests } = this.stats;
		const seen = requests.get(key) ?? { count: 0, lastStatus: 0 };
		seen.count += 1;
		requests.set(key, seen);
		this.#inFlight += 1;
		this.stats.mostInFlight = Math.max(this.stats.mostInFlight, this.#inFlight);
		response.once('close', () => {
			this.#inFlight -= 1;
			seen.lastStatus = response.headersSent ? response.statusCode : 0;
		});
	}

	#countThrottled(status: number, endOf?: string): void {
		if (!throttledStatuses.includes(status)) return;
		this.stats.throttled += 1;
		if (endOf !== undefined) countUp(this.stats.endsThrottled, endOf);
	}

	async #answer(
		request: IncomingMessage,
		target: Target,
		query: URLSearchParams,
		body: JsonObject | ApiError,
	): Promise<Answer> {
		let isInside = false;
		try {
			const { route, params, allow } = target;
			// Assumed: 405 with `Allow`, and that a path is looked up before the token.
			if (!route && allow) throw new ApiError(405, 'Method not allowed', { allow });
			if (!route) throw new ApiError(404, 'Not found');
			const { authorization } = request.headers;
			if (!route.isPublic || authorization !== undefined) {
				this.stats.tokens.add(checkToken(authorization, this.apiKey, this.secret));
			}
			if (!route.isPublic) {
				this.#limits.enter();
				isInside = true;
			}
			if (endPaths.has(route.path)) {
				this.stats.lastEndMs = performance.now() - this.stats.begin;
				this.stats.firstEndMs ||= this.stats.lastEndMs;
			}
			if (body instanceof ApiError) throw body;
			return await this.#carryOut(route, { params, query, body });
		} catch (error) {
			return answerTo(error);
		} finally {
			if (isInside) this.#limits.leave();
		}
	}

	/**
	 * The delay comes after the request is carried out: a client that gives up waiting has still ended
	 * its session.
	 */
	async #carryOut(route: Route, request: RouteRequest): Promise<Answer> {
		const { delayMs = 0 } = this.#options;
		try {
			return { status: 200, body: route.run(request) };
		} finally {
			if (delayMs > 0) await this.#timers.wait(delayMs);
		}
	}
}

/**
 * Starts a fake VideoSDK API on loopback. It does what the documentation says;
 * what it adds is marked with "Assumed:".
 * @param options how it behaves, and the port (default: any free one)
 * @throws Error when the port is taken
 */
export async function startVideoSdkApi({
	port = 0,
	...options
}: Options & { port?: number } = {}): Promise<VideoSdkApi> {
	const api = new VideoSdkApi(options);
	await api.listen(port);
	return api;
}
