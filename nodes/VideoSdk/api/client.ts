import { createHmac } from 'crypto';
import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestMethods,
	ILoadOptionsFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { causeOf } from './errorCause';
import { type Cause, mayHaveWorked, type Purpose, VideoSdkFailure } from './failure';
import { type Governor, governorOf, type Slot } from './governor';
import { isObject } from './isObject';
import { Refusals } from './refusals';
import { isRefusal, nextStep, parseRetryAfter, pauseAfter, retryAfterOf } from './retry';
import { readSaid } from './said';
import { Stop } from './stop';
import { TimeLimit } from './timeLimit';

/** The n8n contexts that a request can be made from. */
export type RequestContext =
	| IExecuteFunctions
	| IHookFunctions
	| ILoadOptionsFunctions
	| IWebhookFunctions;

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

export const defaultRequestOptions: RequestOptions = {
	timeout: 30_000,
	maxRetries: 3,
	maxConcurrency: 500,
	giveUpAfter: 600_000,
};

/** A request to VideoSDK. */
export interface Call extends Purpose {
	/** VideoSDK's name for it, such as `End Session`. */
	kind: string;
	method: IHttpRequestMethods;
	path: string;
	qs?: IDataObject;
	body?: IDataObject;
	/** Whether sending it twice does no harm. */
	repeatable: boolean;
	/** Whether it only asks how far something is, and lets other requests go first. */
	isPoll?: boolean;
	/** Whether it finishes what another request began: it is sent though the run is to begin nothing. */
	isFollowUp?: boolean;
	/** Values in its body that no error may show, also where VideoSDK repeats them. */
	secrets?: string[];
	/** Bounds how often this one is sent again. */
	maxRetries?: number;
}

/** What a run met on the wire, for the hint on the output panel. */
export interface Tally {
	/** Requests sent again. */
	repeated: number;
	/** Requests that VideoSDK refused: it asked to try later. */
	refused: number;
	/** Sessions that were not at once in the state that was waited for. */
	waitedFor: number;
}

interface FullResponse {
	statusCode: number;
	headers: IDataObject;
	body: unknown;
}

const CREDENTIAL = 'videoSdkApi';

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

	private readonly timeLimit: TimeLimit;

	private readonly openedAt = Date.now();

	private constructor(
		private readonly context: RequestContext,
		private readonly credentials: ICredentialDataDecryptedObject,
		private readonly options: RequestOptions,
		private readonly waitsInQueue: boolean,
	) {
		this.governor = governorOf(String(credentials.baseUrl), String(credentials.apiKey));
		this.timeLimit = new TimeLimit(options.timeout);
		const signal =
			'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
		this.stop = new Stop(signal);
		this.stopOfBeginning = new Stop(signal);
	}

	/** Sends no request more but those that finish what was begun; others end with NotAttempted. */
	beginNothing(): void {
		this.stopOfBeginning.now(new NotAttempted());
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
	async request(call: Call): Promise<IDataObject> {
		const answer = await this.attempt(call);
		if (answer instanceof VideoSdkFailure) throw answer;
		return answer;
	}

	/** As `request`, but gives the failure back instead of throwing it. */
	async attempt(call: Call): Promise<IDataObject | VideoSdkFailure> {
		const { giveUpAfter } = this.options;
		const { repeatable } = call;
		const maxRetries = Math.min(
			this.options.maxRetries,
			call.maxRetries ?? Number.POSITIVE_INFINITY,
		);
		const askedAt = Date.now();
		const successesBefore = this.governor.successes;
		const refusals = new Refusals(this.governor);
		let retries = 0;
		let mayStillHaveWorked = false;
		const failure = (cause: Cause) => new VideoSdkFailure(cause, call, mayStillHaveWorked);
		const gaveUp = () =>
			failure({
				kind: 'gaveUp',
				after: Date.now() - askedAt,
				successes: this.governor.successes - successesBefore,
				...(refusals.cause?.kind === 'status' && {
					status: refusals.cause.status,
					said: refusals.cause.said,
				}),
			});

		for (;;) {
			const slot = await this.enter(call, refusals.count, retries);
			if (slot === 'gaveUp') return gaveUp();
			const outcome = await this.send(call);
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
		{ kind, isPoll, isFollowUp }: Call,
		refusals: number,
		retries: number,
	): Promise<Slot | 'gaveUp'> {
		const { maxConcurrency, giveUpAfter } = this.options;
		if (!this.waitsInQueue) return this.governor.enterNow({ kind, maxConcurrency });
		const begins = refusals + retries === 0 && !isPoll && !isFollowUp;
		return await this.governor.enter({
			kind,
			queue: refusals > 0 ? 'retry' : isPoll ? 'poll' : 'new',
			maxConcurrency,
			since: this.openedAt,
			giveUpAfter,
			stop: begins ? this.stopOfBeginning : this.stop,
		});
	}

	private async send(call: Call): Promise<Cause | Answer> {
		const { duration } = this.timeLimit;
		const open = new AbortController();
		const doNotStop = this.stop.listen(() => open.abort());
		let isAnswered = () => {};
		// n8n's own timeout measures silence on a connection: a host that never lets one come about,
		// or sends a byte now and then, would hold the workflow for as long as it likes.
		const timeout = new Promise<Cause>((resolve) => {
			isAnswered = this.timeLimit.begin(() => {
				open.abort();
				resolve({ kind: 'timeout', after: duration });
			});
		});
		try {
			const answer = await Promise.race([this.http(call, open.signal), timeout]);
			return 'kind' in answer ? answer : read(answer, call.secrets);
		} catch (error) {
			return causeOf(error, duration);
		} finally {
			isAnswered();
			doNotStop();
		}
	}

	/** @param signal breaks the request off, and closes its connection */
	private async http({ method, path, qs, body }: Call, signal: AbortSignal): Promise<FullResponse> {
		// n8n replaces the signal of a request by that of the execution, which it asks its caller for.
		const context = Object.create(this.context, {
			getExecutionCancelSignal: { value: () => signal },
		}) as RequestContext;
		return (await this.context.helpers.httpRequestWithAuthentication.call(
			context,
			CREDENTIAL,
			{
				method,
				url: path,
				qs,
				// As text: n8n sends an empty object as no body at all.
				body: body && JSON.stringify(body),
				headers: body && { 'Content-Type': 'application/json' },
				json: true,
				abortSignal: signal,
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
			},
			{
				credentialsDecrypted: { id: '', name: '', type: CREDENTIAL, data: this.credentials },
			},
		)) as FullResponse;
	}
}

type Answer = { body: IDataObject };

/** Tells the governor what became of a request. */
function close(slot: Slot, outcome: Cause | Answer, refusals: Refusals): void {
	const isAnswer = !('kind' in outcome);
	if (isAnswer || (outcome.kind === 'status' && outcome.status < 500 && !isRefusal(outcome))) {
		slot.succeeded();
	} else if (isRefusal(outcome) && !refusals.areOfItsOwn) slot.refused(retryAfterOf(outcome));
	else slot.ignored();
}

function read({ statusCode, headers, body }: FullResponse, secrets: string[] = []): Cause | Answer {
	if (statusCode < 200 || statusCode > 299) {
		return {
			kind: 'status',
			status: statusCode,
			said: readSaid(body, headers, secrets),
			retryAfter: parseRetryAfter(headers['retry-after']),
		};
	}
	if (!isObject(body)) {
		return {
			kind: 'unreadable',
			problem: 'is not a JSON object',
			said: readSaid(undefined, headers),
		};
	}
	return { body };
}
