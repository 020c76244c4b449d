import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestMethods,
	ILoadOptionsFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import {
	type Cause,
	causeOf,
	mayHaveWorked,
	type Purpose,
	readSaid,
	VideoSdkFailure,
} from './failure';
import { delayAfter, parseRetryAfter, retryDelay } from './retry';
import { Throttle } from './throttle';

/** The n8n contexts that a request can be made from. */
export type RequestContext =
	| IExecuteFunctions
	| IHookFunctions
	| ILoadOptionsFunctions
	| IWebhookFunctions;

/** How requests are made; the names are those of the node's options. */
export interface RequestOptions {
	/** Milliseconds that one request may take. */
	timeout: number;
	/** How often a failed request is sent again. */
	maxRetries: number;
	/** Requests under way at once. */
	maxConcurrency: number;
}

export const defaultRequestOptions: RequestOptions = {
	timeout: 30_000,
	maxRetries: 3,
	maxConcurrency: 50,
};

/** A request to VideoSDK. */
export interface Call extends Purpose {
	method: IHttpRequestMethods;
	path: string;
	qs?: IDataObject;
	body?: IDataObject;
	/** Whether sending it twice does no harm. */
	repeatable: boolean;
	/** Values in its body that no error may show, also where VideoSDK repeats them. */
	secrets?: string[];
	/** Overrides the option for this call. */
	maxRetries?: number;
}

/** What a run met on the wire, for the hint on the output panel. */
export interface Tally {
	/** Requests sent again. */
	repeated: number;
	/** Requests that VideoSDK refused with 429. */
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

/** The one door to VideoSDK for one run of a node. */
export class VideoSdkClient {
	readonly tally: Tally = { repeated: 0, refused: 0, waitedFor: 0 };

	/** Aborts when the execution is stopped in n8n. */
	readonly signal?: AbortSignal;

	private readonly throttle: Throttle;

	private constructor(
		private readonly context: RequestContext,
		private readonly credentials: ICredentialDataDecryptedObject,
		private readonly options: RequestOptions,
	) {
		if ('getExecutionCancelSignal' in context) this.signal = context.getExecutionCancelSignal();
		this.throttle = new Throttle(options.maxConcurrency, this.signal);
	}

	/**
	 * Reads the credential, once for all requests: n8n decrypts it anew each time it is asked.
	 *
	 * @throws NodeOperationError of n8n if the node has no credential
	 */
	static async open(
		context: RequestContext,
		options: Partial<RequestOptions> = {},
	): Promise<VideoSdkClient> {
		const credentials = await context.getCredentials(CREDENTIAL);
		return new VideoSdkClient(context, credentials, { ...defaultRequestOptions, ...options });
	}

	/**
	 * Sends a request, again where that can help.
	 *
	 * @returns the JSON object of the answer
	 * @throws VideoSdkFailure if no usable answer came
	 */
	async request(call: Call): Promise<IDataObject> {
		const answer = await this.attempt(call);
		if (answer instanceof VideoSdkFailure) throw answer;
		return answer;
	}

	/** As `request`, but gives the failure back instead of throwing it. */
	async attempt(call: Call): Promise<IDataObject | VideoSdkFailure> {
		const maxRetries = call.maxRetries ?? this.options.maxRetries;
		let mayStillHaveWorked = false;
		for (let sent = 1; ; sent++) {
			const number = await this.throttle.enter(sent > 1);
			const outcome = await this.send(call);
			if (!('kind' in outcome)) {
				this.throttle.leave(number);
				return outcome.body;
			}
			const delay = retryDelay(outcome, { sent, maxRetries, repeatable: call.repeatable });
			const refused = outcome.kind === 'status' && outcome.status === 429;
			this.throttle.leave(number, refused ? (delay ?? delayAfter(outcome, sent)) : undefined);
			if (refused) this.tally.refused++;
			mayStillHaveWorked ||= mayHaveWorked(outcome);
			if (delay === undefined) {
				return new VideoSdkFailure(outcome, call, mayStillHaveWorked);
			}
			this.tally.repeated++;
			await this.wait(delay);
		}
	}

	/**
	 * Waits.
	 *
	 * @param duration milliseconds
	 * @throws the signal's reason when the execution is stopped
	 */
	async wait(duration: number): Promise<void> {
		await sleep(duration, this.signal);
	}

	private async send(call: Call): Promise<Cause | { body: IDataObject }> {
		const { timeout } = this.options;
		const answered = new AbortController();
		// n8n's own timeout measures silence on a connection: a host that never lets one come about,
		// or sends a byte now and then, would hold the workflow for as long as it likes.
		const expiry = passInSteps(timeout, answered.signal).then(
			(): Cause => ({ kind: 'timeout', after: timeout }),
		);
		try {
			const answer = await Promise.race([this.http(call), expiry]);
			return 'kind' in answer ? answer : read(answer, call.secrets);
		} catch (error) {
			return causeOf(error, timeout);
		} finally {
			answered.abort();
		}
	}

	private async http({ method, path, qs, body }: Call): Promise<FullResponse> {
		return (await this.context.helpers.httpRequestWithAuthentication.call(
			this.context,
			CREDENTIAL,
			{
				method,
				url: path,
				qs,
				// As text: n8n sends an empty object as no body at all.
				body: body && JSON.stringify(body),
				headers: body && { 'Content-Type': 'application/json' },
				json: true,
				// Only to close the connection some time after we have given up on it.
				timeout: 2 * this.options.timeout,
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

/**
 * Lets time pass in steps, between which n8n looks at its connections. After one long wait, an n8n
 * that was too busy to do so would take an answer that has long been there for none.
 */
async function passInSteps(duration: number, signal: AbortSignal): Promise<void> {
	const steps = 10;
	for (let step = 0; step < steps; step++) await sleep(duration / steps, signal);
}

function read(
	{ statusCode, headers, body }: FullResponse,
	secrets: string[] = [],
): Cause | { body: IDataObject } {
	if (statusCode < 200 || statusCode > 299) {
		return {
			kind: 'status',
			status: statusCode,
			said: readSaid(body, headers, secrets),
			retryAfter: parseRetryAfter(headers['retry-after']),
		};
	}
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		return {
			kind: 'unreadable',
			problem: 'is not a JSON object',
			said: readSaid(undefined, headers),
		};
	}
	return { body: body as IDataObject };
}
