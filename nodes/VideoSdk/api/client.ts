import { createHmac } from 'crypto';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { type Cause, mayHaveWorked, VideoSdkFailure } from './failure';
import { type Governor, governorOf, type Slot } from './governor';
import { Refusals } from './refusals';
import type { ApiRequest } from './request';
import { isRefusal, nextStep, pauseAfter, retryAfterOf } from './retry';
import { Stop } from './stop';
import { type Answer, CREDENTIAL, type RequestContext, Transport } from './transport';

/** How requests are made. */
export interface RequestOptions {
	/** Milliseconds that one request may take. */
	timeout: number;
	/** How often a failed request is sent again. */
	maxRetries: number;
	/** Requests open at once. */
	maxConcurrency: number;
	/** Milliseconds that a request is asked again for while VideoSDK refuses it. */
	giveUpAfter: number;
}

/** How requests are made unless the user chooses otherwise. */
export const defaultRequestOptions: RequestOptions = {
	timeout: 30_000,
	maxRetries: 3,
	maxConcurrency: 500,
	giveUpAfter: 600_000,
};

/** What a run met on the wire, for the hint on the output panel. */
export interface Tally {
	/** Requests sent again. */
	repeated: number;
	/** Requests that VideoSDK refused: it asked to try later. */
	refused: number;
	/** Sessions that were not at once in the state that was waited for. */
	waitedFor: number;
}

/** A request was not sent, because the run is to begin nothing more. */
export class NotAttempted extends Error {}

/** The one door to VideoSDK for one run of a node. */
export class VideoSdkClient {
	readonly tally: Tally = { repeated: 0, refused: 0, waitedFor: 0 };

	private readonly governor: Governor;

	/** The end of the execution. */
	private readonly stop: Stop;

	/** The end of the execution, or of what is begun in it. */
	private readonly stopOfBeginning: Stop;

	private readonly transport: Transport;

	private readonly openedAt = Date.now();

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
		this.stopOfBeginning = new Stop(signal);
		this.transport = new Transport(context, credentials, options.timeout, this.stop);
	}

	/**
	 * Opens the door for an execution. The credential is read once for all requests: n8n decrypts it
	 * anew each time it is asked.
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
	 * Opens the door for what cannot wait behind a batch: a person in the editor, or VideoSDK, which
	 * waits for the answer to an event.
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

	/**
	 * Sends a request, again where that can help.
	 *
	 * @returns the JSON object of the answer
	 * @throws VideoSdkFailure if no usable answer came; NotAttempted; the signal's reason when the
	 * execution is stopped
	 */
	async request(request: ApiRequest): Promise<IDataObject> {
		const answer = await this.attempt(request);
		if (answer instanceof VideoSdkFailure) throw answer;
		return answer;
	}

	/** As `request`, but gives the failure back instead of throwing it. */
	async attempt(request: ApiRequest): Promise<IDataObject | VideoSdkFailure> {
		const { giveUpAfter } = this.options;
		const { repeatable } = request;
		const maxRetries = Math.min(
			this.options.maxRetries,
			request.maxRetries ?? Number.POSITIVE_INFINITY,
		);
		const askedAt = Date.now();
		const successesBefore = this.governor.successes;
		const refusals = new Refusals(this.governor);
		let retries = 0;
		let mayStillHaveWorked = false;
		const failure = (cause: Cause) => new VideoSdkFailure(cause, request, mayStillHaveWorked);
		const gaveUp = () =>
			failure({
				kind: 'gaveUp',
				after: Date.now() - askedAt,
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

	/** Sends no request more but those that finish what was begun; others end with NotAttempted. */
	beginNothing(): void {
		this.stopOfBeginning.now(new NotAttempted());
	}

	/**
	 * Waits, as long as the execution is not stopped.
	 *
	 * @param duration milliseconds
	 * @throws the signal's reason when the execution is stopped
	 */
	async wait(duration: number): Promise<void> {
		await this.stop.wait(duration);
	}

	/**
	 * Seals what n8n sends to itself, so that it is told from what anyone sends: HMAC-SHA256 with the
	 * secret of the credential, in base64.
	 */
	seal(body: string | Buffer): string {
		return createHmac('sha256', String(this.credentials.secretKey))
			.update('n8n to itself: ')
			.update(body)
			.digest('base64');
	}

	/** Waits for the turn of a request. */
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
			stop: begins ? this.stopOfBeginning : this.stop,
		});
	}
}

/** Tells the governor what became of a request. */
function close(slot: Slot, outcome: Cause | Answer, refusals: Refusals): void {
	const isAnswer = !('kind' in outcome);
	if (isAnswer || (outcome.kind === 'status' && outcome.status < 500 && !isRefusal(outcome))) {
		slot.succeeded();
	} else if (isRefusal(outcome) && !refusals.areOfItsOwn) slot.refused(retryAfterOf(outcome));
	else slot.ignored();
}
