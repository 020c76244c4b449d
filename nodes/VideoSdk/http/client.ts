import { createHmac } from 'crypto';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { ExpressionError } from 'n8n-workflow';
import { CredentialProblem } from './credentialProblem';
import { type Cause, mayHaveTakenEffect, VideoSdkFailure } from './failure';
import type { ApiRequest } from './request';
import { type Permit, type QueuedRequest, type RequestQueue, requestQueueOf } from './requestQueue';
import { isThrottled, nextStep, pauseAfter, retryAfterOf } from './retry';
import { Cancellation } from './cancellation';
import { type Answer, CREDENTIAL, type RequestContext, Transport } from './transport';
import { uptime } from '../shared/uptime';

/** How requests are made. */
export interface RequestOptions {
	/** Milliseconds that one request may take. */
	timeout: number;
	/** How often a failed request is retried. Throttled requests do not count. */
	maxRetries: number;
	/** The most open requests of the node, in all its executions together. */
	maxConcurrency: number;
	/** Milliseconds for which a request is retried while VideoSDK throttles it. */
	giveUpAfter: number;
}

/** The defaults of the node's options. */
export const defaultRequestOptions: RequestOptions = {
	timeout: 30_000,
	maxRetries: 3,
	maxConcurrency: 500,
	giveUpAfter: 600_000,
};

/** What happened to the requests of a run, for the hint in the output panel. */
export interface Tally {
	/** Requests sent again. */
	retries: number;
	/** Requests that VideoSDK throttled. */
	throttled: number;
}

/** A request was not sent, because the run starts no new work. */
export class NotAttempted extends Error {}

/** What the clients of one run have in common. */
interface Run {
	options: RequestOptions;
	tally: Tally;
	/** Stops everything when the execution is stopped. */
	stop: Cancellation;
	/** Stops only requests that begin something new. */
	newWorkStop: Cancellation;
	/** The workflow and the node. */
	node: string;
	/** When it began, by `uptime`. */
	since: number;
	/** From now on sends only requests that complete what was begun. Others end with NotAttempted. */
	stopNewWork(): void;
}

/** Begins a run of a node, for its clients. */
export function beginRun(context: RequestContext, options: Partial<RequestOptions>): Run {
	const signal =
		'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	const newWorkStop = new Cancellation(signal);
	return {
		options: { ...defaultRequestOptions, ...options },
		tally: { retries: 0, throttled: 0 },
		stop: new Cancellation(signal),
		newWorkStop,
		node: `${context.getWorkflow().id} ${context.getNode().id}`,
		since: uptime(),
		stopNewWork: () => newWorkStop.cancel(new NotAttempted()),
	};
}

/**
 * Reads the credential where there is no item, as in a trigger.
 *
 * @throws CredentialProblem if an expression in it reads one: n8n then throws an ExpressionError, whether
 * or not the expression has another value for that case
 */
async function readWithoutItem(context: RequestContext): Promise<ICredentialDataDecryptedObject> {
	return await context.getCredentials(CREDENTIAL).catch(async (error: unknown) => {
		if (!(error instanceof ExpressionError)) return await Promise.reject(error);
		return await Promise.reject(
			new CredentialProblem(
				'The VideoSDK credential has an expression that reads an input item, but there is no input item here',
				'Choose a credential with fixed values, or one whose expressions read only $secrets or $vars.',
			),
		);
	});
}

/**
 * Checks that the credential of the node can be used where there is no item.
 *
 * @throws CredentialProblem if an expression in it reads one
 */
export async function checkCredentialWithoutItem(context: RequestContext): Promise<void> {
	await readWithoutItem(context).catch((error: unknown) => {
		if (error instanceof CredentialProblem) throw error;
	});
}

/** The one door to a project of VideoSDK for one run of a node. */
export class VideoSdkClient {
	private readonly queue: RequestQueue;

	private readonly stop: Cancellation;

	private readonly options: RequestOptions;

	private readonly transport: Transport;

	/**
	 * @param credentials the decrypted fields
	 * @param waitsInQueue whether its requests wait for their turn
	 */
	constructor(
		context: RequestContext,
		private readonly credentials: ICredentialDataDecryptedObject,
		private readonly run: Run,
		private readonly waitsInQueue = true,
	) {
		this.options = run.options;
		this.stop = run.stop;
		this.queue = requestQueueOf(String(credentials.baseUrl), String(credentials.apiKey));
		this.transport = new Transport(context, credentials, run.options.timeout, run.stop);
	}

	/**
	 * Makes a client whose requests do not wait in the queue behind a run: a person in the editor waits
	 * for them, or VideoSDK for the answer to an event.
	 *
	 * @throws NodeOperationError of n8n if the node has no credential, CredentialProblem if an expression in
	 * it reads an item
	 */
	static async openAtOnce(
		context: RequestContext,
		options: Partial<RequestOptions>,
	): Promise<VideoSdkClient> {
		const credentials = await readWithoutItem(context);
		return new VideoSdkClient(context, credentials, beginRun(context, options), false);
	}

	/** What happened to the requests of the run. */
	get tally(): Tally {
		return this.run.tally;
	}

	/** The Base URL of the credential. */
	get baseUrl(): string {
		return String(this.credentials.baseUrl);
	}

	/**
	 * Sends a request, and retries it where that can help.
	 *
	 * @returns the JSON object of the answer
	 * @throws VideoSdkFailure if there was no usable answer; NotAttempted if new work was stopped; the
	 * reason of the signal if the execution was stopped
	 */
	async request(request: ApiRequest): Promise<IDataObject> {
		const answer = await this.attempt(request);
		if (answer instanceof VideoSdkFailure) throw answer;
		return answer;
	}

	/** Sends a request as `request` does, but returns a failure instead of throwing it. */
	async attempt(request: ApiRequest): Promise<IDataObject | VideoSdkFailure> {
		const { giveUpAfter } = this.options;
		const { idempotent } = request;
		const maxRetries = Math.min(
			this.options.maxRetries,
			request.maxRetries ?? Number.POSITIVE_INFINITY,
		);
		const askedAt = uptime();
		const successesBefore = this.queue.successes;
		const queued = this.takePlace(request);
		let throttled: { cause: Cause; since: number } | undefined;
		let retries = 0;
		let mayStillHaveTakenEffect = false;
		const failure = (cause: Cause) => new VideoSdkFailure(cause, request, mayStillHaveTakenEffect);
		const gaveUp = () =>
			failure({
				kind: 'gaveUp',
				after: uptime() - askedAt,
				successes: this.queue.successes - successesBefore,
				...(throttled?.cause.kind === 'status' && {
					status: throttled.cause.status,
					errorResponse: throttled.cause.errorResponse,
				}),
			});

		for (;;) {
			const permit = await this.permit(queued, request, queued.throttled + retries === 0);
			if (permit === 'gaveUp') return gaveUp();
			if (request.isNeeded?.() === false) {
				permit.ignored();
				throw new NotAttempted();
			}
			const outcome = await this.transport.send(request);
			close(permit, outcome);
			if (!('kind' in outcome)) return outcome.body;
			this.stop.throwIfStopped();
			if (isThrottled(outcome)) this.tally.throttled++;
			mayStillHaveTakenEffect ||= mayHaveTakenEffect(outcome);

			let pause: number;
			switch (nextStep(outcome, { retries, maxRetries, idempotent })) {
				case 'fail':
					return failure(outcome);
				case 'later':
					throttled = { cause: outcome, since: throttled?.since ?? uptime() };
					pause = pauseAfter(queued.throttled, retryAfterOf(outcome));
					if (uptime() - throttled.since + pause > giveUpAfter) return gaveUp();
					break;
				case 'again':
					pause = pauseAfter(++retries);
			}
			this.tally.retries++;
			await this.stop.wait(pause);
		}
	}

	/**
	 * Waits.
	 *
	 * @param duration milliseconds
	 * @throws the reason of the signal as soon as the execution is stopped
	 */
	async wait(duration: number): Promise<void> {
		await this.stop.wait(duration);
	}

	/**
	 * Makes the seal of a body that n8n sends to itself, which nobody else can make: its HMAC-SHA256 with
	 * the secret of the credential, in base64.
	 */
	seal(body: string | Buffer): string {
		return createHmac('sha256', String(this.credentials.secretKey))
			.update('n8n to itself: ')
			.update(body)
			.digest('base64');
	}

	private takePlace({ isPoll, letsOthersFirst }: ApiRequest): QueuedRequest {
		const { maxConcurrency, giveUpAfter } = this.options;
		const { node, since } = this.run;
		return this.queue.takePlace({
			letsOthersFirst: isPoll || letsOthersFirst,
			...{ node, maxConcurrency, since, giveUpAfter },
		});
	}

	/** Waits until a request may be sent. */
	private async permit(
		queued: QueuedRequest,
		{ isPoll, isFollowUp }: ApiRequest,
		isFirst: boolean,
	): Promise<Permit | 'gaveUp'> {
		if (!this.waitsInQueue) return this.queue.enterNow(queued);
		const begins = isFirst && !isPoll && !isFollowUp;
		return await this.queue.enter(queued, begins ? this.run.newWorkStop : this.stop);
	}
}

/** Tells the queue the outcome of a request. */
function close(permit: Permit, outcome: Cause | Answer): void {
	const isAnswer = !('kind' in outcome);
	if (!isAnswer && isThrottled(outcome)) permit.throttled(retryAfterOf(outcome));
	else if (isAnswer || (outcome.kind === 'status' && outcome.status < 500)) permit.succeeded();
	else permit.ignored();
}
