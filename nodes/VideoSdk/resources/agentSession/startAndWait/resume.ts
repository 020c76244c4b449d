import { timingSafeEqual } from 'crypto';
import type {
	IDataObject,
	INodeProperties,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { VideoSdkClient } from '../../../http/client';
import { VideoSdkFailure } from '../../../http/failure';
import { quotable } from '../../../shared/quotable';
import { type SessionEventName, webhookTypeOf } from '../../../api/sessionEvents';
import { bareId, latestEventOf } from '../../../api/sessions';
import { failOnResume } from './failOnResume';
import { explainError } from '../../../errors/explainError';
import { toItem } from '../../../execution/toItem';
import { readChoice } from '../../../fields/choice';
import type { Source } from '../../../fields/text';
import { sourceOf } from '../../../events/sourceOf';
import { fetchSession, NO_SUCH_SESSION, withEvent } from '../../../events/fetchSession';
import { answer, NOT_AWAITED, PATIENCE, readRawBody } from '../../../events/response';
import { Repeats } from '../../../events/repeats';
import type { SessionEvent } from '../../../events/sessionEvent';
import { takeEvent } from '../../../events/signedEvent';

/** The end of the resume URL, so that no other node of the execution receives our events. */
const RESUME_PATH = 'videosdk';

/** The webhook at the resume URL of a stored execution, whose requests n8n passes to `resume`. */
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

/** What a stored execution waits for. It is the input of the node meanwhile. */
interface Awaited extends IDataObject {
	sessionId: string;
	/** ISO-8601. */
	waitingSince: string;
}

/** The events that resume an execution, by what it waits for. A session may end before it is running. */
const awaitedEvents = {
	ended: ['stopped', 'failed'],
	started: ['started', 'stopped', 'failed'],
} satisfies Record<string, SessionEventName[]>;

type ResumeOn = keyof typeof awaitedEvents;

/** The field for what a node waits for. */
export const resumeOnField: INodeProperties = {
	displayName: 'Resume On',
	name: 'resumeOn',
	type: 'options',
	noDataExpression: true,
	default: 'ended',
	options: [
		{
			name: 'Session Ended',
			value: 'ended',
			description:
				'When the session has ended. If it ended with an error, the node returns an error.',
		},
		{
			name: 'Session Started',
			value: 'started',
			description:
				'When the session is running, or when it ends before that. If it ended with an error, the node returns an error.',
		},
	],
	description: 'When the workflow continues. Until then, the execution waits without using memory.',
};

/** Reads what a node waits for. @throws InvalidInput */
export function readResumeOn(source: Source, value: unknown): ResumeOn {
	return readChoice(source, value, resumeOnField) as ResumeOn;
}

/** Returns the events that a node waits for. */
export function awaitedBy(resumeOn: ResumeOn): SessionEventName[] {
	return awaitedEvents[resumeOn];
}

/** Makes the URL that VideoSDK sends events to, from the resume URL of an execution. */
export function resumeAddress(resumeUrl: string): string {
	const url = new URL(resumeUrl);
	url.pathname += `/${RESUME_PATH}`;
	return url.href;
}

/**
 * Makes an event like those of VideoSDK, for a session whose real event may have arrived too early. In
 * place of VideoSDK's signature it has a seal.
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
 * Sessions whose executions have just been resumed: n8n 1 would resume an execution twice if two events
 * arrive together. They are remembered for a minute only, since n8n may have failed to resume one.
 */
const resumed = new Repeats(60_000);

function continuesOnFail({ onError, continueOnFail }: ReturnType<IWebhookFunctions['getNode']>) {
	return onError === undefined ? continueOnFail === true : onError !== 'stopWorkflow';
}

function explainFailed(context: IWebhookFunctions, session: IDataObject, sessionId: string) {
	const failure = new VideoSdkFailure(
		{ kind: 'neverRan', lastStatus: 'failed' },
		{
			consequence: `Session "${quotable(sessionId)}" ended with an error`,
			about: { sessionId },
		},
	);
	const explained = explainError(context.getNode(), failure, 0);
	return { ...explained, details: { ...explained.details, session } };
}

async function resumeIfAwaited(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const taken = await takeEvent(context, (await isSealed(context)) ? 'unchecked' : 'fetch');
	if ('answered' in taken) return taken.answered;

	const { event }: { event: SessionEvent } = taken;
	const awaited = context.evaluateExpression('{{ $json }}', 0) as Partial<Awaited>;
	const resumeOn = readResumeOn(sourceOf(context), context.getNodeParameter(resumeOnField.name));
	const isAwaited = awaitedBy(resumeOn).includes(event.event);
	const sessionId = String(awaited.sessionId);
	if (bareId(event.sessionId) !== bareId(sessionId) || !isAwaited) {
		return answer(context, 200, NOT_AWAITED);
	}
	if (resumed.isRepeat('', sessionId, {})) {
		return answer(
			context,
			503,
			'An event of this session was received less than a minute ago. Send this event again later.',
		);
	}

	const receivedAt = Date.now();
	const fetched = (await fetchSession(context, sessionId)) ?? { fetchError: NO_SUCH_SESSION };
	const waited = receivedAt - Date.parse(String(awaited.waitingSince));
	const session = {
		timedOut: false,
		waitedSeconds: Math.round(waited / 1000),
		...withEvent(fetched, { ...event, sessionId }),
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
 * Receives a request to the resume URL of an execution that waits for a session. It resumes the
 * execution for an event that VideoSDK signed, that is about this session, and that the node waits for.
 * Any other request leaves the execution waiting; see `takeEvent` for the answers. So does an error, with
 * the answer 503: if it was thrown, n8n would resume the execution, no matter who sent the request.
 */
export async function resume(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		return await resumeIfAwaited(context);
	} catch {
		return answer(context, 503, 'The event could not be checked. Send it again later.');
	}
}
