import { createHmac } from 'crypto';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { type Cause, mayHaveWorked, VideoSdkFailure } from './failure';
import { type Governor, governorOf, type Slot } from './governor';
import { Refusals } from './refusals';
import type { ApiRequest } from './request';
import { isRefusal, nextStep, pauseAfter, retryAfterOf } from './retry';
import { Stop } from './stop';
import { type Answer, CREDENTIAL, type RequestContext, Transport } from './transport';
import { uptime } from './uptime';

/** How requests are made. */
export interface RequestOptions {
	/** Milliseconds that one request may take. */
	timeout: number;
	/** How often a failed request is retried. Refusals do not count. */
	maxRetries: number;
	/** The most requests open at once. */
	maxConcurrency: number;
	/** Milliseconds for which a request is retried while VideoSDK refuses it. */
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
	repeated: number;
	/** Refusals: VideoSDK asked to try again later. */
	refused: number;
	/** Things that had to be waited for until they were in the wanted state. */
	waitedFor: number;
}

/** A request was not sent, because the run starts no new work. */
export class NotAttempted extends Error {}

/** The one door to VideoSDK for one run of a node. */
export class VideoSdkClient {
	readonly tally: Tally = { repeated: 0, refused: 0, waitedFor: 0 };

	private readonly governor: Governor;

	/** Stops everything when the execution is stopped. */
	private readonly stop: Stop;

	/** Stops only requests that begin something new. */
	private readonly newWorkStop: Stop;

	private readonly transport: Transport;

	private readonly openedAt = uptime();

	private constructor(
		context: RequestContext,
		private readonly credentials: ICredentialDataDecryptedObject,
		private readonly options: RequestOptions,
		private readonly waitsInQueue: boolean,
	) {
		this.governor = governorOf(String(credentials.baseUrl), String(credentials.apiKey));
		const signal =
			'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
		this.stop = new Stop(signal);
		this.newWorkStop = new Stop(signal);
		this.transport = new Transport(context, credentials, options.timeout, this.stop);
	}

	/**
	 * Makes the client of an execution. The credential is read once for all requests, since n8n decrypts
	 * it each time that it is read.
	 *
	 * @throws NodeOperationError of n8n if the node has no credential
	 */
	static async open(
		context: RequestContext,
		options: Partial<RequestOptions> = {},
	): Promise<VideoSdkClient> {
		return await VideoSdkClient.openWith(context, options, true);
	}

	/**
	 * Makes a client whose requests do not wait in the queue behind a batch: a person in the editor waits
	 * for them, or VideoSDK for the answer to an event.
	 *
	 * @throws as `open` does
	 */
	static async openAtOnce(
		context: RequestContext,
		options: Partial<RequestOptions>,
	): Promise<VideoSdkClient> {
		return await VideoSdkClient.openWith(context, options, false);
	}

	private static async openWith(
		context: RequestContext,
		options: Partial<RequestOptions>,
		waitsInQueue: boolean,
	): Promise<VideoSdkClient> {
		const credentials = await context.getCredentials(CREDENTIAL);
		const all = { ...defaultRequestOptions, ...options };
		return new VideoSdkClient(context, credentials, all, waitsInQueue);
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
		const { repeatable } = request;
		const maxRetries = Math.min(
			this.options.maxRetries,
			request.maxRetries ?? Number.POSITIVE_INFINITY,
		);
		const askedAt = uptime();
		const successesBefore = this.governor.successes;
		const refusals = new Refusals(this.governor);
		let retries = 0;
		let mayStillHaveWorked = false;
		const failure = (cause: Cause) => new VideoSdkFailure(cause, request, mayStillHaveWorked);
		const gaveUp = () =>
			failure({
				kind: 'gaveUp',
				after: uptime() - askedAt,
				successes: this.governor.successes - successesBefore,
				...(refusals.cause?.kind === 'status' && {
					status: refusals.cause.status,
					errorResponse: refusals.cause.errorResponse,
				}),
			});

		for (;;) {
			const slot = await this.enter(request, refusals.count, retries);
			if (slot === 'gaveUp') return gaveUp();
			const outcome = await this.transport.send(request);
			close(slot, outcome, refusals);
			if (!('kind' in outcome)) return outcome.body;
			this.stop.throwIfStopped();
			if (isRefusal(outcome)) this.tally.refused++;
			mayStillHaveWorked ||= mayHaveWorked(outcome);

			let pause: number;
			switch (nextStep(outcome, { retries, maxRetries, repeatable })) {
				case 'fail':
					return failure(outcome);
				case 'later':
					refusals.add(outcome);
					pause = pauseAfter(refusals.count, retryAfterOf(outcome));
					if (refusals.duration + pause > giveUpAfter) return gaveUp();
					break;
				case 'again':
					pause = pauseAfter(++retries);
			}
			this.tally.repeated++;
			await this.stop.wait(pause);
		}
	}

	/** From now on sends only requests that complete what was begun. Others end with NotAttempted. */
	stopNewWork(): void {
		this.newWorkStop.now(new NotAttempted());
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

	/** Waits until a request may be sent. */
	private async enter(
		{ endpoint, isPoll, isFollowUp }: ApiRequest,
		refusals: number,
		retries: number,
	): Promise<Slot | 'gaveUp'> {
		const { maxConcurrency, giveUpAfter } = this.options;
		if (!this.waitsInQueue) return this.governor.enterNow({ endpoint, maxConcurrency });
		const begins = refusals + retries === 0 && !isPoll && !isFollowUp;
		return await this.governor.enter({
			endpoint,
			queue: refusals > 0 ? 'retry' : isPoll ? 'poll' : 'new',
			maxConcurrency,
			since: this.openedAt,
			giveUpAfter,
			stop: begins ? this.newWorkStop : this.stop,
		});
	}
}

/** Tells the governor the outcome of a request. */
function close(slot: Slot, outcome: Cause | Answer, refusals: Refusals): void {
	const isAnswer = !('kind' in outcome);
	if (isAnswer || (outcome.kind === 'status' && outcome.status < 500 && !isRefusal(outcome))) {
		slot.succeeded();
	} else if (isRefusal(outcome) && !refusals.concernItAlone) slot.refused(retryAfterOf(outcome));
	else slot.ignored();
}
