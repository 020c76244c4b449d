import { timingSafeEqual } from 'crypto';
import type {
	IDataObject,
	INodeExecutionData,
	IRunExecutionData,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { type SessionEventName, webhookTypeOf } from '../api/sessionEvents';
import { VideoSdkClient } from '../api/client';
import { VideoSdkFailure } from '../api/failure';
import { quotable } from '../api/quotable';
import { bareId, latestEventOf } from '../api/sessions';
import { explainError } from '../execution/explainError';
import { toItem } from '../execution/toItem';
import type { SessionEvent } from './sessionEvent';
import { fetchSession, NO_SUCH_SESSION, withEvent } from './fetchSession';
import { Repeats } from './repeats';
import { answer, NOT_AWAITED, PATIENCE, readRawBody, takeEvent } from './signedEvent';

/** What the resume URL ends with, so that no other node of the execution takes our events. */
const RESUME_PATH = 'videosdk';

/** How n8n calls `resume`: with what comes to the resume URL of an execution that it has stored. */
export const resumeWebhooks: IWebhookDescription[] = [
	{
		name: 'default',
		httpMethod: 'POST',
		responseMode: 'onReceived',
		path: RESUME_PATH,
		restartWebhook: true,
	},
];

const SEAL = 'n8n-videosdk-seal';

/** What a stored execution waits for. Its node has it as its input. */
interface Awaited extends IDataObject {
	sessionId: string;
	/** ISO-8601. */
	waitingSince: string;
}

/** The events that resume an execution, by what it waits for. A session may end before it is seen running. */
const awaitedEvents = {
	ended: ['stopped', 'failed'],
	started: ['started', 'stopped', 'failed'],
} satisfies Record<string, SessionEventName[]>;

/** Reads which events the node waits for. */
export function awaitedBy(resumeOn: unknown): SessionEventName[] {
	return resumeOn === 'started' ? awaitedEvents.started : awaitedEvents.ended;
}

/** Gives the address that VideoSDK sends events to, for the resume URL of an execution. */
export function resumeAddress(resumeUrl: string): string {
	const url = new URL(resumeUrl);
	url.pathname += `/${RESUME_PATH}`;
	return url.href;
}

/**
 * Makes an event as VideoSDK would send it, for a session whose own event may have come too early,
 * and seals it in the place of VideoSDK's signature.
 */
export function sealedEvent(
	client: VideoSdkClient,
	event: SessionEventName,
	session: IDataObject,
): { body: string; headers: Record<string, string> } {
	const body = JSON.stringify({ webhookType: webhookTypeOf(event), data: session });
	return { body, headers: { [SEAL]: client.seal(body) } };
}

async function isSealed(context: IWebhookFunctions): Promise<boolean> {
	const seal = context.getHeaderData()[SEAL];
	const body = await readRawBody(context);
	if (typeof seal !== 'string' || !Buffer.isBuffer(body)) return false;
	const client = await VideoSdkClient.openAtOnce(context, PATIENCE);
	const [given, right] = [Buffer.from(seal), Buffer.from(client.seal(body))];
	return given.length === right.length && timingSafeEqual(given, right);
}

/**
 * Sessions whose executions n8n was just told to resume: an n8n of version 1 would resume one twice
 * at the same moment. Not for long, as n8n may have failed to.
 */
const resumed = new Repeats(60_000);

function continuesOnFail({ onError, continueOnFail }: ReturnType<IWebhookFunctions['getNode']>) {
	return onError === undefined ? continueOnFail === true : onError !== 'stopWorkflow';
}

/**
 * Has the node fail when n8n goes on with the execution. If `webhook()` threw the error, n8n would
 * forget what earlier nodes gave, and go on with an empty item (webhooks/webhook-helpers). It also
 * throws what it keeps as the error of the last node, unless that node is switched off, as n8n does
 * for a resume (workflow-execute, rethrowLastNodeError). Nodes have no type for what n8n keeps.
 *
 * @returns the input that the node was started with, if n8n has it: its Retry starts the node with
 * what is given to n8n here
 */
function failOnResume(context: IWebhookFunctions, error: Error): INodeExecutionData[] | undefined {
	const { runExecutionData } = context as { runExecutionData?: IRunExecutionData | null };
	const [entry] = runExecutionData?.executionData?.nodeExecutionStack ?? [];
	if (!runExecutionData || !entry) return undefined;
	entry.node.disabled = false;
	const { resultData } = runExecutionData;
	resultData.error = error as IRunExecutionData['resultData']['error'];
	const source = entry.source?.main?.[0];
	if (!source) return undefined;
	const { previousNode, previousNodeRun = 0, previousNodeOutput = 0 } = source;
	const outputs = resultData.runData[previousNode]?.[previousNodeRun]?.data?.main;
	return outputs?.[previousNodeOutput] ?? undefined;
}

function explainFailed(context: IWebhookFunctions, session: IDataObject, sessionId: string) {
	const failure = new VideoSdkFailure(
		{ kind: 'neverRan', lastStatus: String(session.status ?? 'failed') },
		{
			consequence: `Session "${quotable(sessionId)}" ended with an error`,
			about: { sessionId },
		},
	);
	const { error, about, details } = explainError(context.getNode(), failure, 0);
	return { error, about, details: { ...details, session } };
}

async function take(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const taken = await takeEvent(context, (await isSealed(context)) ? 'unchecked' : 'fetch');
	if ('answered' in taken) return taken.answered;

	const { event }: { event: SessionEvent } = taken;
	const awaited = context.evaluateExpression('{{ $json }}', 0) as Partial<Awaited>;
	const isAwaited = awaitedBy(context.getNodeParameter('resumeOn')).includes(event.event);
	const sessionId = String(awaited.sessionId);
	if (bareId(event.sessionId) !== bareId(sessionId) || !isAwaited) {
		return answer(context, 200, NOT_AWAITED);
	}
	if (resumed.isRepeat('', sessionId, {})) {
		return answer(context, 503, 'This event came less than a minute ago. Send it again later.');
	}

	const receivedAt = Date.now();
	const fetched = (await fetchSession(context, sessionId)) ?? { fetchError: NO_SUCH_SESSION };
	const waited = receivedAt - Date.parse(String(awaited.waitingSince));
	const session = {
		...withEvent(fetched, { ...event, sessionId }),
		timedOut: false,
		waitedSeconds: Math.round(waited / 1000),
	};
	const hasFailed = event.event === 'failed' || latestEventOf(session) === 'failed';
	if (!hasFailed) return { workflowData: [[toItem({ index: 0 }, session)]] };

	const failure = explainFailed(context, session, sessionId);
	const input = continuesOnFail(context.getNode())
		? undefined
		: failOnResume(context, failure.error);
	return { workflowData: [input ?? [toItem({ index: 0, failure })]] };
}

/**
 * Takes a request that came to the resume URL of an execution that waits for a session, and has n8n
 * go on with it if it is an event that VideoSDK signed, about that session, and that the node waits
 * for. What is refused leaves the execution waiting; see `takeEvent` for the answers. So does what
 * goes wrong, with 503: n8n would go on at an error that is thrown, whoever sent the request.
 */
export async function resume(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		return await take(context);
	} catch {
		return answer(context, 503, 'The event could not be checked. Send it again later.');
	}
}
