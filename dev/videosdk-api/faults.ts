/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs in Node beside the tests, never inside n8n */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { ApiError, send, written, type Answer, type JsonObject } from './answer';
import { seededRandom } from './random';
import type { Timers } from './timers';

/** A request about to be answered. */
export interface FaultRequest {
	method: string;
	/** The path as it was requested, with its query. */
	path: string;
	/** The route's template, such as `/ai/v1/ai-deployment-sessions/{sessionId}`. */
	route: string;
	/** The session that is fetched or ended; undefined for other calls. */
	sessionId?: string;
	/** Which request of this method, route and session it is, counted from 1. */
	attempt: number;
}

/**
 * What goes wrong. `processed` says that the request was carried out first, token check and all,
 * and only its answer is lost; without it nothing was done. A truncated or trickling answer is
 * always the true one.
 */
export type Fault =
	| {
			kind: 'status';
			status: number;
			headers?: Record<string, string>;
			/** JSON for an object; a string goes out as HTML or plain text. */
			body?: JsonObject | string;
			processed?: boolean;
	  }
	/** 307 to `location`. */
	| { kind: 'redirect'; location: string }
	/** The connection is reset without an answer. */
	| { kind: 'reset'; processed?: boolean }
	/** No answer until the client or the fake API gives up. */
	| { kind: 'stall'; processed?: boolean }
	/** 200, labelled as JSON, with this text. */
	| { kind: 'wrongJson'; text: string; processed?: boolean }
	/** Half of the answer, then the connection is closed. */
	| { kind: 'truncated' }
	/** The answer, a byte every so many milliseconds. */
	| { kind: 'trickle'; msPerByte: number };

export type FaultChooser = (request: FaultRequest) => Fault | undefined;

/** Whether the request is carried out before it goes wrong. */
export function isProcessed(fault: Fault): boolean {
	if (fault.kind === 'truncated' || fault.kind === 'trickle') return true;
	return fault.kind !== 'redirect' && fault.processed === true;
}

function trickle(response: ServerResponse, text: string, ms: number, timers: Timers): void {
	const bytes = Buffer.from(text);
	const next = (at: number): void => {
		if (response.destroyed) return;
		response.write(bytes.subarray(at, at + 1));
		if (at + 1 < bytes.length) timers.later(ms, () => next(at + 1));
		else response.end();
	};
	next(0);
}

/**
 * Lets a request go wrong. `answer` is what it would have been answered with, and is there for
 * every fault that is processed.
 */
export function misbehave(
	fault: Fault,
	response: ServerResponse,
	timers: Timers,
	answer: Answer = { status: 200, body: {} },
): void {
	if (response.destroyed) return;
	switch (fault.kind) {
		case 'status': {
			const { status, body, headers } = fault;
			const plain = new ApiError(status, 'A fault on purpose').toAnswer().body;
			return send(response, { status, body: body ?? plain, headers });
		}
		case 'redirect':
			return send(response, { status: 307, body: '', headers: { location: fault.location } });
		case 'reset':
			response.socket?.resetAndDestroy();
			return;
		case 'stall':
			return;
		case 'wrongJson': {
			const headers = { 'content-type': 'application/json' };
			return send(response, { status: 200, body: fault.text, headers });
		}
		case 'truncated': {
			const { text, headers } = written(answer);
			response.writeHead(answer.status, headers);
			const half = Buffer.from(text).subarray(0, Math.ceil(text.length / 2));
			response.write(half, () => response.destroy());
			return;
		}
		case 'trickle': {
			const { text, headers } = written(answer);
			response.writeHead(answer.status, headers);
			return trickle(response, text, fault.msPerByte, timers);
		}
	}
}

/** Faults that `seededFaults` mixes; all but the last four leave the request undone. */
const seeded = {
	rateLimited: { kind: 'status', status: 429 },
	rateLimitedWithRetryAfter: { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
	serverError: { kind: 'status', status: 500 },
	htmlPage: { kind: 'status', status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' },
	resetBefore: { kind: 'reset' },
	stall: { kind: 'stall' },
	wrongJson: { kind: 'wrongJson', text: '{"message":' },
	truncated: { kind: 'truncated' },
	resetAfter: { kind: 'reset', processed: true },
	lostAnswer: { kind: 'status', status: 504, processed: true },
	unavailableAfter: { kind: 'status', status: 503, processed: true },
} satisfies Record<string, Fault>;

/** Shares of requests, 0 to 1 in sum, that go wrong in each way. */
export type FaultRates = Partial<Record<keyof typeof seeded, number>>;

/**
 * Faults that are the same on every run with the same seed and session ids. Each session (or
 * route, where there is none) draws from its own numbers, so the order in which concurrent
 * requests arrive changes nothing.
 * @param maxFaultsPerSession after so many, a session's requests go through
 * @throws RangeError when the rates add up to more than 1
 */
export function seededFaults(
	seed: number,
	rates: FaultRates,
	maxFaultsPerSession = 3,
): FaultChooser {
	const total = Object.values(rates).reduce((sum, rate) => sum + rate, 0);
	if (total > 1 + 1e-9) throw new RangeError(`Fault rates add up to ${total}, more than 1`);
	const draws = new Map<string, { faults: number; random: () => number }>();
	const names = Object.keys(seeded) as Array<keyof typeof seeded>;

	return ({ method, route, sessionId }) => {
		const key = sessionId ?? `${method} ${route}`;
		const own = createHash('sha256').update(`${seed} ${key}`).digest().readUInt32LE(0);
		const draw = draws.get(key) ?? { faults: 0, random: seededRandom(own) };
		draws.set(key, draw);
		if (draw.faults >= maxFaultsPerSession) return undefined;
		let left = draw.random();
		for (const name of names) {
			left -= rates[name] ?? 0;
			if (left >= 0) continue;
			draw.faults += 1;
			return seeded[name];
		}
		return undefined;
	};
}
