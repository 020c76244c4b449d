import type { VideoSdkClient } from '../../api/client';
import { getOne } from '../../api/live';
import { agentSessions, latestEventOf } from '../../api/sessions';
import { uptime } from '../../api/uptime';
import type { ResumableExecution } from '../../execution/resumableExecution';
import { awaitedBy, sealedEvent } from '../../webhook/resume';

/** Milliseconds after the start at which the session is looked at, each after the one before. */
const LOOKS = [2_000, 8_000, 20_000];

/** Milliseconds after the start at which no look begins any more, where answers took long. */
const LAST_LOOK = 40_000;

/** A look is one request: what it misses, the next one sees. */
const ONCE = { isPoll: true, maxRetries: 0 };

/** n8n answers 409 while it runs the execution, and also, in other words, when that is over. */
function isTooEarly({
	statusCode,
	body,
}: Awaited<ReturnType<ResumableExecution['post']>>): boolean {
	return statusCode >= 500 || (statusCode === 409 && /running/.test(JSON.stringify(body)));
}

/**
 * Sends the event of a session once more that came before n8n had stored the execution: n8n refused
 * it, and whether VideoSDK sends it again is not documented.
 *
 * @param url where events resume the execution
 * @param resumeOn what the node waits for
 */
export async function sendWhatCameTooEarly(
	execution: ResumableExecution,
	client: VideoSdkClient,
	sessionId: string,
	{ url, resumeOn }: { url: string; resumeOn: unknown },
): Promise<void> {
	const end = uptime() + LAST_LOOK;
	for (const pause of LOOKS) {
		await client.wait(pause);
		if (uptime() > end) return;
		const session = await getOne(client, agentSessions, sessionId, ONCE).catch(() => undefined);
		const event = session && latestEventOf(session);
		if (!event || !awaitedBy(resumeOn).includes(event)) continue;
		const { body, headers } = sealedEvent(client, event, session);
		const answer = await execution.post(url, body, headers).catch(() => undefined);
		if (answer && !isTooEarly(answer)) return;
	}
}
